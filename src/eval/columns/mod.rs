//! Evaluation in columns: some hundred patients at a time, a bit of each in a mask for each test.
//!
//! In: a library, once; then records. Out: for each effect the patients for whom it fires, is undecided, gave way or is open, and the
//! patients of whom this cannot be said here.
//! Must not know: texts, formats.
//!
//! What is recorded becomes pairs of masks, known to hold and known not to hold, and each distinct test looks there; one more [`Algebra`]
//! makes gates of all conditions, so that there is no second meaning of them. Inference is the unit propagation of
//! [`mod@super::settle`] on masks. Whatever is rare or an error, such as a record that contradicts an assumption or a closing that has
//! to be undone, is left to [`super::settle()`] and [`super::evaluate`], patient by patient: [`Block::apart`].

mod clashes;
mod domains;
mod gates;
mod left;
mod mask;
mod numbers;
mod standing;
mod times;
mod waiting;

use super::settle::Inference;
use super::{Options, participants};
use crate::model::{
    ActionId, Algebra, EffectId, FactId, FactType, Library, Record, Recorded, Term, Test, TestId, days_since_epoch,
};
use domains::{Domains, Propagation};
use fearless_simd::{Level, dispatch};
use gates::{Circuit, Drawing, Node, Wire};
use numbers::{DatesOfEvaluation, NumberBlock, Numbers};
use standing::Edges;

pub use clashes::Clashes;
pub use domains::Place as ValuesPlace;
pub use left::Left;
pub use mask::{Counts, Mask, WIDTH, WORDS, lanes};
pub use numbers::NumberPlace;
use std::collections::BTreeMap;
use std::sync::Arc;
pub use times::Kept;
pub use waiting::Waiting;

/// For each patient of a block whether something is known to hold, and whether it is known not to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lanes {
    /// Known to hold.
    pub holds: Mask,
    /// Known not to hold.
    pub fails: Mask,
}

impl Lanes {
    /// Everybody.
    const HOLDS: Lanes = Lanes {
        holds: Mask::EVERYBODY,
        fails: Mask::NOBODY,
    };
    /// Nobody.
    const FAILS: Lanes = Lanes {
        holds: Mask::NOBODY,
        fails: Mask::EVERYBODY,
    };

    /// The same of the contrary.
    pub fn turned(self) -> Lanes {
        Lanes {
            holds: self.fails,
            fails: self.holds,
        }
    }

    /// The patients of whom it is not known.
    #[inline(always)]
    pub fn unknown(self) -> Mask {
        !(self.holds | self.fails)
    }
}

/// A library prepared for evaluation in columns.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The effects that take part, and their guards.
    effects: Arc<[(EffectId, Wire)]>,
    edges: Edges,
    /// Where each test looks.
    asked: Vec<Asked>,
    circuit: Circuit,
    propagation: Propagation,
    numbers: Numbers,
    /// The widest instructions that this processor has.
    level: Level,
}

/// Up to [`WIDTH`] patients, evaluated.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Patients of whom nothing is said here.
    pub apart: Mask,
    /// Effects that take part, by their order, and where it stands whether they fire.
    effects: Arc<[(EffectId, Wire)]>,
    /// What is recorded or follows, what is compared, and what every gate says that is asked for.
    nodes: Vec<Node>,
    /// Effects on actions from which somebody gave way, or may: the patients for whom it gave way, and for whom that is open.
    pub makes_way: BTreeMap<(EffectId, ActionId), (Mask, Mask)>,
}

impl Block {
    /// Effects that take part, each with the patients for whom it fires or does not.
    #[inline(always)]
    pub fn states(&self) -> impl Iterator<Item = (EffectId, Lanes)> {
        self.effects.iter().map(|(effect, guard)| (*effect, guard.lanes(&self.nodes)))
    }

    /// For whom the effect at a place among those that take part fires.
    pub fn state_at(&self, place: usize) -> Option<Lanes> {
        let (_, guard) = self.effects.get(place)?;
        Some(guard.lanes(&self.nodes))
    }

    /// For whom an effect fires; not known where it does not take part.
    fn state(&self, effect: EffectId) -> Lanes {
        let place = self.effects.binary_search_by_key(&effect, |(of, _)| *of);
        place.ok().and_then(|place| self.state_at(place)).unwrap_or_default()
    }
}

