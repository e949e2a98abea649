//! The last day for an effect, and whether it is past.
//!
//! In: an effect and what is known of times. Out: a day, a truth.
//! Must not know: where what is known comes from.

use super::calendar;
use crate::model::{Clock, Effect, FactId, FactType, Library, Truth, units};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What is known of times of one patient.
pub trait Times {
    /// The date of evaluation.
    fn as_of(&self) -> Option<Date>;
    /// The date that a fact has.
    fn date(&self, fact: FactId) -> Option<Date>;
    /// Whether the number of a fact is more than this, in its canonical unit.
    fn is_over(&self, fact: FactId, number: Decimal) -> Option<bool>;
}

/// The date from which a clock counts.
pub fn clock_date(times: &impl Times, clock: Clock) -> Option<Date> {
    match clock {
        Clock::Evaluation => times.as_of(),
        Clock::Date(fact) => times.date(fact),
    }
}

/// The last day for an effect, and whether it is past.
pub fn due(library: &Library, times: &impl Times, effect: &Effect) -> (Option<Date>, Option<Truth>) {
    let Some((deadline, clock)) = &effect.timing.deadline else {
        return (None, None);
    };
    let due = clock_date(times, *clock).and_then(|date| calendar::later(date, deadline.at_most()));
    let overdue = match (clock, due, times.as_of()) {
        (Clock::Evaluation, due, _) => due.map(|_| Truth::No),
        (_, Some(due), Some(as_of)) => Some(Truth::known(as_of > due)),
        (Clock::Date(fact), ..) => overdue_by_duration(library, times, *fact, deadline.at_most()),
    };
    (due, overdue)
}

/// Whether a duty is overdue where the date of its clock is unknown and the time since that date is not.
fn overdue_by_duration(library: &Library, times: &impl Times, clock: FactId, deadline: crate::model::Duration) -> Option<Truth> {
    let since = time_since(library, clock)?;
    let [shortest, longest] = lengths(deadline)?;
    Some(if !times.is_over(since, shortest)? {
        Truth::No
    } else if times.is_over(since, longest)? {
        Truth::Yes
    } else {
        Truth::Unknown
    })
}

/// The fact that is the time since a date.
pub fn time_since(library: &Library, clock: FactId) -> Option<FactId> {
    let mut facts = library.facts.iter();
    let since = facts.position(|f| matches!(f.ty, FactType::TimeSince { date } if date == clock))?;
    Some(FactId::from_index(since))
}

/// The least and the most that a duration can last by the calendar, in minutes.
pub fn lengths(duration: crate::model::Duration) -> Option<[Decimal; 2]> {
    let (shortest, longest) = calendar::span(duration)?;
    let day = Decimal::from(units::MINUTES_A_DAY);
    Some([shortest, longest].map(|days| Decimal::from(days) * day))
}
