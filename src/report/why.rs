//! Why an action is advised, or not: the rules' own text with the value of every part under it.
//!
//! In: explanations, and the texts they point into. Out: text.
//! Must not know: how truth is found.

use super::clinician::Colour;
use super::escape::one_line;
use crate::eval::explain::{Explanation, RuleExplanation, Shape, explain};
use crate::eval::{Outcome, Patient, Standing};
use crate::model::{ActionId, DefinitionId, Direction, FactId, Library, RuleId, Truth};
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

impl Case<'_> {
    /// Why an action is advised or not: the rules that speak for or against it, or the nearest ones and what stops them.
    pub fn why_action(&self, action: ActionId) -> String {
        let library = self.library;
        let bears = |on: ActionId, direction: Direction| match direction {
            Direction::For => library.comparable(on, action),
            Direction::Against => library.is_kind_of(action, on),
        };
        let fired: BTreeSet<RuleId> = self
            .outcome
            .advice
            .iter()
            .filter(|a| bears(a.action, library[a.effect].direction()))
            .map(|a| library[a.effect].rule)
            .collect();
        let mut text = String::new();
        let label = &library[action].label;
        if fired.is_empty() {
            let _ = writeln!(text, "{label}: nothing is advised for or against it.");
        } else {
            let _ = writeln!(
                text,
                "{label}: {} speak of it.",
                count(fired.len(), "rule that fires", "rules that fire")
            );
        }
        for rule in &fired {
            text.push('\n');
            text.push_str(&self.why_rule(*rule));
        }
        let mut waiting: Vec<(usize, RuleId)> = library
            .rules
            .iter()
            .enumerate()
            .map(|(index, rule)| (RuleId::from_index(index), rule))
            .filter(|(id, rule)| {
                let takes_part = self.outcome.guidelines.iter().any(|(g, _)| *g == rule.guideline);
                let speaks = rule
                    .effects
                    .iter()
                    .map(|e| &library[*e])
                    .any(|e| e.actions.iter().any(|a| bears(*a, e.direction())));
                takes_part && speaks && !fired.contains(id)
            })
            .map(|(id, _)| (distance(&explain(library, self.patient, id)), id))
            .collect();
        waiting.sort_by_key(|(far, id)| (*far, library.rule_name(*id)));
        if !waiting.is_empty() {
            let _ = writeln!(text, "\nNot firing, nearest first:");
        }
        for (_, rule) in waiting.iter().take(NEAREST) {
            let _ = writeln!(text, "  {}", self.stopped(*rule));
        }
        if waiting.len() > NEAREST {
            let _ = writeln!(text, "  and {}", count(waiting.len() - NEAREST, "more rule", "more rules"));
        }
        text
    }

    /// One line for a rule that does not fire: what it would say, and its first part that is false or unknown.
    fn stopped(&self, rule: RuleId) -> String {
        let library = self.library;
        let says: BTreeSet<String> = library[rule]
            .effects
            .iter()
            .map(|e| &library[*e])
            .map(|e| {
                let labels: Vec<&str> = e.actions.iter().map(|a| library[*a].label.as_str()).collect();
                format!("{} {}", e.modality.word(), labels.join(", "))
            })
            .collect();
        let says = says.into_iter().collect::<Vec<_>>().join("; ");
        match blocker(&explain(library, self.patient, rule)) {
            Some((place, part)) => format!("{} ({says}): {place} {}", library.rule_name(rule), self.part(part)),
            None => format!(
                "{} ({says}): an exception of one of its effects holds, or is not known",
                library.rule_name(rule)
            ),
        }
    }

    /// A part of a condition with its truth and the values it rests on: "`age over 50` is no (age 50 years)".
    fn part(&self, part: &Explanation) -> String {
        let word = part.truth.word();
        match &part.shape {
            Shape::Test { fact, span } => {
                let text = one_line(self.sources.text(*span));
                match self.patient.value(*fact) {
                    Some(value) => format!(
                        "`{text}` is {word} ({} {})",
                        self.library[*fact].name,
                        value.written(&self.library[*fact].ty)
                    ),
                    None => format!("`{text}` is {word}"),
                }
            }
            Shape::Defined(definition) => format!("`{}` is {word}", self.library[*definition].name),
            Shape::Not => match part.parts.first() {
                Some(inner) => format!("is negated, and {}", self.part(inner)),
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
    pub fn why_rule(&self, rule: RuleId) -> String {
        let library = self.library;
        let explanation = explain(library, self.patient, rule);
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.heading(rule));
        let guideline = &library[library[rule].guideline];
        let mut definitions = Vec::new();
        let mut facts = BTreeSet::new();
        let all = [
            &explanation.scope,
            &explanation.section,
            &explanation.when,
            &explanation.unless,
        ];
        for part in all {
            collect(part, &mut definitions, &mut facts);
        }
        let notes = self.notes(&all, &definitions);
        if !explanation.scope.parts.is_empty() || matches!(explanation.scope.shape, Shape::Test { .. }) {
            self.annotate(guideline.span, &notes, Lines::Annotated, &mut out);
        }
        let path = library[rule].section.map(|s| library[s].path.clone()).unwrap_or_default();
        let above = library
            .sections
            .iter()
            .filter(|s| s.guideline == library[rule].guideline && !s.when.is_always() && path.starts_with(&s.path));
        for section in above {
            self.annotate(section.span, &notes, Lines::Annotated, &mut out);
        }
        self.annotate(library[rule].span, &notes, Lines::All, &mut out);
        for (definition, _) in &definitions {
            self.annotate(library[*definition].span, &notes, Lines::Annotated, &mut out);
        }
        self.values(&facts, &mut out);
        out
    }

    fn heading(&self, rule: RuleId) -> String {
        let library = self.library;
        let given: Vec<_> = self
            .outcome
            .advice
            .iter()
            .filter(|a| library[a.effect].rule == rule)
            .collect();
        let waits = self.outcome.undecided.iter().any(|u| library[u.effect].rule == rule);
        let state = if let Some(advice) = given.first() {
            match &advice.standing {
                Standing::Active => "fires".to_owned(),
                Standing::Open { .. } => "fires, and may give way".to_owned(),
                Standing::Overridden { by } => {
                    let by: Vec<&str> = by.iter().map(|r| library.rule_name(*r)).collect();
                    format!("fires, and gives way to {}", by.join(", "))
                }
            }
        } else if waits {
            "is undecided".to_owned()
        } else {
            "does not fire".to_owned()
        };
        let line = format!("{} {state}", library.rule_name(rule));
        match self.colour {
            Colour::Plain => line,
            Colour::Ansi => format!("\u{1b}[1m{line}\u{1b}[0m"),
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
            let origin = match self.patient.origin(*fact) {
                None => "nobody recorded it".to_owned(),
                Some(crate::eval::Origin::Recorded) => match self.places.get(fact).and_then(|s| self.place(*s)) {
                    Some(place) => format!("recorded at {place}"),
                    None => "recorded".to_owned(),
                },
                Some(origin) => match self.patient.inferred.iter().find(|i| i.fact == *fact) {
                    Some(inferred) => {
                        let from: Vec<&str> = inferred.from.iter().map(|f| self.library[*f].name.as_str()).collect();
                        format!("inferred from {}", from.join(", "))
                    }
                    None => origin.word().to_owned(),
                },
            };
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

    fn place(&self, span: Span) -> Option<String> {
        let file = self.sources.get(span.file)?;
        Some(format!("{}:{}", file.name(), file.line_column(span.start as usize).line))
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
