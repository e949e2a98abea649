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
use std::rc::Rc;

/// How many records may be looked at for one question; beyond that the record at hand is kept.
const RECORDS: usize = 5_000;

/// How many facts may matter to one question.
const FACTS: usize = 128;

/// A search for one formula.
pub(super) struct Frugal<'s, 'a> {
    space: &'s Space<'a>,
    /// Facts that are no where nothing else is known, in the order in which they are closed.
    closed: &'s [FactId],
    formula: &'s Rc<Formula>,
    /// From what each variable of the formula can follow.
    sources: BTreeMap<usize, Rc<BTreeSet<usize>>>,
    /// The facts that can matter, numbered.
    places: BTreeMap<FactId, usize>,
    /// For each variable the facts from which it can become known, a bit each.
    from: Vec<u128>,
    left: usize,
}

/// The regions in which each variable can still be, and whether something is said of it.
#[derive(Clone)]
struct Masks(Vec<(Mask, bool)>);

impl Masks {
    fn of(&self, variable: usize) -> Mask {
        self.0.get(variable).map_or(0, |(mask, _)| *mask)
    }

    fn set(&mut self, variable: usize, mask: Mask) {
        if let Some(slot) = self.0.get_mut(variable) {
            *slot = (mask, true);
        }
    }

    fn is_known(&self, variable: usize) -> bool {
        self.0
            .get(variable)
            .is_some_and(|(mask, said)| *said && mask.is_power_of_two())
    }
}

