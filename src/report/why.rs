//! Why an action is advised, or not: the rules' own text with the value of every part under it.
//!
//! In: explanations, and the texts they point into. Out: text.
//! Must not know: how truth is found.

use super::clinician::Colour;
use super::escape::one_line;
use crate::eval::explain::{Explanation, RuleExplanation, Shape, explain};
use crate::eval::{Origin, Outcome, Patient, Standing};
use crate::model::{ActionId, DefinitionId, Direction, EffectId, FactId, FactType, Join, Library, RuleId, Truth};
use crate::source::{Sources, Span};
use std::collections::BTreeSet;
use std::fmt::Write;

/// How many rules are shown for an action that is not advised.
const NEAREST: usize = 5;

/// Where facts were recorded, for the last column of values.
pub type Places = std::collections::BTreeMap<FactId, Span>;

/// What a question is asked about, with everything an answer needs.
#[derive(Debug)]
pub struct Case<'a> {
    /// The rules.
    pub library: &'a Library,
    /// The texts.
    pub sources: &'a Sources,
    /// The patient.
    pub patient: &'a Patient,
    /// What was evaluated.
    pub outcome: &'a Outcome,
    /// Where each fact was recorded.
    pub places: Places,
    /// Whether headings are set off.
    pub colour: Colour,
}

/// An explanation, and what it explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The explanation.
    pub text: String,
    /// How many rules are shown in full.
    pub explained: usize,
    /// How many rules speak of the action and do not fire.
    pub not_firing: usize,
}

