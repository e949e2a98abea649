//! Clinical guidelines that run, and that cannot contradict each other unnoticed.

pub mod ast;
pub mod diagnostic;
pub mod eval;
pub mod limits;
pub mod load;
pub mod model;
pub mod report;
pub mod source;
pub mod suggest;
pub mod syntax;
