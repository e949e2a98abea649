//! From which facts those of a formula can follow, as far as recording them can save any.
//!
//! In: a formula, and the facts that are no where nothing is known. Out: for each of its variables the others that are worth
//! recording in its place.
//! Must not know: rules, texts.
//!
//! Backwards from the regions that the formula wants, through every clause that can give one of them. Of what is met on the way
//! only that is worth recording which is in the formula itself, or from which two of its facts can follow: anything else can
//! be exchanged for what follows from it. A clause of which one part can then no longer be known gives nothing.

use super::space::{Formula, Mask, Space};
use crate::model::FactId;
use std::collections::{BTreeMap, BTreeSet};

/// How many facts of a formula are told apart.
pub const FACTS: usize = 128;

/// More than [`FACTS`] facts matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyFacts;

/// What can be recorded for the facts of one formula.
pub struct Sources {
    /// The variables of the formula, each with the variables from which it can follow.
    pub of: BTreeMap<usize, BTreeSet<usize>>,
    /// The regions that it can help to know, by variable.
    useful: BTreeMap<usize, Mask>,
}

/// One variable that can follow from others by one clause.
struct Step {
    target: usize,
    /// The others, each with the regions in which it leaves the target alone to make the clause hold.
    from: Vec<(usize, Mask)>,
}

impl Sources {
    /// None where every fact of the formula has to be recorded.
    ///
    /// # Errors
    ///
    /// [`TooManyFacts`] where the formula speaks of more than [`FACTS`].
    pub fn find(space: &Space<'_>, closed: &[FactId], formula: &Formula) -> Result<Option<Sources>, TooManyFacts> {
        if closed.is_empty() && space.clauses.is_empty() {
            return Ok(None);
        }
        let wanted = wanted(formula);
        let is_closed = |v: usize| space.fact(v).is_some_and(|f| closed.contains(&f));
        let gives_way = wanted.iter().any(|(v, mask)| is_closed(*v) && mask & 0b01 != 0);
        let can_follow = |v: usize| space.is_inferable(v) && space.clauses_about(v).next().is_some();
        if !gives_way && !wanted.keys().any(|v| can_follow(*v)) {
            return Ok(None);
        }
        let mut useful = wanted.clone();
        let mut steps = backwards(space, &formula.required(), &mut useful);
        let own: BTreeSet<FactId> = wanted.keys().filter_map(|v| space.fact(*v)).collect();
        if own.len() > FACTS {
            return Err(TooManyFacts);
        }
        let bits: BTreeMap<FactId, u128> = own.iter().enumerate().map(|(place, fact)| (*fact, 1 << place)).collect();
        let bit = |v: usize| space.fact(v).and_then(|f| bits.get(&f)).copied().unwrap_or(0);
        let mut recordable: BTreeSet<usize> = useful.keys().copied().collect();
        loop {
            keep_what_can_follow(&mut steps, |v, mask| {
                recordable.contains(&v) || is_closed(v) && mask & 0b01 != 0
            });
            let reached = forwards(&steps, |v| if wanted.contains_key(&v) { bit(v) } else { 0 });
            let mut of_fact: BTreeMap<FactId, u128> = BTreeMap::new();
            for variable in &recordable {
                let follow = reached.get(variable).copied().unwrap_or(0);
                space
                    .fact(*variable)
                    .into_iter()
                    .for_each(|fact| *of_fact.entry(fact).or_default() |= follow);
            }
            let before = recordable.len();
            recordable.retain(|v| {
                bit(*v) != 0
                    || space
                        .fact(*v)
                        .and_then(|f| of_fact.get(&f))
                        .is_some_and(|f| f.count_ones() > 1)
            });
            if recordable.len() == before {
                break;
            }
        }
        if steps.is_empty() && !gives_way {
            return Ok(None);
        }
        let of = wanted
            .keys()
            .map(|variable| (*variable, leading_to(&steps, *variable, &recordable)))
            .collect();
        Ok(Some(Sources { of, useful }))
    }

    /// The regions of a variable that it can help to know.
    pub fn useful(&self, variable: usize) -> Mask {
        self.useful.get(&variable).copied().unwrap_or(0)
    }
}

