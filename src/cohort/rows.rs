//! Rows that are written: CSV or NDJSON.
//!
//! In: fields. Out: bytes.

use csv::WriterBuilder;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Format {
    Csv,
    /// One JSON object a line.
    NdJson,
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
    /// Nothing: null, or an empty place.
    Nothing,
}

impl<'a> Field<'a> {
    /// The text, or nothing.
    pub fn perhaps(text: Option<&'a str>) -> Self {
        text.map_or(Field::Nothing, Field::Text)
    }

    /// The made text, or nothing.
    pub fn perhaps_made(text: Option<String>) -> Self {
        text.map_or(Field::Nothing, Field::Made)
    }

    fn plain(&self) -> String {
        match self {
            Field::Text(text) => (*text).to_owned(),
            Field::Made(text) => text.clone(),
            Field::List(texts) => texts.join(";"),
            Field::Truth(truth) => truth.to_string(),
            Field::Number(number) => number.to_string(),
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
            Field::Nothing => serializer.serialize_none(),
        }
    }
}

struct Object<'a>(&'a [&'static str], &'a [Field<'a>]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in self.0.iter().zip(self.1) {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

/// Rows of one kind, gathered as bytes.
#[derive(Debug)]
pub struct Rows {
    format: Format,
    names: &'static [&'static str],
    bytes: Vec<u8>,
    /// How many there are.
    pub count: u64,
}

impl Rows {
    /// No rows yet.
    pub fn new(format: Format, names: &'static [&'static str]) -> Self {
        Rows {
            format,
            names,
            bytes: Vec::new(),
            count: 0,
        }
    }

    /// The line that stands before all rows, if there is one.
    pub fn heading(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => csv_line(self.names.iter().copied()),
            Format::NdJson => Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, fields: &[Field<'_>]) {
        self.count += 1;
        match self.format {
            Format::Csv => self.bytes.extend(csv_line(fields.iter().map(Field::plain))),
            Format::NdJson => {
                // Writing texts and numbers to memory cannot fail.
                let _ = serde_json::to_writer(&mut self.bytes, &Object(self.names, fields));
                self.bytes.push(b'\n');
            }
        }
    }

    /// The bytes of all rows.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// One line of CSV.
pub fn csv_line<T: AsRef<[u8]>>(fields: impl Iterator<Item = T>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}
