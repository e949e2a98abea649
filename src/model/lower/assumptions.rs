//! Assumptions that cannot hold together, as far as single facts show it.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Algebra, Assumption, AssumptionKind, AtomId, Condition, DefinitionId, FactId, Library, hull};
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
    /// The facts that each side tests.
    left_facts: BTreeSet<FactId>,
    right_facts: BTreeSet<FactId>,
    span: Span,
}

impl<'a> Implication<'a> {
    /// None where a side could not be lowered: its own finding says enough.
    fn new(library: &'a Library, assumption: &'a Assumption) -> Option<Self> {
        match &assumption.kind {
            AssumptionKind::Implies { left, right } if !is_unread(library, left) && !is_unread(library, right) => {
                Some(Implication {
                    left,
                    right,
                    left_facts: library.facts(left),
                    right_facts: library.facts(right),
                    span: assumption.span,
                })
            }
            _ => None,
        }
    }

    fn holds(&self) -> [&'a Condition; 2] {
        [self.left, self.right]
    }

    fn facts(&self) -> BTreeSet<FactId> {
        self.left_facts.union(&self.right_facts).copied().collect()
    }
}

/// Implications by a fact.
type ByFact = BTreeMap<FactId, Vec<usize>>;

/// Two implications of which one says the opposite of the other for the same patients.
fn pairs(library: &Library, implications: &[Implication<'_>], alone: &BTreeSet<usize>) -> Vec<Diagnostic> {
    let (mut by_left, mut by_right) = (ByFact::new(), ByFact::new());
    for (index, implication) in implications.iter().enumerate().filter(|(i, _)| !alone.contains(i)) {
        let add = |map: &mut ByFact, facts: &BTreeSet<FactId>| {
            facts.iter().for_each(|fact| map.entry(*fact).or_default().push(index));
        };
        add(&mut by_left, &implication.left_facts);
        add(&mut by_right, &implication.right_facts);
    }
    let mut reported = BTreeSet::new();
    let mut found = Vec::new();
    for (index, implication) in implications.iter().enumerate().filter(|(i, _)| !alone.contains(i)) {
        let own = implication.facts();
        // The other one's left side follows from this one, and its right side does not go with it: each shares a fact. Going
        // through the rarer of the two keeps a fact that is in every assumption from pairing all with all.
        let count = |map: &ByFact| own.iter().filter_map(|fact| map.get(fact)).map(Vec::len).sum::<usize>();
        let rarer = if count(&by_left) < count(&by_right) {
            &by_left
        } else {
            &by_right
        };
        let others: BTreeSet<usize> = own.iter().filter_map(|fact| rarer.get(fact)).flatten().copied().collect();
        for other in others.into_iter().filter(|other| *other != index) {
            let Some(second) = implications.get(other) else { continue };
            if own.is_disjoint(&second.left_facts) || own.is_disjoint(&second.right_facts) {
                continue;
            }
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
        for fact in implication.facts() {
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
            .flat_map(|part| library.facts(part))
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
