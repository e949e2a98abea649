//! Guards compiled to tables: the states of all effects for one patient, without explanation, fast.
//!
//! In: a library, once; then compact patients. Out: one [`Truth`] per effect, the same as [`super::evaluate`] finds.
//! Must not know: standings, texts.
//!
//! A guard becomes parts that must all hold, tests or other guards, as they are or turned round; "or" is what does not hold where nothing
//! of it does. Each distinct such conjunction is a bit. For every value that a fact can have a table says which conjunctions it
//! breaks and which it leaves open, so a patient takes one look per fact for all rules together, sixty-four in a word. What
//! depends on other conjunctions follows in a fixed order, by tables of the same kind.

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

/// Of sixty-four conjunctions those that do not hold, and those that are not known to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Word {
    broken: u64,
    missing: u64,
}

impl Word {
    /// The place of a conjunction among [`TRUTHS`]. Arithmetic, since a patient's truths are as good as random to whoever would guess them.
    /// What is broken is missing too.
    #[inline]
    fn outcome(self, bit: u32) -> usize {
        usize::from(self.broken >> bit & 1 == 1) + usize::from(self.missing >> bit & 1 == 1)
    }
}

/// Where the bit of a conjunction is.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    word: usize,
    bit: u32,
}

impl Place {
    #[inline]
    fn truth(self, words: &[Word]) -> Truth {
        let word = words.get(self.word).copied().unwrap_or_default();
        TRUTHS.get(word.outcome(self.bit)).copied().unwrap_or(Truth::Unknown)
    }
}

/// What a conjunction can be.
const TRUTHS: [Truth; 3] = [Truth::Yes, Truth::Unknown, Truth::No];

/// A part of [`Plan::entries`].
#[derive(Debug, Clone, Copy)]
struct Entries {
    start: usize,
    end: usize,
}

/// What something known of a patient does to the conjunctions of a word.
#[derive(Debug, Clone, Copy)]
struct Entry {
    word: usize,
    does: Word,
}

/// One value a patient may have, or one member of a set.
#[derive(Debug, Clone)]
struct Slot {
    fact: FactId,
    member: Option<usize>,
    /// Where regions of numbers are cut, ascending; region 2i+1 is the i-th threshold itself.
    thresholds: Vec<Decimal>,
    regions: Vec<Entries>,
    unknown: Entries,
}

/// What is done once everything that a conjunction depends on is decided.
#[derive(Debug, Clone)]
enum Step {
    /// What it does to the conjunctions of one word that some of another have each of [`TRUTHS`].
    Carry {
        from: usize,
        into: usize,
        does: Vec<(u32, [Word; 3])>,
    },
    /// Whether so many of these hold, as they are or turned round.
    Count(Place, u32, Vec<(Place, bool)>),
}

/// The guards of a library, compiled.
#[derive(Debug, Clone)]
pub struct Plan {
    slots: Vec<Slot>,
    entries: Vec<Entry>,
    steps: Vec<Step>,
    /// The effects of the guidelines that take part, each with its guard.
    guards: Vec<(EffectId, Place)>,
    words: usize,
}

/// Room for the bits of one patient; keep one and use it again.
#[derive(Debug, Clone, Default)]
pub struct Scratch(Vec<Word>);

