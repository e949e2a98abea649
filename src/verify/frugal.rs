//! The smallest record, where facts follow from others.
//!
//! In: a formula that holds for somebody, and how many facts that takes. Out: a record with fewer, from which the rest follows
//! as in the interpreter.
//! Must not know: rules, texts.
//!
//! A depth-first search with a bound on the number of recorded facts that rises from none. At each step some part of the
//! formula is not known to hold yet; a fact is recorded that it speaks of, or from which one of these facts can follow.

use super::search::{Regions, Search};
use super::sources::{FACTS, Sources, TooManyFacts};
use super::space::{Clause, Formula, Mask, Space};
use crate::model::FactId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

/// How many records may be looked at for one question; beyond that the record at hand is kept.
const RECORDS: usize = 5_000;

/// A search for one formula.
pub(super) struct Frugal<'s, 'a> {
    space: &'s Space<'a>,
    /// Facts that are no where nothing else is known, in the order in which they are closed.
    closed: &'s [FactId],
    formula: &'s Rc<Formula>,
    /// From what each variable of the formula can follow.
    sources: Sources,
    /// For each variable its fact, if that can matter, as a bit.
    own: Vec<u128>,
    /// For each variable the facts from which it can become known, a bit each.
    from: Vec<u128>,
    /// What is known by inference from the record at hand.
    followed: Masks,
    /// The record at hand.
    recorded: Regions,
    /// Regions that were tried before, of each variable.
    excluded: Regions,
    left: usize,
    /// Whether there was more to look at.
    is_exhausted: bool,
}

/// The regions in which each variable can still be, and whether something is said of it.
#[derive(Clone, Default)]
struct Masks {
    now: Vec<(Mask, bool)>,
    /// What was there before, of every change.
    before: Vec<(usize, (Mask, bool))>,
}

impl Masks {
    fn of(&self, variable: usize) -> Mask {
        self.now.get(variable).map_or(0, |(mask, _)| *mask)
    }

    fn set(&mut self, variable: usize, mask: Mask) {
        if let Some(slot) = self.now.get_mut(variable) {
            self.before.push((variable, *slot));
            *slot = (mask, true);
        }
    }

    /// Takes back all but the first changes.
    fn undo(&mut self, kept: usize) {
        while self.before.len() > kept
            && let Some((variable, earlier)) = self.before.pop()
        {
            if let Some(slot) = self.now.get_mut(variable) {
                *slot = earlier;
            }
        }
    }

    fn is_known(&self, variable: usize) -> bool {
        self.now
            .get(variable)
            .is_some_and(|(mask, said)| *said && mask.is_power_of_two())
    }
}

/// As far as a record goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Holds,
    Fails,
    Open,
}

/// A part of the formula that the record leaves open: the facts that can help, a bit each, and what it wants.
type OpenPart<'w> = (u128, &'w [(usize, Mask)]);

impl<'s, 'a> Frugal<'s, 'a> {
    /// A search for the formula; none where every fact that it takes has to be recorded.
    ///
    /// # Errors
    ///
    /// [`TooManyFacts`] where too many facts matter.
    pub fn new(space: &'s Space<'a>, closed: &'s [FactId], formula: &'s Rc<Formula>) -> Result<Option<Self>, TooManyFacts> {
        let Some(sources) = Sources::find(space, closed, formula)? else {
            return Ok(None);
        };
        let mut frugal = Frugal {
            space,
            closed,
            formula,
            sources,
            own: vec![0; space.slots.len()],
            from: vec![0; space.slots.len()],
            followed: Masks::default(),
            recorded: Regions::new(),
            excluded: Regions::new(),
            left: RECORDS,
            is_exhausted: false,
        };
        frugal.number()?;
        Ok(Some(frugal))
    }

    /// Numbers the facts that can matter.
    fn number(&mut self) -> Result<(), TooManyFacts> {
        let variables = self.sources.of.iter().flat_map(|(v, from)| std::iter::once(v).chain(from));
        let facts: BTreeSet<FactId> = variables.filter_map(|v| self.space.fact(*v)).collect();
        if facts.len() > FACTS {
            return Err(TooManyFacts);
        }
        for (place, fact) in facts.into_iter().enumerate() {
            for variable in self.space.variables_of(fact) {
                self.own.get_mut(variable).into_iter().for_each(|bit| *bit = 1 << place);
            }
        }
        for (variable, sources) in &self.sources.of {
            let bits = sources
                .iter()
                .fold(self.own(*variable), |bits, source| bits | self.own(*source));
            self.from.get_mut(*variable).into_iter().for_each(|from| *from = bits);
        }
        Ok(())
    }

