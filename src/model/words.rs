//! The words of the language for what the model holds.
//!
//! In: modalities, urgencies, durations, types. Out: the words an author would write.
//! Must not know: sentences.

use super::units::{MINUTES_A_DAY, Unit};
use super::{Deadline, Duration, Fact, FactType, Library, Modality, Stance, Urgency};
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

/// The type of a fact, as its declaration has it.
pub fn type_words(library: &Library, ty: &FactType) -> String {
    match ty {
        FactType::YesNo => "yes/no".to_owned(),
        FactType::OneOf { values, ordered: true } => format!("one of {}", values.join(" < ")),
        FactType::OneOf { values, .. } => format!("one of {}", values.join(", ")),
        FactType::AnyOf { members } => format!("any of {}", members.join(", ")),
        FactType::Date => "date".to_owned(),
        FactType::Quantity { unit: Unit::Time(unit) } => format!("quantity in {}", unit.plural()),
        FactType::Quantity { unit } => format!("quantity in \"{}\"", unit.written()),
        FactType::Count => "count".to_owned(),
        FactType::TimeSince { date } => format!("time since {}", library[*date].name),
    }
}

/// The range of a fact's values, such as `between 0 and 120 years`.
pub fn range_words(fact: &Fact) -> Option<String> {
    let (low, high) = fact.range?;
    let (unit, divisor) = match &fact.ty {
        FactType::Quantity { unit: Unit::Time(unit) } => (unit.plural(), unit.minutes()),
        FactType::Quantity { unit } => (unit.written(), 1.into()),
        FactType::TimeSince { .. } => ("days", MINUTES_A_DAY.into()),
        _ => ("", 1.into()),
    };
    let [low, high] = [low, high].map(|end| (end / divisor).normalize());
    Some(format!("between {low} and {high} {unit}").trim_end().to_owned())
}