impl Plan {
    /// Compiles every guard of the guidelines that take part.
    pub fn new(library: &Library, options: &Options) -> Plan {
        let guidelines = super::participants(library, options);
        let mut builder = Builder {
            library,
            definitions: BTreeMap::new(),
            numbers: BTreeMap::new(),
            nodes: Vec::new(),
        };
        let mut guards: Vec<(EffectId, usize)> = Vec::new();
        for (index, effect) in library.effects.iter().enumerate() {
            let rule = &library[effect.rule];
            if !guidelines.contains(&rule.guideline) {
                continue;
            }
            let mut guard = Node::default();
            // A scope or the condition of a heading is shared by many rules.
            for shared in [&rule.guard.scope, &rule.guard.section] {
                if !shared.is_always() {
                    let part = builder.part(shared, true);
                    guard.parts.insert(part);
                }
            }
            builder.gather(&rule.guard.when, true, &mut guard);
            builder.gather(&rule.guard.unless, false, &mut guard);
            builder.gather(&effect.own, true, &mut guard);
            guards.push((EffectId::from_index(index), builder.number(guard)));
        }
        Layout::new(&builder.nodes).plan(library, &guards)
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
        let Scratch(words) = scratch;
        words.clear();
        words.resize(self.words, Word::default());
        for (slot, region) in self.slots.iter().zip(&patient.0) {
            self.take(*slot.regions.get(usize::from(*region)).unwrap_or(&slot.unknown), words);
        }
        for step in &self.steps {
            match step {
                Step::Carry { from, into, does } => {
                    let from = words.get(*from).copied().unwrap_or_default();
                    let mut all = Word::default();
                    for (bit, does) in does {
                        let does = does.get(from.outcome(*bit)).copied().unwrap_or_default();
                        all.broken |= does.broken;
                        all.missing |= does.missing;
                    }
                    if let Some(word) = words.get_mut(*into) {
                        word.broken |= all.broken;
                        word.missing |= all.missing;
                    }
                }
                Step::Count(place, count, parts) => {
                    let truth = enough(*count, parts, words);
                    if let Some(word) = words.get_mut(place.word) {
                        word.broken |= u64::from(truth == Truth::No) << place.bit;
                        word.missing |= u64::from(truth != Truth::Yes) << place.bit;
                    }
                }
            }
        }
        for (effect, place) in &self.guards {
            each(*effect, place.truth(words));
        }
    }

    #[inline]
    fn take(&self, entries: Entries, words: &mut [Word]) {
        for Entry { word, does } in self.entries.get(entries.start..entries.end).unwrap_or(&[]) {
            if let Some(word) = words.get_mut(*word) {
                word.broken |= does.broken;
                word.missing |= does.missing;
            }
        }
    }
}

fn enough(count: u32, parts: &[(Place, bool)], words: &[Word]) -> Truth {
    let (mut yes, mut unknown) = (0_u32, 0_u32);
    for (part, positive) in parts {
        match part.truth(words) {
            Truth::Unknown => unknown += 1,
            truth => yes += u32::from(truth == Truth::known(*positive)),
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

/// What must hold, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Test(usize),
    Node(usize),
}

/// Parts that must all hold, or so many of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    /// Each as it is, or turned round.
    parts: BTreeSet<(Part, bool)>,
    /// For a count how many, and each part as often as it is named.
    count: Option<(u32, Vec<(usize, bool)>)>,
}

/// Compiles conditions, each distinct conjunction once. It gathers parts of one level, which needs the level and its parts at once, so it is
/// a walk of its own.
struct Builder<'a> {
    library: &'a Library,
    definitions: BTreeMap<DefinitionId, (Part, bool)>,
    numbers: BTreeMap<Node, usize>,
    /// Each after those that it depends on.
    nodes: Vec<Node>,
}

impl Builder<'_> {
    fn number(&mut self, node: Node) -> usize {
        if let Some(number) = self.numbers.get(&node) {
            return *number;
        }
        let number = self.nodes.len();
        self.nodes.push(node.clone());
        self.numbers.insert(node, number);
        number
    }

    /// A condition, or its opposite, as one part.
    fn part(&mut self, condition: &Condition, positive: bool) -> (Part, bool) {
        match condition {
            Condition::Not(part) => self.part(part, !positive),
            Condition::Atom(atom) => (Part::Test(self.library[*atom].test.index()), positive),
            Condition::Defined(definition) => {
                let (part, as_it_is) = match self.definitions.get(definition) {
                    Some(known) => *known,
                    None => {
                        let part = self.part(&self.library[*definition].condition, true);
                        self.definitions.insert(*definition, part);
                        part
                    }
                };
                (part, as_it_is == positive)
            }
            // One of the parts holds unless the opposites of all do.
            Condition::All(parts) | Condition::Any(parts) => {
                let all = matches!(condition, Condition::All(_));
                let mut node = Node::default();
                parts.iter().for_each(|part| self.gather(part, all, &mut node));
                (Part::Node(self.number(node)), all == positive)
            }
            Condition::AtLeast(count, parts) => {
                let parts = parts.iter().map(|part| match self.part(part, true) {
                    (Part::Node(number), positive) => (number, positive),
                    (test, positive) => {
                        let parts = BTreeSet::from([(test, positive)]);
                        (self.number(Node { parts, count: None }), true)
                    }
                });
                let count = Some((*count, parts.collect()));
                let parts = BTreeSet::new();
                (Part::Node(self.number(Node { parts, count })), positive)
            }
        }
    }

    /// Adds to parts that must all hold.
    fn gather(&mut self, condition: &Condition, positive: bool, node: &mut Node) {
        match condition {
            Condition::Not(part) => self.gather(part, !positive, node),
            Condition::All(parts) if positive => parts.iter().for_each(|part| self.gather(part, true, node)),
            Condition::Any(parts) if !positive => parts.iter().for_each(|part| self.gather(part, false, node)),
            _ => {
                let part = self.part(condition, positive);
                node.parts.insert(part);
            }
        }
    }
}

