//! The smallest record, where facts follow from others.
//!
//! In: a formula that holds for somebody, and how many facts that takes. Out: a record with fewer, from which the rest follows
//! as in the interpreter.
//! Must not know: rules, texts.
//!
//! A depth-first search with a bound on the number of recorded facts that rises from none. At each step some part of the
//! formula is not known to hold yet; a fact is recorded that it speaks of, or from which one of these facts can follow.

use super::search::{Regions, Search};
use super::space::{Clause, Formula, Mask, Space};
use crate::model::FactId;
use std::collections::{BTreeMap, BTreeSet};

/// How many records may be looked at for one question; beyond that the record at hand is kept.
const RECORDS: usize = 20_000;

/// A search for one formula.
pub(super) struct Frugal<'s, 'a> {
    space: &'s Space<'a>,
    /// Facts that are no where nothing else is known, in the order in which they are closed.
    closed: &'s [FactId],
    formula: &'s Formula,
    /// From what each variable of the formula can follow.
    sources: BTreeMap<usize, BTreeSet<usize>>,
    left: usize,
}

/// What is known of a patient with a record.
struct Closure {
    /// By inference.
    followed: Regions,
    /// By inference and the facts that are no by default.
    known: Regions,
}

/// As far as a record goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Holds,
    Fails,
    Open,
}

impl<'s, 'a> Frugal<'s, 'a> {
    /// A search for the formula; nothing where every fact that it takes has to be recorded.
    pub fn new(space: &'s Space<'a>, closed: &'s [FactId], formula: &'s Formula) -> Option<Self> {
        let mut variables = BTreeSet::new();
        formula.variables(&mut variables);
        let sources: BTreeMap<usize, BTreeSet<usize>> = variables.iter().map(|v| (*v, space.sources(*v))).collect();
        let is_closed = |v: usize| space.fact(v).is_some_and(|f| closed.contains(&f));
        let can_follow = |v: usize| space.is_inferable(v) && space.clauses_about(v).next().is_some();
        if !variables.iter().any(|v| can_follow(*v) || is_closed(*v)) {
            return None;
        }
        let mut frugal = Frugal {
            space,
            closed,
            formula,
            sources,
            left: RECORDS,
        };
        frugal.keep_what_helps(&variables);
        Some(frugal)
    }

    /// Recording something that the formula does not speak of only helps where two of its facts follow from it.
    fn keep_what_helps(&mut self, variables: &BTreeSet<usize>) {
        let own: BTreeSet<FactId> = variables.iter().filter_map(|v| self.space.fact(*v)).collect();
        let mut reached: BTreeMap<FactId, BTreeSet<FactId>> = BTreeMap::new();
        for (variable, from) in &self.sources {
            for source in from.iter().filter_map(|v| self.space.fact(*v)) {
                reached.entry(source).or_default().extend(self.space.fact(*variable));
            }
        }
        if reached.iter().any(|(fact, follow)| !own.contains(fact) && follow.len() > 1) {
            return;
        }
        let space = self.space;
        for from in self.sources.values_mut() {
            from.retain(|v| space.fact(*v).is_some_and(|f| own.contains(&f)));
        }
    }

    /// The smallest record of fewer facts than `below` that is accepted.
    pub fn fewer(mut self, below: usize, accept: &mut dyn FnMut(&Regions) -> bool) -> Option<Regions> {
        (0..below).find_map(|bound| self.extend(&Regions::new(), &Regions::new(), bound, accept))
    }

    fn extend(
        &mut self,
        recorded: &Regions,
        excluded: &Regions,
        bound: usize,
        accept: &mut dyn FnMut(&Regions) -> bool,
    ) -> Option<Regions> {
        self.left = self.left.checked_sub(1)?;
        let closure = self.closure(recorded)?;
        match state(self.formula, &closure) {
            State::Fails => return None,
            State::Holds => {
                let is_possible = Search::new(self.space).completable(recorded);
                return (is_possible && accept(recorded)).then(|| recorded.clone());
            }
            State::Open => {}
        }
        let facts: BTreeSet<FactId> = recorded.keys().filter_map(|v| self.space.fact(*v)).collect();
        let fits = |v: &usize| {
            let known = self.space.fact(*v).is_some_and(|f| facts.contains(&f));
            !recorded.contains_key(v) && (known || facts.len() < bound)
        };
        let parts = match self.formula {
            Formula::All(parts) => parts.iter().map(|p| &**p).collect(),
            whole => vec![whole],
        };
        let candidates = parts
            .into_iter()
            .filter(|part| state(part, &closure) == State::Open)
            .map(|part| {
                let mut wanted = BTreeMap::new();
                open_literals(part, &closure, &mut wanted);
                let mut candidates: BTreeMap<usize, Mask> = BTreeMap::new();
                for (variable, mask) in wanted {
                    *candidates.entry(variable).or_default() |= mask;
                    for source in self.sources.get(&variable).into_iter().flatten() {
                        *candidates.entry(*source).or_default() |= Mask::MAX;
                    }
                }
                candidates.retain(|v, _| fits(v));
                candidates
            })
            .min_by_key(BTreeMap::len)?;
        let mut excluded = excluded.clone();
        for (variable, mask) in candidates {
            let tried = excluded.get(&variable).copied().unwrap_or(0);
            let possible = closure.followed.get(&variable).copied().unwrap_or(Mask::MAX) & !tried;
            for region in self.space.by_preference(variable, mask & possible) {
                let mut more = recorded.clone();
                more.insert(variable, region);
                if let Some(found) = self.extend(&more, &excluded, bound, accept) {
                    return Some(found);
                }
            }
            excluded.insert(variable, tried | mask);
        }
        None
    }

