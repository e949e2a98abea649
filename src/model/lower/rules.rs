//! Sections, rules, notes, settlements, claims.

use super::again::{Counts, Lowered, Memo, OwnTests};
use super::names::{self, Meaning, Wanted};
use super::{InputFile, Lowering, errors, text};
use crate::ast::{self, Item, ModifierKind};
use crate::model::units::{TimeUnit, Unit};
use crate::model::{
    Citation, Claim, Clock, Condition, Deadline, Duration, Effect, EffectId, FactType, GuardParts, GuidelineId, Join, Modality,
    Modifiers, Note, Origin, Rule, RuleId, Section, SectionId, Settlement, SettlementDecision, Timing, Urgency,
};
use crate::source::Span;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

impl<'a> Lowering<'a> {
    /// Lowers everything that stands under sections; names of rules first, so that order does not matter.
    pub(super) fn rules(&mut self, earlier: Memo) -> Memo {
        let files = self.files;
        let mut memo = Memo::renewed(earlier, self);
        let mut note_names: BTreeMap<String, Span> = BTreeMap::new();
        let shared = self.library.atoms.len();
        for (index, file) in files.iter().enumerate() {
            let lowered = match memo.take(index, file) {
                Some(lowered) => lowered.add(shared, self),
                None => self.rules_of(index, file, &mut note_names),
            };
            memo.keep(index, lowered);
        }
        let mut rules = 0;
        for (file, item) in self.items() {
            if let Item::Rule(rule) = item
                && self.guideline_of(file).is_some()
            {
                self.overrides(RuleId::from_index(rules), &rule.overrides);
                rules += 1;
            }
        }
        for (file, item) in self.items() {
            if let Item::Reconcile(reconcile) = item {
                self.settlement(reconcile, file);
            }
        }
        memo
    }

    /// Lowers what stands under the sections of one file, and keeps apart what came of it.
    fn rules_of(&mut self, index: usize, file: &InputFile<'a>, note_names: &mut BTreeMap<String, Span>) -> Lowered {
        let first = Counts::now(self);
        self.own_tests = OwnTests::default();
        let before = (std::mem::take(&mut self.found), std::mem::take(&mut self.names.noted));
        self.items_of(index, file, note_names);
        let found = std::mem::replace(&mut self.found, before.0).into_vec();
        let noted = std::mem::replace(&mut self.names.noted, before.1);
        self.found.extend(found.iter().cloned());
        self.names.noted.add(&noted);
        Lowered::since(first, file.tree, (found, noted), self)
    }

    fn items_of(&mut self, file: usize, input: &InputFile<'a>, note_names: &mut BTreeMap<String, Span>) {
        let sections = self.sections(file, input.tree);
        let mut current: Option<SectionId> = None;
        let (mut rules, mut notes) = (0, 0);
        let mut section_items = sections.iter();
        for item in &input.tree.items {
            match item {
                Item::Section(_) => current = section_items.next().copied(),
                Item::Rule(rule) => {
                    rules += 1;
                    if let Some(guideline) = self.guideline_of(file) {
                        self.rule(rule, rules, guideline, current, file);
                    }
                }
                Item::Note(note) => {
                    notes += 1;
                    self.note(note, notes, current, file, note_names);
                }
                Item::Complete(claim) => self.claim(claim, file),
                _ => {}
            }
        }
    }

    fn claim(&mut self, claim: &ast::Complete, file: usize) {
        let over = self.condition(&claim.over, file);
        let actions = self.actions(&claim.actions, file);
        let _ = self.cites(&claim.cites, file);
        let statements = self.statements(&claim.from);
        let guideline = self.guideline_of(file);
        let scope = guideline.map_or(Condition::always(), |g| self.library[g].scope.clone());
        self.library.claims.push(Claim {
            guideline,
            claim: claim.claim.text.clone(),
            over: Condition::all_of([scope, over]),
            actions,
            statements,
            span: claim.span,
        });
    }

