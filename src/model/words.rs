//! The words of the language for what the model holds.
//!
//! In: modalities, urgencies, durations. Out: the words an author would write.
//! Must not know: sentences.

use super::{Deadline, Duration, Modality, Stance, Urgency};
use crate::ast::Bound;
use rust_decimal::Decimal;
use std::fmt;

impl Modality {
    /// `recommend`, `consider`, `avoid` or `never`.
    pub fn word(self) -> &'static str {
        match self {
            Modality::Recommend => "recommend",
            Modality::Consider => "consider",
            Modality::Avoid => "avoid",
            Modality::Never => "never",
        }
    }
}

impl Urgency {
    /// `immediate`, `urgent` or `routine`.
    pub fn word(self) -> &'static str {
        match self {
            Urgency::Immediate => "immediate",
            Urgency::Urgent => "urgent",
            Urgency::Routine => "routine",
        }
    }
}

impl Stance {
    /// `about`, `for` or `against`.
    pub fn word(self) -> &'static str {
        match self {
            Stance::About => "about",
            Stance::For => "for",
            Stance::Against => "against",
        }
    }
}

/// `2 weeks`, `1 month`
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amount = self.amount.normalize();
        let unit = if amount == Decimal::ONE {
            self.unit.singular()
        } else {
            self.unit.plural()
        };
        write!(f, "{amount} {unit}")
    }
}

/// `2 weeks`, `hours`
impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deadline::Exact(duration) => duration.fmt(f),
            Deadline::Vague(word) => f.write_str(word.word()),
        }
    }
}

/// `at least 6 weeks`
pub fn lasting(bound: Option<Bound>, duration: Duration) -> String {
    match bound {
        Some(Bound::AtLeast) => format!("at least {duration}"),
        Some(Bound::AtMost) => format!("at most {duration}"),
        None => duration.to_string(),
    }
}
