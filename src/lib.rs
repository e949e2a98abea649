//! Clinical guidelines that run, and that cannot contradict each other unnoticed.
//!
//! # A first guideline
//!
//! A guideline is text. Facts are what may be known of a patient, actions what may be advised, and every rule cites the
//! document that it comes from. [`parse_str`] reads and checks one text; nothing that has an error is ever evaluated.
//!
//! ```
//! let guidelines = gl::parse_str(
//!     "fact urinary_retention: yes/no
//!      action MRI
//!      source CES \"Cauda Equina Syndrome Diagnosis and Management\"
//!
//!      when urinary_retention then urgent MRI within hours cite CES",
//! )?;
//! # Ok::<(), gl::Error>(())
//! ```
//!
//! # A patient
//!
//! A patient is a [`Record`]: what somebody wrote down. Whatever is not in it is unknown, never false.
//!
//! ```
//! # let guidelines = gl::parse_str("fact urinary_retention: yes/no\naction MRI\nsource CES \"C\"\nwhen urinary_retention then urgent MRI within hours cite CES")?;
//! let record = guidelines.read_patient("patient.yaml", "facts: {urinary_retention: yes}")?;
//! let outcome = guidelines.evaluate(&record)?;
//! assert_eq!(outcome.fired().len(), 1);
//!
//! let nothing_known = guidelines.evaluate(&gl::Record::default())?;
//! assert_eq!(nothing_known.fired().len(), 0);
//! assert_eq!(nothing_known.ask.len(), 1);
//! # Ok::<(), gl::Error>(())
//! ```
//!
//! # Mistakes
//!
//! An error has every finding with its place, in words for the author.
//!
//! ```
//! let error = gl::parse_str("action MRI\nsource S \"Source\"\nwhen retention then MRI cite S").unwrap_err();
//! assert_eq!(error.to_string(), "guideline.gl:3:6: error[GL101]: fact `retention` is not declared");
//! ```
//!
//! [`Guidelines`] has the rest: loading from files, explaining a rule, the result as JSON. How the crate is built is told in
//! `src/ARCHITECTURE.md`.

pub mod ast;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codes;
pub mod cohort;
pub mod compile;
pub mod desk;
pub mod diagnostic;
pub mod eval;
#[cfg(feature = "cli")]
pub mod fake;
pub mod format;
pub mod guidelines;
pub mod interview;
pub mod limits;
pub mod load;
pub mod model;
pub mod patient;
pub mod policy;
pub mod report;
pub mod source;
pub mod suggest;
pub mod suite;
pub mod syntax;
pub mod trace;
pub mod verify;

pub use eval::{Outcome, Patient};
pub use guidelines::{Error, Guidelines, parse_str};
pub use model::{Record, Truth};
