//! What is possible of yes/no facts, enums and members of sets, for a block of patients: the unit propagation of
//! [`crate::eval::settle`] on masks.
//!
//! In: what is recorded. Out: what is settled, and the patients with whom something is wrong or unusual.

use super::gates::{Node, Wire};
use super::{Asked, Lanes, Mask};
use crate::eval::settle::Inference;
use crate::model::clauses::{self, Clause, Variable};
use crate::model::implied;
use crate::model::{FactId, FactType, Library, Recorded, TestId};
use std::collections::BTreeMap;
use std::ops::Range;

/// Whether a fact, or one member of a set, is recorded: where that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(usize);

/// A variable and where its values begin in the list of all values.
///
/// Of two values the second is in front of one node and the first behind it: what is recorded already says for whom either holds and fails.
/// Of more, or of one, each has a node and is in front of it; behind the first are all of whom any is recorded, until
/// [`Domains::settle`] puts those there for whom the value fails.
#[derive(Debug, Clone)]
struct Slot {
    fact: FactId,
    start: usize,
    values: usize,
    nodes: Range<usize>,
}

impl Slot {
    /// Whether one node says all.
    #[inline(always)]
    fn is_twofold(&self) -> bool {
        self.values == 2
    }

    /// The patients of whom a value is recorded, before anything is settled.
    fn had(&self, nodes: &[Node], value: usize) -> Mask {
        let node = self.nodes.start + if self.is_twofold() { 0 } else { value };
        let lanes = nodes.get(node).map(Node::lanes).unwrap_or_default();
        if self.is_twofold() && value == 0 {
            lanes.fails
        } else {
            lanes.holds
        }
    }

    /// The patients of whom any is.
    #[inline(always)]
    fn recorded(&self, nodes: &[Node]) -> Mask {
        let Lanes { holds, fails } = nodes.get(self.nodes.start).map(Node::lanes).unwrap_or_default();
        if self.is_twofold() { holds | fails } else { fails }
    }

    /// The patients of whom one value is recorded; and of two values those of whom the other one is, else those of whom any is.
    #[inline(always)]
    fn recorded_mut<'n>(&self, nodes: &'n mut [Node], value: usize) -> Option<[&'n mut Mask; 2]> {
        let (first, others) = nodes.get_mut(self.nodes.clone())?.split_first_mut()?;
        if self.is_twofold() {
            return Some(first.sides_mut(value == 1));
        }
        let [front, any] = first.sides_mut(true);
        match value.checked_sub(1) {
            None => Some([front, any]),
            Some(other) => {
                let [front, _] = others.get_mut(other)?.sides_mut(true);
                Some([front, any])
            }
        }
    }
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
    nodes: Range<usize>,
    clauses: Vec<Vec<Way>>,
    /// For each slot the clauses that speak of its fact.
    speaking_of: Vec<Vec<usize>>,
    /// Slots in the order in which they are closed, with whether their declaration closes them.
    closing: Vec<(usize, bool)>,
    /// Slots of which something may follow from assumptions or their default.
    inferred: Vec<usize>,
    /// Slots of which nothing does, and which have not two values: what is behind their nodes is still to be said.
    unsaid: Vec<usize>,
    every: Vec<usize>,
    /// Clauses by number, none of which has been looked at.
    unseen: Agenda,
}

/// Numbers of clauses that are to be looked at, the smallest first.
#[derive(Debug, Clone, Default)]
struct Agenda(Vec<u64>);

