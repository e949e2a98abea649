//! All inputs as pieces of work, one after the other.
//!
//! In: tables. Out: rows gathered into batches of whole patients, or groups and blocks that whoever evaluates unpacks.

use super::columns::{Layout, Meaning, Names};
use super::lines::{Block, Lines, Next};
use super::order::Order;
use super::preview::Preview;
use super::record;
use super::table::{Row, Table, unreadable};
use super::{Open, Report, Request, Together, parquet};
use crate::limits;
use std::collections::BTreeMap;

/// How many patients one thread takes at a time.
const BATCH: usize = 256;

/// How many rows of a group are unpacked at a time, where something is written of each: rows of output are many times theirs.
const LISTED: usize = 1_024;

/// Patients to evaluate at one time, with all their rows.
#[derive(Debug)]
pub struct Batch {
    /// Which input they come from.
    pub input: usize,
    /// The rows, patient by patient.
    pub rows: Vec<Row>,
    /// Where the rows of each patient end.
    pub ends: Vec<usize>,
}

impl Batch {
    /// How many patients there are.
    pub fn records(&self) -> u64 {
        self.ends.len() as u64
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows of each patient.
    pub fn patients(&self) -> impl Iterator<Item = &[Row]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.rows.get(start..*end))
    }
}

/// What one thread takes at a time.
pub enum Work {
    /// Patients with their rows.
    Rows(Batch),
    /// A group of rows of an input, to be unpacked.
    Group(usize, Box<parquet::Group>),
    /// What is left of such a group.
    Chunks(usize, Box<parquet::Chunks>),
    /// Some of its rows.
    Chunk(usize, Box<parquet::Chunk>),
    /// Rows of CSV.
    Block(usize, Box<Block>),
}

/// All inputs as batches.
pub struct Batches<'a> {
    request: &'a Request,
    layout: Layout,
    names: &'a Names<'a>,
    previews: &'a [Preview],
    opened: Vec<Option<Table>>,
    open: &'a Open<'a>,
    input: usize,
    table: Option<Table>,
    /// What the table has by columns.
    groups: Option<parquet::Groups>,
    /// What it has as CSV, as long as its rows lie as they should.
    lines: Option<Lines>,
    /// The group that is being unpacked.
    chunks: Option<Box<parquet::Chunks>>,
    /// The first row of the next patient.
    next_patient: Option<(String, Row)>,
    order: Order,
    rows_read: BTreeMap<usize, u64>,
    is_over: bool,
}

impl<'a> Batches<'a> {
    /// The batches of all inputs, in order.
    pub fn new(
        request: &'a Request,
        layout: Layout,
        names: &'a Names<'a>,
        previews: &'a [Preview],
        opened: Vec<Option<Table>>,
        open: &'a Open<'a>,
    ) -> Self {
        Batches {
            request,
            layout,
            names,
            previews,
            opened,
            open,
            input: 0,
            table: None,
            groups: None,
            lines: None,
            chunks: None,
            next_patient: None,
            order: Order::default(),
            rows_read: BTreeMap::new(),
            is_over: false,
        }
    }

    /// How many rows have been read from all inputs.
    pub fn rows_read(&self) -> u64 {
        self.rows_read.values().sum()
    }

    /// The next patients; none at the end.
    ///
    /// # Errors
    ///
    /// Why an input cannot be read to its end, in words.
    pub fn next_batch(&mut self) -> Result<Option<Work>, String> {
        while !self.is_over {
            let batch = self.next_of_input().inspect_err(|_| self.is_over = true)?;
            match batch {
                Some(batch) => return Ok(Some(batch)),
                None => {
                    self.table = None;
                    self.input += 1;
                    self.is_over = self.input >= self.request.inputs.len();
                }
            }
        }
        Ok(None)
    }

