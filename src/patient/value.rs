//! One value, read by the declared type of its fact.

use super::errors;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::model::units::{Unit, UnitError};
use crate::model::{Fact, FactId, FactType, Library, Recorded};
use crate::source::Span;
use crate::suggest;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Reads the text of a value.
///
/// # Errors
///
/// A finding at `span`, with the declaration of the fact beside it.
pub fn read_value(library: &Library, fact: FactId, text: &str, span: Span) -> Result<Recorded, Diagnostic> {
    let declared = &library[fact];
    let whole = text;
    // A blank that a word processor put there is shown to its author, not taken for one.
    if let Some(blank) = text.chars().find(|c| c.is_whitespace() && !c.is_ascii()) {
        return Err(errors::foreign_blank(blank, span));
    }
    let text = text.trim();
    if text == "unknown" {
        return Ok(Recorded::Unknown);
    }
    if matches!(text, "null" | "~" | "") {
        return Err(errors::null_value(declared, span));
    }
    match &declared.ty {
        FactType::YesNo => yes_no(text)
            .map(Recorded::YesNo)
            .ok_or_else(|| errors::not_yes_or_no(declared, text, span)),
        FactType::OneOf { values, .. } => match values.iter().position(|v| v == text) {
            Some(value) => Ok(Recorded::OneOf(value)),
            None => {
                let near = suggest::closest(text, values.iter().map(String::as_str));
                Err(errors::no_such_value(declared, text, near, values, span))
            }
        },
        FactType::AnyOf { .. } => recorded_set(library, fact, &listed(text, whole, span)),
        FactType::Date => read_date(text)
            .map(Recorded::Date)
            .ok_or_else(|| errors::no_such_date(Some(declared), text, span)),
        FactType::Count => count(declared, text, span),
        FactType::Quantity { unit } => quantity(declared, unit, text, span),
        FactType::TimeSince { date } if read_date(text).is_some() => {
            Err(errors::date_for_time(declared, &library[*date], text, span))
        }
        FactType::TimeSince { .. } => quantity(declared, &declared_unit(declared), text, span),
    }
}

/// The names of a list, each with its place: `motor, sensory`, `(motor)`, `[motor]`, or brackets around nothing.
fn listed<'a>(text: &'a str, whole: &str, span: Span) -> Vec<(&'a str, Span)> {
    let bracketed = [('(', ')'), ('[', ']')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    let inner = bracketed.unwrap_or(text);
    if bracketed.is_some() && inner.trim().is_empty() {
        return Vec::new();
    }
    let mut start = span.range().start + (whole.len() - whole.trim_start().len()) + usize::from(bracketed.is_some());
    let mut names = Vec::new();
    for piece in inner.split(',') {
        let name = piece.trim();
        let at = start + (piece.len() - piece.trim_start().len());
        // What stood in quotes may be longer in its file than here; then the whole text is the place.
        let is_verbatim = span.range().len() == whole.len();
        names.push((
            name,
            if is_verbatim {
                Span::new(span.file, at..at + name.len())
            } else {
                span
            },
        ));
        start += piece.len() + 1;
    }
    names
}

/// The whole set with these members; each name with its place.
///
/// # Errors
///
/// A finding for a name that is no member, or stands twice.
pub fn recorded_set(library: &Library, fact: FactId, names: &[(&str, Span)]) -> Result<Recorded, Diagnostic> {
    let declared = &library[fact];
    let FactType::AnyOf { members } = &declared.ty else {
        let span = names.first().map_or(declared.span, |(_, span)| *span);
        return Err(errors::not_a_set(declared, span));
    };
    let mut present = vec![false; members.len()];
    for (name, span) in names {
        if name.is_empty() {
            return Err(errors::missing_member(declared, *span));
        }
        match members.iter().position(|m| m == name).and_then(|at| present.get_mut(at)) {
            Some(slot) if *slot => return Err(errors::member_twice(declared, name, *span)),
            Some(slot) => *slot = true,
            None => {
                let near = suggest::closest(name, members.iter().map(String::as_str));
                return Err(errors::no_such_value(declared, name, near, members, *span));
            }
        }
    }
    Ok(Recorded::Set(present))
}

/// Reads whether a member of a set is present; none where that is said to be unknown.
///
/// # Errors
///
/// A finding at `span` for what is neither yes nor no.
pub fn read_present(declared: &Fact, text: &str, span: Span) -> Result<Option<bool>, Diagnostic> {
    match yes_no(text) {
        _ if text == "unknown" => Ok(None),
        Some(present) => Ok(Some(present)),
        None => Err(errors::not_yes_or_no(declared, text, span)),
    }
}

/// `yes`, `no` and their synonyms.
pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" | "true" | "present" => Some(true),
        "no" | "false" | "absent" => Some(false),
        _ => None,
    }
}

/// A date as `2026-02-01`, and as nothing else.
pub fn read_date(text: &str) -> Option<Date> {
    let shape = |(index, byte): (usize, u8)| {
        if index == 4 || index == 7 {
            byte == b'-'
        } else {
            byte.is_ascii_digit()
        }
    };
    (text.len() == 10 && text.bytes().enumerate().all(shape))
        .then(|| text.parse().ok())
        .flatten()
}

fn count(declared: &Fact, text: &str, span: Span) -> Result<Recorded, Diagnostic> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) || has_leading_zero(text) {
        return Err(errors::not_a_count(declared, text, span));
    }
    let value = decimal(text).ok_or_else(|| errors::number_too_long(declared, span))?;
    in_range(declared, value, text, span)?;
    Ok(Recorded::Number {
        value,
        written: text.to_owned(),
        step: Decimal::ONE,
    })
}

