//! Tables as rows: CSV, NDJSON and Parquet.
//!
//! In: streams of bytes. Out: rows with their lines; or groups and blocks of rows, where they lie so.
//!
//! Whoever reads does as little as possible, because only one thread at a time can; what the values mean is found out later.

use super::columns::{Column, Meaning, Names, nowhere};
use super::lines::{Lines, Place};
use super::{Bytes, Open, Opened, Request, parquet};
use crate::limits;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

/// How a table is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    NdJson,
    Parquet(parquet::Ready),
}

/// A row as it was read.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line it begins on, from 1; in a table without lines, which row it is.
    pub line: u64,
    /// What stands in it.
    pub cells: Cells,
}

/// The values of a row, not looked into yet.
#[derive(Debug, Clone)]
pub enum Cells {
    /// In the order of the header; empty where nothing is recorded.
    Texts(ByteRecord),
    /// A JSON object.
    Json(Vec<u8>),
}

/// How many rows of an input are looked at before the run.
pub const SAMPLE: usize = 1_000;

/// An input that has been opened.
pub struct Table {
    /// Its name.
    pub input: String,
    /// The names of its columns; none for NDJSON, where each row has its own.
    pub header: Option<Vec<String>>,
    /// What it holds in each of them, where it says so.
    pub stored: Vec<parquet::Stored>,
    /// Whether it can be opened again.
    pub is_lasting: bool,
    /// Rows that have been read already.
    pub sample: VecDeque<Row>,
    rows: Rows,
}

enum Rows {
    Csv {
        reader: Box<csv::Reader<Watched>>,
        /// How many lines come before those that this reader counts.
        before: u64,
    },
    Json {
        reader: BufReader<Bytes>,
        line: u64,
    },
    Parquet(Box<Parquet>),
}

struct Parquet {
    file: parquet::File,
    is_read: Vec<bool>,
    reader: parquet::Reader,
}

impl Table {
    /// Opens an input and reads its header.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, in words.
    pub fn open(input: &str, request: &Request, names: &Names<'_>, open: &Open<'_>) -> Result<Table, String> {
        let opened = open(input)?;
        let is_lasting = matches!(opened, Opened::Lasting(_));
        let (header, stored, rows) = match request.format {
            Format::Csv => {
                let mut reader = csv_reader(request, opened.into_bytes());
                let header = reader.headers().map_err(|error| unreadable(input, &error.into()))?;
                let header: Vec<String> = header.iter().map(str::to_owned).collect();
                if header.is_empty() {
                    return Err(format!("`{input}` is empty: its first line names the columns"));
                }
                (Some(header), Vec::new(), Rows::Csv { reader, before: 0 })
            }
            Format::NdJson => {
                let reader = BufReader::with_capacity(1 << 16, opened.into_bytes());
                (None, Vec::new(), Rows::Json { reader, line: 0 })
            }
            Format::Parquet(ready) => {
                let Opened::Lasting(whole) = opened else {
                    return Err(format!(
                        "`{input}` cannot be read as Parquet, which begins at its end: give the name of a file"
                    ));
                };
                let file = parquet::File::open(ready, whole).map_err(|error| unreadable(input, &error))?;
                let (header, stored) = (file.header(), file.stored());
                let layout = request.layout.unwrap_or_else(|| names.layout(&header));
                let meanings = header.iter().map(|name| names.in_layout(layout, name, nowhere(0)));
                let is_read: Vec<bool> = meanings
                    .map(|column| column.is_ok_and(|column| column.meaning != Meaning::Ignored))
                    .collect();
                let reader = file.read(&is_read).map_err(|error| unreadable(input, &error))?;
                let parquet = Parquet { file, is_read, reader };
                (Some(header), stored, Rows::Parquet(Box::new(parquet)))
            }
        };
        if header.as_ref().is_some_and(|header| header.len() > limits::COLUMNS) {
            return Err(format!("`{input}` has more than {} columns", limits::COLUMNS));
        }
        Ok(Table {
            input: input.to_owned(),
            header,
            stored,
            is_lasting,
            sample: VecDeque::new(),
            rows,
        })
    }

    /// Reads the first rows, which stay to be read again.
    ///
    /// # Errors
    ///
    /// As [`Table::next`].
    pub fn look(&mut self, input: &str) -> Result<(), String> {
        let mut sample = VecDeque::new();
        while sample.len() < SAMPLE
            && let Some(row) = self.next(input)?
        {
            sample.push_back(row);
        }
        self.sample = sample;
        Ok(())
    }

    /// Keeps nothing any more of what has been read.
    pub fn forget(&mut self) {
        if let Rows::Csv { reader, .. } = &mut self.rows {
            reader.get_mut().forget();
        }
    }

    /// All rows by columns, from the first; nothing where they lie otherwise.
    ///
    /// # Errors
    ///
    /// Why they cannot be read, in words.
    pub fn groups(&self, columns: &[Column]) -> Result<Option<parquet::Groups>, String> {
        let Rows::Parquet(parquet) = &self.rows else { return Ok(None) };
        let many: Vec<bool> = columns.iter().map(|column| column.meaning == Meaning::Patient).collect();
        let groups = parquet.file.groups(&parquet.is_read, &many);
        groups.map(Some).map_err(|error| unreadable(&self.input, &error))
    }

