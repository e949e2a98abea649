//! Assumptions that cannot hold together, as far as single facts show it.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Algebra, AssumptionKind, AtomId, Condition, DefinitionId, FactId, Library, Term, TestId, hull};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Implications whose left side can hold for nobody: by themselves, with another one, or with an `at most one of`.
pub(super) fn check(library: &Library) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut alone = BTreeSet::new();
    let implications: Vec<Implication<'_>> = library
        .assumptions
        .iter()
        .filter_map(|a| Implication::new(library, a))
        .collect();
    for (index, implication) in implications.iter().enumerate() {
        if hull::exclude(library, &[implication.left], &[implication.right]) {
            alone.insert(index);
            found.push(errors::assumption_contradicts_itself(implication.span));
        }
    }
    found.extend(pairs(library, &implications, &alone));
    found.extend(too_many(library, &implications, &alone));
    found
}

struct Implication<'a> {
    left: &'a Condition,
    right: &'a Condition,
    span: Span,
}

impl<'a> Implication<'a> {
    /// None where a side could not be lowered: its own finding says enough.
    fn new(library: &'a Library, assumption: &'a crate::model::Assumption) -> Option<Self> {
        match &assumption.kind {
            AssumptionKind::Implies { left, right } => {
                let implication = Implication {
                    left,
                    right,
                    span: assumption.span,
                };
                (!is_unread(library, left) && !is_unread(library, right)).then_some(implication)
            }
            _ => None,
        }
    }

    fn holds(&self) -> [&'a Condition; 2] {
        [self.left, self.right]
    }

    fn facts(&self, library: &Library) -> BTreeSet<FactId> {
        let mut facts = facts(library, self.left);
        facts.extend(facts_of(library, self.right));
        facts
    }
}

/// Two implications of which one says the opposite of the other for the same patients.
fn pairs(library: &Library, implications: &[Implication<'_>], alone: &BTreeSet<usize>) -> Vec<Diagnostic> {
    let mut by_fact: BTreeMap<FactId, Vec<usize>> = BTreeMap::new();
    for (index, implication) in implications.iter().enumerate() {
        for fact in facts(library, implication.left) {
            by_fact.entry(fact).or_default().push(index);
        }
    }
    let mut reported = BTreeSet::new();
    let mut found = Vec::new();
    for (index, implication) in implications.iter().enumerate().filter(|(i, _)| !alone.contains(i)) {
        let others: BTreeSet<usize> = implication
            .facts(library)
            .iter()
            .filter_map(|fact| by_fact.get(fact))
            .flatten()
            .copied()
            .filter(|other| *other != index && !alone.contains(other))
            .collect();
        for other in others {
            let Some(second) = implications.get(other) else { continue };
            let pair = (index.min(other), index.max(other));
            let follows = || hull::exclude(library, &implication.holds(), &[&second.left.clone().negated()]);
            if hull::exclude(library, &implication.holds(), &[second.right]) && follows() && reported.insert(pair) {
                let (first, second) = (implication.span.min(second.span), implication.span.max(second.span));
                found.push(errors::assumptions_contradict(first, second));
            }
        }
    }
    found
}

/// Implications by which two parts of an `at most one of` would hold.
fn too_many(library: &Library, implications: &[Implication<'_>], alone: &BTreeSet<usize>) -> Vec<Diagnostic> {
    let mut by_fact: BTreeMap<FactId, Vec<&Implication<'_>>> = BTreeMap::new();
    for (_, implication) in implications.iter().enumerate().filter(|(i, _)| !alone.contains(i)) {
        for fact in implication.facts(library) {
            by_fact.entry(fact).or_default().push(implication);
        }
    }
    let mut found = Vec::new();
    for assumption in &library.assumptions {
        let AssumptionKind::AtMostOne { parts } = &assumption.kind else {
            continue;
        };
        let opposites: Vec<Condition> = parts
            .iter()
            .filter(|part| !is_unread(library, part))
            .map(|part| part.clone().negated())
            .collect();
        let near: BTreeMap<Span, &Implication<'_>> = opposites
            .iter()
            .flat_map(|part| facts(library, part))
            .filter_map(|fact| by_fact.get(&fact))
            .flatten()
            .map(|implication| (implication.span, *implication))
            .collect();
        for implication in near.values() {
            let follow = opposites
                .iter()
                .filter(|opposite| hull::exclude(library, &implication.holds(), &[opposite]));
            if follow.take(2).count() == 2 {
                found.push(errors::assumption_implies_too_many(implication.span, assumption.span));
            }
        }
    }
    found
}

/// Whether a part of the condition could not be lowered.
///
/// What could not be lowered became [`Condition::never`], which nobody can write.
pub(super) fn is_unread(library: &Library, condition: &Condition) -> bool {
    condition.fold(&Unread(library))
}

struct Unread<'a>(&'a Library);

impl Algebra for Unread<'_> {
    type Output = bool;

    fn all(&self, parts: &mut dyn Iterator<Item = bool>) -> bool {
        parts.max().unwrap_or(false)
    }

    fn any(&self, parts: &mut dyn Iterator<Item = bool>) -> bool {
        parts.max().unwrap_or(true)
    }

    fn at_least(&self, _: u32, parts: &mut dyn Iterator<Item = bool>) -> bool {
        parts.max().unwrap_or(false)
    }

    fn not(&self, part: bool) -> bool {
        part
    }

    fn atom(&self, _: AtomId) -> bool {
        false
    }

    // One level deep is enough here: what lies deeper has its finding, and a library with an error is not evaluated.
    fn defined(&self, definition: DefinitionId) -> bool {
        self.0[definition].condition.is_never()
    }
}

fn facts(library: &Library, condition: &Condition) -> BTreeSet<FactId> {
    facts_of(library, condition).collect()
}

/// The facts that a condition tests, those of its definitions included, each definition once.
fn facts_of<'a>(library: &'a Library, condition: &'a Condition) -> impl Iterator<Item = FactId> + use<'a> {
    let mut tests: BTreeSet<TestId> = BTreeSet::new();
    let mut seen: BTreeSet<DefinitionId> = BTreeSet::new();
    let mut waiting = vec![condition];
    while let Some(next) = waiting.pop() {
        match next {
            Condition::All(parts) | Condition::Any(parts) | Condition::AtLeast(_, parts) => waiting.extend(parts),
            Condition::Not(part) => waiting.push(part),
            Condition::Atom(atom) => {
                tests.insert(library[*atom].test);
            }
            Condition::Defined(definition) => {
                if seen.insert(*definition) {
                    waiting.push(&library[*definition].condition);
                }
            }
        }
    }
    tests.into_iter().map(|test| {
        let (Term::Fact(fact), _) = &library[test];
        *fact
    })
}
