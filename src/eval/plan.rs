//! Guards compiled to masks: the states of all effects for one patient, without explanation, fast.
//!
//! In: a library, once; then compact patients. Out: one [`Truth`] per effect, the same as [`super::evaluate`] finds.
//! Must not know: standings, texts.
//!
//! Each distinct test is a bit. A patient becomes two bit sets, the tests known to hold and those known not to hold, by one
//! table look-up per fact. Definitions, scopes and sections are decided once each, into further bits. Most guards then are
//! a comparison of masks.

use super::truth::number;
use super::{Options, Patient, Value};
use crate::model::{Condition, DefinitionId, EffectId, FactId, FactType, Library, Term, Test, Truth};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A patient in the form that a [`Plan`] reads: for each slot the region of its value, or [`UNKNOWN`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Compact(Vec<u16>);

/// The region of a fact of which nothing is known.
pub const UNKNOWN: u16 = u16::MAX;

/// A set of bits, as the words that are not zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Mask(Vec<(usize, u64)>);

impl Mask {
    fn set(&mut self, bit: usize) {
        let (word, flag) = (bit / 64, 1 << (bit % 64));
        match self.0.iter_mut().find(|(w, _)| *w == word) {
            Some((_, bits)) => *bits |= flag,
            None => self.0.push((word, flag)),
        }
    }

    fn within(&self, bits: &[u64]) -> bool {
        self.0
            .iter()
            .all(|(word, flags)| bits.get(*word).is_some_and(|b| b & flags == *flags))
    }

    fn meets(&self, bits: &[u64]) -> bool {
        self.0
            .iter()
            .any(|(word, flags)| bits.get(*word).is_some_and(|b| b & flags != 0))
    }

    fn add_to(&self, bits: &mut [u64]) {
        for (word, flags) in &self.0 {
            if let Some(slot) = bits.get_mut(*word) {
                *slot |= flags;
            }
        }
    }
}

/// A condition over bits. `positive` bits stand as they are, `negative` ones negated; `parts` is whatever else there is.
#[derive(Debug, Clone)]
struct Group {
    positive: Mask,
    negative: Mask,
    parts: Vec<Node>,
}

#[derive(Debug, Clone)]
enum Node {
    All(Group),
    Any(Group),
    AtLeast(u32, Vec<Node>),
    Not(Box<Node>),
    Bit(usize),
}

/// One value a patient may have, or one member of a set.
#[derive(Debug, Clone)]
struct Slot {
    fact: FactId,
    member: Option<usize>,
    /// Where regions of numbers are cut, ascending; region 2i+1 is the i-th threshold itself.
    thresholds: Vec<Decimal>,
    /// Per region the tests that hold and those that do not.
    regions: Vec<(Mask, Mask)>,
}

/// The guards of a library, compiled.
#[derive(Debug, Clone)]
pub struct Plan {
    slots: Vec<Slot>,
    /// Conditions that several guards share, in an order in which each needs only earlier ones.
    shared: Vec<(usize, Node)>,
    /// None where the effect's guideline does not take part.
    guards: Vec<Option<Node>>,
    words: usize,
}

/// Room for the bits of one patient; keep one and use it again.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    holds: Vec<u64>,
    fails: Vec<u64>,
}

impl Plan {
    /// Compiles every guard of the guidelines that take part.
    pub fn new(library: &Library, options: &Options) -> Plan {
        let guidelines = super::participants(library, options);
        let mut builder = Builder {
            library,
            definitions: BTreeMap::new(),
            conditions: BTreeMap::new(),
            shared: Vec::new(),
            bits: 0,
        };
        builder.bits = library.tests.len();
        let guards = library
            .effects
            .iter()
            .map(|effect| {
                let rule = &library[effect.rule];
                guidelines.contains(&rule.guideline).then(|| {
                    let scope = builder.shared_bit(&rule.guard.scope);
                    let section = builder.shared_bit(&rule.guard.section);
                    let unless = Condition::Not(Box::new(rule.guard.unless.clone()));
                    let mut group = builder.group([&rule.guard.when, &unless, &effect.own].into_iter(), true);
                    scope.into_iter().chain(section).for_each(|bit| group.positive.set(bit));
                    Node::All(group)
                })
            })
            .collect();
        let (shared, words) = (builder.shared, builder.bits.div_ceil(64));
        Plan {
            slots: slots(library),
            shared,
            guards,
            words,
        }
    }

    /// The patient in the form that [`Plan::states`] reads.
    pub fn compact(&self, patient: &Patient) -> Compact {
        Compact(self.slots.iter().map(|slot| slot.region(patient.value(slot.fact))).collect())
    }