impl Agenda {
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
    /// Compiles the assumptions, with nodes from one on; none if an assumption is too large, which `check` reports.
    pub fn new(library: &Library, inference: &Inference, first: usize) -> Option<Propagation> {
        let (mut slots, mut by_variable) = (Vec::<Slot>::new(), BTreeMap::new());
        let (mut values, mut nodes) = (0, first);
        for (index, fact) in library.facts.iter().enumerate() {
            let id = FactId::from_index(index);
            let variables: Vec<Variable> = match &fact.ty {
                FactType::YesNo | FactType::OneOf { .. } => vec![Variable::Fact(id)],
                FactType::AnyOf { members } => (0..members.len()).map(|member| Variable::Member(id, member)).collect(),
                _ => Vec::new(),
            };
            for variable in variables {
                by_variable.insert(variable, slots.len());
                let own = clauses::values(library, variable);
                let start = nodes;
                nodes += if own == 2 { 1 } else { own };
                slots.push(Slot {
                    fact: id,
                    start: values,
                    values: own,
                    nodes: start..nodes,
                });
                values += own;
            }
        }
        let mut propagation = Propagation {
            speaking_of: vec![Vec::new(); slots.len()],
            every: (0..slots.len()).collect(),
            slots,
            by_variable,
            values,
            nodes: first..nodes,
            clauses: Vec::new(),
            closing: Vec::new(),
            inferred: Vec::new(),
            unsaid: Vec::new(),
            unseen: Agenda::default(),
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
        let (inferred, unsaid) = (0..propagation.slots.len()).partition(|slot| is_inferred.get(*slot).copied().unwrap_or(true));
        propagation.inferred = inferred;
        propagation.unsaid = unsaid;
        let slots = &propagation.slots;
        propagation
            .unsaid
            .retain(|slot| slots.get(*slot).is_some_and(|slot| !slot.is_twofold()));
        (0..propagation.clauses.len()).for_each(|clause| propagation.unseen.put(clause));
        Some(propagation)
    }

    /// Where a yes/no fact, an enum or one member of a set is kept.
    pub fn place(&self, fact: FactId, member: Option<usize>) -> Option<Place> {
        let variable = member.map_or(Variable::Fact(fact), |member| Variable::Member(fact, member));
        self.by_variable.get(&variable).copied().map(Place)
    }

    /// The nodes of all that may be recorded.
    pub fn nodes(&self) -> Range<usize> {
        self.nodes.clone()
    }

    /// The wire of a value.
    pub fn wire(&self, Place(index): Place, value: usize) -> Option<Wire> {
        let slot = self.slots.get(index).filter(|slot| value < slot.values)?;
        Some(match (slot.is_twofold(), value) {
            (true, 0) => !Wire::of_node(slot.nodes.start),
            (true, _) => Wire::of_node(slot.nodes.start),
            (false, value) => Wire::of_node(slot.nodes.start + value),
        })
    }

    fn add(&mut self, clause: &Clause) {
        let (tests, allowed) = clause.merged();
        let index = self.clauses.len();
        let mut ways: Vec<Way> = tests.into_iter().map(|(test, positive)| Way::Test(test, positive)).collect();
        for (variable, allowed) in allowed {
            let Some(slot) = self.by_variable.get(&variable).copied() else {
                continue;
            };
            let Some(&Slot { start, values, .. }) = self.slots.get(slot) else {
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

/// What is known of a block of patients, beside the nodes of what is recorded.
pub struct Domains<'a> {
    propagation: &'a Propagation,
    /// For each slot the patients of whom it is said to be unknown.
    said_unknown: Vec<Mask>,
    /// Whether anything is said to be unknown of anybody.
    is_said: bool,
    /// For each value of a slot of which something may be inferred, the patients for whom it is possible.
    possible: Vec<Mask>,
}

impl<'a> Domains<'a> {
    /// Nothing is known of anybody.
    pub fn new(propagation: &'a Propagation) -> Self {
        Domains {
            said_unknown: vec![Mask::NOBODY; propagation.slots.len()],
            possible: vec![Mask::EVERYBODY; propagation.values],
            is_said: false,
            propagation,
        }
    }

    /// Forgets everybody.
    #[inline(always)]
    pub fn clear(&mut self, nodes: &mut [Node]) {
        let nodes = nodes.get_mut(self.propagation.nodes()).unwrap_or_default();
        nodes.fill(Node::default());
        if std::mem::take(&mut self.is_said) {
            self.said_unknown.fill(Mask::NOBODY);
        }
    }

    /// Takes the patients for whom one value is recorded; gives those of whom something was recorded there before, which would have to
    /// be compared, or who have a value that is none.
    #[inline(always)]
    pub fn put_values(&self, nodes: &mut [Node], place: Place, value: usize, those: Mask) -> Mask {
        match self.recorded_mut(nodes, place, value) {
            Some(([had, other], is_twofold)) => {
                let twice = (*had | *other) & those;
                *had |= those;
                if !is_twofold {
                    *other |= those;
                }
                twice
            }
            None => those,
        }
    }

    /// The same of all values of a place at once, for whom nothing is recorded there yet; those of whom two are.
    #[inline(always)]
    pub fn set_values(&self, nodes: &mut [Node], Place(index): Place, of_values: &[Mask]) -> Mask {
        let slot = self.propagation.slots.get(index);
        let slot = slot.filter(|slot| slot.values == of_values.len());
        let own = slot.and_then(|slot| nodes.get_mut(slot.nodes.clone()));
        match (own, of_values) {
            (Some([node]), [first, second]) => {
                *node = Node::from(Lanes {
                    holds: *second,
                    fails: *first,
                });
                *first & *second
            }
            (Some(own), of_values) => {
                let (mut any, mut twice) = (Mask::NOBODY, Mask::NOBODY);
                for (node, those) in own.iter_mut().zip(of_values) {
                    twice |= any & *those;
                    any |= *those;
                    let [holds, _] = node.sides_mut(true);
                    *holds = *those;
                }
                if let Some(first) = own.first_mut() {
                    let [_, of_any] = first.sides_mut(true);
                    *of_any = any;
                }
                twice
            }
            (None, _) => Mask::EVERYBODY,
        }
    }

    /// As [`Domains::put_values`], of the sixty-four patients of one word.
    #[inline]
    pub fn put_word(&self, nodes: &mut [Node], place: Place, value: usize, word: usize, those: u64) -> u64 {
        match self.recorded_mut(nodes, place, value) {
            Some(([had, other], is_twofold)) => {
                let twice = (had.word(word) | other.word(word)) & those;
                had.put(word, those);
                if !is_twofold {
                    other.put(word, those);
                }
                twice
            }
            None => those,
        }
    }

    /// The patients of whom a value is recorded, and those of whom another is: of two values the other one, else any.
    #[inline(always)]
    fn recorded_mut<'n>(&self, nodes: &'n mut [Node], Place(index): Place, value: usize) -> Option<([&'n mut Mask; 2], bool)> {
        let slot = self.propagation.slots.get(index).filter(|slot| value < slot.values)?;
        Some((slot.recorded_mut(nodes, value)?, slot.is_twofold()))
    }

    /// Takes what is recorded of a fact; false where it is not understood here.
    pub fn put(&mut self, nodes: &mut [Node], lane: usize, fact: FactId, recorded: &Recorded) -> bool {
        match recorded {
            Recorded::YesNo(yes) => self.fix(nodes, lane, Variable::Fact(fact), usize::from(*yes)),
            Recorded::OneOf(value) => self.fix(nodes, lane, Variable::Fact(fact), *value),
            Recorded::Set(members) => {
                let each = members.iter().enumerate();
                each.fold(true, |understood, (member, present)| {
                    self.fix(nodes, lane, Variable::Member(fact, member), usize::from(*present)) && understood
                })
            }
            Recorded::Member(member, Some(present)) => {
                self.fix(nodes, lane, Variable::Member(fact, *member), usize::from(*present))
            }
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

    fn fix(&self, nodes: &mut [Node], lane: usize, variable: Variable, value: usize) -> bool {
        let place = self.propagation.by_variable.get(&variable).copied();
        place.is_some_and(|index| self.put_word(nodes, Place(index), value, lane / 64, 1 << (lane % 64)) == 0)
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
    #[inline(always)]
    pub fn settle(&mut self, live: Mask, closed: Mask, asked: &[Asked], nodes: &mut [Node]) -> Mask {
        let Propagation {
            slots,
            clauses,
            inferred,
            unsaid,
            every,
            ..
        } = self.propagation;
        // Anything may follow where somebody wants the world closed.
        let (inferred, unsaid) = match closed.is_nobody() {
            true => (inferred, unsaid.as_slice()),
            false => (every, &[][..]),
        };
        for slot in unsaid.iter().filter_map(|slot| slots.get(*slot)) {
            let any = slot.recorded(nodes);
            let own = nodes.get_mut(slot.nodes.clone()).unwrap_or_default();
            for node in own {
                let [holds, fails] = node.sides_mut(true);
                *fails = any & !*holds;
            }
        }
        // An assumption that speaks of numbers alone lets nothing follow, but somebody may break it.
        match inferred.is_empty() && clauses.is_empty() {
            true => Mask::NOBODY,
            false => self.infer(inferred, live, closed, asked, nodes),
        }
    }

    /// Puts what follows of some slots beside what is recorded; gives the same patients.
    fn infer(&mut self, of: &[usize], live: Mask, closed: Mask, asked: &[Asked], nodes: &mut [Node]) -> Mask {
        let slots = &self.propagation.slots;
        let inferred = || of.iter().filter_map(|slot| slots.get(*slot));
        for slot in inferred() {
            let unrecorded = !slot.recorded(nodes);
            for value in 0..slot.values {
                if let Some(possible) = self.possible.get_mut(slot.start + value) {
                    *possible = slot.had(nodes, value) | unrecorded;
                }
            }
        }
        let apart = self.close(live, closed, asked, nodes);
        for slot in inferred() {
            let settled = match slot.values {
                // One value alone is not known before somebody records it.
                1 => slot.recorded(nodes),
                _ => self.settled(slot),
            };
            let possible = |value: usize| self.those(slot.start + value);
            let own = nodes.get_mut(slot.nodes.clone()).unwrap_or_default();
            for (value, node) in own.iter_mut().enumerate() {
                let holds = possible(if slot.is_twofold() { 1 } else { value });
                *node = Node::from(Lanes {
                    holds: settled & holds,
                    fails: settled & !holds,
                });
            }
        }
        apart
    }

    /// Narrows what is possible; gives the same patients.
    fn close(&mut self, live: Mask, closed: Mask, asked: &[Asked], nodes: &[Node]) -> Mask {
        let propagation = self.propagation;
        let mut apart = match propagation.clauses.is_empty() {
            true => Mask::NOBODY,
            false => self.propagate(live, propagation.unseen.clone(), asked, nodes),
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
                let mut waiting = Agenda::default();
                let speaking = propagation.speaking_of.get(*index).into_iter().flatten();
                speaking.for_each(|clause| waiting.put(*clause));
                apart |= self.propagate(open, waiting, asked, nodes);
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
    fn propagate(&mut self, rows: Mask, mut waiting: Agenda, asked: &[Asked], nodes: &[Node]) -> Mask {
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
                        let asked = asked.get(test.index());
                        let lanes = asked.map(|asked| asked.lanes(nodes)).unwrap_or_default();
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
}
