//! What a text leaves unsaid, to be shown beside it: how long a deadline is, what a definition means, what a case got instead;
//! and with a chosen patient, what is true of every part.
//!
//! In: a file, and perhaps what the rules say of a patient. Out: short texts with places.
//! Must not know: how they are drawn.

use super::Analysis;
use super::cases::Evaluated;
use super::names::Symbol;
use crate::ast::{self, Item, ModifierKind};
use crate::eval::Standing;
use crate::eval::truth::Truths;
use crate::model::gives_way::deadline;
use crate::model::{Condition, DefinitionId, EffectId, Library, Origin, RuleId, Truth};
use crate::source::{FileId, Span};
use std::collections::BTreeMap;
use std::ops::Range;

/// The longest condition that is shown beside a name, in characters.
const LONGEST: usize = 40;

/// A short text beside a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte that it is shown at.
    pub at: usize,
    /// What is shown.
    pub label: String,
    /// What is shown to somebody who points at it; may be empty.
    pub tooltip: String,
}

/// What is shown beside the text of a range of a file, in the order of places.
pub fn hints(analysis: &Analysis, file: FileId, range: Range<usize>, evaluated: Option<&Evaluated>) -> Vec<Hint> {
    let mut page = Page {
        analysis,
        library: &analysis.loaded.library,
        file,
        evaluated,
        hints: Vec::new(),
    };
    let is_shown = |span: Span| (span.start as usize) < range.end && range.start < span.end as usize;
    let items = || analysis.items(file).iter().filter(|item| is_shown(item.span()));
    page.definitions(&range);
    for item in items() {
        match item {
            Item::Rule(rule) => page.deadlines(rule),
            Item::Case(case) => page.failures(case),
            _ => {}
        }
    }
    if let Some(evaluated) = evaluated {
        page.truths(evaluated, &range);
        page.rules(evaluated, &range);
    }
    page.hints.sort_by_key(|hint| hint.at);
    page.hints
}

struct Page<'a> {
    analysis: &'a Analysis,
    library: &'a Library,
    file: FileId,
    evaluated: Option<&'a Evaluated>,
    hints: Vec<Hint>,
}

