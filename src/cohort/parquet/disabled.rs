//! A gl without Parquet: nobody can have a [`Ready`], so nothing here is ever called.

use super::Stored;
use crate::cohort::Whole;
use crate::cohort::rows::{Field, Kind};
use csv::ByteRecord;
use std::io;

/// Nobody has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {}

impl Ready {
    /// Never there.
    ///
    /// # Errors
    ///
    /// How to get a gl with Parquet, in words.
    pub fn new() -> Result<Self, String> {
        Err(
            "this gl is built without Parquet; `cargo install --path . --features cohort` builds one with it. Or let the engine that \
             wrote it give CSV, or take the guidelines to it with `gl compile`"
                .to_owned(),
        )
    }
}

/// Nobody has it.
pub enum File {}

impl File {
    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn open(ready: Ready, _: Box<dyn Whole>) -> io::Result<Self> {
        match ready {}
    }

    #[allow(missing_docs)]
    pub fn header(&self) -> Vec<String> {
        match *self {}
    }

    #[allow(missing_docs)]
    pub fn stored(&self) -> Vec<Stored> {
        match *self {}
    }

    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn read(self, _: &[bool]) -> io::Result<Reader> {
        match self {}
    }
}

/// Nobody has it.
pub enum Reader {}

impl Reader {
    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn next_row(&mut self) -> io::Result<Option<(u64, ByteRecord)>> {
        match *self {}
    }
}

/// Nobody has it.
#[derive(Debug)]
pub enum Columns {}

impl Columns {
    #[allow(missing_docs)]
    pub fn new(ready: Ready, _: &[(&'static str, Kind)]) -> Self {
        match ready {}
    }

    #[allow(missing_docs)]
    pub fn push(&mut self, _: &[Field<'_>]) {
        match *self {}
    }
}

/// Nobody has it.
pub enum Writer {}

impl Writer {
    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn new(ready: Ready, _: &[(&'static str, Kind)]) -> io::Result<Self> {
        match ready {}
    }

    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn add(&mut self, _: Columns) -> io::Result<Vec<u8>> {
        match *self {}
    }

    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn end(self) -> io::Result<Vec<u8>> {
        match self {}
    }
}