    /// Calls `each` with every effect that takes part and its state.
    pub fn states(&self, patient: &Compact, scratch: &mut Scratch, mut each: impl FnMut(EffectId, Truth)) {
        let Scratch { holds, fails } = scratch;
        holds.clear();
        holds.resize(self.words, 0);
        fails.clear();
        fails.resize(self.words, 0);
        for (slot, region) in self.slots.iter().zip(&patient.0) {
            if let Some((yes, no)) = slot.regions.get(usize::from(*region)) {
                yes.add_to(holds);
                no.add_to(fails);
            }
        }
        for (bit, node) in &self.shared {
            let bits = match node.truth(holds, fails) {
                Truth::Yes => &mut *holds,
                Truth::No => &mut *fails,
                Truth::Unknown => continue,
            };
            if let Some(word) = bits.get_mut(bit / 64) {
                *word |= 1 << (bit % 64);
            }
        }
        for (index, guard) in self.guards.iter().enumerate() {
            if let Some(guard) = guard {
                each(EffectId::from_index(index), guard.truth(holds, fails));
            }
        }
    }
}

impl Node {
    fn truth(&self, holds: &[u64], fails: &[u64]) -> Truth {
        match self {
            Node::All(group) => group.all(holds, fails),
            Node::Any(group) => group.any(holds, fails),
            Node::Not(part) => !part.truth(holds, fails),
            Node::Bit(bit) => {
                let at = |bits: &[u64]| bits.get(bit / 64).is_some_and(|w| w >> (bit % 64) & 1 == 1);
                match (at(holds), at(fails)) {
                    (true, _) => Truth::Yes,
                    (_, true) => Truth::No,
                    _ => Truth::Unknown,
                }
            }
            Node::AtLeast(count, parts) => {
                let (mut yes, mut unknown) = (0_u32, 0_u32);
                for part in parts {
                    match part.truth(holds, fails) {
                        Truth::Yes => yes += 1,
                        Truth::Unknown => unknown += 1,
                        Truth::No => {}
                    }
                }
                if yes >= *count {
                    Truth::Yes
                } else if yes + unknown >= *count {
                    Truth::Unknown
                } else {
                    Truth::No
                }
            }
        }
    }
}

impl Group {
    fn all(&self, holds: &[u64], fails: &[u64]) -> Truth {
        if self.positive.meets(fails) || self.negative.meets(holds) {
            return Truth::No;
        }
        let mut truth = Truth::known(self.positive.within(holds) && self.negative.within(fails));
        if truth == Truth::No {
            truth = Truth::Unknown;
        }
        for part in &self.parts {
            truth = truth.min(part.truth(holds, fails));
            if truth == Truth::No {
                break;
            }
        }
        truth
    }

    fn any(&self, holds: &[u64], fails: &[u64]) -> Truth {
        if self.positive.meets(holds) || self.negative.meets(fails) {
            return Truth::Yes;
        }
        let all_fail = self.positive.within(fails) && self.negative.within(holds);
        let mut truth = if all_fail { Truth::No } else { Truth::Unknown };
        for part in &self.parts {
            truth = truth.max(part.truth(holds, fails));
            if truth == Truth::Yes {
                break;
            }
        }
        truth
    }
}

/// Compiles conditions. It gathers literals of one level into masks, which needs the level and its parts at once, so it is
/// a walk of its own.
struct Builder<'a> {
    library: &'a Library,
    definitions: BTreeMap<DefinitionId, usize>,
    /// Shared conditions by their printed form: equal conditions in different places differ in their atoms.
    conditions: BTreeMap<String, usize>,
    shared: Vec<(usize, Node)>,
    bits: usize,
}

impl Builder<'_> {
    fn node(&mut self, condition: &Condition) -> Node {
        match condition {
            Condition::All(parts) => Node::All(self.group(parts.iter(), true)),
            Condition::Any(parts) => Node::Any(self.group(parts.iter(), false)),
            Condition::AtLeast(count, parts) => Node::AtLeast(*count, parts.iter().map(|p| self.node(p)).collect()),
            Condition::Not(part) => Node::Not(Box::new(self.node(part))),
            Condition::Atom(atom) => Node::Bit(self.library[*atom].test.index()),
            Condition::Defined(definition) => Node::Bit(self.definition(*definition)),
        }
    }

    fn group<'c>(&mut self, conditions: impl Iterator<Item = &'c Condition>, all: bool) -> Group {
        let mut group = Group {
            positive: Mask::default(),
            negative: Mask::default(),
            parts: Vec::new(),
        };
        for condition in conditions {
            self.add(condition, true, all, &mut group);
        }
        group
    }

    fn add(&mut self, condition: &Condition, positive: bool, all: bool, group: &mut Group) {
        let flat = match condition {
            Condition::All(_) => positive == all,
            Condition::Any(_) => positive != all,
            _ => false,
        };
        match condition {
            Condition::All(parts) | Condition::Any(parts) if flat => parts.iter().for_each(|p| self.add(p, positive, all, group)),
            Condition::Not(part) => self.add(part, !positive, all, group),
            _ => match (self.node(condition), positive) {
                (Node::Bit(bit), true) => group.positive.set(bit),
                (Node::Bit(bit), false) => group.negative.set(bit),
                (node, true) => group.parts.push(node),
                (node, false) => group.parts.push(Node::Not(Box::new(node))),
            },
        }
    }

    fn definition(&mut self, definition: DefinitionId) -> usize {
        if let Some(bit) = self.definitions.get(&definition) {
            return *bit;
        }
        let node = self.node(&self.library[definition].condition);
        let bit = self.share(node);
        self.definitions.insert(definition, bit);
        bit
    }

    fn share(&mut self, node: Node) -> usize {
        let bit = self.bits;
        self.bits += 1;
        self.shared.push((bit, node));
        bit
    }

    fn shared_bit(&mut self, condition: &Condition) -> Option<usize> {
        if condition.is_always() {
            return None;
        }
        let node = self.node(condition);
        if let Node::Bit(bit) = node {
            return Some(bit);
        }
        let printed = format!("{node:?}");
        if let Some(bit) = self.conditions.get(&printed) {
            return Some(*bit);
        }
        let bit = self.share(node);
        self.conditions.insert(printed, bit);
        Some(bit)
    }
}