    /// The sections of a file, one per heading as it stands in the text.
    fn sections(&mut self, file: usize, tree: &'a ast::File) -> Vec<SectionId> {
        let Some(guideline) = self.guideline_of(file) else {
            for item in &tree.items {
                if let Item::Section(section) = item
                    && !self.file(file).is_some_and(InputFile::holds_cases)
                {
                    self.found.push(errors::section_without_rules(section.heading.span));
                }
            }
            return Vec::new();
        };
        let mut ids = Vec::new();
        for item in &tree.items {
            let Item::Section(section) = item else { continue };
            let path: Vec<String> = section.heading.text.split('>').map(super::conditions::one_line).collect();
            if path.iter().any(String::is_empty) {
                self.found.push(errors::empty_heading(section.heading.span, &path));
            }
            let when = section.when.as_ref().map_or(Condition::always(), |c| self.condition(c, file));
            let applies = section.applies.as_ref().map(|c| self.condition(c, file));
            let _ = self.cites(&section.cites, file);
            let statements = self.statements(&section.from);
            let id = SectionId::from_index(self.library.sections.len());
            ids.push(id);
            if !when.is_always() || applies.is_some() {
                self.headings.entry((guideline, path.clone())).or_default().push(id);
            }
            self.library.sections.push(Section {
                guideline,
                path,
                when,
                applies,
                statements,
                span: section.span,
            });
        }
        ids
    }

    /// The guard that the headings above give, and the scope under them.
    ///
    /// Guards belong to a heading wherever it appears, so every section of the guideline with a prefix of the path counts.
    fn guards(&self, guideline: GuidelineId, section: Option<SectionId>) -> (Condition, Condition) {
        let mut scope = self.library[guideline].scope.clone();
        let mut guard = Vec::new();
        let path = section.map_or(&[] as &[String], |section| &self.library[section].path);
        for depth in 1..=path.len() {
            let prefix = path.get(..depth).unwrap_or(path).to_vec();
            for above in self.headings.get(&(guideline, prefix)).into_iter().flatten() {
                let above = &self.library[*above];
                guard.push(above.when.clone());
                if let Some(applies) = &above.applies {
                    scope = applies.clone();
                }
            }
        }
        (scope, Condition::all_of(guard))
    }

    fn rule(&mut self, rule: &'a ast::Rule, number: usize, guideline: GuidelineId, section: Option<SectionId>, file: usize) {
        let id = RuleId::from_index(self.library.rules.len());
        let name = rule
            .name
            .as_ref()
            .map_or_else(|| format!("rule-{number}"), |n| n.text.clone());
        let full_name = format!("{}.{name}", self.library[guideline].name);
        let name_span = name_span(rule);
        if let Some(first) = self.names.rule(&full_name) {
            self.found
                .push(errors::duplicate("rule", &name, name_span, self.library[first].name_span));
        }
        let when = rule.when.as_ref().map_or(Condition::always(), |c| self.condition(c, file));
        let unless = rule.unless.as_ref().map_or(Condition::never(), |c| self.condition(c, file));
        let (scope, section_guard) = self.guards(guideline, section);
        let guard = GuardParts {
            scope,
            section: section_guard,
            when,
            unless,
        };
        let cites = self.cites(&rule.cites, file);
        if rule.cites.is_empty() {
            let own: Vec<&str> = self.names.sources_of(file).map(|(name, _)| name).collect();
            self.found.push(errors::missing_citation(name_span, rule.span, &own));
        }
        let mut evidence = Vec::new();
        for graded in &rule.evidence {
            let found = self.names.scale(&graded.scale, file, self.files);
            let Some(scale) = self.take(found) else { continue };
            match self.library[scale].points.iter().position(|p| *p == graded.grade.text) {
                Some(point) => evidence.push((scale, point)),
                None => {
                    let points: Vec<&str> = self.library[scale].points.iter().map(String::as_str).collect();
                    let near = names::near(&graded.grade.text, points.iter().copied());
                    let (name, at) = (self.library[scale].name.clone(), self.library[scale].name_span);
                    self.found
                        .push(errors::unknown_grade(&graded.grade, &name, near, &points, at));
                }
            }
        }
        let statements = self.statements(&rule.from);
        self.names.add_rule(full_name.clone(), id);
        self.library.rules.push(Arc::new(Rule {
            guideline,
            label: text(rule.label.as_ref()),
            named: rule.name.is_some(),
            name,
            full_name,
            section,
            guard,
            effects: Vec::new(),
            cites,
            statements,
            evidence,
            because: text(rule.because.as_ref()),
            overrides: Vec::new(),
            span: rule.span,
            name_span,
            when_span: rule.when.as_ref().map(|c| c.span),
            unless_span: rule.unless.as_ref().map(|c| c.span),
        }));
        let mut effects = Vec::new();
        for effect in &rule.effects {
            effects.extend(self.effect(effect, id, file));
        }
        if let Some(slot) = self.library.rules.get_mut(id.index()) {
            Arc::make_mut(slot).effects = effects;
        }
    }