/// Where everything lies: in words that depend on earlier words alone.
struct Layout<'n> {
    nodes: &'n [Node],
    places: Vec<Place>,
    words: usize,
    /// The nodes in which a part stands, with whether as it is.
    standing_in: BTreeMap<Part, Vec<(usize, bool)>>,
    entries: Vec<Entry>,
}

impl<'n> Layout<'n> {
    fn new(nodes: &'n [Node]) -> Self {
        let mut standing_in: BTreeMap<Part, Vec<(usize, bool)>> = BTreeMap::new();
        for (number, node) in nodes.iter().enumerate() {
            for (part, positive) in &node.parts {
                standing_in.entry(*part).or_default().push((number, *positive));
            }
        }
        let mut levels: Vec<usize> = Vec::new();
        for node in nodes {
            let of_parts = node.parts.iter().filter_map(|(part, _)| match part {
                Part::Node(number) => Some(*number),
                Part::Test(_) => None,
            });
            let of_count = node
                .count
                .iter()
                .flat_map(|(_, parts)| parts.iter().map(|(number, _)| *number));
            let below = of_parts.chain(of_count).filter_map(|number| levels.get(number).copied());
            let level = below.max().map_or(0, |below| below + 1);
            levels.push(level);
        }
        let (mut places, mut words) = (vec![Place::default(); nodes.len()], 0);
        for level in 0..=levels.iter().copied().max().unwrap_or(0) {
            let here = levels.iter().zip(&mut places).filter(|(of_node, _)| **of_node == level);
            let mut count = 0;
            for (_, place) in here {
                *place = Place {
                    word: words + count / 64,
                    bit: (count % 64) as u32,
                };
                count += 1;
            }
            words += count.div_ceil(64);
        }
        Layout {
            nodes,
            places,
            words,
            standing_in,
            entries: Vec::new(),
        }
    }

    fn place(&self, number: usize) -> Place {
        self.places.get(number).copied().unwrap_or_default()
    }

    fn plan(mut self, library: &Library, guards: &[(EffectId, usize)]) -> Plan {
        let slots = self.slots(library);
        let steps = (0..self.words).flat_map(|word| self.steps(word)).collect();
        Plan {
            slots,
            steps,
            guards: guards.iter().map(|(effect, number)| (*effect, self.place(*number))).collect(),
            words: self.words,
            entries: self.entries,
        }
    }

    /// What is done once everything that the conjunctions of a word depend on is decided.
    fn steps(&self, word: usize) -> Vec<Step> {
        let here = self.nodes.iter().zip(&self.places).enumerate();
        let here: Vec<_> = here.filter(|(_, (_, place))| place.word == word).collect();
        let counts = here.iter().filter_map(|(_, (node, place))| {
            let (count, parts) = node.count.as_ref()?;
            let parts = parts.iter().map(|(part, positive)| (self.place(*part), *positive));
            Some(Step::Count(**place, *count, parts.collect()))
        });
        let mut steps: Vec<Step> = counts.collect();
        let mut into: BTreeMap<usize, Vec<(u32, [Word; 3])>> = BTreeMap::new();
        for (number, (_, place)) in here {
            let part = Part::Node(number);
            let each = TRUTHS.map(|truth| self.by_word(&[(part, truth)]));
            let words: BTreeSet<usize> = each.iter().flat_map(BTreeMap::keys).copied().collect();
            for word in words {
                let does = each.each_ref().map(|does| does.get(&word).copied().unwrap_or_default());
                into.entry(word).or_default().push((place.bit, does));
            }
        }
        steps.extend(into.into_iter().map(|(into, does)| Step::Carry { from: word, into, does }));
        steps
    }