    fn next_of_input(&mut self) -> Result<Option<Work>, String> {
        let Some(name) = self.request.inputs.get(self.input) else {
            return Ok(None);
        };
        if self.table.is_none() {
            let opened = self.opened.get_mut(self.input).and_then(Option::take);
            let mut table = match opened {
                Some(table) => table,
                None => Table::open(name, self.request, self.names, self.open)?,
            };
            let seen = self.previews.get(self.input);
            if seen.is_none_or(|seen| table.header != seen.header || table.stored != seen.stored) {
                return Err(format!("`{name}` has changed since its columns were looked at"));
            }
            // Somebody who is read by rows may be anywhere; whoever is read by columns stands in a row of his own.
            if self.layout == Layout::Wide && self.request.together == Together::Columns {
                self.groups = table.groups(seen.map_or(&[][..], |seen| &seen.columns))?;
                self.lines = table.lines(self.request)?;
            }
            table.forget();
            self.table = Some(table);
        }
        if self.groups.is_some() {
            return self.of_columns(name);
        }
        if let Some(lines) = &mut self.lines {
            let most_rows = (self.request.report != Report::Counts).then_some(LISTED);
            match lines.next_block(most_rows).map_err(|error| unreadable(name, &error))? {
                Next::Block(block) => {
                    *self.rows_read.entry(self.input).or_default() += block.rows() as u64;
                    return Ok(Some(Work::Block(self.input, Box::new(block))));
                }
                Next::Rest(rest, place) => {
                    self.lines = None;
                    if let Some(table) = &mut self.table {
                        table.read_rest(self.request, rest, place)?;
                    }
                }
                Next::Nothing => {
                    self.lines = None;
                    return Ok(None);
                }
            }
        }
        let mut batch = Batch {
            input: self.input,
            rows: Vec::new(),
            ends: Vec::new(),
        };
        match self.layout {
            Layout::Wide => {
                while batch.ends.len() < BATCH
                    && let Some(row) = self.row(name)?
                {
                    batch.rows.push(row);
                    batch.ends.push(batch.rows.len());
                }
            }
            Layout::Long => while batch.ends.len() < BATCH && batch.rows.len() < 32 * BATCH && self.patient(name, &mut batch)? {},
        }
        Ok((!batch.ends.is_empty()).then_some(Work::Rows(batch)))
    }

    /// The next rows by columns: a whole group where nothing is written of each patient, else so many that what is written of them does
    /// not grow with the group.
    fn of_columns(&mut self, name: &str) -> Result<Option<Work>, String> {
        loop {
            if let Some(chunks) = &mut self.chunks {
                if let Some(chunk) = chunks.next_chunk().map_err(|error| unreadable(name, &error))? {
                    return Ok(Some(Work::Chunk(self.input, Box::new(chunk))));
                }
                self.chunks = None;
            }
            let Some(group) = self.groups.as_mut().and_then(parquet::Groups::next_group) else {
                self.groups = None;
                return Ok(None);
            };
            *self.rows_read.entry(self.input).or_default() += group.rows;
            if self.request.report == Report::Counts {
                return Ok(Some(Work::Group(self.input, Box::new(group))));
            }
            self.chunks = Some(Box::new(group.unpack(LISTED).map_err(|error| unreadable(name, &error))?));
        }
    }

    fn row(&mut self, name: &str) -> Result<Option<Row>, String> {
        let row = match &mut self.table {
            Some(table) => table.next(name)?,
            None => None,
        };
        *self.rows_read.entry(self.input).or_default() += u64::from(row.is_some());
        Ok(row)
    }

    /// Gathers the rows of one patient; whether there was one.
    fn patient(&mut self, name: &str, batch: &mut Batch) -> Result<bool, String> {
        let first = match self.next_patient.take() {
            Some(first) => Some(first),
            None => self.row(name)?.map(|row| (self.patient_of(&row), row)),
        };
        let Some((patient, row)) = first else {
            return Ok(false);
        };
        let line = row.line;
        // Who has no name cannot come again; each such row is rejected by itself.
        if !patient.is_empty() {
            self.order.follow(&patient).map_err(|last| {
                format!(
                    "`{name}`, line {line}: patient `{patient}` comes after `{last}`; the rows of a long table are sorted by patient, \
                     by the bytes of the names or by their numbers"
                )
            })?;
        }
        batch.rows.push(row);
        let start = batch.rows.len();
        while let Some(row) = self.row(name)? {
            let other = self.patient_of(&row);
            if other != patient || patient.is_empty() {
                self.next_patient = Some((other, row));
                break;
            }
            if batch.rows.len() - start >= limits::PATIENT_ROWS {
                let most = limits::PATIENT_ROWS;
                return Err(format!("`{name}`, line {}: a patient has more than {most} rows", row.line));
            }
            batch.rows.push(row);
        }
        batch.ends.push(batch.rows.len());
        Ok(true)
    }

    /// The patient that a row of a long table is about; empty where the row does not say.
    fn patient_of(&self, row: &Row) -> String {
        let preview = self.previews.get(self.input);
        let columns = preview.map_or(&[][..], |p| &p.columns);
        record::cell_of(row, self.names, columns, Meaning::Patient).unwrap_or_default()
    }
}
