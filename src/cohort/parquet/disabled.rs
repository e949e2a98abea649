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
    pub fn read(&self, _: &[bool]) -> io::Result<Reader> {
        match *self {}
    }

    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn groups(&self, _: &[bool], _: &[bool]) -> io::Result<Groups> {
        match *self {}
    }
}

/// Nobody has it.
pub enum Groups {}

impl Groups {
    #[allow(missing_docs)]
    pub fn next_group(&mut self) -> Option<Group> {
        match *self {}
    }
}

/// Nobody has it.
pub struct Group {
    never: Ready,
    #[allow(missing_docs)]
    pub rows: u64,
}

impl Group {
    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn unpack(self, _: usize) -> io::Result<Chunks> {
        match self.never {}
    }
}

/// Nobody has it.
pub enum Chunks {}

impl Chunks {
    #[allow(missing_docs, clippy::missing_errors_doc)]
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        match *self {}
    }
}

/// Nobody has it.
pub enum Chunk {}

/// Nobody has it.
pub enum Dictionary {}

#[allow(missing_docs, clippy::missing_errors_doc)]
impl Chunk {
    pub fn rows(&self) -> usize {
        match *self {}
    }

    pub fn may_be_too_long(&self) -> bool {
        match *self {}
    }

    pub fn row(&self, _: usize) -> io::Result<(u64, ByteRecord)> {
        match *self {}
    }

    pub fn text(&self, _: usize, _: usize) -> String {
        match *self {}
    }

    pub fn known(&self, _: usize, _: usize) -> u64 {
        match *self {}
    }

    pub fn visible(&self, _: usize, _: usize) -> u64 {
        match *self {}
    }

    pub fn truths(&self, _: usize, _: usize) -> Option<u64> {
        match *self {}
    }

    pub fn dictionary(&self, _: usize) -> Option<Dictionary> {
        match *self {}
    }

    pub fn has_dictionary(&self, _: usize, _: Option<&Dictionary>) -> bool {
        match *self {}
    }

    pub fn close_keys(&self, _: usize, _: usize) -> Option<&[u32]> {
        match *self {}
    }

    pub fn keys(&self, _: usize, _: usize, _: &mut [i64; 64]) -> u64 {
        match *self {}
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
pub struct Columns {
    never: Ready,
}

impl Columns {
    #[allow(missing_docs)]
    pub fn new(ready: Ready, _: &[(&'static str, Kind)]) -> Self {
        match ready {}
    }

    #[allow(missing_docs)]
    pub fn push(&mut self, _: &[Field<'_>]) {
        match self.never {}
    }

    #[allow(missing_docs)]
    pub fn push_from(&mut self, _: usize, _: &[Field<'_>]) {
        match self.never {}
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
