//! Numbers and dates of a block of patients, compared exactly as scaled integers.
//!
//! In: what is recorded. Out: the masks of comparisons.

use super::gates::{Node, Wire};
use super::{Mask, WIDTH, WORDS};
use crate::eval::settle;
use crate::model::units::MINUTES_A_DAY;
use crate::model::{Comparison, FactId, FactType, Library, Term, Test, TestId, days_since_epoch};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::ops::Range;

/// The comparisons of a library.
#[derive(Debug, Clone)]
pub struct Numbers {
    columns: Vec<Column>,
    by_fact: BTreeMap<FactId, usize>,
    /// Each time with the date that it is counted from, where either is compared.
    times: Vec<(usize, usize)>,
    /// Pairs of facts of which the first cannot exceed the second.
    orders: Vec<(usize, usize)>,
    nodes: Range<usize>,
}

/// A fact that is compared.
#[derive(Debug, Clone, Default)]
struct Column {
    /// Numbers are kept times ten to this power.
    scale: u32,
    /// Whether it is a date, in days, with or without anybody who compares it.
    is_date: bool,
    tests: Vec<(TestId, Comparison, i64)>,
    /// The least number, as it is kept, of each class but the first: all numbers of a class pass the same tests.
    classes: Vec<i64>,
    /// For each of them a node: whose number is so large, and whose is less.
    nodes: Range<usize>,
}

impl Column {
    /// The same column, its numbers in classes, with nodes from one on.
    fn in_classes(mut self, first: usize) -> Self {
        let bounds = |(_, comparison, than): &(TestId, Comparison, i64)| {
            bounds(*comparison, *than)
                .into_iter()
                .map(|(least, _)| least)
                .collect::<Vec<i64>>()
        };
        self.classes = self.tests.iter().flat_map(bounds).collect();
        self.classes.sort_unstable();
        self.classes.dedup();
        self.nodes = first..first + self.classes.len();
        self
    }

    /// The wires that a test is made of.
    fn wires(&self, comparison: Comparison, than: i64) -> Option<Vec<Wire>> {
        let wire = |(least, is_reached)| {
            let class = self.classes.binary_search(&least).ok()?;
            let wire = Wire::of_node(self.nodes.start + class);
            Some(if is_reached { wire } else { !wire })
        };
        bounds(comparison, than).into_iter().map(wire).collect()
    }

    fn class(&self, kept: i64) -> usize {
        self.classes.partition_point(|least| *least <= kept)
    }
}

/// The numbers that a comparison asks for, as whole numbers: at least so many, or less.
fn bounds(comparison: Comparison, than: i64) -> Vec<(i64, bool)> {
    match comparison {
        Comparison::AtLeast => vec![(than, true)],
        Comparison::Under => vec![(than, false)],
        Comparison::Over => vec![(than + 1, true)],
        Comparison::AtMost => vec![(than + 1, false)],
        Comparison::Equal => vec![(than, true), (than + 1, false)],
    }
}

/// Where the numbers of a fact are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberPlace(usize);

/// The larger numbers of either kind are all alike: no threshold is near them.
const LARGE: i64 = i64::MAX / 4;

