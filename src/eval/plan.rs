//! Guards compiled to masks: the states of all effects for one patient, without explanation, fast.
//!
//! In: a library, once; then compact patients. Out: one [`Truth`] per effect, the same as [`super::evaluate`] finds.
//! Must not know: standings, texts.
//!
//! Each distinct test is a bit. A patient becomes two bit sets, the tests known to hold and those known not to hold, by one
//! table look-up per fact. Definitions, scopes and sections are decided once each, into further bits. Most guards then are
//! a comparison of masks. What is compared lies in a few lists, each in one piece, in the order in which it is read.

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

/// The bits of one word: tests that are known to hold, and tests that are known not to.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    holds: u64,
    fails: u64,
}

/// A part of one of the lists of a [`Program`].
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
}

impl Part {
    fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.start..self.end).unwrap_or(&[])
    }
}

/// What is decided of some bits of one word, or of a patient by one region.
#[derive(Debug, Clone, Copy)]
struct Bits {
    word: usize,
    known: Known,
}

/// A condition, ready to be decided.
#[derive(Debug, Clone, Copy)]
struct Step {
    kind: Kind,
    /// Whether the opposite is meant.
    is_negated: bool,
    /// Tests that stand as they are among those that hold, negated ones among those that do not; none for a count.
    bits: Part,
    /// Other parts, by their places among the steps.
    parts: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    All,
    Any,
    AtLeast(u32),
}

/// Conditions in lists, each in one piece.
#[derive(Debug, Clone, Default)]
struct Program {
    steps: Vec<Step>,
    bits: Vec<Bits>,
    parts: Vec<usize>,
}

/// One value a patient may have, or one member of a set.
#[derive(Debug, Clone)]
struct Slot {
    fact: FactId,
    member: Option<usize>,
    /// Where regions of numbers are cut, ascending; region 2i+1 is the i-th threshold itself.
    thresholds: Vec<Decimal>,
    /// Per region the tests that hold and those that do not, in `bits` of the program.
    regions: Vec<Part>,
}

/// The guards of a library, compiled.
#[derive(Debug, Clone)]
pub struct Plan {
    slots: Vec<Slot>,
    program: Program,
    /// Bits for conditions that several guards share, each with its step, in an order in which each needs only earlier ones.
    shared: Vec<(usize, usize)>,
    /// The effects of the guidelines that take part, each with the step of its guard.
    guards: Vec<(EffectId, usize)>,
    words: usize,
}

