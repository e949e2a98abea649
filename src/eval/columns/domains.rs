//! What is possible of yes/no facts, enums and members of sets, for a block of patients: the unit propagation of
//! [`crate::eval::settle`] on masks.
//!
//! In: what is recorded. Out: what is settled, and the patients with whom something is wrong or unusual.

use super::gates::Node;
use super::{Lanes, Mask};
use crate::eval::settle::Inference;
use crate::model::clauses::{self, Clause, Variable};
use crate::model::implied;
use crate::model::{FactId, FactType, Library, Recorded, TestId};
use std::collections::BTreeMap;

/// Whether a fact, or one member of a set, is recorded: where that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

/// A variable and where its values begin in the list of all values.
#[derive(Debug, Clone, Copy)]
struct Slot {
    fact: FactId,
    start: usize,
    values: usize,
}

/// One way for a clause to hold, with values as places in the list of all values.
#[derive(Debug, Clone)]
enum Way {
    Test(TestId, bool),
    /// The slot, the places that make it hold, and the others.
    Among(usize, Vec<usize>, Vec<usize>),
}

/// The assumptions of a library, ready for inference on masks.
#[derive(Debug, Clone)]
pub struct Propagation {
    slots: Vec<Slot>,
    by_variable: BTreeMap<Variable, usize>,
    values: usize,
    clauses: Vec<Vec<Way>>,
    /// For each slot the clauses that speak of its fact.
    speaking_of: Vec<Vec<usize>>,
    /// Slots in the order in which they are closed, with whether their declaration closes them.
    closing: Vec<(usize, bool)>,
    /// For each slot whether something of it may follow from assumptions or its default.
    is_inferred: Vec<bool>,
    /// Clauses by number, none of which has been looked at.
    every: Waiting,
}

/// Numbers of clauses that are to be looked at, the smallest first.
#[derive(Debug, Clone, Default)]
struct Waiting(Vec<u64>);

impl Waiting {
    fn put(&mut self, clause: usize) {
        let (word, bit) = (clause / 64, clause % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0.get_mut(word).into_iter().for_each(|word| *word |= 1 << bit);
    }

    fn take(&mut self) -> Option<usize> {
        let (index, word) = self.0.iter_mut().enumerate().find(|(_, word)| **word != 0)?;
        let bit = word.trailing_zeros();
        *word &= *word - 1;
        Some(64 * index + bit as usize)
    }
}

impl Propagation {
    /// Compiles the assumptions; none if one of them is too large, which `check` reports.
    pub fn new(library: &Library, inference: &Inference) -> Option<Propagation> {
        let (mut slots, mut by_variable) = (Vec::new(), BTreeMap::new());
        let mut values = 0;
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            let variables: Vec<Variable> = match &fact.ty {
                FactType::YesNo | FactType::OneOf { .. } => vec![Variable::Fact(id)],
                FactType::AnyOf { members } => (0..members.len()).map(|member| Variable::Member(id, member)).collect(),
                _ => Vec::new(),
            };
            for variable in variables {
                by_variable.insert(variable, slots.len());
                slots.push(Slot {
                    fact: id,
                    start: values,
                    values: clauses::values(library, variable),
                });
                values += clauses::values(library, variable);
            }
        }
        let mut propagation = Propagation {
            speaking_of: vec![Vec::new(); slots.len()],
            slots,
            by_variable,
            values,
            clauses: Vec::new(),
            closing: Vec::new(),
            is_inferred: Vec::new(),
            every: Waiting::default(),
        };
        for clause in implied::clauses(library).ok()? {
            propagation.add(&clause);
        }
        for fact in inference.closing_order() {
            let declared = &library[*fact];
            let slots = propagation.slots.iter().enumerate().filter(|(_, slot)| slot.fact == *fact);
            if matches!(declared.ty, FactType::YesNo | FactType::AnyOf { .. }) {
                propagation.closing.extend(slots.map(|(slot, _)| (slot, declared.default_no)));
            }
        }
        let mut is_inferred: Vec<bool> = propagation.speaking_of.iter().map(|clauses| !clauses.is_empty()).collect();
        for (slot, _) in propagation.closing.iter().filter(|(_, is_default)| *is_default) {
            is_inferred
                .get_mut(*slot)
                .into_iter()
                .for_each(|is_inferred| *is_inferred = true);
        }
        propagation.is_inferred = is_inferred;
        (0..propagation.clauses.len()).for_each(|clause| propagation.every.put(clause));
        Some(propagation)
    }

