//! Parquet, where gl is built with it.
//!
//! In: a file that can be read from any place; rows of output. Out: rows as texts, as they would stand in CSV; bytes.
//! Must not know: what columns mean.
//!
//! A value becomes the text that an author would write for it, so that one place decides what it means for its fact. Whoever has a
//! [`Ready`] has a gl that was built with Parquet.

use std::cell::Cell;

#[cfg(feature = "cohort")]
mod ahead;
#[cfg(feature = "cohort")]
mod bits;
#[cfg(not(feature = "cohort"))]
mod disabled;
#[cfg(feature = "cohort")]
mod enabled;
#[cfg(feature = "cohort")]
mod pages;
#[cfg(feature = "cohort")]
mod texts;
#[cfg(feature = "cohort")]
mod writer;

#[cfg(not(feature = "cohort"))]
pub use disabled::{Chunk, Chunks, Columns, Dictionary, File, Group, Groups, Reader, Ready, Writer};
#[cfg(feature = "cohort")]
pub use enabled::{Chunk, Chunks, Dictionary, File, Group, Groups, Reader, Ready};
#[cfg(feature = "cohort")]
pub use writer::{Columns, Writer};

thread_local! {
    static UNDER_SUSPICION: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread, now, would say that a file is damaged, and comes to light as an error.
pub fn is_under_suspicion() -> bool {
    UNDER_SUSPICION.with(Cell::get)
}

/// What a table holds in a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// As far as facts can tell.
    pub held: Held,
    /// The type as Parquet says it.
    pub written: String,
}

/// Types of values, as far as facts can tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nulls alone.
    Nothing,
    /// True and false.
    Truth,
    /// Whole numbers.
    Whole,
    /// Numbers with a point.
    Fraction,
    /// Texts.
    Text,
    /// Days.
    Day,
    /// Points in time.
    Moment,
    /// What no fact can be: lists, bytes, times of a day.
    Other,
}