/// Regions of every fact that a test looks at.
fn slots(library: &Library) -> Vec<Slot> {
    let mut tests: BTreeMap<FactId, Vec<(usize, &Test)>> = BTreeMap::new();
    for (index, (Term::Fact(fact), test)) in library.tests.iter().enumerate() {
        tests.entry(*fact).or_default().push((index, test));
    }
    let mut slots = Vec::new();
    for (fact, tests) in tests {
        match &library[fact].ty {
            FactType::AnyOf { .. } => {
                // One slot per member asked for, and one for whether there is any member at all.
                let members: BTreeSet<Option<usize>> = tests
                    .iter()
                    .map(|(_, test)| match test {
                        Test::Includes(member) => Some(*member),
                        _ => None,
                    })
                    .collect();
                for member in members {
                    let of_member = |test: &Test| *test == member.map_or(Test::Nonempty, Test::Includes);
                    let regions = regions(2, &tests, |test, region| of_member(test).then_some(region == 1));
                    slots.push(Slot {
                        fact,
                        member,
                        thresholds: Vec::new(),
                        regions,
                    });
                }
            }
            FactType::YesNo => {
                let regions = regions(2, &tests, |_, region| Some(region == 1));
                slots.push(Slot {
                    fact,
                    member: None,
                    thresholds: Vec::new(),
                    regions,
                });
            }
            FactType::OneOf { values, .. } => {
                let regions = regions(values.len(), &tests, |test, region| match test {
                    Test::In(values) => Some(values.contains(&region)),
                    _ => None,
                });
                slots.push(Slot {
                    fact,
                    member: None,
                    thresholds: Vec::new(),
                    regions,
                });
            }
            _ => slots.push(number_slot(fact, &tests)),
        }
    }
    slots
}

fn number_slot(fact: FactId, tests: &[(usize, &Test)]) -> Slot {
    let thresholds: BTreeSet<Decimal> = tests
        .iter()
        .filter_map(|(_, test)| match test {
            Test::Compare { than, .. } => Some(*than),
            _ => None,
        })
        .collect();
    let thresholds: Vec<Decimal> = thresholds.into_iter().collect();
    let regions = regions(2 * thresholds.len() + 1, tests, |test, region| {
        let Test::Compare { comparison, than, .. } = test else {
            return None;
        };
        // Where the region lies against the threshold: below, on it, or above.
        let place = thresholds.binary_search(than).ok()? * 2 + 1;
        let as_number = |n: usize| Decimal::from(n);
        Some(comparison.holds(as_number(region), as_number(place)))
    });
    Slot {
        fact,
        member: None,
        thresholds,
        regions,
    }
}

fn regions(count: usize, tests: &[(usize, &Test)], holds: impl Fn(&Test, usize) -> Option<bool>) -> Vec<(Mask, Mask)> {
    (0..count)
        .map(|region| {
            let (mut yes, mut no) = (Mask::default(), Mask::default());
            for (bit, test) in tests {
                match holds(test, region) {
                    Some(true) => yes.set(*bit),
                    Some(false) => no.set(*bit),
                    None => {}
                }
            }
            (yes, no)
        })
        .collect()
}

impl Slot {
    fn region(&self, value: Option<&Value>) -> u16 {
        let flag = |known: Option<bool>| known.map_or(UNKNOWN, u16::from);
        match value {
            None => UNKNOWN,
            Some(Value::YesNo(yes)) => u16::from(*yes),
            Some(Value::OneOf(value)) => u16::try_from(*value).unwrap_or(UNKNOWN),
            Some(Value::Set(members)) => match self.member {
                Some(member) => flag(members.get(member).copied().flatten()),
                None if members.contains(&Some(true)) => 1,
                None if members.iter().all(|m| *m == Some(false)) => 0,
                None => UNKNOWN,
            },
            Some(value) => match number(value) {
                Some(value) => {
                    let region = match self.thresholds.binary_search(&value) {
                        Ok(exact) => 2 * exact + 1,
                        Err(gap) => 2 * gap,
                    };
                    u16::try_from(region).unwrap_or(UNKNOWN)
                }
                None => UNKNOWN,
            },
        }
    }
}