impl Columns {
    /// Prepares a library; none where a number in it is too large for a machine word or a test has no place, and everything is left to the
    /// interpreter.
    pub fn new(library: &Library, inference: &Inference, options: &Options) -> Option<Columns> {
        let guidelines = participants(library, options);
        let propagation = Propagation::new(library, inference, Circuit::FIRST)?;
        let numbers = Numbers::new(library, propagation.nodes().end)?;
        let tests = library.tests.iter().enumerate();
        let asked = tests.map(|(index, test)| Asked::new(library, &propagation, &numbers, TestId::from_index(index), test));
        let asked = asked.collect::<Option<Vec<Asked>>>()?;
        let effects = library.effects.iter().enumerate();
        let effects = effects.filter(|(_, effect)| guidelines.contains(&library[effect.rule].guideline));
        let drawing = Drawing::new(library, &asked, numbers.nodes().end);
        let effects = effects.map(|(index, effect)| (EffectId::from_index(index), drawing.wire(&effect.guard)));
        let mut effects: Vec<(EffectId, Wire)> = effects.collect();
        let mut edges = Edges::new(library, &guidelines, &drawing);
        let guards = effects.iter_mut().map(|(_, guard)| guard);
        let circuit = drawing.circuit(guards.chain(edges.wires_mut()))?;
        Some(Columns {
            effects: effects.into(),
            edges,
            asked,
            circuit,
            propagation,
            numbers,
            level: Level::new(),
        })
    }

    /// The effects that take part, in the order in which every block has them.
    pub fn effects(&self) -> impl Iterator<Item = EffectId> {
        self.effects.iter().map(|(effect, _)| *effect)
    }

    /// What can disagree among the effects that take part.
    pub fn clashes(&self, library: &Library) -> Clashes {
        Clashes::new(library, &self.effects().collect::<Vec<EffectId>>())
    }

    /// Nothing is recorded of anybody yet.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            columns: self,
            domains: Domains::new(&self.propagation),
            numbers: self.numbers.block(),
            dates_of_evaluation: DatesOfEvaluation::new(),
            apart: Mask::NOBODY,
            is_evaluated: false,
            block: Block {
                effects: Arc::clone(&self.effects),
                nodes: self.circuit.nodes(),
                ..Block::default()
            },
        }
    }

    /// Where what is recorded of a fact, or of one member of a set, is kept.
    pub fn place(&self, library: &Library, fact: FactId, member: Option<usize>) -> Place {
        match (&library[fact].ty, self.propagation.place(fact, member)) {
            (FactType::YesNo | FactType::OneOf { .. } | FactType::AnyOf { .. }, Some(place)) => Place::Values(place),
            (FactType::YesNo | FactType::OneOf { .. } | FactType::AnyOf { .. }, None) => Place::Several,
            _ => match self.numbers.place(fact) {
                Some(place) if self.numbers.is_time(place) => Place::Several,
                place => place.map_or(Place::Nowhere, Place::Numbers),
            },
        }
    }

    /// Evaluates up to [`WIDTH`] records.
    pub fn evaluate(&self, library: &Library, records: &[&Record]) -> Block {
        self.evaluate_records(library, records).block
    }

    /// The facts of up to [`WIDTH`] records, evaluated.
    pub fn evaluate_records(&self, library: &Library, records: &[&Record]) -> Facts<'_> {
        let mut facts = self.facts();
        let mut closed = Mask::NOBODY;
        for (lane, record) in records.iter().take(WIDTH).enumerate() {
            if record.otherwise_no.is_some() {
                closed |= Mask::one(lane);
            }
            for entry in &record.entries {
                facts.put(lane, entry.fact, &entry.recorded);
            }
            if let Some((date, _)) = record.as_of {
                facts.put_as_of(lane, days_since_epoch(date));
            }
        }
        self.evaluate_facts(library, &mut facts, records.len(), closed);
        facts
    }

    /// Evaluates the first `count` patients of a block, of whom some want the world closed. What follows then stands beside what was
    /// recorded: until everybody is forgotten, nothing more is said of anybody.
    pub fn evaluate_facts<'f>(&self, library: &Library, facts: &'f mut Facts<'_>, count: usize, closed: Mask) -> &'f Block {
        self.widest(
            #[inline(always)]
            || self.evaluate_here(library, facts, count, closed),
        )
    }

    /// Counts some patients of a block: for each effect that takes part, in the order of [`Block::states`], for how many it fires, and
    /// for how many that is not known.
    pub fn count(&self, block: &Block, those: Mask, counts: &mut Vec<[Counts; 2]>) {
        counts.resize(block.effects.len(), Default::default());
        self.widest(
            #[inline(always)]
            || {
                for ((_, lanes), [fires, undecided]) in block.states().zip(counts.iter_mut()) {
                    fires.add(lanes.holds & those);
                    undecided.add(lanes.unknown() & those);
                }
            },
        );
    }

    /// Does something with the widest instructions that this processor has, where it is to be inlined always.
    #[inline(always)]
    pub fn widest<T>(&self, work: impl FnOnce() -> T) -> T {
        dispatch!(self.level, _ => work())
    }

    // Tests and gates are compiled into it, so that they use the same instructions.
    #[inline(always)]
    fn evaluate_here<'f>(&self, library: &Library, facts: &'f mut Facts<'_>, count: usize, closed: Mask) -> &'f Block {
        let present = Mask::first(count);
        let Facts {
            domains,
            numbers,
            dates_of_evaluation,
            apart,
            is_evaluated,
            block,
            ..
        } = facts;
        if std::mem::replace(is_evaluated, true) {
            *apart = Mask::EVERYBODY;
        }
        let mut apart = *apart | numbers.compute_times(dates_of_evaluation) | numbers.out_of_order();
        apart |= numbers.compare(&mut block.nodes);
        apart |= domains.settle(present & !apart, closed, &self.asked, &mut block.nodes);
        self.circuit.follow(&mut block.nodes);
        let circular;
        (block.makes_way, circular) = standing::makes_way(library, &self.edges, block, present & !apart);
        block.apart = (apart | circular) & present;
        block
    }
}

