//! Units of measure, converted exactly or not at all.
//!
//! In: unit words of the language and UCUM codes. Out: [`Unit`]s with exact decimal factors.
//! Must not know: facts.

use crate::model::VagueDeadline;
use rust_decimal::Decimal;

/// A unit of time in the words of the language.
///
/// In conditions a week is 7 days, a year 365.25 days and a month a twelfth of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum TimeUnit {
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

/// Minutes in a day, the step by which dates differ.
pub const MINUTES_A_DAY: i64 = 1_440;

impl TimeUnit {
    /// Every unit, shortest first.
    pub const ALL: [TimeUnit; 6] = [
        TimeUnit::Minutes,
        TimeUnit::Hours,
        TimeUnit::Days,
        TimeUnit::Weeks,
        TimeUnit::Months,
        TimeUnit::Years,
    ];

    /// Reads `week`, `weeks` and the like.
    pub fn from_word(word: &str) -> Option<Self> {
        TimeUnit::ALL.into_iter().find(|u| word == u.plural() || word == u.singular())
    }

    /// `weeks`
    pub fn plural(self) -> &'static str {
        match self {
            TimeUnit::Minutes => "minutes",
            TimeUnit::Hours => "hours",
            TimeUnit::Days => "days",
            TimeUnit::Weeks => "weeks",
            TimeUnit::Months => "months",
            TimeUnit::Years => "years",
        }
    }

    /// `week`
    pub fn singular(self) -> &'static str {
        self.plural().strip_suffix('s').unwrap_or(self.plural())
    }

    /// The length in minutes, exact under the language's convention.
    pub fn minutes(self) -> Decimal {
        Decimal::from(match self {
            TimeUnit::Minutes => 1,
            TimeUnit::Hours => 60,
            TimeUnit::Days => MINUTES_A_DAY,
            TimeUnit::Weeks => 7 * MINUTES_A_DAY,
            TimeUnit::Months => 43_830,
            TimeUnit::Years => 525_960,
        })
    }

    /// The UCUM code (`a` and `mo` are UCUM's mean Julian year and month, as here).
    fn ucum(self) -> &'static str {
        match self {
            TimeUnit::Minutes => "min",
            TimeUnit::Hours => "h",
            TimeUnit::Days => "d",
            TimeUnit::Weeks => "wk",
            TimeUnit::Months => "mo",
            TimeUnit::Years => "a",
        }
    }
}

impl VagueDeadline {
    /// The unit of the word.
    pub fn word(self) -> &'static str {
        match self {
            VagueDeadline::Hours => "hours",
            VagueDeadline::Days => "days",
            VagueDeadline::Weeks => "weeks",
            VagueDeadline::Months => "months",
        }
    }

    /// What the word allows at most: a day, a week, a month, a year.
    pub fn at_most(self) -> crate::model::Duration {
        let unit = match self {
            VagueDeadline::Hours => TimeUnit::Days,
            VagueDeadline::Days => TimeUnit::Weeks,
            VagueDeadline::Weeks => TimeUnit::Months,
            VagueDeadline::Months => TimeUnit::Years,
        };
        crate::model::Duration {
            amount: Decimal::ONE,
            unit,
        }
    }
}

/// A unit of measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A unit of time; values are kept in minutes.
    Time(TimeUnit),
    /// A UCUM unit; values are kept in the declared unit.
    Ucum(String),
}

/// Why a unit does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitError {
    /// Neither a unit word nor a UCUM code.
    Unknown,
    /// Another dimension, such as kilograms for weeks.
    Incommensurable,
    /// The same dimension, but no exact decimal factor between the two.
    Inexact,
    /// The number left the range of exact decimals.
    TooLarge,
}