    fn effect(&mut self, effect: &ast::Effect, rule: RuleId, file: usize) -> Vec<EffectId> {
        let modality = effect.modality.map_or(Modality::Recommend, |(m, _)| m);
        let against = matches!(modality, Modality::Avoid | Modality::Never);
        let word = effect.modality.map_or("recommend", |(_, span)| self.sources.text(span));
        if against && effect.join == Join::OneOf {
            let span = effect
                .actions
                .first()
                .zip(effect.actions.last())
                .map_or(effect.span, |(a, b)| a.span.to(b.span));
            let listed: Vec<&str> = effect.actions.iter().map(|a| a.text.as_str()).collect();
            self.found.push(errors::or_under_avoid(span, word, &listed.join(", ")));
        }
        if against && let Some(only_when) = &effect.only_when {
            let condition = super::conditions::one_line(self.sources.text(only_when.span));
            let exception = effect.unless.is_some();
            let keywords = self.keywords_before(only_when.span, "only when");
            self.found.push(errors::only_when_under_avoid(
                only_when.span,
                keywords,
                word,
                &condition,
                exception,
            ));
        }
        names::repeated(&effect.actions, &mut self.found);
        let actions = self.actions(&effect.actions, file);
        let (timing, modifiers) = self.modifiers(&effect.modifiers, file);
        let urgency = effect.urgency.map(|(u, _)| u);
        self.deadline_fits(effect, &timing);
        let unless = effect.unless.as_ref().map_or(Condition::never(), |c| self.condition(c, file));
        let only_when = effect.only_when.as_ref().map(|c| self.condition(c, file));
        if actions.is_empty() {
            return Vec::new();
        }
        let positive = Condition::all_of([only_when.clone().unwrap_or_else(Condition::always), unless.clone().negated()]);
        let mut ids = vec![self.add_effect(Effect {
            rule,
            origin: Origin::Written,
            modality,
            urgency,
            actions: actions.clone(),
            join: effect.join,
            own: positive,
            guard: Condition::always(),
            timing,
            modifiers,
            span: effect.span,
        })];
        if let Some(only_when) = only_when
            && !against
        {
            ids.push(self.add_effect(Effect {
                rule,
                origin: Origin::OnlyWhenNegative,
                modality: Modality::Avoid,
                urgency: None,
                actions,
                join: Join::Each,
                own: Condition::all_of([only_when.negated(), unless.negated()]),
                guard: Condition::always(),
                timing: Timing::default(),
                modifiers: Modifiers::default(),
                span: effect.span,
            }));
        }
        ids
    }

    /// The place of keywords that end just before `span`, where nothing but blanks stands between.
    fn keywords_before(&self, span: Span, keywords: &str) -> Option<Span> {
        let text = self.sources.get(span.file)?.text();
        let mut before = text.get(..span.start as usize)?;
        for word in keywords.rsplit(' ') {
            before = before.trim_end().strip_suffix(word)?;
        }
        let end = text.get(..span.start as usize)?.trim_end().len();
        Some(Span::new(span.file, before.len()..end))
    }

    fn add_effect(&mut self, mut effect: Effect) -> EffectId {
        let parts = self.library[effect.rule].guard.clone();
        effect.guard = Condition::all_of([
            parts.scope,
            parts.section,
            parts.when,
            parts.unless.negated(),
            effect.own.clone(),
        ]);
        let id = EffectId::from_index(self.library.effects.len());
        self.library.effects.push(Arc::new(effect));
        id
    }