/// Where a test looks.
#[derive(Debug, Clone)]
enum Asked {
    /// All of these hold.
    All(Vec<Wire>),
    /// One of these does.
    Any(Vec<Wire>),
}

impl Asked {
    /// None where there is no such place; then nothing is said in columns.
    fn new(
        library: &Library,
        propagation: &Propagation,
        numbers: &Numbers,
        id: TestId,
        (Term::Fact(fact), test): &(Term, Test),
    ) -> Option<Self> {
        let is = |member: Option<usize>, value: usize| propagation.wire(propagation.place(*fact, member)?, value);
        Some(match test {
            Test::Yes => Asked::All(vec![is(None, 1)?]),
            // It fails for whoever has a value.
            Test::In(values) if values.is_empty() => Asked::All(vec![is(None, 0)?, !is(None, 0)?]),
            Test::In(values) => Asked::Any(values.iter().map(|value| is(None, *value)).collect::<Option<_>>()?),
            Test::Includes(member) => Asked::All(vec![is(Some(*member), 1)?]),
            Test::Nonempty => match &library[*fact].ty {
                FactType::AnyOf { members } => {
                    let wires = (0..members.len()).map(|member| is(Some(member), 1));
                    Asked::Any(wires.collect::<Option<_>>()?)
                }
                _ => return None,
            },
            Test::Compare { .. } => Asked::All(numbers.wires(*fact, id)?),
        })
    }

    /// For whom it holds, once all that is put in is there.
    #[inline(always)]
    fn lanes(&self, nodes: &[Node]) -> Lanes {
        match self {
            Asked::All(wires) => wires.iter().map(|wire| wire.lanes(nodes)).fold(Lanes::HOLDS, all),
            Asked::Any(wires) => wires.iter().map(|wire| wire.lanes(nodes)).fold(Lanes::FAILS, any),
        }
    }

    /// The same, drawn.
    fn wire(&self, drawing: &Drawing<'_>) -> Wire {
        match self {
            Asked::All(wires) => drawing.all(&mut wires.iter().copied()),
            Asked::Any(wires) => drawing.any(&mut wires.iter().copied()),
        }
    }
}

/// Where what is recorded of a fact is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As values of which one is had.
    Values(domains::Place),
    /// As numbers or days.
    Numbers(numbers::NumberPlace),
    /// A whole set, kept member by member, or a time that is held against its date.
    Several,
    /// Nobody asks for it.
    Nowhere,
}

/// What is recorded of up to [`WIDTH`] patients.
pub struct Facts<'a> {
    columns: &'a Columns,
    domains: Domains<'a>,
    numbers: NumberBlock<'a>,
    dates_of_evaluation: DatesOfEvaluation,
    /// Patients with something that is not understood here.
    apart: Mask,
    /// Whether what follows stands beside what is recorded.
    is_evaluated: bool,
    block: Block,
}

