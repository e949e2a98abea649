//! Numbers and dates of sixty-four patients, compared exactly as scaled integers.
//!
//! In: what is recorded. Out: the words of comparisons.

use super::{Lanes, WIDTH};
use crate::eval::calendar;
use crate::model::units::MINUTES_A_DAY;
use crate::model::{
    AssumptionKind, Comparison, Entry, FactId, FactType, Library, Record, Recorded, Term, Test, TestId, days_since_epoch,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The comparisons of a library.
#[derive(Debug, Clone)]
pub struct Numbers {
    columns: Vec<Column>,
    by_fact: BTreeMap<FactId, usize>,
    /// Each time with the date that it is counted from.
    times: Vec<(FactId, FactId)>,
}

/// A fact that is compared.
#[derive(Debug, Clone)]
struct Column {
    /// Numbers are kept times ten to this power.
    scale: u32,
    tests: Vec<(TestId, Comparison, i64)>,
}

/// The larger numbers of either kind are all alike: no threshold is near them.
const LARGE: i64 = i64::MAX / 4;

impl Numbers {
    /// Takes the comparisons from a library; none where a threshold does not fit.
    pub fn new(library: &Library) -> Option<Numbers> {
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
        let (mut columns, mut by_fact) = (Vec::new(), BTreeMap::new());
        for (fact, thresholds) in thresholds {
            let scale = thresholds.iter().map(|(.., than)| than.scale()).max().unwrap_or(0);
            let mut tests = Vec::new();
            for (test, comparison, than) in thresholds {
                let than = scaled(than, scale);
                if than.abs() >= LARGE {
                    return None;
                }
                tests.push((test, comparison, than));
            }
            by_fact.insert(fact, columns.len());
            columns.push(Column { scale, tests });
        }
        let facts = library.facts.iter().enumerate();
        let times = facts.filter_map(|(index, fact)| match fact.ty {
            FactType::TimeSince { date } => Some((FactId::from_index(index), date)),
            _ => None,
        });
        Some(Numbers {
            columns,
            by_fact,
            times: times.collect(),
        })
    }

    /// Nothing is known of anybody yet.
    pub fn block(&self) -> NumberBlock<'_> {
        NumberBlock {
            numbers: self,
            values: vec![[0; WIDTH]; self.columns.len()],
            known: vec![0; self.columns.len()],
        }
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

/// The numbers of sixty-four patients.
pub struct NumberBlock<'a> {
    numbers: &'a Numbers,
    values: Vec<[i64; WIDTH]>,
    known: Vec<u64>,
}

impl NumberBlock<'_> {
    /// Takes a number or a date; false where it is not understood here.
    pub fn put(&mut self, lane: usize, entry: &Entry) -> bool {
        let value = match &entry.recorded {
            Recorded::Number { value, .. } => *value,
            Recorded::Date(date) => date_number(*date),
            _ => return false,
        };
        self.set(lane, entry.fact, value);
        true
    }

    fn set(&mut self, lane: usize, fact: FactId, value: Decimal) {
        let Some(index) = self.numbers.by_fact.get(&fact).copied() else {
            return;
        };
        let Some(column) = self.numbers.columns.get(index) else {
            return;
        };
        if let Some(slot) = self.values.get_mut(index).and_then(|values| values.get_mut(lane)) {
            *slot = scaled(value, column.scale);
        }
        if let Some(known) = self.known.get_mut(index) {
            *known |= 1 << lane;
        }
    }

    /// Computes each time from its date; false where a date is an error, or stands beside the time since it.
    pub fn compute_times(&mut self, lane: usize, record: &Record) -> bool {
        let as_of = record.as_of.map(|(date, _)| date);
        let numbers = self.numbers;
        for entry in &record.entries {
            let Recorded::Date(date) = &entry.recorded else { continue };
            let Some(as_of) = as_of.filter(|as_of| date <= as_of) else {
                return false;
            };
            for (time, _) in numbers.times.iter().filter(|(_, of)| *of == entry.fact) {
                if record.entries.iter().any(|other| other.fact == *time) {
                    return false;
                }
                self.set(lane, *time, elapsed(*date, as_of));
            }
        }
        true
    }

    /// Whether no fact exceeds another that it cannot exceed.
    pub fn in_order(&self, library: &Library, lane: usize, record: &Record) -> bool {
        debug_assert!(lane < WIDTH, "a block has so many lanes");
        let orders = library.assumptions.iter().filter_map(|assumption| match assumption.kind {
            AssumptionKind::Order { lesser, greater } => Some((lesser, greater)),
            _ => None,
        });
        orders
            .filter_map(|(lesser, greater)| Some((self.exact(library, record, lesser)?, self.exact(library, record, greater)?)))
            .all(|(lesser, greater)| lesser <= greater)
    }

    fn exact(&self, library: &Library, record: &Record, fact: FactId) -> Option<Decimal> {
        let recorded = record
            .entries
            .iter()
            .find(|entry| entry.fact == fact)
            .map(|entry| &entry.recorded);
        match (recorded, &library[fact].ty) {
            (Some(Recorded::Number { value, .. }), _) => Some(*value),
            (Some(Recorded::Date(date)), _) => Some(date_number(*date)),
            (None, FactType::TimeSince { date }) => {
                let (as_of, _) = record.as_of?;
                record.entries.iter().find_map(|entry| match &entry.recorded {
                    Recorded::Date(begun) if entry.fact == *date => Some(elapsed(*begun, as_of)),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// The words of every comparison.
    pub fn tests(&self) -> BTreeMap<TestId, Lanes> {
        let mut words = BTreeMap::new();
        let columns = self.numbers.columns.iter().zip(&self.values).zip(&self.known);
        for ((column, values), known) in columns {
            for (test, comparison, than) in &column.tests {
                let word = match comparison {
                    Comparison::AtLeast => gathered(values, |value| value >= *than),
                    Comparison::AtMost => gathered(values, |value| value <= *than),
                    Comparison::Over => gathered(values, |value| value > *than),
                    Comparison::Under => gathered(values, |value| value < *than),
                    Comparison::Equal => gathered(values, |value| value == *than),
                };
                let lanes = Lanes {
                    holds: known & word,
                    fails: known & !word,
                };
                words.insert(*test, lanes);
            }
        }
        words
    }
}

fn gathered(values: &[i64; WIDTH], holds: impl Fn(i64) -> bool) -> u64 {
    let bits = values.iter().enumerate();
    bits.fold(0, |word, (lane, value)| word | (u64::from(holds(*value)) << lane))
}

fn elapsed(from: Date, to: Date) -> Decimal {
    Decimal::from(calendar::days_between(from, to)) * Decimal::from(MINUTES_A_DAY)
}

fn date_number(date: Date) -> Decimal {
    Decimal::from(days_since_epoch(date))
}
