//! Numbers cut into regions: what tests cannot tell apart lies in one.
//!
//! In: a library. Out: for each number its thresholds, the regions between and on them, and a value in each.
//! Must not know: patients, assumptions other than orders.

use super::units::{MINUTES_A_DAY, TimeUnit, Unit};
use super::{Comparison, FactId, FactType, Library, Term, Test, date_since_epoch};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// A set of regions of one variable, a bit each.
pub type Mask = u128;

/// The most regions of one fact that are told apart.
pub const REGIONS: usize = 128;

/// One region of a number: a threshold, or the gap between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// The threshold itself.
    Point(Decimal),
    /// Both ends excluded.
    Gap(Option<Decimal>, Option<Decimal>),
}

/// Where the tests of a library cut each number.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The thresholds of each number, ascending; facts that an order compares share theirs.
    cuts: BTreeMap<FactId, Vec<Decimal>>,
}

impl Grid {
    /// Gathers the thresholds.
    pub fn new(library: &Library) -> Self {
        let mut cuts: BTreeMap<FactId, BTreeSet<Decimal>> = BTreeMap::new();
        for (Term::Fact(fact), test) in &library.tests {
            if let Test::Compare { than, .. } = test {
                cuts.entry(*fact).or_default().insert(*than);
            }
        }
        let orders: Vec<(FactId, FactId)> = library.assumptions.iter().filter_map(|a| a.kind.order()).collect();
        // Where ranges end matters as well, since one fact's range then cuts the other.
        for fact in orders.iter().flat_map(|(lesser, greater)| [lesser, greater]) {
            let ends = library[*fact].range.into_iter().flat_map(|(low, high)| [low, high]);
            cuts.entry(*fact).or_default().extend(ends);
        }
        // Each round spreads thresholds by one order; there are no longer chains than orders.
        for _ in &orders {
            for (lesser, greater) in &orders {
                let mut both = cuts.get(lesser).cloned().unwrap_or_default();
                both.extend(cuts.get(greater).into_iter().flatten().copied());
                cuts.insert(*lesser, both.clone());
                cuts.insert(*greater, both);
            }
        }
        let sorted = cuts.into_iter().map(|(fact, cuts)| (fact, cuts.into_iter().collect()));
        Grid { cuts: sorted.collect() }
    }

    fn cuts(&self, fact: FactId) -> &[Decimal] {
        self.cuts.get(&fact).map_or(&[], Vec::as_slice)
    }

    /// Whether the number has more regions than are told apart.
    pub fn is_too_fine(&self, fact: FactId) -> bool {
        2 * self.cuts(fact).len() + 1 > REGIONS
    }

    /// The regions of a number, in order.
    pub fn regions(&self, fact: FactId) -> Vec<Region> {
        let cuts = self.cuts(fact);
        let mut regions = vec![Region::Gap(None, cuts.first().copied())];
        for (index, cut) in cuts.iter().enumerate() {
            regions.push(Region::Point(*cut));
            regions.push(Region::Gap(Some(*cut), cuts.get(index + 1).copied()));
        }
        regions
    }

    /// The regions of a number in which a comparison with one of its thresholds holds.
    pub fn regions_where(&self, fact: FactId, comparison: Comparison, than: Decimal) -> Mask {
        let cuts = self.cuts(fact);
        let place = cuts.binary_search(&than).map_or(0, |at| 2 * at + 1);
        let holds = |region: &usize| comparison.holds(Decimal::from(*region), Decimal::from(place));
        let regions = 0..(2 * cuts.len() + 1).min(REGIONS);
        regions.filter(holds).fold(0, |mask, region| mask | 1 << region)
    }
}

/// The day so many days after 1970 began.
pub fn date_of(days: Decimal) -> Option<jiff::civil::Date> {
    date_since_epoch(days.try_into().ok()?)
}