impl Numbers {
    /// Takes the comparisons from a library, with nodes from one on; none where a threshold does not fit.
    pub fn new(library: &Library, first: usize) -> Option<Numbers> {
        let mut thresholds: BTreeMap<FactId, Vec<(TestId, Comparison, Decimal)>> = BTreeMap::new();
        for (index, (Term::Fact(fact), test)) in library.tests.iter().enumerate() {
            if let Test::Compare { comparison, than, .. } = test {
                let test = TestId::from_index(index);
                thresholds
                    .entry(*fact)
                    .or_default()
                    .push((test, *comparison, than.normalize()));
            }
        }
        let orders = library.assumptions.iter().filter_map(|assumption| assumption.kind.order());
        let orders: Vec<(FactId, FactId)> = orders.collect();
        // Who is compared with another is kept at one scale with him, and a date is kept for the time since it.
        for fact in orders.iter().flat_map(|(lesser, greater)| [lesser, greater]) {
            thresholds.entry(*fact).or_default();
        }
        let facts = || {
            library
                .facts
                .iter()
                .enumerate()
                .map(|(index, fact)| (FactId::from_index(index), fact))
        };
        for (fact, declared) in facts() {
            if matches!(declared.ty, FactType::Date | FactType::TimeSince { .. }) {
                thresholds.entry(fact).or_default();
            }
        }
        let scale_of = |fact: &FactId| {
            let thresholds = thresholds.get(fact).into_iter().flatten();
            thresholds.map(|(.., than)| than.scale()).max().unwrap_or(0)
        };
        let ordered = orders.iter().flat_map(|(lesser, greater)| [lesser, greater]);
        let common = ordered.map(scale_of).max().unwrap_or(0);
        let is_ordered = |fact: &FactId| orders.iter().any(|(lesser, greater)| lesser == fact || greater == fact);
        let (mut columns, mut by_fact) = (Vec::new(), BTreeMap::new());
        let mut nodes = first;
        for (fact, thresholds) in &thresholds {
            let scale = if is_ordered(fact) { common } else { scale_of(fact) };
            let mut tests = Vec::new();
            for (test, comparison, than) in thresholds {
                let than = scaled(*than, scale);
                if than.abs() >= LARGE {
                    return None;
                }
                tests.push((*test, *comparison, than));
            }
            by_fact.insert(*fact, columns.len());
            let column = Column {
                scale,
                is_date: matches!(library[*fact].ty, FactType::Date),
                tests,
                ..Column::default()
            };
            let column = column.in_classes(nodes);
            nodes = column.nodes.end;
            columns.push(column);
        }
        let times = facts().filter_map(|(fact, declared)| match declared.ty {
            FactType::TimeSince { date } => Some((*by_fact.get(&fact)?, *by_fact.get(&date)?)),
            _ => None,
        });
        let times = times.collect();
        let orders = orders.iter().filter_map(|(a, b)| Some((*by_fact.get(a)?, *by_fact.get(b)?)));
        Some(Numbers {
            orders: orders.collect(),
            times,
            columns,
            by_fact,
            nodes: first..nodes,
        })
    }

    /// Nothing is known of anybody yet.
    pub fn block(&self) -> NumberBlock<'_> {
        NumberBlock {
            numbers: self,
            values: vec![[[0; 64]; WORDS]; self.columns.len()],
            known: vec![Mask::NOBODY; self.columns.len()],
            classes: self
                .columns
                .iter()
                .map(|column| vec![Mask::NOBODY; column.classes.len() + 1])
                .collect(),
            given: Vec::new(),
        }
    }

    /// The nodes of all comparisons.
    pub fn nodes(&self) -> Range<usize> {
        self.nodes.clone()
    }

    /// The wires all of which hold where a test of a fact does.
    pub fn wires(&self, fact: FactId, test: TestId) -> Option<Vec<Wire>> {
        let column = self.columns.get(*self.by_fact.get(&fact)?)?;
        let (_, comparison, than) = column.tests.iter().find(|(of, ..)| *of == test)?;
        column.wires(*comparison, *than)
    }

    /// Where the numbers or dates of a fact are kept; nowhere, if nobody asks for them.
    pub fn place(&self, fact: FactId) -> Option<NumberPlace> {
        self.by_fact.get(&fact).copied().map(NumberPlace)
    }

    /// Whether a date may stand beside what is kept here.
    pub fn is_time(&self, NumberPlace(place): NumberPlace) -> bool {
        self.times.iter().any(|(time, _)| *time == place)
    }

    /// The class of a number as it is kept; none where the number itself counts, beside a date or in an order.
    pub fn class(&self, NumberPlace(place): NumberPlace, kept: i64) -> Option<usize> {
        let is_of = |pairs: &[(usize, usize)]| pairs.iter().any(|(one, other)| *one == place || *other == place);
        let column = self.columns.get(place).filter(|column| !column.is_date);
        let column = column.filter(|_| !is_of(&self.times) && !is_of(&self.orders));
        column.map(|column| column.class(kept))
    }

    /// Whether a number of a fact is small enough at its scale to be held against others there.
    pub fn is_near(&self, place: NumberPlace, value: Decimal) -> bool {
        self.kept(place, value).abs() < LARGE
    }

    /// A number of a fact as it is kept.
    pub fn kept(&self, NumberPlace(place): NumberPlace, value: Decimal) -> i64 {
        scaled(value, self.columns.get(place).map_or(0, |column| column.scale))
    }

    /// A date of a fact as it is kept.
    pub fn kept_date(&self, place: NumberPlace, date: Date) -> i64 {
        self.kept(place, Decimal::from(days_since_epoch(date)))
    }
}