impl Facts<'_> {
    /// What came of them, once they were evaluated.
    pub fn block(&self) -> &Block {
        &self.block
    }

    /// Forgets everybody.
    pub fn clear(&mut self) {
        let Facts {
            domains, numbers, block, ..
        } = self;
        self.columns.widest(
            #[inline(always)]
            || {
                domains.clear(&mut block.nodes);
                numbers.clear();
            },
        );
        self.is_evaluated = false;
        self.dates_of_evaluation.clear();
        self.apart = Mask::NOBODY;
    }

    /// Takes what is recorded of a fact of one patient.
    pub fn put(&mut self, lane: usize, fact: FactId, recorded: &Recorded) {
        let numbers = &self.columns.numbers;
        match (recorded, numbers.place(fact)) {
            (Recorded::Number { value, step, .. }, Some(place)) => self.numbers.give(place, lane, *value, *step),
            (Recorded::Date(date), Some(place)) => self.numbers.put(place, lane, numbers.kept_date(place, *date)),
            (Recorded::Number { .. } | Recorded::Date(_), None) => {}
            _ => {
                if !self.domains.put(&mut self.block.nodes, lane, fact, recorded) {
                    self.apart |= Mask::one(lane);
                }
            }
        }
    }

    /// Takes the date of evaluation of one patient, in days since 1970-01-01.
    pub fn put_as_of(&mut self, lane: usize, days: i64) {
        self.dates_of_evaluation.put(lane, days);
    }

    /// Takes the date of evaluation of everybody.
    pub fn put_as_of_all(&mut self, days: i64) {
        self.dates_of_evaluation.put_all(days);
    }

    /// Takes the patients for whom one value is recorded, by its position; no is 0 and yes is 1.
    #[inline(always)]
    pub fn put_values(&mut self, place: domains::Place, value: usize, those: Mask) {
        let twice = self.domains.put_values(&mut self.block.nodes, place, value, those);
        // So that one such step need not wait for the one before.
        if !twice.is_nobody() {
            self.apart |= twice;
        }
    }

    /// Takes all values of a place at once, each with the patients for whom it is recorded; nothing was put there before.
    #[inline(always)]
    pub fn set_values(&mut self, place: domains::Place, of_values: &[Mask]) {
        let twice = self.domains.set_values(&mut self.block.nodes, place, of_values);
        if !twice.is_nobody() {
            self.apart |= twice;
        }
    }

    /// As [`Facts::put_values`], of the sixty-four patients of one word.
    pub fn put_word(&mut self, place: domains::Place, value: usize, word: usize, those: u64) {
        let twice = self.domains.put_word(&mut self.block.nodes, place, value, word, those);
        self.apart.put(word, twice);
    }

    /// Takes those whose numbers are in a class, as [`Columns::class`] has them.
    #[inline(always)]
    pub fn put_class(&mut self, place: numbers::NumberPlace, class: usize, those: Mask) {
        if !self.numbers.put_class(place, class, those) {
            self.apart |= those;
        }
    }

    /// Takes all classes of a place at once, each with those whose numbers are in it; nothing was put there before.
    #[inline(always)]
    pub fn set_classes(&mut self, place: numbers::NumberPlace, of_classes: &[Mask]) {
        if !self.numbers.set_classes(place, of_classes) {
            self.apart = Mask::EVERYBODY;
        }
    }

    /// Takes the numbers of some of sixty-four patients, as [`Columns::kept`] has them.
    pub fn put_numbers(&mut self, place: numbers::NumberPlace, word: usize, kept: &[i64; 64], those: u64) {
        self.numbers.put_all(place, word, kept, those);
    }
}

impl Columns {
    /// A number or a date of a fact as it is kept; nothing for what is neither.
    pub fn kept(&self, place: numbers::NumberPlace, recorded: &Recorded) -> Option<i64> {
        match recorded {
            Recorded::Number { value, .. } => Some(self.numbers.kept(place, *value)),
            Recorded::Date(date) => Some(self.numbers.kept_date(place, *date)),
            _ => None,
        }
    }

    /// The class of a number as it is kept: all numbers of a class pass the same tests. None where the number itself counts.
    pub fn class(&self, place: numbers::NumberPlace, kept: i64) -> Option<usize> {
        self.numbers.class(place, kept)
    }
}

#[inline(always)]
fn all(a: Lanes, b: Lanes) -> Lanes {
    Lanes {
        holds: a.holds & b.holds,
        fails: a.fails | b.fails,
    }
}

#[inline(always)]
fn any(a: Lanes, b: Lanes) -> Lanes {
    Lanes {
        holds: a.holds | b.holds,
        fails: a.fails & b.fails,
    }
}

#[inline(always)]
fn at_least(count: u32, parts: impl Iterator<Item = Lanes>) -> Lanes {
    match count {
        1 => parts.fold(Lanes::FAILS, any),
        2 => tallied(&mut [NONE_YET; 2], parts),
        3 => tallied(&mut [NONE_YET; 3], parts),
        _ => tallied(&mut vec![NONE_YET; count as usize], parts),
    }
}

/// For nobody any part holds, or may.
const NONE_YET: Lanes = Lanes::FAILS;

/// For whom as many parts hold, or may, as there is room for.
#[inline(always)]
fn tallied(tally: &mut [Lanes], parts: impl Iterator<Item = Lanes>) -> Lanes {
    for part in parts {
        // For each number of parts that hold: with this one it is one more, and none counts twice.
        let mut fewer = Lanes::HOLDS;
        for so_far in tally.iter_mut() {
            let more = any(*so_far, all(fewer, part));
            fewer = std::mem::replace(so_far, more);
        }
    }
    tally.last().copied().unwrap_or(Lanes::HOLDS)
}