/// Room for the bits of one patient; keep one and use it again.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Vec<Known>);

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
        let mut guards: Vec<(EffectId, Node)> = Vec::new();
        for (index, effect) in library.effects.iter().enumerate() {
            let rule = &library[effect.rule];
            if !guidelines.contains(&rule.guideline) {
                continue;
            }
            let scope = builder.shared_bit(&rule.guard.scope);
            let section = builder.shared_bit(&rule.guard.section);
            let unless = Condition::Not(Box::new(rule.guard.unless.clone()));
            let mut group = builder.group([&rule.guard.when, &unless, &effect.own].into_iter(), true);
            scope.into_iter().chain(section).for_each(|bit| group.positive.set(bit));
            guards.push((EffectId::from_index(index), Node::All(group)));
        }
        let mut program = Program::default();
        let words = builder.bits.div_ceil(64);
        Plan {
            slots: slots(library, &mut program),
            shared: builder.shared.iter().map(|(bit, node)| (*bit, program.step(node))).collect(),
            guards: guards.iter().map(|(effect, node)| (*effect, program.step(node))).collect(),
            program,
            words,
        }
    }

    /// The patient in the form that [`Plan::states`] reads.
    pub fn compact(&self, patient: &Patient) -> Compact {
        Compact(self.slots.iter().map(|slot| slot.region(patient.value(slot.fact))).collect())
    }

    /// A patient of whom nothing is known.
    pub fn blank(&self) -> Compact {
        Compact(vec![UNKNOWN; self.slots.len()])
    }

    /// Takes a value of a patient; what was known of the fact before is forgotten. A fact that no rule asks of is left out.
    pub fn put(&self, patient: &mut Compact, fact: FactId, value: &Value) {
        let first = self.slots.partition_point(|slot| slot.fact < fact);
        let slots = self.slots.iter().zip(&mut patient.0).skip(first);
        for (slot, region) in slots.take_while(|(slot, _)| slot.fact == fact) {
            *region = slot.region(Some(value));
        }
    }

    /// Calls `each` with every effect that takes part and its state.
    pub fn states(&self, patient: &Compact, scratch: &mut Scratch, mut each: impl FnMut(EffectId, Truth)) {
        let Scratch(known) = scratch;
        known.clear();
        known.resize(self.words, Known::default());
        for (slot, region) in self.slots.iter().zip(&patient.0) {
            let region = slot.regions.get(usize::from(*region));
            for bits in region.map_or(&[][..], |region| region.of(&self.program.bits)) {
                if let Some(word) = known.get_mut(bits.word) {
                    word.holds |= bits.known.holds;
                    word.fails |= bits.known.fails;
                }
            }
        }
        for (bit, step) in &self.shared {
            let truth = self.program.truth(*step, known);
            if let Some(word) = known.get_mut(bit / 64) {
                match truth {
                    Truth::Yes => word.holds |= 1 << (bit % 64),
                    Truth::No => word.fails |= 1 << (bit % 64),
                    Truth::Unknown => {}
                }
            }
        }
        for (effect, step) in &self.guards {
            each(*effect, self.program.truth(*step, known));
        }
    }
}

impl Program {
    /// Whether a condition holds.
    fn truth(&self, step: usize, known: &[Known]) -> Truth {
        let Some(step) = self.steps.get(step) else {
            return Truth::Unknown;
        };
        let truth = match step.kind {
            Kind::All => self.all(step, known),
            Kind::Any => self.any(step, known),
            Kind::AtLeast(count) => self.at_least(count, step, known),
        };
        if step.is_negated { !truth } else { truth }
    }

    fn parts(&self, step: &Step, known: &[Known]) -> impl Iterator<Item = Truth> {
        step.parts.of(&self.parts).iter().map(|part| self.truth(*part, known))
    }

    fn all(&self, step: &Step, known: &[Known]) -> Truth {
        let (mut missing, mut contrary) = (0, 0);
        for Bits { word, known: wanted } in step.bits.of(&self.bits) {
            let Known { holds, fails } = known.get(*word).copied().unwrap_or_default();
            missing |= (wanted.holds & !holds) | (wanted.fails & !fails);
            contrary |= (wanted.holds & fails) | (wanted.fails & holds);
        }
        if contrary != 0 {
            return Truth::No;
        }
        let mut truth = if missing == 0 { Truth::Yes } else { Truth::Unknown };
        for part in self.parts(step, known) {
            truth = truth.min(part);
            if truth == Truth::No {
                break;
            }
        }
        truth
    }

    fn any(&self, step: &Step, known: &[Known]) -> Truth {
        let (mut found, mut open) = (0, 0);
        for Bits { word, known: wanted } in step.bits.of(&self.bits) {
            let Known { holds, fails } = known.get(*word).copied().unwrap_or_default();
            found |= (wanted.holds & holds) | (wanted.fails & fails);
            open |= (wanted.holds & !fails) | (wanted.fails & !holds);
        }
        if found != 0 {
            return Truth::Yes;
        }
        let mut truth = if open == 0 { Truth::No } else { Truth::Unknown };
        for part in self.parts(step, known) {
            truth = truth.max(part);
            if truth == Truth::Yes {
                break;
            }
        }
        truth
    }

