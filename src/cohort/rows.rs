//! Rows that are written: CSV, NDJSON or Parquet.
//!
//! In: fields. Out: bytes.

use super::parquet;
use csv::WriterBuilder;
use jiff::civil::Date;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    NdJson,
    Parquet(parquet::Ready),
}

impl Format {
    /// How what is set aside is written: for a person, who has no use for Parquet.
    pub fn of_rejects(self) -> Self {
        match self {
            Format::Parquet(_) => Format::Csv,
            other => other,
        }
    }
}

/// What stands in one column, for formats that have types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Text,
    Truth,
    Number,
    Day,
}

/// What stands in one place of a row.
#[derive(Debug, Clone)]
pub enum Field<'a> {
    /// A text.
    Text(&'a str),
    /// A text made for the row.
    Made(String),
    /// Several texts: an array, or one text with `;` between them.
    List(Vec<&'a str>),
    /// Yes or no: `true` or `false`.
    Truth(bool),
    /// A whole number.
    Number(u64),
    /// A day: `2026-02-01`.
    Day(Date),
    /// Nothing: null, or an empty place.
    Nothing,
}

impl<'a> Field<'a> {
    /// The text, or nothing.
    pub fn perhaps(text: Option<&'a str>) -> Self {
        text.map_or(Field::Nothing, Field::Text)
    }

    /// The same, with texts of its own.
    fn owned(&self) -> Field<'static> {
        match self {
            Field::Text(_) | Field::Made(_) | Field::List(_) => Field::Made(self.plain()),
            Field::Truth(truth) => Field::Truth(*truth),
            Field::Number(number) => Field::Number(*number),
            Field::Day(day) => Field::Day(*day),
            Field::Nothing => Field::Nothing,
        }
    }

    /// As it stands in CSV.
    pub(super) fn plain(&self) -> String {
        match self {
            Field::Text(text) => (*text).to_owned(),
            Field::Made(text) => text.clone(),
            Field::List(texts) => texts.join(";"),
            Field::Truth(truth) => truth.to_string(),
            Field::Number(number) => number.to_string(),
            Field::Day(day) => day.to_string(),
            Field::Nothing => String::new(),
        }
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Field::Text(text) => serializer.serialize_str(text),
            Field::Made(text) => serializer.serialize_str(text),
            Field::List(texts) => serializer.collect_seq(texts),
            Field::Truth(truth) => serializer.serialize_bool(*truth),
            Field::Number(number) => serializer.serialize_u64(*number),
            Field::Day(day) => serializer.collect_str(day),
            Field::Nothing => serializer.serialize_none(),
        }
    }
}

struct Object<'a>(&'a [(&'static str, Kind)], &'a [Field<'a>]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for ((name, _), field) in self.0.iter().zip(self.1) {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

/// Columns of a row that stand beside each other, as they are written: made once for many rows.
#[derive(Debug, Clone)]
pub struct Stretch(Made);

#[derive(Debug, Clone)]
enum Made {
    Bytes(Vec<u8>),
    /// From one column on.
    Fields(usize, Vec<Field<'static>>),
}

impl Stretch {
    /// These fields, as they are written in the columns from one on.
    pub fn new(format: Format, columns: &'static [(&'static str, Kind)], from: usize, fields: &[Field<'_>]) -> Self {
        Stretch(match format {
            Format::Csv => {
                // Another value behind them, so that a row with an empty one alone is not written in quotes.
                let mut bytes = csv_line(fields.iter().map(Field::plain).chain([String::new()]));
                bytes.truncate(bytes.len().saturating_sub(b",\n".len()));
                Made::Bytes(bytes)
            }
            Format::NdJson => {
                let columns = columns.get(from..).unwrap_or_default();
                // Writing texts and numbers to memory cannot fail.
                let object = serde_json::to_vec(&Object(columns, fields)).unwrap_or_default();
                let inner = object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
                Made::Bytes(inner.unwrap_or_default().to_vec())
            }
            Format::Parquet(_) => Made::Fields(from, fields.iter().map(Field::owned).collect()),
        })
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Made::Bytes(bytes) => bytes,
            Made::Fields(..) => &[],
        }
    }
}

/// Rows of one kind, gathered.
#[derive(Debug)]
pub struct Rows {
    columns: &'static [(&'static str, Kind)],
    gathered: Gathered,
    /// How many there are.
    pub count: u64,
}

#[derive(Debug)]
enum Gathered {
    Csv(Vec<u8>),
    NdJson(Vec<u8>),
    Parquet(parquet::Columns),
}