    /// Offers the smallest record of fewer facts than `below`, and says whether no smaller one can be. Where too many would have to
    /// be looked at, ever smaller ones are offered as they are met.
    pub fn fewer(mut self, mut below: usize, accept: &mut dyn FnMut(&Regions) -> bool) -> bool {
        let Some(fewest) = self.start() else { return true };
        for bound in fewest..below {
            if self.extend(0, bound, accept).is_some() {
                return true;
            }
            if self.is_exhausted {
                break;
            }
        }
        if !self.is_exhausted {
            return true;
        }
        loop {
            let (Some(_), Some(bound)) = (self.start(), below.checked_sub(1)) else {
                return true;
            };
            match self.extend(0, bound, accept) {
                Some(smaller) => below = self.facts(&smaller),
                None => return !self.is_exhausted,
            }
        }
    }

    fn facts(&self, record: &Regions) -> usize {
        let facts: BTreeSet<FactId> = record.keys().filter_map(|variable| self.space.fact(*variable)).collect();
        facts.len()
    }

    /// Begins with an empty record, and gives how many facts it takes at least; nothing where nobody is left.
    fn start(&mut self) -> Option<usize> {
        (self.left, self.is_exhausted) = (RECORDS, false);
        self.recorded.clear();
        self.excluded.clear();
        self.followed = Masks {
            now: self.space.slots.iter().map(|slot| (slot.all, false)).collect(),
            before: Vec::new(),
        };
        // What assumptions say of everybody.
        let mut waiting = Vec::new();
        for clause in self.space.clauses.iter().filter(|clause| clause.literals.len() == 1) {
            waiting.extend(apply(self.space, clause, &mut self.followed)?);
        }
        if !propagate(self.space, &mut self.followed, waiting) {
            return None;
        }
        let mut wanted = Vec::new();
        let open = self.open(&mut wanted)?;
        Some(apart(&self.fewest_ways_first(open, &wanted, u128::MAX), 0))
    }

    /// Counts a record that is looked at; nothing once there were too many.
    fn look_at_one(&mut self) -> Option<()> {
        let left = self.left.checked_sub(1);
        self.is_exhausted |= left.is_none();
        self.left = left?;
        Some(())
    }

    /// A record with what is recorded so far, of these facts, and with no more than `bound` facts.
    fn extend(&mut self, facts: u128, bound: usize, accept: &mut dyn FnMut(&Regions) -> bool) -> Option<Regions> {
        let mut wanted = Vec::new();
        let open = self.open(&mut wanted)?;
        if open.is_empty() {
            let is_possible = Search::new(self.space).completable(&self.recorded);
            return (is_possible && accept(&self.recorded)).then(|| self.recorded.clone());
        }
        let left = bound.checked_sub(facts.count_ones() as usize)?;
        let may = if left > 0 { u128::MAX } else { facts };
        let open = self.fewest_ways_first(open, &wanted, may);
        if apart(&open, facts) > left {
            return None;
        }
        let candidates = self.candidates(open.first()?.1, may);
        let excluded_before: Vec<(usize, Option<Mask>)> =
            candidates.iter().map(|(v, _)| (*v, self.excluded.get(v).copied())).collect();
        for (variable, mask) in candidates {
            let tried = self.excluded.get(&variable).copied().unwrap_or(0);
            let possible = self.followed.of(variable) & !tried;
            for region in self.space.by_preference(variable, mask & possible) {
                self.look_at_one()?;
                let kept = self.followed.before.len();
                self.followed.set(variable, region);
                self.recorded.insert(variable, region);
                if propagate(self.space, &mut self.followed, vec![variable])
                    && let Some(found) = self.extend(facts | self.own(variable), bound, accept)
                {
                    return Some(found);
                }
                self.recorded.remove(&variable);
                self.followed.undo(kept);
            }
            self.excluded.insert(variable, tried | mask);
        }
        for (variable, earlier) in excluded_before {
            match earlier {
                Some(mask) => self.excluded.insert(variable, mask),
                None => self.excluded.remove(&variable),
            };
        }
        None
    }

