//! Patients: case files in YAML or JSON, and flags, become records.
//!
//! In: text, and the library whose facts it states. Out: a [`Record`], or everything that is wrong with the text.
//! Must not know: rules.
//!
//! YAML's own ideas about `no`, `012` or `1.10` never reach a fact: the raw text of each value is read by the declared type.

mod document;
pub mod errors;
mod flags;
pub mod schema;
mod value;

pub use document::{read_document, text_of};
pub use flags::{read_date_flag, read_flag};
pub use value::{Measure, read_date, read_measured, read_present, read_value, recorded_set};

#[cfg(doc)]
use crate::model::Record;