/// Twice the number at a scale, and one more where it lies between two such numbers: order against what has no more decimals than
/// the scale is kept exactly.
fn scaled(number: Decimal, scale: u32) -> i64 {
    let power = |exponent: u32| 10_i128.checked_pow(exponent);
    let mantissa = number.mantissa();
    let doubled = match number.scale() {
        own if own <= scale => power(scale - own).and_then(|factor| mantissa.checked_mul(factor)?.checked_mul(2)),
        own => power(own - scale).map(|factor| 2 * mantissa.div_euclid(factor) + i128::from(mantissa.rem_euclid(factor) != 0)),
    };
    let largest = if mantissa < 0 { i64::MIN } else { i64::MAX };
    doubled.map_or(largest, |doubled| i64::try_from(doubled).unwrap_or(largest))
}

/// The numbers of a block of patients.
pub struct NumberBlock<'a> {
    numbers: &'a Numbers,
    values: Vec<[[i64; 64]; WORDS]>,
    known: Vec<Mask>,
    /// For each column and class those whose number is in it, where no more than that was put.
    classes: Vec<Vec<Mask>>,
    /// Times as they are given, to be held against their dates.
    given: Vec<Given>,
}

/// For each patient the date of evaluation, in days since 1970-01-01.
pub struct DatesOfEvaluation {
    days: [i64; WIDTH],
    known: Mask,
}

impl DatesOfEvaluation {
    /// Nobody has one yet.
    pub fn new() -> Self {
        DatesOfEvaluation {
            days: [0; WIDTH],
            known: Mask::NOBODY,
        }
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.known = Mask::NOBODY;
    }

    /// Takes that of one patient.
    pub fn put(&mut self, lane: usize, days: i64) {
        if let Some(slot) = self.days.get_mut(lane) {
            *slot = days;
            self.known |= Mask::one(lane);
        }
    }

    /// Takes that of everybody.
    pub fn put_all(&mut self, days: i64) {
        self.days.fill(days);
        self.known = Mask::EVERYBODY;
    }

    /// That of one patient.
    pub fn of(&self, lane: usize) -> Option<i64> {
        self.days.get(lane).copied().filter(|_| self.known.has(lane))
    }
}

/// A time that is given of one patient.
struct Given {
    place: usize,
    lane: usize,
    value: Decimal,
    step: Decimal,
}

