//! Last days for effects of patients in a block: what [`crate::eval::due`] says of what the block keeps.
//!
//! In: facts of a block. Out: days, truths.

use super::numbers::NumberPlace;
use super::{Columns, Facts};
use crate::eval::due::{self, Times, lengths, time_since};
use crate::model::{Clock, EffectId, FactId, Library, Truth, date_since_epoch};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How a block keeps the clock of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// There is no deadline.
    NoDeadline,
    /// The same for everybody who is evaluated on one day.
    AsOf,
    /// For each patient.
    Dated,
    /// Not as exactly as it has to be.
    Apart,
}

/// The largest date that the calendar has, and more, in days since 1970-01-01.
const DAYS: i64 = 10_000_000;

impl Columns {
    /// How blocks keep the clock of an effect.
    pub fn clock(&self, library: &Library, effect: EffectId) -> Kept {
        let Some((deadline, clock)) = &library[effect].timing.deadline else {
            return Kept::NoDeadline;
        };
        let Clock::Date(fact) = clock else { return Kept::AsOf };
        let is_near = |fact: FactId, number: Decimal| {
            let place = self.numbers.place(fact);
            place.is_some_and(|place| self.numbers.is_near(place, number))
        };
        let is_time_near = |since: FactId| {
            let longest = lengths(deadline.at_most()).into_iter().flatten();
            longest.into_iter().all(|length| is_near(since, length))
        };
        match is_near(*fact, Decimal::from(DAYS)) && time_since(library, *fact).is_none_or(is_time_near) {
            true => Kept::Dated,
            false => Kept::Apart,
        }
    }
}

impl Facts<'_> {
    /// The last day for an effect of one patient, and whether it is past; nothing, where that cannot be said here.
    pub fn due(&self, library: &Library, effect: EffectId, lane: usize) -> Option<(Option<Date>, Option<Truth>)> {
        let of_lane = OfLane { facts: self, lane };
        let (due, overdue) = due::due(library, &of_lane, &library[effect]);
        // Where the calendar ends, the time that was recorded counts, and what is kept is the one computed.
        let clock = library[effect].timing.deadline.as_ref().map(|(_, clock)| *clock);
        let is_dated = clock.is_some_and(|clock| due::clock_date(&of_lane, clock).is_some());
        (due.is_some() || !is_dated).then_some((due, overdue))
    }

    /// The date of evaluation of one patient, in days since 1970-01-01.
    pub fn as_of(&self, lane: usize) -> Option<i64> {
        self.dates_of_evaluation.of(lane)
    }
}

struct OfLane<'f, 'a> {
    facts: &'f Facts<'a>,
    lane: usize,
}

impl OfLane<'_, '_> {
    fn place(&self, fact: FactId) -> Option<NumberPlace> {
        self.facts.columns.numbers.place(fact)
    }
}

impl Times for OfLane<'_, '_> {
    fn as_of(&self) -> Option<Date> {
        date_since_epoch(self.facts.as_of(self.lane)?)
    }

    fn date(&self, fact: FactId) -> Option<Date> {
        date_since_epoch(self.facts.numbers.days(self.place(fact)?, self.lane)?)
    }

    fn is_over(&self, fact: FactId, number: Decimal) -> Option<bool> {
        let place = self.place(fact)?;
        let kept = self.facts.numbers.number(place, self.lane)?;
        Some(kept > self.facts.columns.numbers.kept(place, number))
    }
}