impl Rows {
    /// No rows yet.
    pub fn new(format: Format, columns: &'static [(&'static str, Kind)]) -> Self {
        Rows {
            columns,
            gathered: match format {
                Format::Csv => Gathered::Csv(Vec::new()),
                Format::NdJson => Gathered::NdJson(Vec::new()),
                Format::Parquet(ready) => Gathered::Parquet(parquet::Columns::new(ready, columns)),
            },
            count: 0,
        }
    }

    /// The line that stands before all rows, if there is one.
    pub fn heading(&self) -> Vec<u8> {
        match self.gathered {
            Gathered::Csv(_) => csv_line(self.columns.iter().map(|(name, _)| name)),
            Gathered::NdJson(_) | Gathered::Parquet(_) => Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, fields: &[Field<'_>]) {
        self.count += 1;
        match &mut self.gathered {
            Gathered::Csv(bytes) => bytes.extend(csv_line(fields.iter().map(Field::plain))),
            Gathered::NdJson(bytes) => {
                // Writing texts and numbers to memory cannot fail.
                let _ = serde_json::to_writer(&mut *bytes, &Object(self.columns, fields));
                bytes.push(b'\n');
            }
            Gathered::Parquet(columns) => columns.push(fields),
        }
    }

    /// Adds a row of stretches, which together are all of its columns in their order.
    pub fn push_stretches(&mut self, row: [&Stretch; 5]) {
        self.count += 1;
        match &mut self.gathered {
            Gathered::Csv(bytes) => {
                extend(bytes, row);
                bytes.push(b'\n');
            }
            Gathered::NdJson(bytes) => {
                bytes.push(b'{');
                extend(bytes, row);
                bytes.extend_from_slice(b"}\n");
            }
            Gathered::Parquet(columns) => {
                for stretch in row {
                    if let Made::Fields(from, fields) = &stretch.0 {
                        columns.push_from(*from, fields);
                    }
                }
            }
        }
    }

    /// How many bytes there are so far, of a format in which rows follow each other.
    pub fn bytes(&self) -> usize {
        match &self.gathered {
            Gathered::Csv(bytes) | Gathered::NdJson(bytes) => bytes.len(),
            Gathered::Parquet(_) => 0,
        }
    }

    /// The bytes of all rows, of a format in which they follow each other.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.gathered {
            Gathered::Csv(bytes) | Gathered::NdJson(bytes) => bytes,
            Gathered::Parquet(_) => Vec::new(),
        }
    }
}

fn extend(bytes: &mut Vec<u8>, row: [&Stretch; 5]) {
    let [first, others @ ..] = row;
    bytes.extend_from_slice(first.bytes());
    for stretch in others {
        bytes.push(b',');
        bytes.extend_from_slice(stretch.bytes());
    }
}

/// Makes one file of rows that were gathered apart.
pub enum Writer {
    /// Rows follow each other after this heading.
    Lines(Vec<u8>),
    /// Rows are put together by columns.
    Parquet(Box<parquet::Writer>),
}

impl Writer {
    /// A writer of rows with these columns.
    ///
    /// # Errors
    ///
    /// Why the format cannot have such columns.
    pub fn new(format: Format, columns: &'static [(&'static str, Kind)]) -> io::Result<Self> {
        Ok(match format {
            Format::Csv | Format::NdJson => Writer::Lines(Rows::new(format, columns).heading()),
            Format::Parquet(ready) => Writer::Parquet(Box::new(parquet::Writer::new(ready, columns)?)),
        })
    }

    /// What stands before all rows.
    pub fn begin(&mut self) -> Vec<u8> {
        match self {
            Writer::Lines(heading) => std::mem::take(heading),
            Writer::Parquet(_) => Vec::new(),
        }
    }

    /// What is to be written now that these rows have come.
    ///
    /// # Errors
    ///
    /// Why they cannot be written.
    pub fn add(&mut self, rows: Rows) -> io::Result<Vec<u8>> {
        match (self, rows.gathered) {
            (Writer::Parquet(writer), Gathered::Parquet(columns)) => writer.add(columns),
            (Writer::Lines(_), Gathered::Csv(bytes) | Gathered::NdJson(bytes)) => Ok(bytes),
            _ => Err(io::Error::other("rows of two formats do not make one file")),
        }
    }

    /// The last rows and what stands behind all of them.
    ///
    /// # Errors
    ///
    /// As [`Writer::add`].
    pub fn end(mut self, rows: Rows) -> io::Result<Vec<u8>> {
        let mut bytes = self.add(rows)?;
        if let Writer::Parquet(writer) = self {
            bytes.extend(writer.end()?);
        }
        Ok(bytes)
    }
}

/// One line of CSV.
pub fn csv_line<T: AsRef<[u8]>>(fields: impl Iterator<Item = T>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}