    /// Where a yes/no fact, an enum or one member of a set is kept.
    pub fn place(&self, fact: FactId, member: Option<usize>) -> Option<Place> {
        let variable = member.map_or(Variable::Fact(fact), |member| Variable::Member(fact, member));
        self.by_variable.get(&variable).copied().map(Place)
    }

    fn add(&mut self, clause: &Clause) {
        let (tests, allowed) = clause.merged();
        let index = self.clauses.len();
        let mut ways: Vec<Way> = tests.into_iter().map(|(test, positive)| Way::Test(test, positive)).collect();
        for (variable, allowed) in allowed {
            let Some(slot) = self.by_variable.get(&variable).copied() else {
                continue;
            };
            let Some(Slot { start, values, .. }) = self.slots.get(slot).copied() else {
                continue;
            };
            let is_allowed = |value: &usize| allowed.get(*value).copied().unwrap_or(false);
            let (yes, no) = (0..values).partition::<Vec<usize>, _>(is_allowed);
            let places = |values: Vec<usize>| values.into_iter().map(|value| start + value).collect();
            ways.push(Way::Among(slot, places(yes), places(no)));
            self.speaking_of
                .get_mut(slot)
                .into_iter()
                .for_each(|clauses| clauses.push(index));
        }
        self.clauses.push(ways);
    }
}

/// What is known of a block of patients.
pub struct Domains<'a> {
    propagation: &'a Propagation,
    /// For each value the patients of whom it is recorded.
    had: Vec<Mask>,
    /// For each slot the patients of whom it is recorded.
    recorded: Vec<Mask>,
    /// For each slot the patients of whom it is said to be unknown.
    said_unknown: Vec<Mask>,
    /// Whether anything is said to be unknown of anybody.
    is_said: bool,
    /// For each value of a slot of which something may be inferred, the patients for whom it is possible.
    possible: Vec<Mask>,
    /// Whether something may be inferred of every slot, since somebody wants the world closed.
    is_closed: bool,
}

impl<'a> Domains<'a> {
    /// Nothing is known of anybody.
    pub fn new(propagation: &'a Propagation) -> Self {
        Domains {
            had: vec![Mask::NOBODY; propagation.values],
            recorded: vec![Mask::NOBODY; propagation.slots.len()],
            said_unknown: vec![Mask::NOBODY; propagation.slots.len()],
            possible: vec![Mask::EVERYBODY; propagation.values],
            is_said: false,
            is_closed: false,
            propagation,
        }
    }

    /// Forgets everybody.
    pub fn clear(&mut self) {
        self.had.fill(Mask::NOBODY);
        self.recorded.fill(Mask::NOBODY);
        if std::mem::take(&mut self.is_said) {
            self.said_unknown.fill(Mask::NOBODY);
        }
    }

    /// Takes the patients for whom one value is recorded; gives those of whom something was recorded there before, which would have to
    /// be compared, or who have a value that is none.
    #[inline(always)]
    pub fn put_values(&mut self, place: Place, value: usize, those: Mask) -> Mask {
        match self.slot_mut(place, value) {
            Some((had, recorded)) => {
                let twice = *recorded & those;
                *had |= those;
                *recorded |= those;
                twice
            }
            None => those,
        }
    }

    /// The same of the sixty-four patients of one word.
    #[inline]
    pub fn put_word(&mut self, place: Place, value: usize, word: usize, those: u64) -> u64 {
        match self.slot_mut(place, value) {
            Some((had, recorded)) => {
                let twice = recorded.word(word) & those;
                had.put(word, those);
                recorded.put(word, those);
                twice
            }
            None => those,
        }
    }

    #[inline(always)]
    fn slot_mut(&mut self, Place(index): Place, value: usize) -> Option<(&mut Mask, &mut Mask)> {
        let slot = self.propagation.slots.get(index).filter(|slot| value < slot.values)?;
        Some((self.had.get_mut(slot.start + value)?, self.recorded.get_mut(index)?))
    }

