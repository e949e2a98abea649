//! Amounts: which numbers a fact can have, cut where conditions look, and how a number is written.

use crate::limits;
use crate::model::FactType;
use crate::model::units::{MINUTES_A_DAY, TimeUnit, Unit};
use fastrand::Rng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeSet;

/// What numbers of a fact count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scale {
    /// Minutes, and the unit in which they are best written.
    Time(TimeUnit),
    /// A UCUM unit.
    Ucum(String),
    /// Whole numbers.
    Count,
    /// Days from 1970-01-01.
    Days,
}

impl Scale {
    pub(super) fn of(ty: &FactType) -> Scale {
        match ty {
            FactType::Quantity { unit: Unit::Time(unit) } => Scale::Time(*unit),
            FactType::Quantity { unit: Unit::Ucum(code) } => Scale::Ucum(code.clone()),
            FactType::TimeSince { .. } => Scale::Time(TimeUnit::Days),
            FactType::Date => Scale::Days,
            _ => Scale::Count,
        }
    }

    /// The step from one number to the next that somebody would write.
    fn usual(&self) -> Decimal {
        match self {
            Scale::Time(unit) => unit.minutes(),
            _ => Decimal::ONE,
        }
    }

    /// The step from a threshold to the numbers beside it.
    fn beside(&self, threshold: Decimal) -> Decimal {
        let longest = LONGEST
            .iter()
            .map(|unit| unit.minutes())
            .find(|unit| (threshold / unit).is_integer());
        match self {
            Scale::Time(unit) => longest.unwrap_or(Decimal::ONE).min(unit.minutes()),
            _ => Decimal::ONE,
        }
    }

    /// The smallest step of all: numbers with so many decimals.
    fn decimals(&self, known: &[Decimal]) -> u32 {
        match self {
            Scale::Ucum(_) => {
                let most = known.iter().map(Decimal::scale).max().unwrap_or(0) + 1;
                let digits = |n: &Decimal| n.trunc().mantissa().unsigned_abs().to_string().len();
                let whole = known.iter().map(digits).max().unwrap_or(0);
                let room = u32::try_from(limits::NUMBER_DIGITS.saturating_sub(whole)).unwrap_or(0);
                most.min(room)
            }
            _ => 0,
        }
    }
}

pub(super) fn minutes_a_day() -> Decimal {
    Decimal::from(MINUTES_A_DAY)
}

/// All numbers that a fact can have, in pieces of which each test is true or false as a whole.
#[derive(Debug, Clone)]
pub(super) struct Line {
    cells: Vec<Cell>,
    /// Numbers on and beside what conditions compare with, and both ends.
    edges: Vec<Decimal>,
    low: Decimal,
    high: Decimal,
    /// The step of numbers that lie anywhere.
    step: Decimal,
    /// The smallest step.
    finest: Decimal,
}

/// The numbers from the first to the last, both included; one alone where a condition compares with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    first: Decimal,
    last: Decimal,
}

impl Line {
    /// The line between two numbers, cut at the thresholds.
    pub(super) fn new(scale: &Scale, low: Decimal, high: Decimal, thresholds: &BTreeSet<Decimal>) -> Self {
        let known: Vec<Decimal> = thresholds.iter().copied().chain([low, high]).map(|n| n.normalize()).collect();
        let finest = Decimal::new(1, scale.decimals(&known));
        let mut usual = scale.usual();
        // A narrow range, such as that of a pH, needs smaller steps than ones.
        while usual > finest && (high - low) / usual < Decimal::from(20) && matches!(scale, Scale::Ucum(_)) {
            usual = (usual / Decimal::TEN).max(finest);
        }
        let mut line = Line {
            cells: Vec::new(),
            edges: Vec::new(),
            low,
            high,
            step: usual,
            finest,
        };
        let inside: Vec<Decimal> = thresholds.iter().copied().filter(|t| low <= *t && *t <= high).collect();
        let mut before = None;
        for threshold in &inside {
            line.between(before, Some(*threshold));
            // No date has half a day; a time can be written in the words of its threshold.
            if matches!(scale, Scale::Time(_)) || (*threshold / finest).is_integer() {
                let (first, last) = (*threshold, *threshold);
                line.cells.push(Cell { first, last });
            }
            before = Some(*threshold);
        }
        line.between(before, None);
        let near = inside.iter().flat_map(|t| [*t - scale.beside(*t), *t, *t + scale.beside(*t)]);
        // A minute beside 50 years is on the other side of them as well, but nobody records it.
        let ends = line.cells.iter().flat_map(|cell| [cell.first, cell.last]);
        let ends = ends.filter(|end| !matches!(scale, Scale::Time(_)) || *end == low || *end == high);
        let edges: BTreeSet<Decimal> = near.chain(ends).collect();
        let is_step = |edge: &Decimal| inside.contains(edge) || (*edge / finest).is_integer();
        line.edges = edges
            .into_iter()
            .filter(|edge| is_step(edge) && line.cell(*edge).is_some())
            .collect();
        line
    }