fn quantity(declared: &Fact, unit: &Unit, text: &str, span: Span) -> Result<Recorded, Diagnostic> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, given) = text.split_at_checked(digits).unwrap_or((text, ""));
    let given = given.trim().trim_matches('"');
    let read = read_unit(given);
    // What follows the number directly must be its unit: `1e5` and `1,5` are no numbers here.
    let glued = text
        .split_at_checked(digits)
        .is_some_and(|(_, rest)| rest.starts_with(|c: char| !c.is_whitespace()));
    if !is_well_formed(number) || (glued && read.is_err()) {
        return Err(errors::not_a_quantity(declared, unit, text, span));
    }
    let amount = decimal(number).ok_or_else(|| errors::number_too_long(declared, span))?;
    if given.is_empty() {
        return Err(errors::missing_unit(declared, unit, number, span));
    }
    let measure = Measure::settled(declared, unit, given, read, span)?;
    measured(declared, number, amount, &measure, span)
}

/// A unit that many values of one fact are given in, settled once.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    unit: Unit,
    /// One of the unit in the canonical unit of the fact.
    factor: Decimal,
    given: String,
}

impl Measure {
    /// Reads the unit in which values of a fact are given.
    ///
    /// # Errors
    ///
    /// A finding at `span` for what is no unit, or none that measures this fact exactly.
    pub fn read(library: &Library, fact: FactId, given: &str, span: Span) -> Result<Measure, Diagnostic> {
        let declared = &library[fact];
        let given = given.trim();
        Measure::settled(declared, &declared_unit(declared), given, read_unit(given), span)
    }

    /// The unit as it was given.
    pub fn written(&self) -> &str {
        &self.given
    }

    /// One of the unit in the canonical unit of the fact.
    pub fn factor(&self) -> Decimal {
        self.factor
    }

    fn settled(
        declared: &Fact,
        unit: &Unit,
        given: &str,
        read: Result<Unit, UnitError>,
        span: Span,
    ) -> Result<Measure, Diagnostic> {
        let problem = |error: UnitError| match error {
            UnitError::Unknown => errors::unknown_unit(declared, unit, given, span),
            UnitError::Incommensurable => errors::wrong_dimension(declared, unit, given, span),
            UnitError::Inexact => errors::inexact_unit(declared, unit, given, span),
            UnitError::TooLarge => errors::number_too_long(declared, span),
        };
        let read = read.map_err(problem)?;
        let factor = unit.factor_from(&read).map_err(problem)?;
        Ok(Measure {
            unit: read,
            factor,
            given: given.to_owned(),
        })
    }
}

/// Reads a number without a unit, which is given by `measure`.
///
/// # Errors
///
/// A finding at `span` for what is no number, has too many digits or lies outside the range of the fact.
pub fn read_measured(library: &Library, fact: FactId, text: &str, measure: &Measure, span: Span) -> Result<Recorded, Diagnostic> {
    let declared = &library[fact];
    let text = text.trim_ascii();
    if text == "unknown" {
        return Ok(Recorded::Unknown);
    }
    if !is_well_formed(text) {
        return Err(errors::not_a_number(declared, &measure.given, text, span));
    }
    let amount = decimal(text).ok_or_else(|| errors::number_too_long(declared, span))?;
    measured(declared, text, amount, measure, span)
}

fn measured(declared: &Fact, number: &str, amount: Decimal, measure: &Measure, span: Span) -> Result<Recorded, Diagnostic> {
    let value = crate::model::units::scaled(amount, measure.factor).map_err(|_| errors::number_too_long(declared, span))?;
    let written = match &measure.unit {
        Unit::Time(_) => format!("{number} {}", spelled(&measure.unit, amount)),
        Unit::Ucum(_) => format!("{number} {}", measure.given),
    };
    in_range(declared, value, &written, span)?;
    Ok(Recorded::Number {
        value,
        written,
        step: measure.factor,
    })
}

/// The unit that a fact is declared in; days for the time since a date.
fn declared_unit(declared: &Fact) -> Unit {
    match &declared.ty {
        FactType::Quantity { unit } => unit.clone(),
        _ => Unit::Time(crate::model::units::TimeUnit::Days),
    }
}

fn read_unit(given: &str) -> Result<Unit, UnitError> {
    // INVARIANT: no reader of units sees a longer text; they recurse over its parts.
    if given.len() <= limits::NAME_CHARACTERS {
        Unit::read(given, true)
    } else {
        Err(UnitError::Unknown)
    }
}

/// Digits, perhaps with a point and digits after it; no sign, no exponent, no leading zeros.
fn is_well_formed(number: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match number.split_once('.') {
        Some((whole, part)) => digits(whole) && digits(part) && !has_leading_zero(whole),
        None => digits(number) && !has_leading_zero(number),
    }
}

fn spelled(unit: &Unit, amount: Decimal) -> String {
    match unit {
        Unit::Time(time) if amount == Decimal::ONE => time.singular().to_owned(),
        other => other.written().to_owned(),
    }
}

fn has_leading_zero(digits: &str) -> bool {
    digits.len() > 1 && digits.starts_with('0')
}

/// An exact number of at most [`limits::NUMBER_DIGITS`] digits.
fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits > limits::NUMBER_DIGITS {
        None
    } else {
        text.parse().ok()
    }
}

fn in_range(declared: &Fact, value: Decimal, written: &str, span: Span) -> Result<(), Diagnostic> {
    match declared.range {
        Some((low, high)) if value < low || value > high => Err(errors::out_of_range(declared, written, span)),
        _ => Ok(()),
    }
}