    fn modifiers(&mut self, written: &[ast::Modifier], file: usize) -> (Timing, Modifiers) {
        let (mut timing, mut modifiers) = (Timing::default(), Modifiers::default());
        let mut seen: BTreeMap<&'static str, Span> = BTreeMap::new();
        for modifier in written {
            let word = match &modifier.kind {
                ModifierKind::Within { .. } => Some("within"),
                ModifierKind::NotBefore { .. } => Some("not before"),
                ModifierKind::Between { .. } => Some("between"),
                ModifierKind::For { .. } => Some("for"),
                ModifierKind::Every { .. } => Some("every"),
                ModifierKind::Line { .. } => Some("line"),
                _ => None,
            };
            if let ModifierKind::Between { .. } = &modifier.kind
                && let Some((word, first)) = ["within", "not before"].iter().find_map(|w| Some((*w, *seen.get(w)?)))
            {
                self.found.push(errors::between_and(word, modifier.span, first));
            } else if let (Some(within @ ("within" | "not before")), Some(first)) = (word, seen.get("between")) {
                self.found.push(errors::between_and(within, modifier.span, *first));
            }
            if let Some(word) = word {
                match seen.get(word) {
                    Some(first) => self.found.push(errors::modifier_twice(word, modifier.span, *first)),
                    None => {
                        seen.insert(word, modifier.span);
                    }
                }
            }
            match &modifier.kind {
                ModifierKind::Within { limit, after } => {
                    let clock = self.clock(after.as_ref(), file);
                    let deadline = match limit {
                        ast::Deadline::Vague(word, _) => Some(Deadline::Vague(*word)),
                        ast::Deadline::Quantity(quantity) => self.duration(quantity, None).map(Deadline::Exact),
                    };
                    timing.deadline = deadline.zip(clock).or(timing.deadline);
                }
                ModifierKind::NotBefore { start, after } => {
                    let clock = self.clock(after.as_ref(), file);
                    timing.not_before = self.duration(start, None).zip(clock).or(timing.not_before);
                }
                ModifierKind::Between { start, end, after } => {
                    let clock = self.clock(after.as_ref(), file);
                    let both = (self.duration(start, end.unit.as_ref()), self.duration(end, None));
                    if let ((Some(from), Some(to)), Some(clock)) = (both, clock) {
                        if from.minutes() > to.minutes() {
                            let text = |span| self.sources.text(span).to_owned();
                            let (first, last) = match start.unit {
                                Some(_) => (start.span, end.span),
                                None => (start.number.span, end.number.span),
                            };
                            let exchanged = [(first, text(last)), (last, text(first))];
                            self.found.push(errors::between_reversed(modifier.span, exchanged));
                        }
                        timing.not_before = Some((from, clock));
                        timing.deadline = Some((Deadline::Exact(to), clock));
                    }
                }
                ModifierKind::For { bound, duration } => {
                    modifiers.duration = self.duration(duration, None).map(|d| (*bound, d));
                }
                ModifierKind::Every { interval } => modifiers.every = self.duration(interval, None),
                ModifierKind::Line { line } => modifiers.line = self.whole(line),
                ModifierKind::With { text } => modifiers.with.push(text.text.clone()),
                ModifierKind::InsteadOf { actions } => modifiers.instead_of.extend(self.actions(actions, file)),
                ModifierKind::Before { actions } => modifiers.before.extend(self.actions(actions, file)),
                ModifierKind::PreferredTo { actions } => modifiers.preferred_to.extend(self.actions(actions, file)),
            }
        }
        self.window(written, &timing);
        (timing, modifiers)
    }

    /// A deadline before the start, where both are written apart.
    fn window(&mut self, written: &[ast::Modifier], timing: &Timing) {
        let place = |within: bool| {
            let kind = |m: &&ast::Modifier| match m.kind {
                ModifierKind::Within { .. } => within,
                ModifierKind::NotBefore { .. } => !within,
                _ => false,
            };
            written.iter().find(kind).map(|m| m.span)
        };
        if let (Some((deadline, end)), Some((start, begin))) = (&timing.deadline, &timing.not_before)
            && let (Some(within), Some(not_before)) = (place(true), place(false))
            && end == begin
            && start.minutes() > deadline.at_most().minutes()
        {
            self.found.push(errors::deadline_before_start(within, not_before));
        }
    }