/// The regions that some part of the formula asks for, by variable.
fn wanted(formula: &Formula) -> BTreeMap<usize, Mask> {
    fn walk(formula: &Formula, into: &mut BTreeMap<usize, Mask>) {
        match formula {
            Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) => {
                parts.iter().for_each(|part| walk(part, into));
            }
            Formula::In(variable, mask) => *into.entry(*variable).or_default() |= mask,
        }
    }
    let mut into = BTreeMap::new();
    walk(formula, &mut into);
    into
}

/// All steps that lead to useful regions; these grow by what the steps need.
fn backwards(space: &Space<'_>, required: &BTreeMap<usize, Mask>, useful: &mut BTreeMap<usize, Mask>) -> Vec<Step> {
    let possible = |v: usize| required.get(&v).copied().unwrap_or(Mask::MAX) & space.all(v);
    let mut steps: Vec<Step> = Vec::new();
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut waiting: Vec<usize> = useful.keys().copied().collect();
    while let Some(target) = waiting.pop() {
        if !space.is_inferable(target) {
            continue;
        }
        for index in space.clauses_of.get(target).into_iter().flatten() {
            let Some(clause) = space.clauses.get(*index) else { continue };
            let gives = clause
                .literals
                .iter()
                .find(|(v, _)| *v == target)
                .map_or(0, |(_, mask)| *mask);
            if gives & useful.get(&target).copied().unwrap_or(0) == 0 || taken.contains(&(*index, target)) {
                continue;
            }
            let others = clause.literals.iter().filter(|(v, _)| *v != target);
            let from: Vec<(usize, Mask)> = others.map(|(v, allowed)| (*v, possible(*v) & !allowed)).collect();
            taken.insert((*index, target));
            if from.iter().any(|(_, mask)| *mask == 0) {
                continue;
            }
            for (variable, mask) in &from {
                let known = useful.entry(*variable).or_default();
                if mask & !*known != 0 {
                    *known |= mask;
                    waiting.push(*variable);
                }
            }
            steps.push(Step { target, from });
        }
    }
    steps
}

/// Leaves the steps of which every part can be known: recorded, closed, or by another such step.
fn keep_what_can_follow(steps: &mut Vec<Step>, is_known: impl Fn(usize, Mask) -> bool) {
    let mut derived: BTreeSet<usize> = BTreeSet::new();
    let is_usable = |step: &Step, derived: &BTreeSet<usize>| {
        let is_available = |(v, mask): &(usize, Mask)| derived.contains(v) || is_known(*v, *mask);
        step.from.iter().all(is_available)
    };
    loop {
        let before = derived.len();
        let usable: Vec<usize> = steps.iter().filter(|s| is_usable(s, &derived)).map(|s| s.target).collect();
        derived.extend(usable);
        if derived.len() == before {
            break;
        }
    }
    steps.retain(|step| is_usable(step, &derived));
}

/// For each variable the facts of the formula that it can lead to, a bit each.
fn forwards(steps: &[Step], own: impl Fn(usize) -> u128) -> BTreeMap<usize, u128> {
    let mut reached: BTreeMap<usize, u128> = BTreeMap::new();
    loop {
        let mut is_new = false;
        for step in steps {
            let bits = own(step.target) | reached.get(&step.target).copied().unwrap_or(0);
            for (variable, _) in &step.from {
                let known = reached.entry(*variable).or_default();
                is_new |= bits & !*known != 0;
                *known |= bits;
            }
        }
        if !is_new {
            return reached;
        }
    }
}

/// The variables worth recording from which the steps lead to this one.
fn leading_to(steps: &[Step], variable: usize, recordable: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut met = BTreeSet::new();
    let mut waiting = vec![variable];
    while let Some(target) = waiting.pop() {
        for step in steps.iter().filter(|step| step.target == target) {
            waiting.extend(step.from.iter().map(|(v, _)| *v).filter(|v| met.insert(*v)));
        }
    }
    met.retain(|v| *v != variable && recordable.contains(v));
    met
}
