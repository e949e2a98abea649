//! Clinical guidelines that run, and that cannot contradict each other unnoticed.

pub mod ast;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codes;
pub mod diagnostic;
pub mod eval;
pub mod guidelines;
pub mod limits;
pub mod load;
pub mod model;
pub mod patient;
pub mod report;
pub mod source;
pub mod suggest;
pub mod suite;
pub mod syntax;

pub use eval::{Outcome, Patient};
pub use guidelines::{Error, Guidelines, parse_str};
pub use model::{Record, Truth};