    /// The clock of a modifier: the evaluation, or a date fact.
    fn clock(&mut self, after: Option<&ast::Name>, file: usize) -> Option<Clock> {
        let Some(name) = after else { return Some(Clock::Evaluation) };
        match self.names.value(name, file, self.files) {
            Some(Meaning::Fact(fact)) if self.library[fact].ty == FactType::Date => Some(Clock::Date(fact)),
            Some(Meaning::Fact(fact)) => {
                let dates: Vec<String> = match &self.library[fact].ty {
                    FactType::TimeSince { date } => vec![self.library[*date].name.clone()],
                    _ => Vec::new(),
                };
                self.found.push(errors::clock_is_no_date(
                    name,
                    dates.first().map(String::as_str),
                    self.library[fact].name_span,
                ));
                None
            }
            Some(other) => {
                let at = self.meaning_span(other);
                self.found
                    .push(errors::other_kind(name, names::word(other), "a date fact", at));
                None
            }
            None => {
                self.found
                    .extend(self.names.missing_value(name, &Wanted::Date, file, self.files));
                None
            }
        }
    }

    /// A span of time; `borrowed` is the unit where the number has none of its own.
    fn duration(&mut self, quantity: &ast::Quantity, borrowed: Option<&ast::Unit>) -> Option<Duration> {
        let Ok(amount) = quantity.number.text.parse::<Decimal>() else {
            self.found.push(errors::number_too_large(&quantity.number));
            return None;
        };
        let Some(unit) = quantity.unit.as_ref().or(borrowed) else {
            self.found.push(errors::duration_without_unit(quantity));
            return None;
        };
        let duration = match Unit::read(&unit.text, unit.quoted) {
            Ok(Unit::Time(time)) => Duration {
                amount: amount.normalize(),
                unit: time,
            },
            Ok(Unit::Ucum(_)) => {
                self.found.push(errors::not_a_unit_of_time(unit));
                return None;
            }
            // A word without quotes that is no unit of time was reported by the parser.
            Err(_) if !self.sources.text(unit.span).starts_with('"') => return None,
            Err(_) => {
                self.found.push(errors::unknown_unit(unit));
                return None;
            }
        };
        // Ten thousand years: past it the calendar ends, and no guideline means it.
        let longest = Duration {
            amount: Decimal::from(9_999),
            unit: TimeUnit::Years,
        };
        if duration.minutes().is_none_or(|m| Some(m) > longest.minutes()) {
            self.found.push(errors::number_too_large(&quantity.number));
            return None;
        }
        Some(duration)
    }

    /// `immediate` allows at most a day, `urgent` at most two weeks.
    fn deadline_fits(&mut self, effect: &ast::Effect, timing: &Timing) {
        let Some((urgency, urgency_span)) = effect.urgency else {
            return;
        };
        let allowed = match urgency {
            Urgency::Immediate => (TimeUnit::Days.minutes(), "immediate", "a day"),
            Urgency::Urgent => (TimeUnit::Weeks.minutes() * Decimal::TWO, "urgent", "two weeks"),
            Urgency::Routine => return,
        };
        let place = |fits: &dyn Fn(&ModifierKind) -> bool| {
            let modifier = effect.modifiers.iter().find(|m| fits(&m.kind));
            modifier.map_or(effect.span, |m| m.span)
        };
        let deadline = timing.deadline.and_then(|(deadline, _)| deadline.at_most().minutes());
        let start = timing.not_before.filter(|(_, clock)| *clock == Clock::Evaluation);
        let start = start.and_then(|(start, _)| start.minutes());
        if deadline.is_some_and(|minutes| minutes > allowed.0) {
            let span = place(&|kind| matches!(kind, ModifierKind::Within { .. } | ModifierKind::Between { .. }));
            self.found
                .push(errors::deadline_contradicts_urgency(span, urgency_span, allowed.1, allowed.2));
        } else if start.is_some_and(|minutes| minutes > allowed.0) {
            let span = place(&|kind| matches!(kind, ModifierKind::NotBefore { .. }));
            self.found
                .push(errors::start_contradicts_urgency(span, urgency_span, allowed.1, allowed.2));
        }
    }

