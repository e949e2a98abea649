//! Evaluation in columns: sixty-four patients at a time, a machine word for each test.
//!
//! In: a library, once; then records. Out: for each effect the patients for whom it fires, is undecided, gave way or is open, and the
//! patients of whom this cannot be said here.
//! Must not know: texts, formats.
//!
//! Each distinct test becomes two words, known to hold and known not to hold; conditions are folded by one more [`Algebra`], so that
//! there is no second meaning of them. Inference is the unit propagation of [`mod@super::settle`] on words. Whatever is rare or an error,
//! such as a record that contradicts an assumption, a date beside the time since it, or a closing that has to be undone, is left to
//! [`super::settle()`] and [`super::evaluate`], patient by patient: [`Block::apart`].

mod domains;
mod numbers;
mod standing;

use super::settle::Inference;
use super::{Options, participants};
use crate::model::{
    ActionId, Algebra, AssumptionKind, AtomId, Condition, DefinitionId, EffectId, FactType, GuidelineId, Library, Record,
    Recorded, Term, Test, TestId,
};
use domains::{Domains, Propagation};
use numbers::Numbers;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// How many patients are evaluated together.
pub const WIDTH: usize = 64;

/// For each of sixty-four patients whether something is known to hold, and whether it is known not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lanes {
    /// Known to hold.
    pub holds: u64,
    /// Known not to hold.
    pub fails: u64,
}

impl Lanes {
    /// Everybody.
    const HOLDS: Lanes = Lanes { holds: !0, fails: 0 };
    /// Nobody.
    const FAILS: Lanes = Lanes { holds: 0, fails: !0 };

    /// The patients of whom it is not known.
    pub fn unknown(self) -> u64 {
        !(self.holds | self.fails)
    }
}

/// A library prepared for evaluation in columns.
#[derive(Debug, Clone)]
pub struct Columns {
    guidelines: BTreeSet<GuidelineId>,
    propagation: Propagation,
    numbers: Numbers,
    /// Pairs of facts of which the first cannot exceed the second.
    has_orders: bool,
}

/// Up to sixty-four patients, evaluated.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Patients of whom nothing is said here.
    pub apart: u64,
    /// Effects that take part, each with the patients for whom it fires or does not.
    pub states: Vec<(EffectId, Lanes)>,
    /// Effects on actions from which somebody gave way, or may: the patients for whom it gave way, and for whom that is open.
    pub makes_way: BTreeMap<(EffectId, ActionId), (u64, u64)>,
}

impl Columns {
    /// Prepares a library; none where a number in it is too large for a machine word, and everything is left to the interpreter.
    pub fn new(library: &Library, inference: &Inference, options: &Options) -> Option<Columns> {
        Some(Columns {
            guidelines: participants(library, options),
            propagation: Propagation::new(library, inference)?,
            numbers: Numbers::new(library)?,
            has_orders: library
                .assumptions
                .iter()
                .any(|assumption| matches!(assumption.kind, AssumptionKind::Order { .. })),
        })
    }

    /// Evaluates up to [`WIDTH`] records.
    pub fn evaluate(&self, library: &Library, records: &[&Record]) -> Block {
        let mut domains = Domains::new(&self.propagation);
        let mut numbers = self.numbers.block();
        let mut apart = 0_u64;
        let mut closed = 0_u64;
        let present = match records.len() {
            WIDTH.. => !0,
            count => (1_u64 << count) - 1,
        };
        for (lane, record) in records.iter().take(WIDTH).enumerate() {
            let bit = 1_u64 << lane;
            closed |= if record.otherwise_no.is_some() { bit } else { 0 };
            for entry in &record.entries {
                let understood = match &entry.recorded {
                    Recorded::Date(_) | Recorded::Number { .. } => numbers.put(lane, entry),
                    recorded => domains.put(bit, entry.fact, recorded),
                };
                apart |= if understood { 0 } else { bit };
            }
            apart |= if numbers.compute_times(lane, record) { 0 } else { bit };
            if self.has_orders && !numbers.in_order(library, lane, record) {
                apart |= bit;
            }
        }
        let tests = numbers.tests();
        let live = present & !apart;
        apart |= domains.settle(live, closed, &tests);
        let words = Words {
            library,
            tests: self.tests(library, &domains, &tests),
            definitions: vec![Cell::new(None); library.definitions.len()],
        };
        let effects = library.effects.iter().enumerate();
        let states: Vec<(EffectId, Lanes)> = effects
            .filter(|(_, effect)| self.guidelines.contains(&library[effect.rule].guideline))
            .map(|(index, effect)| (EffectId::from_index(index), words.of(&effect.guard)))
            .collect();
        let (makes_way, circular) = standing::makes_way(library, &words, &self.guidelines, &states, present & !apart);
        Block {
            apart: (apart | circular) & present,
            states,
            makes_way,
        }
    }

