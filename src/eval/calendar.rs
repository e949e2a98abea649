//! Calendar arithmetic: due dates, spans of months.
//!
//! In: dates and durations. Out: dates, days.
//! Must not know: facts.

use crate::model::Duration;
use crate::model::units::TimeUnit;
use jiff::Span;
use jiff::civil::{Date, date};
use rust_decimal::prelude::ToPrimitive;

/// Whole days from one date to another.
pub fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// A date some time later by the calendar; the end of a month clamps, hours and minutes are due on the next date, or later by
/// as many whole days as they have.
///
/// Nothing where the calendar ends.
pub fn later(date: Date, by: Duration) -> Option<Date> {
    let whole = by.amount.is_integer().then(|| by.amount.to_i64()).flatten();
    match (by.unit, whole) {
        (TimeUnit::Days, Some(n)) => date.checked_add(Span::new().try_days(n).ok()?).ok(),
        (TimeUnit::Weeks, Some(n)) => date.checked_add(Span::new().try_weeks(n).ok()?).ok(),
        (TimeUnit::Months, Some(n)) => date.checked_add(Span::new().try_months(n).ok()?).ok(),
        (TimeUnit::Years, Some(n)) => date.checked_add(Span::new().try_years(n).ok()?).ok(),
        _ => {
            // The time of day is not known, so the earlier date is the safe one, but never the same day.
            let days = (by.minutes()? / TimeUnit::Days.minutes()).floor().to_i64()?.max(1);
            date.checked_add(Span::new().try_days(days).ok()?).ok()
        }
    }
}

/// The fewest and the most days that a duration can last by the calendar.
pub fn span(duration: Duration) -> Option<(i64, i64)> {
    let months = match duration.unit {
        TimeUnit::Months => duration.amount,
        TimeUnit::Years => duration.amount.checked_mul(12.into())?,
        _ => {
            let days = (duration.minutes()? / TimeUnit::Days.minutes()).ceil().to_i64()?;
            return Some((days, days));
        }
    };
    if !months.is_integer() {
        let days = (duration.minutes()? / TimeUnit::Days.minutes()).ceil().to_i64()?;
        return Some((days, days));
    }
    span_of_months(months.to_i64()?)
}

/// The fewest and the most days in so many months, over all days of four years on which they can start.
pub fn span_of_months(months: i64) -> Option<(i64, i64)> {
    let mut extremes: Option<(i64, i64)> = None;
    for month in (2023..2027).flat_map(|year| (1..=12).map(move |month| date(year, month, 1))) {
        // Within one month the earliest start takes the most days, and the latest the fewest, because the end clamps.
        for start in [month, month.last_of_month()] {
            let end = start.checked_add(Span::new().try_months(months).ok()?).ok()?;
            let days = days_between(start, end);
            extremes = Some(extremes.map_or((days, days), |(low, high)| (low.min(days), high.max(days))));
        }
    }
    extremes
}

/// The unit of a quantity as written, such as `7 weeks`.
pub fn unit_of(written: &str) -> Option<TimeUnit> {
    TimeUnit::from_word(written.split_whitespace().nth(1)?.trim_matches('"'))
}

/// How many whole months a threshold as written has, if it is in months or years.
pub fn whole_months(written: &str) -> Option<i64> {
    let amount: i64 = written.split_whitespace().next()?.parse().ok()?;
    match unit_of(written)? {
        TimeUnit::Months => Some(amount),
        TimeUnit::Years => amount.checked_mul(12),
        _ => None,
    }
}