    /// What these truths of parts do to the conjunctions in which they stand: as many entries, whatever the truths.
    fn by_word(&self, truths: &[(Part, Truth)]) -> BTreeMap<usize, Word> {
        let mut by_word: BTreeMap<usize, Word> = BTreeMap::new();
        for (part, truth) in truths {
            for (number, positive) in self.standing_in.get(part).into_iter().flatten() {
                let Place { word, bit } = self.place(*number);
                let word = by_word.entry(word).or_default();
                word.missing |= u64::from(*truth != Truth::known(*positive)) << bit;
                word.broken |= u64::from(*truth == Truth::known(!positive)) << bit;
            }
        }
        by_word
    }

    /// The same as entries, in one piece.
    fn does(&mut self, truths: &[(Part, Truth)]) -> Entries {
        let by_word = self.by_word(truths);
        let start = self.entries.len();
        self.entries
            .extend(by_word.into_iter().map(|(word, does)| Entry { word, does }));
        Entries {
            start,
            end: self.entries.len(),
        }
    }

    /// Regions of every fact that a test looks at.
    fn slots(&mut self, library: &Library) -> Vec<Slot> {
        let mut tests: BTreeMap<FactId, Vec<(usize, &Test)>> = BTreeMap::new();
        for (index, (Term::Fact(fact), test)) in library.tests.iter().enumerate() {
            tests.entry(*fact).or_default().push((index, test));
        }
        let mut slots = Vec::new();
        for (fact, tests) in tests {
            match &library[fact].ty {
                FactType::AnyOf { .. } => {
                    // One slot per member asked for, and one for whether there is any member at all.
                    let member_of = |test: &Test| match test {
                        Test::Includes(member) => Some(*member),
                        _ => None,
                    };
                    let members: BTreeSet<Option<usize>> = tests.iter().map(|(_, test)| member_of(test)).collect();
                    for member in members {
                        let own: Vec<(usize, &Test)> = tests.iter().copied().filter(|(_, t)| member_of(t) == member).collect();
                        let slot = self.slot(fact, &own, 2, |_, region| Some(region == 1));
                        slots.push(Slot { member, ..slot });
                    }
                }
                FactType::YesNo => slots.push(self.slot(fact, &tests, 2, |_, region| Some(region == 1))),
                FactType::OneOf { values, .. } => slots.push(self.slot(fact, &tests, values.len(), |test, region| match test {
                    Test::In(values) => Some(values.contains(&region)),
                    _ => None,
                })),
                _ => slots.push(self.number_slot(fact, &tests)),
            }
        }
        slots
    }

    fn number_slot(&mut self, fact: FactId, tests: &[(usize, &Test)]) -> Slot {
        let thresholds: BTreeSet<Decimal> = tests
            .iter()
            .filter_map(|(_, test)| match test {
                Test::Compare { than, .. } => Some(*than),
                _ => None,
            })
            .collect();
        let thresholds: Vec<Decimal> = thresholds.into_iter().collect();
        let slot = self.slot(fact, tests, 2 * thresholds.len() + 1, |test, region| {
            let Test::Compare { comparison, than, .. } = test else {
                return None;
            };
            // Where the region lies against the threshold: below, on it, or above.
            let place = thresholds.binary_search(than).ok()? * 2 + 1;
            let as_number = |n: usize| Decimal::from(n);
            Some(comparison.holds(as_number(region), as_number(place)))
        });
        Slot { thresholds, ..slot }
    }

    /// A slot with so many regions, in each of which a test holds, does not, or is not known.
    fn slot(
        &mut self,
        fact: FactId,
        tests: &[(usize, &Test)],
        count: usize,
        holds: impl Fn(&Test, usize) -> Option<bool>,
    ) -> Slot {
        let mut does = |truth: &dyn Fn(&Test) -> Truth| {
            let truths: Vec<(Part, Truth)> = tests.iter().map(|(index, test)| (Part::Test(*index), truth(test))).collect();
            self.does(&truths)
        };
        let regions = (0..count).map(|region| does(&|test| holds(test, region).map_or(Truth::Unknown, Truth::known)));
        let regions = regions.collect();
        Slot {
            fact,
            member: None,
            thresholds: Vec::new(),
            regions,
            unknown: does(&|_| Truth::Unknown),
        }
    }
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