    /// Takes what is recorded of a fact; false where it is not understood here.
    pub fn put(&mut self, lane: usize, fact: FactId, recorded: &Recorded) -> bool {
        match recorded {
            Recorded::YesNo(yes) => self.fix(lane, Variable::Fact(fact), usize::from(*yes)),
            Recorded::OneOf(value) => self.fix(lane, Variable::Fact(fact), *value),
            Recorded::Set(members) => {
                let each = members.iter().enumerate();
                each.fold(true, |understood, (member, present)| {
                    self.fix(lane, Variable::Member(fact, member), usize::from(*present)) && understood
                })
            }
            Recorded::Member(member, Some(present)) => self.fix(lane, Variable::Member(fact, *member), usize::from(*present)),
            Recorded::Member(member, None) => {
                let slot = self.propagation.by_variable.get(&Variable::Member(fact, *member));
                self.say_unknown(lane, slot.copied())
            }
            Recorded::Unknown => {
                let propagation = self.propagation;
                let slots = propagation.slots.iter().enumerate().filter(|(_, slot)| slot.fact == fact);
                for (slot, _) in slots {
                    self.say_unknown(lane, Some(slot));
                }
                true
            }
            Recorded::Date(_) | Recorded::Number { .. } => false,
        }
    }

    fn say_unknown(&mut self, lane: usize, slot: Option<usize>) -> bool {
        match slot.and_then(|slot| self.said_unknown.get_mut(slot)) {
            Some(said) => {
                *said |= Mask::one(lane);
                self.is_said = true;
                true
            }
            None => false,
        }
    }

    fn fix(&mut self, lane: usize, variable: Variable, value: usize) -> bool {
        let place = self.propagation.by_variable.get(&variable).copied();
        place.is_some_and(|index| self.put_word(Place(index), value, lane / 64, 1 << (lane % 64)) == 0)
    }

    #[inline(always)]
    fn those(&self, place: usize) -> Mask {
        self.possible.get(place).copied().unwrap_or_default()
    }

    /// The patients for whom exactly one value is left.
    #[inline(always)]
    fn settled(&self, slot: &Slot) -> Mask {
        let (mut one, mut more) = (Mask::NOBODY, Mask::NOBODY);
        for value in 0..slot.values {
            let word = self.those(slot.start + value);
            more |= one & word;
            one |= word;
        }
        one & !more
    }

    /// Infers what follows, applies defaults and closes the world for those who want it; gives the patients with whom something is
    /// wrong, or for whom a closing would have to be undone.
    pub fn settle(&mut self, live: Mask, closed: Mask, tests: &[Node]) -> Mask {
        let propagation = self.propagation;
        self.is_closed = !closed.is_nobody();
        for (index, slot) in propagation.slots.iter().enumerate() {
            if self.is_inferred(index) {
                let recorded = self.recorded.get(index).copied().unwrap_or_default();
                let values = slot.start..slot.start + slot.values;
                let possible = self.possible.get_mut(values.clone()).into_iter().flatten();
                let had = self.had.get(values).into_iter().flatten();
                possible.zip(had).for_each(|(possible, had)| *possible = *had | !recorded);
            }
        }
        let mut apart = match propagation.clauses.is_empty() {
            true => Mask::NOBODY,
            false => self.propagate(live, propagation.every.clone(), tests),
        };
        // Defaults first, then everything for those who want the world closed.
        for (only_defaults, wanted) in [(true, Mask::EVERYBODY), (false, closed)] {
            if wanted.is_nobody() {
                continue;
            }
            for (index, is_default) in &propagation.closing {
                if only_defaults && !is_default {
                    continue;
                }
                let (Some(slot), Some(said)) = (propagation.slots.get(*index), self.said_unknown.get(*index)) else {
                    continue;
                };
                let open = wanted & live & !apart & !*said & !self.settled(slot);
                if open.is_nobody() {
                    continue;
                }
                let told = self.told();
                if let Some(yes) = self.possible.get_mut(slot.start + 1) {
                    *yes &= !open;
                }
                let mut waiting = Waiting::default();
                let speaking = propagation.speaking_of.get(*index).into_iter().flatten();
                speaking.for_each(|clause| waiting.put(*clause));
                apart |= self.propagate(open, waiting, tests);
                // What was said to be unknown must not be settled by taking something else as no.
                let newly = told
                    .iter()
                    .zip(self.told())
                    .fold(Mask::NOBODY, |any, (before, now)| any | (now & !*before));
                apart |= open & newly;
            }
        }
        apart
    }

