//! The result of an evaluation as a clinician reads it at a glance.
//!
//! In: an outcome with its library and patient. Out: text: emergencies first, what to do, by when, why, the source; what to
//! avoid; disagreements; what is not known and matters.
//! Must not know: how the outcome was found.

use super::result::{bearing, difference_word, question};
use crate::eval::{Advice, DifferenceKind, DisagreementKind, Outcome, Patient, Position, Standing};
use crate::model::gives_way::deadline;
use crate::model::units::TimeUnit;
use crate::model::words::lasting;
use crate::model::{
    ActionId, Citation, Clock, Direction, EffectId, Library, Modality, SettlementDecision, Status, Truth, Urgency,
};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Whether headings and emergencies are set off by colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Colour {
    Plain,
    Ansi,
}

/// The result as text.
pub fn clinician(library: &Library, patient: &Patient, outcome: &Outcome, proposed: &[ActionId], colour: Colour) -> String {
    let mut page = Page {
        library,
        patient,
        outcome,
        colour,
        text: String::new(),
    };
    page.header();
    for action in proposed {
        page.proposed(*action);
    }
    page.advice_sections();
    page.disagreements();
    page.differences();
    page.ask();
    page.warnings();
    page.text
}

struct Page<'a> {
    library: &'a Library,
    patient: &'a Patient,
    outcome: &'a Outcome,
    colour: Colour,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(text.as_ref());
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str, urgent: bool) {
        self.text.push('\n');
        let line = match (self.colour, urgent) {
            (Colour::Plain, _) => text.to_owned(),
            (Colour::Ansi, true) => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
            (Colour::Ansi, false) => format!("\u{1b}[1m{text}\u{1b}[0m"),
        };
        self.line(line);
    }

    fn header(&mut self) {
        let names = |wanted: Truth| {
            let of_truth = self.outcome.guidelines.iter().filter(|(_, applies)| *applies == wanted);
            of_truth
                .map(|(id, _)| self.library[*id].name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let (apply, unknown) = (names(Truth::Yes), names(Truth::Unknown));
        let date = self.outcome.as_of.map_or_else(String::new, |date| format!(" on {date}"));
        let mut lines = vec![match apply.as_str() {
            "" => format!("Evaluated{date}. No guideline is known to apply."),
            apply => format!("Evaluated{date}. In scope of: {apply}."),
        }];
        if !unknown.is_empty() {
            lines.push(format!("Not known whether in scope of: {unknown}."));
        }
        let concerned = self.outcome.guidelines.iter().filter(|(_, applies)| *applies != Truth::No);
        let drafts: Vec<&str> = concerned
            .filter(|(id, _)| self.library[*id].status == Status::Draft)
            .map(|(id, _)| self.library[*id].name.as_str())
            .collect();
        if !drafts.is_empty() {
            lines.push(format!(
                "DRAFT, for clinical review only, not for use in care: {}.",
                drafts.join(", ")
            ));
        }
        lines.into_iter().for_each(|l| self.line(l));
    }

    fn proposed(&mut self, action: ActionId) {
        let (advice, summary) = bearing(self.library, self.outcome, action);
        let label = &self.library[action].label;
        let verdict = match summary {
            "for" => "advised",
            "against" => "advised against",
            "both" => "the advice disagrees",
            "undecided" => "not decided; see what is not known",
            _ => "nothing is said about it",
        };
        self.heading(&format!("PROPOSED: {label}: {verdict}"), false);
        for given in advice {
            let line = format!("  {} ({})", self.phrase(given), self.rule(given.effect));
            self.line(line);
        }
    }

    fn advice_sections(&mut self) {
        let library = self.library;
        let stands = |a: &&Advice| !matches!(a.standing, Standing::Overridden { .. });
        let mut shown = BTreeSet::new();
        let mut choices: BTreeSet<(EffectId, ActionId)> = BTreeSet::new();
        let mut section = |page: &mut Self, title: &str, urgent: bool, wanted: &dyn Fn(&Advice) -> bool| {
            let mut actions = Vec::new();
            for given in page.outcome.advice.iter().filter(stands).filter(|a| wanted(a)) {
                let direction = library[given.effect].direction();
                let key = (given.action, direction);
                // A choice is shown once, under the first of its actions.
                let chosen = given.standing == Standing::Active
                    && given.alternatives.iter().any(|a| choices.contains(&(given.effect, *a)));
                if !chosen && shown.insert(key) {
                    actions.push(key);
                    choices.insert((given.effect, given.action));
                }
            }
            if !actions.is_empty() {
                page.heading(title, urgent);
            }
            for (action, direction) in actions {
                page.action(action, direction);
            }
        };
        let is_for = |a: &Advice| library[a.effect].direction() == Direction::For;
        section(self, "EMERGENCY", true, &|a| is_for(a) && emergency(library, a.effect));
        section(self, "RECOMMENDED", false, &|a| {
            library[a.effect].modality == Modality::Recommend
        });
        section(self, "TO CONSIDER", false, &|a| is_for(a));
        section(self, "AVOID", false, &|a| !is_for(a));
        if shown.is_empty() {
            self.heading("NOTHING IS ADVISED on what is recorded", false);
        }
        let outcome = self.outcome;
        let gone: Vec<&Advice> = outcome.advice.iter().filter(|a| !stands(a)).collect();
        if !gone.is_empty() {
            self.heading("GAVE WAY", false);
        }
        for given in gone {
            if let Standing::Overridden { by } = &given.standing {
                let by: Vec<&str> = by.iter().map(|r| library.rule_name(*r)).collect();
                let line = format!(
                    "  {} ({}) gave way to {}",
                    self.phrase(given),
                    self.rule(given.effect),
                    by.join(", ")
                );
                self.line(line);
            }
        }
    }

    /// One action: the strictest advice in full, what else says the same under it.
    fn action(&mut self, action: ActionId, direction: Direction) {
        let (library, outcome) = (self.library, self.outcome);
        let mut given = outcome.advice.iter().filter(|a| {
            a.action == action && library[a.effect].direction() == direction && !matches!(a.standing, Standing::Overridden { .. })
        });
        let Some(first) = given.next() else { return };
        let line = format!("  {}", self.phrase(first));
        self.line(line);
        self.details(first);
        if direction == Direction::For {
            self.comes_first(first);
        }
        let mut seen = BTreeSet::from([library[first.effect].rule]);
        for other in given {
            if seen.insert(library[other.effect].rule) {
                let line = format!(
                    "      also {} ({}{})",
                    self.phrase_rest(other),
                    self.rule(other.effect),
                    self.sources(other.effect)
                );
                self.line(line);
            }
        }
    }

    /// What is advised `before` this. It is an order, and withholds nothing.
    fn comes_first(&mut self, advice: &Advice) {
        let library = self.library;
        let labels = |actions: &[ActionId]| {
            let labels: Vec<&str> = actions.iter().map(|a| library[*a].label.as_str()).collect();
            labels.join(" or ")
        };
        let choice = |advice: &Advice| -> Vec<ActionId> {
            std::iter::once(advice.action)
                .chain(advice.alternatives.iter().copied())
                .collect()
        };
        let offered = choice(advice);
        let mut shown = BTreeSet::new();
        let outcome = self.outcome;
        for other in &outcome.advice {
            let effect = &library[other.effect];
            let concerns = |action: &ActionId| effect.modifiers.before.iter().any(|b| library.is_kind_of(*action, *b));
            let concerned: Vec<ActionId> = offered.iter().copied().filter(concerns).collect();
            // A choice is one thing to do first.
            let key = (other.effect, other.alternatives.is_empty().then_some(other.action));
            let stands = effect.direction() == Direction::For && !matches!(other.standing, Standing::Overridden { .. });
            if concerned.is_empty() || !stands || !shown.insert(key) {
                continue;
            }
            let consider = if effect.modality == Modality::Consider {
                ", to consider"
            } else {
                ""
            };
            let only = match concerned.len() < offered.len() {
                true => format!(", before {}", labels(&concerned)),
                false => String::new(),
            };
            let open = match other.standing {
                Standing::Open { .. } => ", which may give way",
                _ => "",
            };
            let line = format!(
                "      first{consider}{only}: {} ({}){open}",
                labels(&choice(other)),
                self.rule(other.effect)
            );
            self.line(line);
        }
    }

    fn details(&mut self, advice: &Advice) {
        let library = self.library;
        let effect = &library[advice.effect];
        let rule = &library[effect.rule];
        let mut lines = Vec::new();
        if let Standing::Open { on, by } = &advice.standing {
            let facts: Vec<&str> = on.iter().map(|f| library[*f].name.as_str()).collect();
            let by: Vec<&str> = by.iter().map(|r| library.rule_name(*r)).collect();
            let because = if by.is_empty() {
                String::new()
            } else {
                format!(" (it would give way to {})", by.join(", "))
            };
            lines.push(format!("unless it turns out otherwise: {}{because}", facts.join(", ")));
        }
        if !advice.except.is_empty() {
            let kinds: Vec<String> = advice
                .except
                .iter()
                .map(|(a, by)| format!("{} ({})", library[*a].label, library.rule_name(*by)))
                .collect();
            lines.push(format!("except {}", kinds.join(", ")));
        }
        for (kind, by, on) in &advice.may_except {
            let facts: Vec<&str> = on.iter().map(|f| library[*f].name.as_str()).collect();
            let (kind, by) = (&library[*kind].label, library.rule_name(*by));
            lines.push(format!("perhaps except {kind} ({by}), depending on {}", facts.join(", ")));
        }
        if let Some(label) = &rule.label {
            lines.push(label.clone());
        }
        if let Some(because) = &rule.because {
            lines.push(format!("because {because}"));
        }
        let facts: Vec<String> = advice
            .facts
            .iter()
            .filter_map(|used| {
                let fact = &library[used.fact];
                let value = self.patient.value(used.fact)?.written(&fact.ty);
                let origin = match self.patient.origin(used.fact)? {
                    crate::eval::Origin::Recorded => String::new(),
                    other => format!(" ({})", other.word()),
                };
                Some(format!("{} {value}{origin}", fact.name))
            })
            .collect();
        if !facts.is_empty() {
            lines.push(format!("from {}", facts.join(", ")));
        }
        lines.push(format!("{}{}", self.rule(advice.effect), self.sources(advice.effect)));
        for line in lines {
            self.line(format!("      {line}"));
        }
    }

    /// `urgent: MRI of the lumbar spine within hours, by 2026-02-02`
    fn phrase(&self, advice: &Advice) -> String {
        let library = self.library;
        let choice = advice.alternatives.iter().map(|a| library[*a].label.as_str());
        let actions: Vec<&str> = std::iter::once(library[advice.action].label.as_str()).chain(choice).collect();
        format!("{}: {}{}", self.strength(advice), actions.join(" or "), self.timing(advice))
    }

    fn phrase_rest(&self, advice: &Advice) -> String {
        let timing = self.timing(advice);
        let choice: Vec<&str> = advice.alternatives.iter().map(|a| self.library[*a].label.as_str()).collect();
        let choice = if choice.is_empty() {
            String::new()
        } else {
            format!(", or {}", choice.join(" or "))
        };
        format!("{}{choice}{timing}", self.strength(advice))
    }

    fn strength(&self, advice: &Advice) -> String {
        let effect = &self.library[advice.effect];
        match (effect.modality, effect.urgency) {
            (Modality::Recommend, Some(urgency)) => urgency.word().to_owned(),
            (modality, Some(urgency)) => format!("{}, {}", modality.word(), urgency.word()),
            (modality, None) => modality.word().to_owned(),
        }
    }

    fn timing(&self, advice: &Advice) -> String {
        let library = self.library;
        let effect = &library[advice.effect];
        let clock = |clock: Clock| match clock {
            Clock::Evaluation => String::new(),
            Clock::Date(fact) => format!(" after {}", library[fact].label),
        };
        let mut text = String::new();
        if let Some((start, from)) = effect.timing.not_before {
            let _ = write!(text, " not before {}{}", start, clock(from));
            if let Some(date) = advice.window.as_ref().and_then(|w| w.from) {
                let _ = write!(text, " (from {date})");
            }
        }
        if let Some((end, from)) = &effect.timing.deadline {
            let _ = write!(text, " within {}{}", end, clock(*from));
            match (advice.due, advice.overdue) {
                (Some(due), Some(Truth::Yes)) => drop(write!(text, ", OVERDUE since {due}")),
                (None, Some(Truth::Yes)) => text.push_str(", OVERDUE"),
                (Some(due), _) => drop(write!(text, ", by {due}")),
                (None, _) => {}
            }
        }
        let modifiers = &effect.modifiers;
        if let Some((bound, duration)) = modifiers.duration {
            let _ = write!(text, ", for {}", lasting(bound, duration));
        }
        if let Some(every) = modifiers.every {
            let _ = write!(text, ", every {}", every);
        }
        if let Some(line) = modifiers.line {
            let _ = write!(text, ", line {line}");
        }
        for with in &modifiers.with {
            let _ = write!(text, " ({with})");
        }
        for (word, actions) in [
            ("instead of", &modifiers.instead_of),
            ("before", &modifiers.before),
            ("preferred to", &modifiers.preferred_to),
        ] {
            if !actions.is_empty() {
                let labels: Vec<&str> = actions.iter().map(|a| library[*a].label.as_str()).collect();
                let _ = write!(text, ", {word} {}", labels.join(", "));
            }
        }
        text
    }

    fn rule(&self, effect: EffectId) -> String {
        self.library.rule_name(self.library[effect].rule).to_owned()
    }

    /// Sources and statements of a rule, each preceded by a separator.
    fn sources(&self, effect: EffectId) -> String {
        let rule = &self.library[self.library[effect].rule];
        let cites: Vec<String> = rule.cites.iter().map(|c| self.cite(c)).collect();
        let mut text = format!(" · {}", cites.join(", "));
        if !rule.statements.is_empty() {
            let ids: Vec<&str> = rule.statements.iter().map(|s| s.id.as_str()).collect();
            let _ = write!(text, " · {}", ids.join(", "));
        }
        for (scale, grade) in &rule.evidence {
            let scale = &self.library[*scale];
            let _ = write!(
                text,
                " · {} {}",
                scale.name,
                scale.points.get(*grade).map_or("", String::as_str)
            );
        }
        text
    }

    fn cite(&self, cite: &Citation) -> String {
        let source = &self.library[cite.source];
        let mut text = source.title.clone();
        if let Some(place) = &cite.place {
            let _ = write!(text, ", {place}");
        }
        if !cite.numbers.is_empty() {
            let numbers: Vec<String> = cite.numbers.iter().map(u32::to_string).collect();
            let _ = write!(text, " [{}]", numbers.join(", "));
        }
        text
    }

    fn disagreements(&mut self) {
        let library = self.library;
        let outcome = self.outcome;
        if outcome.disagreements.is_empty() {
            return;
        }
        self.heading("DISAGREEMENTS between the guidelines", true);
        for found in &outcome.disagreements {
            let possible = if found.certain { "" } else { " (possible)" };
            let how = match found.kind {
                DisagreementKind::Contradiction => "",
                DisagreementKind::Window => ", windows that do not meet",
            };
            let line = format!("  {}{how}{possible}", library[found.action].label);
            self.line(line);
            for (effect, action) in &found.positions {
                let line = match outcome.advice.iter().find(|a| a.effect == *effect && a.action == *action) {
                    Some(advice) => format!(
                        "      {} ({}{})",
                        self.phrase(advice),
                        self.rule(*effect),
                        self.sources(*effect)
                    ),
                    None => format!("      {} ({})", library[*action].label, self.rule(*effect)),
                };
                self.line(line);
            }
            if let Some(settlement) = found.reconciled.map(|id| &library[id]) {
                let line = match &settlement.decision {
                    SettlementDecision::Prefer { rule, .. } => {
                        format!(
                            "      settled: {} holds, because {}",
                            library.rule_name(*rule),
                            settlement.because
                        )
                    }
                    SettlementDecision::LeaveOpen => format!("      left open: {}", settlement.because),
                };
                self.line(line);
            }
        }
    }

    /// Differences that change what is done or when; the JSON has all of them.
    fn differences(&mut self) {
        let library = self.library;
        let outcome = self.outcome;
        let matter = |kind: DifferenceKind| {
            matches!(
                kind,
                DifferenceKind::Deadline | DifferenceKind::Duration | DifferenceKind::Narrowing | DifferenceKind::Evidence
            )
        };
        let (shown, rest): (Vec<_>, Vec<_>) = outcome.differences.iter().partition(|d| matter(d.kind));
        if shown.is_empty() && rest.is_empty() {
            return;
        }
        self.heading("DIFFERENCES", false);
        for found in shown {
            let positions: Vec<String> = found
                .positions
                .iter()
                .map(|position| match position {
                    Position::Effect(effect, action) => {
                        match outcome.advice.iter().find(|a| a.effect == *effect && a.action == *action) {
                            Some(advice) => format!("{} ({})", self.phrase(advice), self.rule(*effect)),
                            None => self.rule(*effect),
                        }
                    }
                    Position::Note(note, _) => {
                        let note = &library[*note];
                        format!("note: {} ({})", note.text, note.full_name)
                    }
                })
                .collect();
            let line = format!("  {}: {}", difference_word(found.kind), positions.join(" / "));
            self.line(line);
        }
        if !rest.is_empty() {
            let line = format!("  and {} of strength or urgency only; --format json lists them", rest.len());
            self.line(line);
        }
    }

    fn ask(&mut self) {
        let library = self.library;
        let outcome = self.outcome;
        if outcome.ask.is_empty() {
            return;
        }
        self.heading("NOT KNOWN, and it could change the advice", false);
        for ask in &outcome.ask {
            let effect = &library[ask.most_urgent];
            let actions: Vec<&str> = effect.actions.iter().map(|a| library[*a].label.as_str()).collect();
            let strength = match (effect.urgency, effect.modality) {
                (Some(urgency), _) => urgency.word(),
                (None, modality) => modality.word(),
            };
            let line = format!(
                "  {}  {}: {} {}",
                library[ask.fact].name,
                question(library, ask.fact),
                strength,
                actions.join(", ")
            );
            self.line(line);
        }
    }

    fn warnings(&mut self) {
        let outcome = self.outcome;
        let mut lines: Vec<String> = outcome
            .inferred
            .iter()
            .map(|i| {
                let from: Vec<&str> = i.from.iter().map(|f| self.library[*f].name.as_str()).collect();
                format!(
                    "  inferred: {} {} (from {})",
                    self.library[i.fact].name,
                    i.value,
                    from.join(", ")
                )
            })
            .collect();
        lines.extend(outcome.warnings.iter().map(|w| format!("  warning: {w}")));
        if !lines.is_empty() {
            self.heading("ABOUT THIS EVALUATION", false);
        }
        lines.into_iter().for_each(|l| self.line(l));
    }
}

/// Immediate, urgent, or due within a day.
pub fn emergency(library: &Library, effect: EffectId) -> bool {
    let urgent = matches!(library[effect].urgency, Some(Urgency::Immediate | Urgency::Urgent));
    let day = TimeUnit::Days.minutes();
    let soon = deadline(library, effect)
        .and_then(|(d, _)| d.minutes())
        .is_some_and(|minutes: Decimal| minutes <= day);
    library[effect].direction() == Direction::For && (urgent || soon)
}