impl Page<'_> {
    fn push(&mut self, at: u32, label: impl Into<String>, tooltip: impl Into<String>) {
        self.hints.push(Hint {
            at: at as usize,
            label: label.into(),
            tooltip: tooltip.into(),
        });
    }

    /// How long a deadline without a number is, and how long an urgency allows.
    fn deadlines(&mut self, rule: &ast::Rule) {
        let effects = self.library.effects.iter().enumerate();
        let own: BTreeMap<Span, EffectId> = effects
            .filter(|(_, e)| e.span.file == self.file && e.origin == Origin::Written)
            .filter(|(_, e)| rule.span.start <= e.span.start && e.span.end <= rule.span.end)
            .map(|(index, e)| (e.span, EffectId::from_index(index)))
            .collect();
        for effect in &rule.effects {
            let Some((allowed, _)) = own.get(&effect.span).and_then(|id| deadline(self.library, *id)) else {
                continue;
            };
            let vague = effect.modifiers.iter().find_map(|modifier| match &modifier.kind {
                ModifierKind::Within {
                    limit: ast::Deadline::Vague(_, span),
                    ..
                } => Some(*span),
                _ => None,
            });
            let is_exact = |modifier: &ast::Modifier| {
                matches!(
                    modifier.kind,
                    ModifierKind::Within {
                        limit: ast::Deadline::Quantity(_),
                        ..
                    } | ModifierKind::Between { .. }
                )
            };
            let place = match (vague, effect.urgency) {
                (Some(span), _) => span,
                (None, Some((_, span))) if !effect.modifiers.iter().any(is_exact) => span,
                _ => continue,
            };
            self.push(place.end, format!("at most {allowed}"), "the effective deadline");
        }
    }

    /// What a definition says, where it is used; with a patient, whether it holds.
    fn definitions(&mut self, range: &Range<usize>) {
        let occurrences = self.analysis.names().in_file(self.file);
        let truths = self.evaluated.map(|e| Truths::new(self.library, &e.patient));
        for occurrence in occurrences.iter().filter(|o| !o.declares && is_within(o.span, range)) {
            let Symbol::Definition(id) = occurrence.symbol else { continue };
            let text = self.condition_of(id);
            match &truths {
                Some(truths) => {
                    let truth = truths.of(&Condition::Defined(id));
                    self.push(occurrence.span.end, format!("= {}", truth.word()), text);
                }
                None if !text.is_empty() => {
                    self.push(occurrence.span.end, format!("= {}", shortened(&text)), text);
                }
                None => {}
            }
        }
    }

    /// The condition of a definition as written, on one line.
    fn condition_of(&self, id: DefinitionId) -> String {
        let place = self.library[id].name_span;
        match self.analysis.item(place.file, place.start as usize) {
            Some(Item::Define(define)) => {
                let text = self.analysis.loaded.sources.text(define.condition.span);
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        }
    }

    /// What came of expectations that are not met.
    fn failures(&mut self, case: &ast::Case) {
        let position = self.analysis.cases.iter().position(|known| known.span == case.title.span);
        let Some(result) = position.and_then(|at| self.analysis.result(at)) else {
            return;
        };
        for failure in &result.failures {
            let first = failure.instead.first().map_or("it is not met", String::as_str);
            self.push(failure.span.end, format!("but {first}"), failure.instead.join("\n"));
        }
    }

    /// Whether each test of a condition holds for the patient.
    fn truths(&mut self, evaluated: &Evaluated, range: &Range<usize>) {
        let truths = Truths::new(self.library, &evaluated.patient);
        let (library, file) = (self.library, self.file);
        let atoms = library.atoms.iter();
        for atom in atoms.filter(|atom| atom.span.file == file && is_within(atom.span, range)) {
            let (crate::model::Term::Fact(fact), _) = &self.library[atom.test];
            let declared = &self.library[*fact];
            let truth = truths.test(atom.test).word();
            let value = evaluated.patient.value(*fact).map(|value| value.written(&declared.ty));
            let tooltip = match value {
                Some(value) => format!("{} is {value}", declared.name),
                None => format!("{} is not known", declared.name),
            };
            self.push(atom.span.end, format!("= {truth}"), tooltip);
        }
    }

    /// What each rule says of the patient.
    fn rules(&mut self, evaluated: &Evaluated, range: &Range<usize>) {
        let text = self.analysis.text(self.file);
        for (index, rule) in self.library.rules.iter().enumerate() {
            if rule.span.file != self.file || !is_within(rule.name_span, range) {
                continue;
            }
            let id = RuleId::from_index(index);
            let from = rule.name_span.end as usize;
            let line = text
                .get(from..)
                .and_then(|rest| rest.find('\n'))
                .map_or(text.len(), |at| from + at);
            let line = text.get(..line).map_or(line, |before| before.trim_end().len());
            self.hints.push(Hint {
                at: line,
                label: says(self.library, evaluated, id),
                tooltip: format!("for the patient \"{}\"", evaluated.name),
            });
        }
    }
}

fn is_within(span: Span, range: &Range<usize>) -> bool {
    range.start <= span.start as usize && span.end as usize <= range.end
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}

/// What a rule says of the patient, in a few words.
fn says(library: &Library, evaluated: &Evaluated, rule: RuleId) -> String {
    let outcome = &evaluated.outcome;
    let own: Vec<_> = outcome.advice.iter().filter(|a| library[a.effect].rule == rule).collect();
    if !own.is_empty() {
        let words = own.iter().map(|advice| {
            let effect = &library[advice.effect];
            let urgency = effect.urgency.map_or(String::new(), |u| format!("{} ", u.word()));
            let action = &library[advice.action].name;
            let due = advice.due.map_or(String::new(), |due| format!(" by {due}"));
            let late = if advice.overdue == Some(Truth::Yes) { ", overdue" } else { "" };
            let standing = match &advice.standing {
                Standing::Active => String::new(),
                Standing::Open { .. } => ", open".to_owned(),
                Standing::Overridden { by } => {
                    let by: Vec<&str> = by.iter().map(|rule| library.rule_name(*rule)).collect();
                    format!(", gives way to {}", by.join(", "))
                }
            };
            format!("{} {urgency}{action}{due}{late}{standing}", effect.modality.word())
        });
        return words.collect::<Vec<_>>().join("; ");
    }
    match outcome.undecided.iter().find(|u| library[u.effect].rule == rule) {
        Some(waiting) => {
            let needs: Vec<&str> = waiting
                .needs
                .iter()
                .take(3)
                .map(|fact| library[*fact].name.as_str())
                .collect();
            let more = if waiting.needs.len() > 3 { ", …" } else { "" };
            format!("undecided: needs {}{more}", needs.join(", "))
        }
        None => "does not fire".to_owned(),
    }
}
