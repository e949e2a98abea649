//! Printing.
pub mod clinician;
pub mod result;