    pub(super) fn cites(&mut self, cites: &[ast::Cite], file: usize) -> Vec<Citation> {
        let mut citations = Vec::new();
        for cite in cites {
            let found = self.names.find_source(&cite.source, file, self.files);
            let Some(source) = self.take(found) else { continue };
            let mut numbers = Vec::new();
            for number in &cite.numbers {
                let Some(value) = self.whole(number) else { continue };
                self.dangling(source, number, value);
                numbers.push(value);
            }
            citations.push(Citation {
                source,
                place: text(cite.place.as_ref()),
                numbers,
                span: cite.span,
            });
        }
        citations
    }

    fn note(
        &mut self,
        note: &ast::Note,
        number: usize,
        section: Option<SectionId>,
        file: usize,
        names: &mut BTreeMap<String, Span>,
    ) {
        let guideline = self.guideline_of(file);
        let (scope, headings) = guideline.map_or((Condition::always(), Condition::always()), |g| self.guards(g, section));
        let only_if = note.only_if.as_ref().map_or(Condition::always(), |c| self.condition(c, file));
        let name = note
            .name
            .as_ref()
            .map_or_else(|| format!("note-{number}"), |n| n.text.clone());
        let owner = guideline.map_or_else(
            || self.file(file).map_or(String::new(), |f| f.stem.clone()),
            |g| self.library[g].name.clone(),
        );
        let full_name = format!("{owner}.{name}");
        if let Some(own) = &note.name {
            match (names.get(&full_name), self.names.rule(&full_name)) {
                (Some(first), _) => self.found.push(errors::duplicate("note", &name, own.span, *first)),
                (None, Some(rule)) => {
                    let at = self.library[rule].name_span;
                    self.found.push(errors::duplicate_value("note", "rule", own, at, true));
                }
                (None, None) => {
                    names.insert(full_name.clone(), own.span);
                }
            }
        }
        let stances = note
            .stances
            .iter()
            .map(|(stance, actions)| (*stance, self.actions(actions, file)))
            .collect();
        let cites = self.cites(&note.cites, file);
        let statements = self.statements(&note.from);
        self.library.notes.push(Note {
            guideline,
            full_name,
            text: note.text.text.clone(),
            stances,
            guard: Condition::all_of([scope, headings, only_if.clone()]),
            only_if,
            cites,
            statements,
            span: note.span,
        });
    }

    fn overrides(&mut self, own: RuleId, names: &[ast::Name]) {
        if names.is_empty() {
            return;
        }
        names::repeated(names, &mut self.found);
        let guideline = self.library[own].guideline;
        let mut overridden = Vec::new();
        for name in names {
            let full_name = format!("{}.{}", self.library[guideline].name, name.text);
            match self.names.rule(&full_name) {
                Some(rule) if rule == own => self.found.push(errors::overrides_itself(name)),
                Some(rule) => overridden.push(rule),
                None if self.names.is_broken(&name.text) => {}
                None => {
                    let owner = format!("{}.", self.library[guideline].name);
                    let names = self.names.rule_names().filter_map(|n| n.strip_prefix(&owner));
                    let near = names::near(&name.text, names).map(str::to_owned);
                    let elsewhere = self.library.rules.iter().find(|r| r.named && r.name == name.text);
                    self.found.push(match (near, elsewhere) {
                        (None, Some(other)) => errors::overrides_elsewhere(name, &other.full_name, other.name_span),
                        (near, _) => errors::undeclared_rule(name.span, &name.text, near.as_deref()),
                    });
                }
            }
        }
        if let Some(slot) = self.library.rules.get_mut(own.index()) {
            Arc::make_mut(slot).overrides = overridden;
        }
    }