    fn at_least(&self, count: u32, step: &Step, known: &[Known]) -> Truth {
        let (mut yes, mut unknown) = (0_u32, 0_u32);
        for part in self.parts(step, known) {
            match part {
                Truth::Yes => yes += 1,
                Truth::Unknown => unknown += 1,
                Truth::No => {}
            }
        }
        if yes >= count {
            Truth::Yes
        } else if yes + unknown >= count {
            Truth::Unknown
        } else {
            Truth::No
        }
    }

    /// Adds a condition after its parts, and gives its place.
    fn step(&mut self, node: &Node) -> usize {
        let (kind, is_negated, group, parts) = match node {
            Node::Not(part) => {
                let negated = self.step(part);
                if let Some(step) = self.steps.get_mut(negated) {
                    step.is_negated = !step.is_negated;
                }
                return negated;
            }
            Node::All(group) => (Kind::All, false, Some(group), group.parts.as_slice()),
            Node::Any(group) => (Kind::Any, false, Some(group), group.parts.as_slice()),
            Node::AtLeast(count, parts) => (Kind::AtLeast(*count), false, None, parts.as_slice()),
            Node::Bit(bit) => {
                let mut positive = Mask::default();
                positive.set(*bit);
                let bits = self.bits(&positive, &Mask::default());
                let parts = Part { start: 0, end: 0 };
                return self.push(Step {
                    kind: Kind::All,
                    is_negated: false,
                    bits,
                    parts,
                });
            }
        };
        let places: Vec<usize> = parts.iter().map(|part| self.step(part)).collect();
        let start = self.parts.len();
        self.parts.extend(places);
        let nothing = Mask::default();
        let (positive, negative) = group.map_or((&nothing, &nothing), |group| (&group.positive, &group.negative));
        let step = Step {
            kind,
            is_negated,
            bits: self.bits(positive, negative),
            parts: Part {
                start,
                end: self.parts.len(),
            },
        };
        self.push(step)
    }

    fn push(&mut self, step: Step) -> usize {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// Adds what is known where some tests hold and others do not.
    fn bits(&mut self, holds: &Mask, fails: &Mask) -> Part {
        let mut by_word: BTreeMap<usize, Known> = BTreeMap::new();
        holds
            .0
            .iter()
            .for_each(|(word, flags)| by_word.entry(*word).or_default().holds |= flags);
        fails
            .0
            .iter()
            .for_each(|(word, flags)| by_word.entry(*word).or_default().fails |= flags);
        let start = self.bits.len();
        self.bits
            .extend(by_word.into_iter().map(|(word, known)| Bits { word, known }));
        Part {
            start,
            end: self.bits.len(),
        }
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
fn slots(library: &Library, program: &mut Program) -> Vec<Slot> {
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
                    let regions = regions(program, 2, &tests, |test, region| of_member(test).then_some(region == 1));
                    slots.push(Slot {
                        fact,
                        member,
                        thresholds: Vec::new(),
                        regions,
                    });
                }
            }
            FactType::YesNo => {
                let regions = regions(program, 2, &tests, |_, region| Some(region == 1));
                slots.push(Slot {
                    fact,
                    member: None,
                    thresholds: Vec::new(),
                    regions,
                });
            }
            FactType::OneOf { values, .. } => {
                let regions = regions(program, values.len(), &tests, |test, region| match test {
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
            _ => slots.push(number_slot(program, fact, &tests)),
        }
    }
    slots
}

fn number_slot(program: &mut Program, fact: FactId, tests: &[(usize, &Test)]) -> Slot {
    let thresholds: BTreeSet<Decimal> = tests
        .iter()
        .filter_map(|(_, test)| match test {
            Test::Compare { than, .. } => Some(*than),
            _ => None,
        })
        .collect();
    let thresholds: Vec<Decimal> = thresholds.into_iter().collect();
    let regions = regions(program, 2 * thresholds.len() + 1, tests, |test, region| {
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

fn regions(
    program: &mut Program,
    count: usize,
    tests: &[(usize, &Test)],
    holds: impl Fn(&Test, usize) -> Option<bool>,
) -> Vec<Part> {
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
            program.bits(&yes, &no)
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