    /// Adds the numbers between two thresholds, or from the low end, or up to the high end.
    fn between(&mut self, after: Option<Decimal>, before: Option<Decimal>) {
        let finest = self.finest;
        let first = match after {
            None => (self.low / finest).ceil() * finest,
            Some(after) => (after / finest).floor() * finest + finest,
        };
        let last = match before {
            None => (self.high / finest).floor() * finest,
            Some(before) => (before / finest).ceil() * finest - finest,
        };
        if first <= last {
            self.cells.push(Cell { first, last });
        }
    }

    /// How many pieces there are.
    pub(super) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Any number of a piece, to test it with.
    pub(super) fn sample(&self, cell: usize) -> Option<Decimal> {
        self.cells.get(cell).map(|cell| cell.first)
    }

    /// The piece in which a number lies.
    pub(super) fn cell(&self, number: Decimal) -> Option<usize> {
        let after = self.cells.partition_point(|cell| cell.first <= number);
        let cell = after.checked_sub(1)?;
        (number <= self.cells.get(cell)?.last).then_some(cell)
    }

    /// Numbers to try, the best first: some on or beside a threshold, some anywhere, and one in each allowed piece.
    pub(super) fn candidates(&self, is_allowed: &dyn Fn(usize) -> bool, random: &mut Rng) -> Vec<Decimal> {
        let mut numbers = Vec::new();
        for _ in 0..TRIES {
            let edge = usize::try_from(random.u64(0..(self.edges.len() as u64).max(1))).ok();
            let number = match edge.and_then(|edge| self.edges.get(edge)) {
                Some(edge) if random.bool() => *edge,
                _ => self.anywhere(self.low, self.high, random),
            };
            if self.cell(number).is_some_and(is_allowed) {
                numbers.push(number);
            }
        }
        let allowed = self.cells.iter().enumerate().filter(|(cell, _)| is_allowed(*cell));
        let mut rest: Vec<Decimal> = allowed
            .map(|(_, cell)| self.anywhere(cell.first, cell.last, random))
            .collect();
        super::search::shuffle(&mut rest, random);
        numbers.extend(rest);
        numbers
    }

    /// A number between two, by the usual step if there is one.
    fn anywhere(&self, first: Decimal, last: Decimal, random: &mut Rng) -> Decimal {
        let by = |step: Decimal, random: &mut Rng| {
            let (from, to) = ((first / step).ceil(), (last / step).floor());
            let steps = (to - from).to_u64().filter(|_| from <= to)?;
            Some((from + Decimal::from(random.u64(0..=steps))) * step)
        };
        by(self.step, random).or_else(|| by(self.finest, random)).unwrap_or(first)
    }
}

/// The units of time in which a number may be short.
const LONGEST: [TimeUnit; 5] = [
    TimeUnit::Years,
    TimeUnit::Months,
    TimeUnit::Weeks,
    TimeUnit::Days,
    TimeUnit::Hours,
];

/// How many numbers are drawn before every piece is tried.
const TRIES: usize = 8;

/// The number as a record has it: in the usual unit where it is whole, or the longest one in which it is.
pub(super) fn written(scale: &Scale, value: Decimal) -> String {
    let value = value.normalize();
    match scale {
        Scale::Ucum(code) => format!("{value} {code}"),
        Scale::Count | Scale::Days => value.to_string(),
        Scale::Time(usual) => {
            let is_short = |unit: &TimeUnit, decimals| {
                let amount = (value / unit.minutes()).normalize();
                amount.scale() <= decimals && amount * unit.minutes() == value
            };
            let unit = Some(*usual)
                .filter(|unit| is_short(unit, 0))
                .or_else(|| LONGEST.into_iter().find(|unit| is_short(unit, 0)))
                .or(Some(*usual).filter(|unit| is_short(unit, 1)))
                .unwrap_or(TimeUnit::Minutes);
            let amount = (value / unit.minutes()).normalize();
            let unit = if amount == Decimal::ONE {
                unit.singular()
            } else {
                unit.plural()
            };
            format!("{amount} {unit}")
        }
    }
}