    /// A rule by its name, with its guideline or, in a guideline's own file, without.
    fn rule_named(&mut self, name: &ast::RuleName, file: usize) -> Option<RuleId> {
        if let Some(guideline) = &name.guideline
            && !self.library.guidelines.iter().any(|g| g.name == guideline.text)
        {
            let incomplete = self.file(file).is_some_and(|f| f.incomplete);
            if !incomplete && !self.names.is_broken(&guideline.text) {
                let known = self.library.guidelines.iter().map(|g| g.name.as_str());
                let near = names::near(&guideline.text, known).map(str::to_owned);
                self.found.push(errors::undeclared_guideline(guideline, near.as_deref()));
            }
            return None;
        }
        let full_name = match (&name.guideline, self.guideline_of(file)) {
            (Some(guideline), _) => format!("{}.{}", guideline.text, name.rule.text),
            (None, Some(own)) => format!("{}.{}", self.library[own].name, name.rule.text),
            (None, None) => name.rule.text.clone(),
        };
        match self.names.rule(&full_name) {
            Some(rule) => {
                let declared_in = self
                    .library
                    .files
                    .iter()
                    .position(|f| f.guideline == Some(self.library[rule].guideline));
                if let (Some(there), Some(input)) = (declared_in, self.file(file))
                    && !input.reaches.contains(&there)
                {
                    let at = self.library[rule].name_span;
                    let written = ast::Name {
                        text: full_name.clone(),
                        span: name.span,
                    };
                    self.found
                        .push(names::not_reached("rule", &written, file, there, at, self.files));
                }
                Some(rule)
            }
            None => {
                if self.names.is_broken(&name.rule.text) || self.file(file).is_some_and(|f| f.incomplete) {
                    return None;
                }
                let full: Vec<&str> = match (&name.guideline, self.guideline_of(file)) {
                    // Rules of that name, wherever they are: a reconciliation by itself has no guideline of its own.
                    (None, None) => {
                        let named = self.library.rules.iter().filter(|r| r.named && r.name == name.rule.text);
                        named.map(|r| r.full_name.as_str()).collect()
                    }
                    _ => Vec::new(),
                };
                self.found.push(if full.is_empty() {
                    // Compared by the last part: a shared guideline makes no two rules alike.
                    let owner = full_name.strip_suffix(name.rule.text.as_str()).unwrap_or("");
                    let own = self.names.rule_names().filter_map(|n| n.strip_prefix(owner));
                    let near = names::near(&name.rule.text, own).map(|near| format!("{owner}{near}"));
                    errors::undeclared_rule(name.span, &full_name, near.as_deref())
                } else {
                    errors::rule_without_guideline(name.span, &full_name, &full)
                });
                None
            }
        }
    }

    fn settlement(&mut self, reconcile: &ast::Reconcile, file: usize) {
        let rules: Vec<Option<RuleId>> = reconcile.rules.iter().map(|name| self.rule_named(name, file)).collect();
        let complete = rules.iter().all(Option::is_some);
        let rules: Vec<RuleId> = rules.into_iter().flatten().collect();
        let mut first: BTreeMap<RuleId, Span> = BTreeMap::new();
        for (rule, name) in rules.iter().zip(&reconcile.rules).filter(|_| complete) {
            match first.get(rule) {
                Some(earlier) => {
                    let full_name = self.library.rule_name(*rule);
                    self.found
                        .push(errors::reconciled_with_itself(name.span, full_name, *earlier));
                }
                None => {
                    first.insert(*rule, name.span);
                }
            }
        }
        let decision = match &reconcile.decision {
            ast::Decision::LeaveOpen { .. } => Some(SettlementDecision::LeaveOpen),
            ast::Decision::Prefer { rule, when } => {
                let when = when.as_ref().map_or(Condition::always(), |c| self.condition(c, file));
                self.rule_named(rule, file).and_then(|preferred| {
                    if complete && !rules.contains(&preferred) {
                        self.found
                            .push(errors::preferred_is_not_named(rule.span, self.sources.text(rule.span)));
                        return None;
                    }
                    Some(SettlementDecision::Prefer { rule: preferred, when })
                })
            }
        };
        if let (true, Some(decision)) = (complete, decision) {
            let because = text(reconcile.because.as_ref()).unwrap_or_default();
            let sealed = reconcile.sealed.as_ref();
            self.library.settlements.push(Settlement {
                rules,
                decision,
                because,
                sealed: sealed.map(|seal| (seal.text.clone(), seal.span)),
                decided: reconcile.decision.span(),
                span: reconcile.span,
            });
        }
    }
}

/// The name of a rule, or the first keyword of an unnamed one.
pub(super) fn name_span(rule: &ast::Rule) -> Span {
    let keyword = if rule.when.is_some() { "when" } else { "always" };
    let keyword = Span {
        end: rule.span.start + keyword.len() as u32,
        ..rule.span
    };
    rule.name.as_ref().map_or(keyword, |n| n.span)
}