impl NumberBlock<'_> {
    /// Forgets everybody.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.known.fill(Mask::NOBODY);
        self.classes.iter_mut().for_each(|column| column.fill(Mask::NOBODY));
        self.given.clear();
    }

    /// Takes a number as it is given, with one step of its unit.
    pub fn give(&mut self, NumberPlace(place): NumberPlace, lane: usize, value: Decimal, step: Decimal) {
        self.put(NumberPlace(place), lane, self.numbers.kept(NumberPlace(place), value));
        if self.numbers.is_time(NumberPlace(place)) {
            self.given.push(Given {
                place,
                lane,
                value,
                step,
            });
        }
    }

    /// Whether a time of so many days is what is given.
    fn agrees(&self, place: usize, lane: usize, days: i64) -> bool {
        let computed = Decimal::from(days) * Decimal::from(MINUTES_A_DAY);
        let mut given = self.given.iter().filter(|given| given.place == place && given.lane == lane);
        given.all(|given| settle::agrees(computed, given.value, given.step))
    }

    /// Takes a number or a date as it is kept.
    pub fn put(&mut self, NumberPlace(place): NumberPlace, lane: usize, kept: i64) {
        if let (Some(values), Some(known)) = (self.values.get_mut(place), self.known.get_mut(place))
            && let Some(slot) = values.as_flattened_mut().get_mut(lane)
        {
            *slot = kept;
            *known |= Mask::one(lane);
        }
    }

    /// Takes the numbers or dates, as they are kept, of some of sixty-four patients.
    pub fn put_all(&mut self, NumberPlace(place): NumberPlace, word: usize, kept: &[i64; 64], those: u64) {
        if let (Some(values), Some(known)) = (self.values.get_mut(place), self.known.get_mut(place))
            && let Some(values) = values.get_mut(word)
        {
            *values = *kept;
            known.put(word, those);
        }
    }

    /// Takes those whose number is in a class; false where there is no such class.
    #[inline(always)]
    pub fn put_class(&mut self, NumberPlace(place): NumberPlace, class: usize, those: Mask) -> bool {
        let own = self.classes.get_mut(place).and_then(|classes| classes.get_mut(class));
        own.is_some_and(|own| {
            *own |= those;
            true
        })
    }

    /// Takes all classes at once, each with those whose number is in it; false where there are not so many.
    #[inline(always)]
    pub fn set_classes(&mut self, NumberPlace(place): NumberPlace, of_classes: &[Mask]) -> bool {
        let own = self.classes.get_mut(place).filter(|own| own.len() == of_classes.len());
        own.is_some_and(|own| {
            own.copy_from_slice(of_classes);
            true
        })
    }

    /// The number of one patient as it is kept, where it counts itself.
    pub fn number(&self, NumberPlace(place): NumberPlace, lane: usize) -> Option<i64> {
        self.known(place).has(lane).then(|| self.value(place, lane))
    }

    /// The date of one patient, in days since 1970-01-01.
    pub fn days(&self, place: NumberPlace, lane: usize) -> Option<i64> {
        let column = self.numbers.columns.get(place.0)?;
        Some(self.number(place, lane)? / unit(column.scale))
    }

    fn known(&self, place: usize) -> Mask {
        self.known.get(place).copied().unwrap_or_default()
    }

    fn value(&self, place: usize, lane: usize) -> i64 {
        self.values
            .get(place)
            .and_then(|values| values.as_flattened().get(lane))
            .copied()
            .unwrap_or(0)
    }

    /// Computes each time from its date; gives the patients of whom a date is an error, or says otherwise than the time given.
    #[inline(always)]
    pub fn compute_times(&mut self, dates_of_evaluation: &DatesOfEvaluation) -> Mask {
        let numbers = self.numbers;
        let mut apart = Mask::NOBODY;
        for (place, column) in numbers.columns.iter().enumerate().filter(|(_, column)| column.is_date) {
            let unit = unit(column.scale);
            for lane in self.known(place).lanes() {
                let as_of = dates_of_evaluation.of(lane);
                if as_of.is_none_or(|as_of| self.value(place, lane) > as_of.saturating_mul(unit)) {
                    apart |= Mask::one(lane);
                }
            }
        }
        for (time, date) in &numbers.times {
            let dated = self.known(*date);
            let given = self.known(*time);
            let (Some(from), Some(to)) = (numbers.columns.get(*date), numbers.columns.get(*time)) else {
                continue;
            };
            for lane in (dated & !apart).lanes() {
                let days = dates_of_evaluation.of(lane).unwrap_or(0) - self.value(*date, lane) / unit(from.scale);
                if given.has(lane) && !self.agrees(*time, lane, days) {
                    apart |= Mask::one(lane);
                    continue;
                }
                match days
                    .checked_mul(MINUTES_A_DAY)
                    .and_then(|minutes| minutes.checked_mul(unit(to.scale)))
                {
                    Some(kept) => self.put(NumberPlace(*time), lane, kept),
                    None => apart |= Mask::one(lane),
                }
            }
        }
        apart
    }

    /// The patients with a fact that exceeds another that it cannot exceed, or may.
    #[inline(always)]
    pub fn out_of_order(&self) -> Mask {
        let mut apart = Mask::NOBODY;
        for (lesser, greater) in &self.numbers.orders {
            for lane in (self.known(*lesser) & self.known(*greater)).lanes() {
                let (a, b) = (self.value(*lesser, lane), self.value(*greater, lane));
                // What lies between two numbers of the scale, or is too large for it, may be more or less.
                let is_exact = a % 2 == 0 && a.abs_diff(0) < LARGE.unsigned_abs();
                if a > b || (a == b && !is_exact) {
                    apart |= Mask::one(lane);
                }
            }
        }
        apart
    }

    /// Puts into its node whose number is so large, and whose is less; gives the patients of whom more than one number was put.
    #[inline(always)]
    pub fn compare(&self, nodes: &mut [Node]) -> Mask {
        let mut twice = Mask::NOBODY;
        let columns = self.numbers.columns.iter().zip(&self.values);
        for ((column, values), (known, classes)) in columns.zip(self.known.iter().zip(&self.classes)) {
            let nodes = nodes.get_mut(column.nodes.clone()).unwrap_or_default();
            let mut so_far = Mask::NOBODY;
            let mut behind = nodes.iter_mut();
            for of_class in classes {
                twice |= so_far & *of_class;
                so_far |= *of_class;
                if let Some(node) = behind.next() {
                    let [_, less] = node.sides_mut(true);
                    *less = so_far;
                }
            }
            twice |= so_far & *known;
            so_far = Mask::NOBODY;
            for (node, of_class) in nodes.iter_mut().zip(classes.iter().skip(1)).rev() {
                so_far |= *of_class;
                let [reached, _] = node.sides_mut(true);
                *reached = so_far;
            }
            if !known.is_nobody() {
                for (node, least) in nodes.iter_mut().zip(&column.classes) {
                    let those = gathered(values, |value| value >= *least);
                    let [reached, less] = node.sides_mut(true);
                    *reached |= *known & those;
                    *less |= *known & !those;
                }
            }
        }
        twice
    }
}

/// One at a scale, as it is kept.
fn unit(scale: u32) -> i64 {
    // Where that is too large, so are all numbers, and nothing is computed.
    10_i64
        .checked_pow(scale)
        .and_then(|unit| unit.checked_mul(2))
        .unwrap_or(i64::MAX)
}

#[inline(always)]
fn gathered(values: &[[i64; 64]; WORDS], holds: impl Fn(i64) -> bool) -> Mask {
    Mask::of(|word| values.get(word).map_or(0, |values| gathered_word(values, &holds)))
}

#[inline(always)]
fn gathered_word(values: &[i64; 64], holds: impl Fn(i64) -> bool) -> u64 {
    let mut bytes = [0_u8; 64];
    bytes
        .iter_mut()
        .zip(values)
        .for_each(|(byte, value)| *byte = u8::from(holds(*value)));
    let (eights, _) = bytes.as_chunks::<8>();
    // The product moves the lowest bit of each of eight bytes into the highest byte, in their order.
    let bits = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |word, eight| word << 8 | bits(eight))
}