    /// The words of every test.
    fn tests(&self, library: &Library, domains: &Domains<'_>, numbers: &BTreeMap<TestId, Lanes>) -> Vec<Lanes> {
        let lanes = |(index, (Term::Fact(fact), test)): (usize, &(Term, Test))| match test {
            Test::Yes => domains.is(*fact, None, 1),
            Test::In(values) => domains.among(*fact, values),
            Test::Includes(member) => domains.is(*fact, Some(*member), 1),
            Test::Nonempty => {
                let FactType::AnyOf { members } = &library[*fact].ty else {
                    return Lanes::default();
                };
                let each = (0..members.len()).map(|member| domains.is(*fact, Some(member), 1));
                each.fold(Lanes::FAILS, any)
            }
            Test::Compare { .. } => numbers.get(&TestId::from_index(index)).copied().unwrap_or_default(),
        };
        library.tests.iter().enumerate().map(lanes).collect()
    }
}

fn all(a: Lanes, b: Lanes) -> Lanes {
    Lanes {
        holds: a.holds & b.holds,
        fails: a.fails | b.fails,
    }
}

fn any(a: Lanes, b: Lanes) -> Lanes {
    Lanes {
        holds: a.holds | b.holds,
        fails: a.fails & b.fails,
    }
}

/// The truth of conditions for sixty-four patients.
struct Words<'a> {
    library: &'a Library,
    tests: Vec<Lanes>,
    definitions: Vec<Cell<Option<Lanes>>>,
}

impl Words<'_> {
    fn of(&self, condition: &Condition) -> Lanes {
        condition.fold(self)
    }
}

impl Algebra for Words<'_> {
    type Output = Lanes;

    fn all(&self, parts: &mut dyn Iterator<Item = Lanes>) -> Lanes {
        let mut so_far = Lanes::HOLDS;
        for part in parts {
            so_far = all(so_far, part);
            if so_far == Lanes::FAILS {
                break;
            }
        }
        so_far
    }

    fn any(&self, parts: &mut dyn Iterator<Item = Lanes>) -> Lanes {
        let mut so_far = Lanes::FAILS;
        for part in parts {
            so_far = any(so_far, part);
            if so_far == Lanes::HOLDS {
                break;
            }
        }
        so_far
    }

    fn at_least(&self, count: u32, parts: &mut dyn Iterator<Item = Lanes>) -> Lanes {
        let count = count as usize;
        // For each number up to the one that is wanted: whose parts that hold, or may, are at least so many.
        let (mut holding, mut possible) = (vec![0_u64; count + 1], vec![0_u64; count + 1]);
        for tally in [&mut holding, &mut possible] {
            tally.iter_mut().take(1).for_each(|none| *none = !0);
        }
        for part in parts {
            for (tally, part) in [(&mut holding, part.holds), (&mut possible, !part.fails)] {
                // Downward, so that no part counts twice.
                for number in (0..count).rev() {
                    let more = tally.get(number).copied().unwrap_or(0) & part;
                    if let Some(slot) = tally.get_mut(number + 1) {
                        *slot |= more;
                    }
                }
            }
        }
        let enough = |tally: &[u64]| tally.last().copied().unwrap_or(0);
        Lanes {
            holds: enough(&holding),
            fails: !enough(&possible),
        }
    }

    fn not(&self, part: Lanes) -> Lanes {
        Lanes {
            holds: part.fails,
            fails: part.holds,
        }
    }

    fn atom(&self, atom: AtomId) -> Lanes {
        self.tests.get(self.library[atom].test.index()).copied().unwrap_or_default()
    }

    fn defined(&self, definition: DefinitionId) -> Lanes {
        let place = self.definitions.get(definition.index());
        if let Some(known) = place.and_then(Cell::get) {
            return known;
        }
        let lanes = self.of(&self.library[definition].condition);
        if let Some(place) = place {
            place.set(Some(lanes));
        }
        lanes
    }
}

/// What is remembered while standings are found.
type Memory = RefCell<BTreeMap<(EffectId, ActionId), Option<(u64, u64)>>>;