    /// All rows in blocks, from the first; nothing where they lie otherwise.
    ///
    /// # Errors
    ///
    /// Why they cannot be read from their beginning again, in words.
    pub fn lines(&mut self, request: &Request) -> Result<Option<Lines>, String> {
        let (Rows::Csv { reader, .. }, Some(header)) = (&mut self.rows, &self.header) else {
            return Ok(None);
        };
        let Some((first, bytes)) = reader.get_mut().give_back() else {
            return Ok(None);
        };
        match Lines::new(first, bytes, request.delimiter, header) {
            Ok(lines) => {
                self.sample.clear();
                Ok(Some(lines))
            }
            Err(bytes) => {
                // From its beginning again, with the first rows, which were there already.
                let mut reader = csv_reader(request, bytes);
                reader.headers().map_err(|error| unreadable(&self.input, &error.into()))?;
                self.sample.clear();
                self.rows = Rows::Csv { reader, before: 0 };
                Ok(None)
            }
        }
    }

    /// Reads on by rows what is left of blocks, from where it stands.
    ///
    /// # Errors
    ///
    /// Why that cannot be read, in words.
    pub fn read_rest(&mut self, request: &Request, rest: Bytes, place: Place) -> Result<(), String> {
        // A row before it, so that its first line is not taken for the beginning of a table.
        let before: &[u8] = if place.after_return { b"before\r\n" } else { b"before\n" };
        let mut reader = csv_reader(request, Box::new(before.chain(rest)));
        reader.headers().map_err(|error| unreadable(&self.input, &error.into()))?;
        reader.get_mut().forget();
        let before = place.lines.saturating_sub(1);
        self.rows = Rows::Csv { reader, before };
        Ok(())
    }

    /// The next row.
    ///
    /// # Errors
    ///
    /// Why the rest of the input cannot be read, in words.
    pub fn next(&mut self, input: &str) -> Result<Option<Row>, String> {
        if let Some(row) = self.sample.pop_front() {
            return Ok(Some(row));
        }
        match &mut self.rows {
            Rows::Csv { reader, before } => {
                let mut record = ByteRecord::new();
                reader.get_mut().begin_row();
                let more = reader.read_byte_record(&mut record);
                if !more.map_err(|error| unreadable(input, &error.into()))? {
                    let watched = reader.get_ref();
                    return match watched.quotes % 2 {
                        0 => Ok(None),
                        _ => Err(format!(
                            "`{input}` opens a quote that it does not close: rows after it would be taken for one value"
                        )),
                    };
                }
                if record.as_slice().len() > limits::ROW_BYTES {
                    return Err(unreadable(input, &too_long()));
                }
                let line = record.position().map_or(0, csv::Position::line) + *before;
                Ok(Some(Row {
                    line,
                    cells: Cells::Texts(record),
                }))
            }
            Rows::Json { reader, line } => loop {
                let mut text = Vec::new();
                let most = limits::ROW_BYTES as u64 + 1;
                let count = reader
                    .by_ref()
                    .take(most)
                    .read_until(b'\n', &mut text)
                    .map_err(|error| unreadable(input, &error))?;
                *line += 1;
                if count == 0 {
                    return Ok(None);
                }
                if text.len() > limits::ROW_BYTES {
                    return Err(unreadable(input, &too_long()));
                }
                if *line == 1 && text.starts_with(b"\xef\xbb\xbf") {
                    text.drain(..3);
                }
                let text = text.trim_ascii();
                if !text.is_empty() {
                    return Ok(Some(Row {
                        line: *line,
                        cells: Cells::Json(text.to_vec()),
                    }));
                }
            },
            Rows::Parquet(parquet) => {
                let row = parquet.reader.next_row().map_err(|error| unreadable(input, &error))?;
                Ok(row.map(|(line, texts)| Row {
                    line,
                    cells: Cells::Texts(texts),
                }))
            }
        }
    }
}

fn csv_reader(request: &Request, bytes: Bytes) -> Box<csv::Reader<Watched>> {
    let mut reader = ReaderBuilder::new();
    let reader = reader
        .flexible(true)
        .delimiter(request.delimiter)
        .terminator(Terminator::CRLF);
    Box::new(reader.from_reader(Watched::new(bytes)))
}

/// Why an input cannot be read, in words.
pub fn unreadable(input: &str, error: &io::Error) -> String {
    format!("`{input}` cannot be read: {error}")
}

fn too_long() -> io::Error {
    let most = limits::ROW_BYTES;
    io::Error::other(format!("a row has more than {most} bytes; is a quote opened and not closed?"))
}

/// Counts quotes, so that one that is never closed is noticed, and stops at a row without end.
struct Watched {
    bytes: Bytes,
    /// What has been read so far, as long as somebody may want it again.
    kept: Option<Vec<u8>>,
    quotes: u64,
    since_row: usize,
}

impl Watched {
    fn new(bytes: Bytes) -> Self {
        Watched {
            bytes,
            kept: Some(Vec::new()),
            quotes: 0,
            since_row: 0,
        }
    }

    /// What has been read and what has not; nothing, where the first is not kept.
    fn give_back(&mut self) -> Option<(Vec<u8>, Bytes)> {
        let kept = self.kept.take()?;
        Some((kept, std::mem::replace(&mut self.bytes, Box::new(io::empty()))))
    }

    /// Keeps no longer what has been read.
    fn forget(&mut self) {
        self.kept = None;
    }

    fn begin_row(&mut self) {
        self.since_row = 0;
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // With its delimiters and quotes; how long its values are is known once it is read.
        if self.since_row > 2 * limits::ROW_BYTES {
            return Err(too_long());
        }
        let count = self.bytes.read(buffer)?;
        self.since_row += count;
        let new = buffer.get(..count).unwrap_or_default();
        self.quotes += new.iter().filter(|b| **b == b'"').count() as u64;
        self.kept.iter_mut().for_each(|kept| kept.extend_from_slice(new));
        Ok(count)
    }
}