/// What is known of a patient with a record.
struct Closure {
    /// By inference.
    followed: Masks,
    /// By inference and the facts that are no by default.
    known: Masks,
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
    pub fn new(space: &'s Space<'a>, closed: &'s [FactId], formula: &'s Rc<Formula>) -> Option<Self> {
        let mut variables = BTreeSet::new();
        formula.variables(&mut variables);
        let sources: BTreeMap<usize, Rc<BTreeSet<usize>>> = variables.iter().map(|v| (*v, space.sources(*v))).collect();
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
            places: BTreeMap::new(),
            from: vec![0; space.slots.len()],
            left: RECORDS,
        };
        frugal.keep_what_helps(&variables);
        frugal.number(&variables)?;
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
            let is_own = |v: &&usize| space.fact(**v).is_some_and(|f| own.contains(&f));
            *from = Rc::new(from.iter().filter(is_own).copied().collect());
        }
    }

    /// Numbers the facts that can matter; nothing if there are too many.
    fn number(&mut self, variables: &BTreeSet<usize>) -> Option<()> {
        let from_others = self.sources.values().flat_map(|from| from.iter());
        let facts = variables.iter().chain(from_others).filter_map(|v| self.space.fact(*v));
        let facts: BTreeSet<FactId> = facts.collect();
        if facts.len() > FACTS {
            return None;
        }
        self.places = facts.into_iter().enumerate().map(|(place, fact)| (fact, place)).collect();
        for (variable, sources) in &self.sources {
            let known_from = std::iter::once(variable).chain(sources.iter());
            let bits = known_from
                .filter_map(|v| self.space.fact(*v))
                .fold(0, |bits, fact| bits | self.bit(fact));
            if let Some(slot) = self.from.get_mut(*variable) {
                *slot = bits;
            }
        }
        Some(())
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
        let parts: &[Rc<Formula>] = match &**self.formula {
            Formula::All(parts) => parts,
            _ => std::slice::from_ref(self.formula),
        };
        let mut open: Vec<Vec<(usize, Mask)>> = Vec::new();
        for part in parts {
            let mut wanted = Vec::new();
            match look(part, &closure, &mut wanted) {
                State::Fails => return None,
                State::Holds => {}
                State::Open => open.push(wanted),
            }
        }
        if open.is_empty() {
            let is_possible = Search::new(self.space).completable(recorded);
            return (is_possible && accept(recorded)).then(|| recorded.clone());
        }
        let facts: BTreeSet<FactId> = recorded.keys().filter_map(|v| self.space.fact(*v)).collect();
        let left = bound.checked_sub(facts.len())?;
        let may = if left > 0 { u128::MAX } else { self.bits(&facts) };
        let from = |wanted: &Vec<(usize, Mask)>| wanted.iter().fold(0, |bits, (v, _)| bits | self.from(*v)) & may;
        let mut open: Vec<(u128, Vec<(usize, Mask)>)> = open.into_iter().map(|wanted| (from(&wanted), wanted)).collect();
        open.sort_by_key(|(bits, _)| bits.count_ones());
        // Parts that have no fact in common need one more each.
        let mut taken = self.bits(&facts);
        let needed = open.iter().filter(|(bits, _)| {
            let is_apart = bits & taken == 0;
            taken |= if is_apart { *bits } else { 0 };
            is_apart
        });
        if needed.count() > left {
            return None;
        }
        let (_, wanted) = open.into_iter().next()?;
        let mut candidates = self.candidates(wanted, |fact| left > 0 || facts.contains(&fact));
        candidates.retain(|v, _| !recorded.contains_key(v));
        let mut excluded = excluded.clone();
        for (variable, mask) in candidates {
            let tried = excluded.get(&variable).copied().unwrap_or(0);
            let possible = closure.followed.of(variable) & !tried;
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

    /// What can be recorded so that one of the wanted regions becomes known.
    fn candidates(&self, wanted: Vec<(usize, Mask)>, fits: impl Fn(FactId) -> bool) -> BTreeMap<usize, Mask> {
        let mut candidates: BTreeMap<usize, Mask> = BTreeMap::new();
        let mut add = |variable: usize, mask: Mask| {
            if self.space.fact(variable).is_some_and(&fits) {
                *candidates.entry(variable).or_default() |= mask;
            }
        };
        for (variable, mask) in wanted {
            add(variable, mask);
            for source in self.sources.get(&variable).into_iter().flat_map(|s| s.iter()) {
                add(*source, Mask::MAX);
            }
        }
        candidates
    }

    fn bits(&self, facts: &BTreeSet<FactId>) -> u128 {
        facts.iter().fold(0, |bits, fact| bits | self.bit(*fact))
    }

    fn bit(&self, fact: FactId) -> u128 {
        self.places.get(&fact).map_or(0, |place| 1 << place)
    }

    /// The facts from which the variable can become known.
    fn from(&self, variable: usize) -> u128 {
        self.from.get(variable).copied().unwrap_or(0)
    }

    /// What is known once everything that follows has been filled in; nothing if the record breaks an assumption.
    fn closure(&self, recorded: &Regions) -> Option<Closure> {
        let mut followed = Masks(self.space.slots.iter().map(|slot| (slot.all, false)).collect());
        recorded.iter().for_each(|(variable, mask)| followed.set(*variable, *mask));
        // From all that is recorded, and from what assumptions say of everybody.
        let mut waiting: Vec<usize> = recorded.keys().copied().collect();
        for clause in self.space.clauses.iter().filter(|clause| clause.literals.len() == 1) {
            waiting.extend(self.apply(clause, &mut followed)?);
        }
        if !self.propagate(&mut followed, waiting) {
            return None;
        }
        let mut known = followed.clone();
        for fact in self.closed {
            for variable in self.space.variables_of(*fact) {
                if known.is_known(variable) {
                    continue;
                }
                let mut tried = known.clone();
                tried.set(variable, 0b01);
                if self.propagate(&mut tried, vec![variable]) {
                    known = tried;
                }
            }
        }
        Some(Closure { followed, known })
    }

    /// Unit propagation as the interpreter does it: what is recorded narrows what can be inferred, and numbers never are.
    fn propagate(&self, masks: &mut Masks, mut waiting: Vec<usize>) -> bool {
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
    fn apply(&self, clause: &Clause, masks: &mut Masks) -> Option<Option<usize>> {
        let mut last = None;
        for (variable, allowed) in &clause.literals {
            let mask = masks.of(*variable);
            if mask & !allowed == 0 {
                return Some(None);
            }
            if mask & allowed != 0 && last.replace((*variable, mask & allowed)).is_some() {
                return Some(None);
            }
        }
        let (variable, mask) = last?;
        if !self.space.is_inferable(variable) {
            return Some(None);
        }
        masks.set(variable, mask);
        Some(Some(variable))
    }
}

/// Whether the formula holds, cannot hold any more, or neither; then also what may still become known so that it holds.
fn look(formula: &Formula, closure: &Closure, wanted: &mut Vec<(usize, Mask)>) -> State {
    let from = wanted.len();
    let mut count = |needed: usize, parts: &[Rc<Formula>]| {
        let (mut held, mut failed) = (0, 0);
        for part in parts {
            match look(part, closure, wanted) {
                State::Holds => held += 1,
                State::Fails => failed += 1,
                State::Open => {}
            }
            if held >= needed || parts.len() - failed < needed {
                wanted.truncate(from);
                return if held >= needed { State::Holds } else { State::Fails };
            }
        }
        State::Open
    };
    match formula {
        Formula::All(parts) if parts.is_empty() => State::Holds,
        Formula::Any(parts) if parts.is_empty() => State::Fails,
        Formula::All(parts) => count(parts.len(), parts),
        Formula::Any(parts) => count(1, parts),
        Formula::AtLeast(needed, parts) => count(*needed, parts),
        Formula::In(variable, mask) => {
            if closure.known.is_known(*variable) && closure.known.of(*variable) & mask != 0 {
                State::Holds
            } else if closure.followed.of(*variable) & mask == 0 {
                State::Fails
            } else {
                wanted.push((*variable, *mask));
                State::Open
            }
        }
    }
}