impl Unit {
    /// Reads a unit as written: a word of the language, or a UCUM code.
    ///
    /// # Errors
    ///
    /// [`UnitError::Unknown`] for anything else.
    pub fn read(text: &str, quoted: bool) -> Result<Unit, UnitError> {
        if let Some(time) = TimeUnit::from_word(text) {
            return Ok(Unit::Time(time));
        }
        if !quoted && text.chars().all(|c| c.is_ascii_alphabetic()) && text.len() > 5 {
            return Err(UnitError::Unknown);
        }
        if let Some(time) = TimeUnit::ALL
            .into_iter()
            .find(|u| u.ucum() == text || (text == "a_j" && *u == TimeUnit::Years))
        {
            return Ok(Unit::Time(time));
        }
        // The library reads units by recursion; none that measures anything is as long as this.
        if text.len() > crate::limits::NAME_CHARACTERS {
            return Err(UnitError::Unknown);
        }
        match ucum::validate(text) {
            Ok(()) => Ok(Unit::Ucum(text.to_owned())),
            Err(_) => Err(UnitError::Unknown),
        }
    }

    /// The unit as an author would write it after a number.
    pub fn written(&self) -> &str {
        match self {
            Unit::Time(time) => time.plural(),
            Unit::Ucum(code) => code,
        }
    }

    /// The factor from one `given` unit to the canonical unit of a fact declared in `self`:
    /// minutes for durations, the declared unit for everything else.
    ///
    /// # Errors
    ///
    /// [`UnitError::Incommensurable`] for another dimension; [`UnitError::Inexact`] where no exact decimal factor exists,
    /// as between feet and yards of different surveys or between degrees Celsius and Fahrenheit.
    pub fn factor_from(&self, given: &Unit) -> Result<Decimal, UnitError> {
        match (self, given) {
            (Unit::Time(_), Unit::Time(given)) => Ok(given.minutes()),
            (Unit::Ucum(declared), Unit::Ucum(given)) if declared == given => Ok(Decimal::ONE),
            (Unit::Ucum(declared), Unit::Ucum(given)) => exact_factor(given, declared),
            _ => Err(UnitError::Incommensurable),
        }
    }

    /// Converts an amount of `given` into the canonical unit of a fact declared in `self`.
    ///
    /// # Errors
    ///
    /// As [`Unit::factor_from`], and [`UnitError::TooLarge`] where the result is no exact decimal any more.
    pub fn canonical(&self, amount: Decimal, given: &Unit) -> Result<Decimal, UnitError> {
        scaled(amount, self.factor_from(given)?)
    }
}

/// An amount times a factor, exactly.
///
/// # Errors
///
/// [`UnitError::TooLarge`] where the result is no exact decimal any more.
pub fn scaled(amount: Decimal, factor: Decimal) -> Result<Decimal, UnitError> {
    let product = amount.checked_mul(factor).ok_or(UnitError::TooLarge)?;
    // INVARIANT: values are exact. A product that had to be rounded to fit is refused.
    if amount.scale() + factor.scale() > Decimal::MAX_SCALE {
        return Err(UnitError::TooLarge);
    }
    Ok(product.normalize())
}

/// The factor between two UCUM units if it is a short exact decimal.
///
/// The library computes in binary floating point; a factor is accepted only if its shortest decimal form is short enough
/// to be the table's own number and the way back agrees.
fn exact_factor(given: &str, declared: &str) -> Result<Decimal, UnitError> {
    match ucum::is_comparable(given, declared) {
        Ok(true) => {}
        Ok(false) => return Err(UnitError::Incommensurable),
        Err(_) => return Err(UnitError::Unknown),
    }
    let convert = |value: f64| ucum::convert(value, given, declared).map_err(|_| UnitError::Inexact);
    let (zero, one, thousand) = (convert(0.0)?, convert(1.0)?, convert(1000.0)?);
    let factor: Decimal = format!("{one}").parse().map_err(|_| UnitError::Inexact)?;
    let digits = factor.normalize().mantissa().unsigned_abs().to_string().len();
    let linear = zero == 0.0 && (thousand - 1000.0 * one).abs() <= thousand.abs() * 1e-12;
    if linear && digits <= 9 && !factor.is_zero() {
        Ok(factor.normalize())
    } else {
        Err(UnitError::Inexact)
    }
}