    /// What is known once everything that follows has been filled in; nothing if the record breaks an assumption.
    fn closure(&self, recorded: &Regions) -> Option<Closure> {
        let mut followed = recorded.clone();
        if !self.propagate_all(&mut followed) {
            return None;
        }
        let mut known = followed.clone();
        for fact in self.closed {
            for variable in self.space.variables_of(*fact) {
                if is_known(&known, variable) {
                    continue;
                }
                let mut tried = known.clone();
                tried.insert(variable, 0b01);
                if self.propagate(&mut tried, vec![variable]) {
                    known = tried;
                }
            }
        }
        Some(Closure { followed, known })
    }

    /// From all that is recorded, and from what assumptions say of everybody.
    fn propagate_all(&self, masks: &mut Regions) -> bool {
        let unconditional = self.space.clauses.iter().filter(|clause| clause.literals.len() == 1);
        let mut waiting: Vec<usize> = masks.keys().copied().collect();
        for clause in unconditional {
            waiting.extend(self.apply(clause, masks).into_iter().flatten());
        }
        self.propagate(masks, waiting)
    }

    /// Unit propagation as the interpreter does it: what is recorded narrows what can be inferred, and numbers never are.
    fn propagate(&self, masks: &mut Regions, mut waiting: Vec<usize>) -> bool {
        while let Some(variable) = waiting.pop() {
            for clause in self.space.clauses_about(variable) {
                match self.apply(clause, masks) {
                    None => return false,
                    Some(narrowed) => waiting.extend(narrowed),
                }
            }
        }
        true
    }

    /// Narrows the one variable that can still make the clause hold, and says which; nothing if none can.
    fn apply(&self, clause: &Clause, masks: &mut Regions) -> Option<Option<usize>> {
        let mut open = Vec::new();
        for (variable, allowed) in &clause.literals {
            let mask = masks.get(variable).copied().unwrap_or_else(|| self.space.all(*variable));
            if mask & !allowed == 0 {
                return Some(None);
            }
            if mask & allowed != 0 {
                open.push((*variable, mask & allowed));
            }
        }
        match open.as_slice() {
            [] => None,
            [(variable, mask)] if self.space.is_inferable(*variable) => {
                masks.insert(*variable, *mask);
                Some(Some(*variable))
            }
            _ => Some(None),
        }
    }
}

fn is_known(masks: &Regions, variable: usize) -> bool {
    masks.get(&variable).is_some_and(|m| m.count_ones() == 1)
}

/// Whether the formula holds, cannot hold any more, or neither.
fn state(formula: &Formula, closure: &Closure) -> State {
    let count = |needed: usize, parts: &[std::rc::Rc<Formula>]| {
        let states = parts.iter().map(|part| state(part, closure));
        let (held, failed) = states.fold((0, 0), |(held, failed), state| match state {
            State::Holds => (held + 1, failed),
            State::Fails => (held, failed + 1),
            State::Open => (held, failed),
        });
        if held >= needed {
            State::Holds
        } else if parts.len() - failed < needed {
            State::Fails
        } else {
            State::Open
        }
    };
    match formula {
        Formula::All(parts) => count(parts.len(), parts),
        Formula::Any(parts) => count(1, parts),
        Formula::AtLeast(needed, parts) => count(*needed, parts),
        Formula::In(variable, mask) => {
            let lies_in = |masks: &Regions| masks.get(variable).copied().unwrap_or(Mask::MAX) & mask;
            if is_known(&closure.known, *variable) && lies_in(&closure.known) != 0 {
                State::Holds
            } else if lies_in(&closure.followed) == 0 {
                State::Fails
            } else {
                State::Open
            }
        }
    }
}

/// What may still become known so that the formula holds.
fn open_literals(formula: &Formula, closure: &Closure, into: &mut BTreeMap<usize, Mask>) {
    if state(formula, closure) != State::Open {
        return;
    }
    match formula {
        Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) => {
            parts.iter().for_each(|part| open_literals(part, closure, into));
        }
        Formula::In(variable, mask) => *into.entry(*variable).or_default() |= mask,
    }
}
