//! What a reader sees: findings and results as text and as JSON.
//!
//! In: plain data, such as diagnostics and outcomes, with the texts they point into. Out: strings and serialisable objects.
//! Must not know: where the output goes, whether it is a terminal, how anything was found.

pub mod changes;
#[cfg(feature = "cli")]
pub mod changes_text;
pub mod clinician;
#[cfg(feature = "cli")]
pub mod coverage;
#[cfg(feature = "cli")]
pub mod diagnostics;
pub mod escape;
pub mod gaps;
pub mod groups;
pub mod json;
#[cfg(feature = "cli")]
pub mod mutants;
#[cfg(feature = "cli")]
pub mod page;
#[cfg(feature = "cli")]
pub mod patients;
pub mod result;
pub mod sarif;
pub mod why;

#[cfg(feature = "cli")]
mod excerpt;
#[cfg(feature = "cli")]
mod many_files;
#[cfg(feature = "cli")]
mod one_file;
mod paragraph;