impl Case<'_> {
    /// Why an action is advised or not: the rules that speak for or against it, or the nearest ones and what stops them.
    pub fn why_action(&self, action: ActionId) -> Answer {
        let library = self.library;
        let fired: BTreeSet<RuleId> = self
            .outcome
            .advice
            .iter()
            .filter(|a| self.bears(action, a.effect))
            .map(|a| library[a.effect].rule)
            .collect();
        let mut text = String::new();
        let label = &library[action].label;
        if fired.is_empty() {
            let _ = writeln!(text, "{label}: nothing is advised for or against it.");
        } else {
            let _ = writeln!(
                text,
                "{label}: {} of it.",
                count(fired.len(), "rule that fires speaks", "rules that fire speak")
            );
        }
        for rule in &fired {
            text.push('\n');
            self.write_rule(*rule, &mut text);
        }
        let mut waiting: Vec<(usize, RuleId)> = library
            .rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (RuleId::from_index(index), rule))
            .filter(|(id, rule)| {
                let takes_part = self.outcome.guidelines.iter().any(|(g, _)| *g == rule.guideline);
                let speaks = rule.effects.iter().any(|e| self.bears(action, *e));
                takes_part && speaks && !fired.contains(id)
            })
            .map(|(id, _)| (self.distance(id, action), id))
            .collect();
        waiting.sort_by_key(|(far, id)| (*far, library.rule_name(*id)));
        if !waiting.is_empty() {
            let _ = writeln!(text, "\nNot firing, nearest first:");
        }
        for (_, rule) in waiting.iter().take(NEAREST) {
            let _ = writeln!(text, "  {}", self.stopped(*rule, action));
        }
        if waiting.len() > NEAREST {
            let _ = writeln!(text, "  and {}", count(waiting.len() - NEAREST, "more rule", "more rules"));
        }
        Answer {
            text,
            explained: fired.len(),
            not_firing: waiting.len(),
        }
    }

    /// Whether an effect speaks for or against an action.
    fn bears(&self, on: ActionId, effect: EffectId) -> bool {
        let effect = &self.library[effect];
        effect.actions.iter().any(|action| match effect.direction() {
            Direction::For => self.library.comparable(*action, on),
            Direction::Against => self.library.is_kind_of(on, *action),
        })
    }

    /// The effects of a rule that speak of an action, in their order, each with what it needs beside the guard of the rule.
    fn bearing<'e>(
        &'e self,
        rule: RuleId,
        on: ActionId,
        explanation: &'e RuleExplanation,
    ) -> impl Iterator<Item = (EffectId, &'e Explanation)> {
        let effects = self.library[rule].effects.iter().copied().zip(&explanation.effects);
        effects.filter(move |(effect, _)| self.bears(on, *effect))
    }

    /// How far a rule is from speaking of an action.
    fn distance(&self, rule: RuleId, on: ActionId) -> usize {
        let explanation = explain(self.library, self.patient, rule);
        let own = self.bearing(rule, on, &explanation).map(|(_, own)| missing(own, Truth::Yes));
        distance(&explanation) + own.min().unwrap_or(0)
    }

    /// One line for a rule that does not speak of an action: what it would say, and its first part that is false or unknown.
    fn stopped(&self, rule: RuleId, on: ActionId) -> String {
        let library = self.library;
        let explanation = explain(library, self.patient, rule);
        let says: Vec<String> = self
            .bearing(rule, on, &explanation)
            .map(|(effect, _)| self.says(effect, &library[effect].actions))
            .collect();
        let own = self.bearing(rule, on, &explanation).find_map(|(_, own)| effect_blocker(own));
        let heading = format!("{} ({})", library.rule_name(rule), says.join("; "));
        match blocker(&explanation).or(own) {
            Some((place, part)) => format!("{heading}: {place} {}", self.part(part)),
            None => heading,
        }
    }

    /// An effect without its modifiers, for some of its actions: "avoid MRI, CT".
    fn says(&self, effect: EffectId, actions: &[ActionId]) -> String {
        let effect = &self.library[effect];
        let labels: Vec<&str> = actions.iter().map(|a| self.library[*a].label.as_str()).collect();
        let joint = match effect.join {
            Join::Each => ", ",
            Join::OneOf => " or ",
        };
        format!("{} {}", effect.modality.word(), labels.join(joint))
    }

    /// A part of a condition with its truth and the values it rests on: "`age over 50` is no (age 50 years)".
    fn part(&self, part: &Explanation) -> String {
        let word = part.truth.word();
        match &part.shape {
            Shape::Test { fact, span } => {
                let text = one_line(self.sources.text(*span));
                let declared = &self.library[*fact];
                match self.patient.value(*fact).map(|value| value.written(&declared.ty)) {
                    Some(value) if declared.name != text || value != word => {
                        format!("`{text}` is {word} ({} {value})", declared.name)
                    }
                    _ => format!("`{text}` is {word}"),
                }
            }
            Shape::Defined(definition) => format!("`{}` is {word}", self.library[*definition].name),
            Shape::Not => match part.parts.first() {
                Some(inner) => format!("must not hold: {}", self.part(inner)),
                None => format!("is {word}"),
            },
            Shape::All | Shape::Any | Shape::AtLeast(_) => {
                let parts: Vec<String> = part.parts.iter().map(|p| self.part(p)).collect();
                let joined = parts.join(", ");
                match part.shape {
                    Shape::AtLeast(n) => format!("needs {n} of: {joined}"),
                    Shape::Any => format!("needs one of: {joined}"),
                    _ => joined,
                }
            }
        }
    }

    /// The text of a rule, of the guards above it and of the definitions it uses, each with the values under its parts.
    pub fn why_rule(&self, rule: RuleId) -> Answer {
        let mut text = String::new();
        self.write_rule(rule, &mut text);
        let library = self.library;
        let effects = || self.outcome.advice.iter().map(|a| library[a.effect].rule);
        Answer {
            text,
            explained: 1,
            not_firing: usize::from(!effects().any(|fired| fired == rule)),
        }
    }

    fn write_rule(&self, rule: RuleId, out: &mut String) {
        let library = self.library;
        let explanation = explain(library, self.patient, rule);
        self.write_heading(rule, out);
        let guideline = &library[library[rule].guideline];
        let mut definitions = Vec::new();
        let mut facts = BTreeSet::new();
        let mut all = vec![
            &explanation.scope,
            &explanation.section,
            &explanation.when,
            &explanation.unless,
        ];
        all.extend(&explanation.effects);
        for part in &all {
            collect(part, &mut definitions, &mut facts);
        }
        let notes = self.notes(&all, &definitions);
        let path = library[rule].section.map(|s| library[s].path.clone()).unwrap_or_default();
        let above = || {
            let sections = library.sections.iter().filter(|s| s.guideline == library[rule].guideline);
            sections.filter(|s| path.starts_with(&s.path))
        };
        let has_scope_of_its_own = above().any(|s| s.applies.is_some());
        let is_scoped = !explanation.scope.parts.is_empty() || matches!(explanation.scope.shape, Shape::Test { .. });
        if is_scoped && !has_scope_of_its_own {
            self.annotate(guideline.span, &notes, Lines::Annotated, out);
        }
        for section in above().filter(|s| !s.when.is_always() || s.applies.is_some()) {
            self.annotate(section.span, &notes, Lines::Annotated, out);
        }
        self.annotate(library[rule].span, &notes, Lines::All, out);
        for (definition, _) in &definitions {
            self.annotate(library[*definition].span, &notes, Lines::Annotated, out);
        }
        self.values(&facts, out);
    }

    /// What became of a rule. Effects that fare differently have a line each.
    fn write_heading(&self, rule: RuleId, out: &mut String) {
        let library = self.library;
        let mut states: Vec<(String, String)> = Vec::new();
        for effect in &library[rule].effects {
            let of_actions: Vec<(String, String)> = library[*effect]
                .actions
                .iter()
                .map(|action| (self.says(*effect, &[*action]), self.state(*effect, *action)))
                .collect();
            match of_actions.first() {
                Some((_, first)) if of_actions.iter().all(|(_, state)| state == first) => {
                    states.push((self.says(*effect, &library[*effect].actions), first.clone()));
                }
                _ => states.extend(of_actions),
            }
        }
        let first = states.first().map_or("", |(_, state)| state.as_str());
        let name = library.rule_name(rule);
        let (line, lines) = if states.iter().all(|(_, state)| state == first) {
            (format!("{name} {first}"), [].as_slice())
        } else {
            (format!("{name}, effect by effect:"), states.as_slice())
        };
        let _ = match self.colour {
            Colour::Plain => writeln!(out, "{line}"),
            Colour::Ansi => writeln!(out, "\u{1b}[1m{line}\u{1b}[0m"),
        };
        for (says, state) in lines {
            let _ = writeln!(out, "  {says}: {state}");
        }
    }

    /// What became of an effect, for one of its actions.
    fn state(&self, effect: EffectId, action: ActionId) -> String {
        let rules = |rules: &[RuleId]| {
            let names: Vec<&str> = rules.iter().map(|r| self.library.rule_name(*r)).collect();
            names.join(", ")
        };
        let advice = self.outcome.advice.iter().find(|a| a.effect == effect && a.action == action);
        match advice.map(|a| &a.standing) {
            Some(Standing::Active) => "fires".to_owned(),
            Some(Standing::Open { by, on }) => {
                let on: Vec<&str> = on.iter().map(|f| self.library[*f].name.as_str()).collect();
                format!("fires, and may give way to {}: that depends on {}", rules(by), on.join(", "))
            }
            Some(Standing::Overridden { by }) => format!("fires, and gives way to {}", rules(by)),
            None if self.outcome.undecided.iter().any(|u| u.effect == effect) => "is undecided".to_owned(),
            None => "does not fire".to_owned(),
        }
    }

    /// What to write under which text: the truth of every test, and of every definition where its name stands.
    fn notes(&self, explanations: &[&Explanation], definitions: &[(DefinitionId, Truth)]) -> Vec<(Span, &'static str)> {
        let mut notes = Vec::new();
        for explanation in explanations {
            tests(explanation, &mut notes);
        }
        for (definition, truth) in definitions {
            let name = &self.library[*definition].name;
            for (file, source) in self.sources.iter() {
                for (start, _) in source.text().match_indices(name.as_str()) {
                    notes.push((Span::new(file, start..start + name.len()), truth.word()));
                }
            }
        }
        notes.sort();
        notes.dedup();
        notes
    }

    /// Writes the lines of a span with its notes under them.
    fn annotate(&self, span: Span, notes: &[(Span, &'static str)], lines: Lines, out: &mut String) {
        let Some(file) = self.sources.get(span.file) else { return };
        let first = file.line_column(span.start as usize).line;
        let last = file.line_column(span.end as usize).line;
        for number in first..=last {
            let range = file.line_range(number);
            let inside = |note: &Span| {
                note.file == span.file
                    && note.start >= span.start
                    && note.end <= span.end
                    && range.contains(&(note.start as usize))
                    && is_word(file.text(), note.range())
                    && is_read(file.text().get(range.start..note.start as usize).unwrap_or(""))
            };
            let here: Vec<(usize, &str)> = notes
                .iter()
                .filter(|(note, _)| inside(note))
                .map(|(note, word)| (file.line_column(note.start as usize).column - 1, *word))
                .collect();
            if here.is_empty() && lines == Lines::Annotated && number != first {
                continue;
            }
            let _ = writeln!(out, "  {number:>4} | {}", one_line(file.line(number)));
            for row in rows(&here) {
                let _ = writeln!(out, "       | {row}");
            }
        }
    }

    /// The values of facts, and where each came from.
    fn values(&self, facts: &BTreeSet<FactId>, out: &mut String) {
        let mut lines: Vec<[String; 3]> = Vec::new();
        for fact in facts {
            let declared = &self.library[*fact];
            let value = self
                .patient
                .value(*fact)
                .map_or_else(|| "unknown".to_owned(), |v| one_line(&v.written(&declared.ty)).into_owned());
            let origin = self.origin(*fact);
            lines.push([declared.name.clone(), value, origin]);
        }
        lines.sort();
        let width = |column: usize| {
            lines
                .iter()
                .filter_map(|l| l.get(column))
                .map(|c| c.chars().count())
                .max()
                .unwrap_or(0)
        };
        let (names, values) = (width(0), width(1));
        for [name, value, origin] in &lines {
            let _ = writeln!(out, "  {name:names$}  {value:values$}  {origin}");
        }
    }

    /// Where the value of a fact came from.
    fn origin(&self, fact: FactId) -> String {
        let name = |fact: FactId| self.library[fact].name.as_str();
        match (self.patient.origin(fact), &self.library[fact].ty) {
            (None, _) => "nobody recorded it".to_owned(),
            (Some(Origin::Recorded), _) => match self.places.get(&fact).and_then(|s| self.place(*s)) {
                Some(place) => format!("recorded {place}"),
                None => "recorded".to_owned(),
            },
            (Some(Origin::Computed), FactType::TimeSince { date }) => format!("computed from {}", name(*date)),
            (Some(Origin::Default), _) => "not recorded, `default no`".to_owned(),
            (Some(Origin::Closed), _) => "not listed in a closed record".to_owned(),
            (Some(origin), _) => match self.patient.inferred.iter().find(|i| i.fact == fact) {
                Some(inferred) => {
                    let from: Vec<&str> = inferred.from.iter().map(|f| name(*f)).collect();
                    format!("inferred from {}", from.join(", "))
                }
                None => origin.word().to_owned(),
            },
        }
    }

    fn place(&self, span: Span) -> Option<String> {
        let file = self.sources.get(span.file)?;
        // A flag has one line.
        Some(match file.name().starts_with("--") {
            true => format!("by {}", file.name()),
            false => format!("at {}:{}", file.name(), file.line_column(span.start as usize).line),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    All,
    /// The first line, and those with a value under them.
    Annotated,
}

/// The guard part that stops a rule, in the order in which a reader meets them.
fn blocker(explanation: &RuleExplanation) -> Option<(&'static str, &Explanation)> {
    let positive = [
        ("scope:", &explanation.scope),
        ("section:", &explanation.section),
        ("when:", &explanation.when),
    ];
    for wanted in [Truth::No, Truth::Unknown] {
        for (place, part) in positive {
            if part.truth == wanted {
                return Some((place, part.blocker().unwrap_or(part)));
            }
        }
        if explanation.unless.truth == !wanted {
            return Some(("unless:", &explanation.unless));
        }
    }
    None
}

/// What keeps an effect from firing beside the guard of its rule: `only when not a` reads as `unless a`.
fn effect_blocker(own: &Explanation) -> Option<(&'static str, &Explanation)> {
    let blocker = own.blocker()?;
    match (&blocker.shape, blocker.parts.first()) {
        (Shape::Not, Some(inner)) => Some(("unless:", inner)),
        _ => Some(("only when:", blocker)),
    }
}

/// How far a rule is from firing: tests that would have to change count more than those that would have to be known.
fn distance(explanation: &RuleExplanation) -> usize {
    let positive = [&explanation.scope, &explanation.section, &explanation.when].map(|e| missing(e, Truth::Yes));
    positive.iter().sum::<usize>() + missing(&explanation.unless, Truth::No)
}

fn missing(explanation: &Explanation, wanted: Truth) -> usize {
    if explanation.truth == wanted {
        return 0;
    }
    let parts = |wanted: Truth| explanation.parts.iter().map(move |p| missing(p, wanted));
    match (&explanation.shape, wanted) {
        (Shape::Test { .. }, _) => {
            if explanation.truth == Truth::Unknown {
                1
            } else {
                100
            }
        }
        (Shape::Not, _) => parts(!wanted).sum(),
        (Shape::Defined(_), _) => parts(wanted).sum::<usize>().max(1),
        (Shape::All, Truth::Yes) | (Shape::Any, _) if matches!(explanation.shape, Shape::All) || wanted == Truth::No => {
            parts(wanted).sum()
        }
        _ => parts(wanted).min().unwrap_or(1000),
    }
}

fn collect(explanation: &Explanation, definitions: &mut Vec<(DefinitionId, Truth)>, facts: &mut BTreeSet<FactId>) {
    match &explanation.shape {
        Shape::Test { fact, .. } => {
            facts.insert(*fact);
        }
        Shape::Defined(definition) if !definitions.iter().any(|(d, _)| d == definition) => {
            definitions.push((*definition, explanation.truth));
        }
        _ => {}
    }
    explanation.parts.iter().for_each(|part| collect(part, definitions, facts));
}

fn tests(explanation: &Explanation, notes: &mut Vec<(Span, &'static str)>) {
    if let Shape::Test { span, .. } = &explanation.shape {
        notes.push((*span, explanation.truth.word()));
    }
    explanation.parts.iter().for_each(|part| tests(part, notes));
}

/// Whether the range is not the middle of a longer word.
fn is_word(text: &str, range: std::ops::Range<usize>) -> bool {
    let name = |c: char| c.is_alphanumeric() || c == '_';
    let before = text.get(..range.start).and_then(|t| t.chars().next_back());
    let after = text.get(range.end..).and_then(|t| t.chars().next());
    !before.is_some_and(name) && !after.is_some_and(name)
}

/// Whether what follows this beginning of a line is neither in quotes nor in a comment.
fn is_read(before: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for c in before.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            '#' if !quoted => return false,
            _ => {}
        }
    }
    !quoted
}

/// Words at columns, in as few rows as keep them apart.
fn rows(words: &[(usize, &str)]) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for (column, word) in words {
        let free = rows.iter_mut().find(|row| row.is_empty() || row.chars().count() < *column);
        let row = match free {
            Some(row) => row,
            None => {
                rows.push(String::new());
                match rows.last_mut() {
                    Some(row) => row,
                    None => continue,
                }
            }
        };
        let gap = column.saturating_sub(row.chars().count());
        row.push_str(&" ".repeat(gap));
        row.push_str(word);
    }
    rows
}

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
