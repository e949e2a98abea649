//! Evaluation of one patient.
//!
//! In: a library and a settled [`Patient`]. Out: an [`Outcome`].
//! Must not know: texts, files, formats.

pub mod outcome;
pub use outcome::*;

use crate::diagnostic::Diagnostic;
use crate::model::{FactId, GuidelineId, Library, Record};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A value that is known of a patient.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    YesNo(bool),
    OneOf(usize),
    /// Each member present, absent or unknown.
    Set(Vec<Option<bool>>),
    Date(Date),
    /// In the fact's canonical unit, with the text it was given as.
    Number { value: Decimal, written: String },
}

/// How a value came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Origin {
    Recorded,
    Computed,
    Inferred,
    Default,
    Closed,
}

/// A patient: what is known, and how.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Patient {
    pub values: Vec<Option<Value>>,
    pub origins: Vec<Option<Origin>>,
    pub inferred: Vec<Inferred>,
    pub warnings: Vec<String>,
    pub as_of: Option<Date>,
}

impl Patient {
    /// The value of a fact, if anything is known of it.
    pub fn value(&self, fact: FactId) -> Option<&Value> {
        self.values.get(fact.index()).and_then(Option::as_ref)
    }
}

/// What to evaluate.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The guidelines that take part; all that are not retired where none are named.
    pub guidelines: Option<Vec<GuidelineId>>,
}

/// Completes a record: computes times, infers what follows, applies defaults, closes the world where the record says so.
///
/// # Errors
///
/// Diagnostics for a record that contradicts an assumption or itself, or has a date after the date of evaluation,
/// or a date and no date of evaluation. With any error nothing may be recommended.
pub fn settle(library: &Library, record: &Record) -> Result<Patient, Vec<Diagnostic>> {
    let _ = (library, record);
    Ok(Patient::default())
}

/// Evaluates the rules for one patient.
///
/// The library must have no error and no circle among what gives way (see [`crate::model::gives_way`]).
pub fn evaluate(library: &Library, patient: &Patient, options: &Options) -> Outcome {
    let _ = (library, patient, options);
    Outcome::default()
}