/// A value in the region, as short as possible in the unit of the fact, or nothing if no patient can have one.
pub fn sample(ty: &FactType, range: Option<(Decimal, Decimal)>, region: Region) -> Option<(Decimal, String)> {
    let floor = match ty {
        FactType::Date => None,
        _ => Some(Decimal::ZERO),
    };
    let low = match (floor, range.map(|r| r.0)) {
        (Some(floor), Some(low)) => Some(floor.max(low)),
        (floor, low) => floor.or(low),
    };
    let high = range.map(|r| r.1);
    let inside = |value: &Decimal| {
        low.is_none_or(|low| low <= *value)
            && high.is_none_or(|high| *value <= high)
            && match region {
                Region::Point(point) => *value == point,
                Region::Gap(from, to) => from.is_none_or(|from| from < *value) && to.is_none_or(|to| *value < to),
            }
    };
    let steps: Vec<(Decimal, String)> = match ty {
        FactType::Date | FactType::Count => vec![(Decimal::ONE, String::new())],
        FactType::TimeSince { .. } => time_steps(TimeUnit::Days),
        FactType::Quantity { unit: Unit::Time(unit) } => time_steps(*unit),
        FactType::Quantity { unit } => [1, 10, 100, 1000]
            .iter()
            .map(|part| (Decimal::ONE / Decimal::from(*part), unit.written().to_owned()))
            .collect(),
        _ => return None,
    };
    // The lowest whole number of steps above the lower end of the region and the range.
    let start = match region {
        Region::Point(point) => Some(point),
        Region::Gap(from, _) => from.max(low),
    };
    let start = start.unwrap_or_else(|| match region {
        Region::Gap(None, Some(to)) => to - Decimal::ONE,
        _ => Decimal::ZERO,
    });
    // In the middle of a region that ends, else right after where it begins: what a reader would think of first.
    let end = match (region, high) {
        (Region::Gap(_, Some(to)), Some(high)) => Some(to.min(high)),
        (Region::Gap(_, to), high) => to.or(high),
        (Region::Point(_), _) => None,
    };
    let middle = end.map(|end| (start + end) / Decimal::TWO);
    for (step, word) in &steps {
        let whole = (start / step).floor();
        let central = middle.map(|middle| (middle / step).floor());
        for amount in central.into_iter().chain((0..=2).map(|more| whole + Decimal::from(more))) {
            let value = (amount * step).normalize();
            if inside(&value) {
                return Some((
                    value,
                    written(
                        ty,
                        value,
                        amount * if word.is_empty() || is_time(ty) { Decimal::ONE } else { *step },
                        word,
                    ),
                ));
            }
        }
    }
    match (ty, region) {
        (FactType::Date | FactType::Count, _) => None,
        (_, Region::Point(point)) if inside(&point) => Some((point, in_smallest(ty, point))),
        (_, Region::Gap(from, to)) => {
            let from = from.max(low)?;
            let to = match (to, high) {
                (Some(to), Some(high)) => to.min(high),
                (to, high) => to.or(high)?,
            };
            let middle = (from + to) / Decimal::TWO;
            inside(&middle).then(|| (middle, in_smallest(ty, middle)))
        }
        _ => None,
    }
}

fn is_time(ty: &FactType) -> bool {
    matches!(ty, FactType::TimeSince { .. } | FactType::Quantity { unit: Unit::Time(_) })
}

/// The fact's own unit first, then shorter ones.
fn time_steps(own: TimeUnit) -> Vec<(Decimal, String)> {
    let shorter = TimeUnit::ALL.into_iter().rev().filter(|u| u.minutes() < own.minutes());
    let units = std::iter::once(own).chain(shorter);
    units.map(|u| (u.minutes(), u.plural().to_owned())).collect()
}

fn written(ty: &FactType, value: Decimal, amount: Decimal, word: &str) -> String {
    match ty {
        FactType::Date => date_of(value).map(|d| d.to_string()).unwrap_or_default(),
        FactType::Count => value.to_string(),
        _ => {
            let amount = amount.normalize();
            let word = match TimeUnit::from_word(word) {
                Some(unit) if amount == Decimal::ONE => unit.singular(),
                _ => word,
            };
            format!("{amount} {word}")
        }
    }
}

fn in_smallest(ty: &FactType, value: Decimal) -> String {
    match ty {
        FactType::Quantity { unit } if !is_time(ty) => format!("{} {}", value.normalize(), unit.written()),
        _ if (value % Decimal::from(MINUTES_A_DAY)).is_zero() => {
            format!("{} days", (value / Decimal::from(MINUTES_A_DAY)).normalize())
        }
        _ => format!("{} minutes", value.normalize()),
    }
}