    /// Open parts, each with what it wants and the facts from which that can become known, of these; fewest first.
    fn fewest_ways_first<'w>(&self, open: Vec<Range<usize>>, wanted: &'w [(usize, Mask)], may: u128) -> Vec<OpenPart<'w>> {
        let from = |part: &[(usize, Mask)]| part.iter().fold(0, |bits, (v, _)| bits | self.from(*v)) & may;
        let parts = open.into_iter().filter_map(|range| wanted.get(range));
        let mut parts: Vec<OpenPart<'w>> = parts.map(|part| (from(part), part)).collect();
        parts.sort_by_key(|(bits, _)| bits.count_ones());
        parts
    }

    /// The parts of the formula that the record leaves open, each with the place in `wanted` of what may still become known
    /// so that it holds; nothing if a part cannot hold any more.
    fn open(&self, wanted: &mut Vec<(usize, Mask)>) -> Option<Vec<Range<usize>>> {
        let closed = (!self.closed.is_empty()).then(|| self.closed());
        let known = closed.as_ref().unwrap_or(&self.followed);
        let parts: &[Rc<Formula>] = match &**self.formula {
            Formula::All(parts) => parts,
            _ => std::slice::from_ref(self.formula),
        };
        let mut open = Vec::new();
        for part in parts {
            let start = wanted.len();
            match look(part, &self.followed, known, wanted) {
                State::Fails => return None,
                State::Holds => wanted.truncate(start),
                State::Open => open.push(start..wanted.len()),
            }
        }
        Some(open)
    }

    /// What is known by inference and from the facts that are no by default.
    fn closed(&self) -> Masks {
        let mut known = Masks {
            now: self.followed.now.clone(),
            before: Vec::new(),
        };
        for variable in self.closed.iter().flat_map(|fact| self.space.variables_of(*fact)) {
            if known.is_known(variable) {
                continue;
            }
            let kept = known.before.len();
            known.set(variable, 0b01);
            if !propagate(self.space, &mut known, vec![variable]) {
                known.undo(kept);
            }
        }
        known
    }

    /// What can be recorded, of these facts, so that one of the wanted regions becomes known.
    fn candidates(&self, wanted: &[(usize, Mask)], may: u128) -> Vec<(usize, Mask)> {
        let mut candidates: BTreeMap<usize, Mask> = BTreeMap::new();
        let mut add = |variable: usize, mask: Mask| {
            if self.own(variable) & may != 0 && !self.recorded.contains_key(&variable) {
                *candidates.entry(variable).or_default() |= mask;
            }
        };
        for (variable, mask) in wanted {
            add(*variable, *mask);
            for source in self.sources.of.get(variable).into_iter().flatten() {
                add(*source, self.sources.useful(*source));
            }
        }
        candidates.into_iter().collect()
    }

    /// The fact of a variable, if it can matter.
    fn own(&self, variable: usize) -> u128 {
        self.own.get(variable).copied().unwrap_or(0)
    }

    /// The facts from which the variable can become known.
    fn from(&self, variable: usize) -> u128 {
        self.from.get(variable).copied().unwrap_or(0)
    }
}

/// How many open parts have no fact in common with these or with each other: each needs one more.
fn apart(open: &[OpenPart<'_>], facts: u128) -> usize {
    let mut taken = facts;
    let is_apart = |(bits, _): &&OpenPart<'_>| {
        let is_apart = bits & taken == 0;
        taken |= if is_apart { *bits } else { 0 };
        is_apart
    };
    open.iter().filter(is_apart).count()
}

/// Unit propagation as the interpreter does it: what is recorded narrows what can be inferred, and numbers never are.
fn propagate(space: &Space<'_>, masks: &mut Masks, mut waiting: Vec<usize>) -> bool {
    while let Some(variable) = waiting.pop() {
        for clause in space.clauses_about(variable) {
            match apply(space, clause, masks) {
                None => return false,
                Some(narrowed) => waiting.extend(narrowed),
            }
        }
    }
    true
}

/// Narrows the one variable that can still make the clause hold, and says which; nothing if none can.
fn apply(space: &Space<'_>, clause: &Clause, masks: &mut Masks) -> Option<Option<usize>> {
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
    if !space.is_inferable(variable) {
        return Some(None);
    }
    masks.set(variable, mask);
    Some(Some(variable))
}

/// Whether the formula holds, cannot hold any more, or neither; then also what may still become known so that it holds.
fn look(formula: &Formula, followed: &Masks, known: &Masks, wanted: &mut Vec<(usize, Mask)>) -> State {
    let from = wanted.len();
    let mut count = |needed: usize, parts: &[Rc<Formula>]| {
        let (mut held, mut failed) = (0, 0);
        for part in parts {
            match look(part, followed, known, wanted) {
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
            if known.is_known(*variable) && known.of(*variable) & mask != 0 {
                State::Holds
            } else if followed.of(*variable) & mask == 0 {
                State::Fails
            } else {
                wanted.push((*variable, *mask));
                State::Open
            }
        }
    }
}