    /// For everything that is said to be unknown of anybody, the patients of whom it is settled all the same.
    fn told(&self) -> Vec<Mask> {
        let slots = self.propagation.slots.iter().zip(&self.said_unknown);
        let said = slots.filter(|(_, said)| !said.is_nobody());
        said.map(|(slot, said)| *said & self.settled(slot)).collect()
    }

    /// Unit propagation to a fixed point for some patients; gives those for whom an assumption is broken.
    fn propagate(&mut self, rows: Mask, mut waiting: Waiting, tests: &[Node]) -> Mask {
        let propagation = self.propagation;
        let mut broken = Mask::NOBODY;
        while let Some(index) = waiting.take() {
            let Some(clause) = propagation.clauses.get(index) else {
                continue;
            };
            // The patients for whom no way is left, and for whom exactly one is.
            let (mut none, mut one) = (rows & !broken, Mask::NOBODY);
            for way in clause {
                let fails = match way {
                    Way::Test(test, positive) => {
                        let lanes = tests.get(test.index()).map(Node::lanes).unwrap_or_default();
                        if *positive { lanes.fails } else { lanes.holds }
                    }
                    Way::Among(_, yes, _) => !yes.iter().fold(Mask::NOBODY, |any, place| any | self.those(*place)),
                };
                one = (one & fails) | (none & !fails);
                none &= fails;
                if (none | one).is_nobody() {
                    break;
                }
            }
            broken |= none;
            if one.is_nobody() {
                continue;
            }
            for way in clause {
                // A test that may hold is never inferred.
                let Way::Among(slot, yes, no) = way else { continue };
                let can = yes.iter().fold(Mask::NOBODY, |any, place| any | self.those(*place));
                let narrowed = one & can;
                let mut changed = Mask::NOBODY;
                for place in no {
                    if let Some(word) = self.possible.get_mut(*place) {
                        changed |= *word & narrowed;
                        *word &= !narrowed;
                    }
                }
                if !changed.is_nobody() {
                    let speaking = propagation.speaking_of.get(*slot).into_iter().flatten();
                    speaking.for_each(|clause| waiting.put(*clause));
                }
            }
        }
        broken
    }

    /// Whether something of a slot may be known that is not recorded.
    #[inline(always)]
    fn is_inferred(&self, index: usize) -> bool {
        self.is_closed || self.propagation.is_inferred.get(index).copied().unwrap_or(true)
    }

    /// The patients of whom the value of a fact, or of one member of a set, is known, and those who have one of some values, among others.
    #[inline(always)]
    fn known(&self, index: usize, slot: &Slot, values: impl Iterator<Item = usize>) -> (Mask, Mask) {
        let is_inferred = self.is_inferred(index);
        let masks = if is_inferred { &self.possible } else { &self.had };
        let of_value = |value: usize| masks.get(slot.start + value).copied().unwrap_or_default();
        let those = values.map(of_value).fold(Mask::NOBODY, |any, those| any | those);
        // One value alone is not known before somebody records it.
        match is_inferred && slot.values > 1 {
            true => (self.settled(slot), those),
            false => (self.recorded.get(index).copied().unwrap_or_default(), those),
        }
    }

    /// Whether a fact, or one member of a set, has this value.
    #[inline(always)]
    pub fn is(&self, Place(index): Place, value: usize) -> Lanes {
        let Some(slot) = self.propagation.slots.get(index) else {
            return Lanes::default();
        };
        let (known, those) = self.known(index, slot, std::iter::once(value));
        Lanes {
            holds: known & those,
            fails: known & !those,
        }
    }

    /// Whether a fact has one of these values.
    #[inline(always)]
    pub fn among(&self, Place(index): Place, values: &[usize]) -> Lanes {
        let Some(slot) = self.propagation.slots.get(index) else {
            return Lanes::default();
        };
        let (known, those) = self.known(index, slot, values.iter().copied());
        Lanes {
            holds: known & those,
            fails: known & !those,
        }
    }
}
