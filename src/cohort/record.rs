//! Rows as records of patients.
//!
//! In: the rows of one patient, and what their columns mean. Out: a record, or everything that is wrong with it.

use super::columns::{Column, Layout, Meaning, Names, nowhere};
use super::errors;
use super::table::{Cells, Row};
use crate::diagnostic::Diagnostic;
use crate::model::{Entry, FactId, Library, Record, Recorded};
use crate::patient::{self, Measure};
use crate::source::Span;
use jiff::civil::Date;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// What stands in one place of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing, or null: nobody recorded it.
    Missing,
    /// A value as text; what it means the type of its fact decides.
    Text(Cow<'a, str>),
    /// Members of a set.
    List(Vec<String>),
}

/// One thing that is wrong with the rows of a patient.
#[derive(Debug)]
pub struct Problem {
    /// The line, from 1.
    pub line: u64,
    /// The column, if it is one.
    pub column: Option<String>,
    /// What it is.
    pub diagnostic: Diagnostic,
}

/// A patient with what is recorded.
#[derive(Debug)]
pub struct Read {
    /// Who it is; empty if the rows do not say.
    pub patient: String,
    /// What is recorded, or what is wrong.
    pub record: Result<Record, Vec<Problem>>,
}

/// Reads the rows of patients; keeps units that it has met.
pub struct Reader<'a> {
    library: &'a Library,
    names: &'a Names<'a>,
    layout: Layout,
    /// The columns in the order of the header; none for NDJSON.
    columns: &'a [Column],
    as_of: Option<(Date, Span)>,
    otherwise_no: Option<Span>,
    measures: BTreeMap<(FactId, String), Result<Measure, Diagnostic>>,
    /// Columns that were looked up by name.
    by_name: BTreeMap<String, Result<Column, Diagnostic>>,
}

/// An entry of a long table, with the day of the finding.
type Dated = (Option<Date>, u64, Entry);

impl<'a> Reader<'a> {
    /// Reads rows with these columns.
    pub fn new(
        library: &'a Library,
        names: &'a Names<'a>,
        layout: Layout,
        columns: &'a [Column],
        as_of: Option<(Date, Span)>,
        otherwise_no: Option<Span>,
    ) -> Self {
        Reader {
            library,
            names,
            layout,
            columns,
            as_of,
            otherwise_no,
            measures: BTreeMap::new(),
            by_name: BTreeMap::new(),
        }
    }

    /// The record in the rows of one patient.
    pub fn read(&mut self, rows: &[Row]) -> Read {
        match self.layout {
            Layout::Wide => self.wide(rows),
            Layout::Long => self.long(rows),
        }
    }

    fn blank(&self) -> Record {
        Record {
            entries: Vec::new(),
            otherwise_no: self.otherwise_no,
            as_of: self.as_of,
        }
    }

    fn wide(&mut self, rows: &[Row]) -> Read {
        let mut patient = String::new();
        let mut record = self.blank();
        let mut problems = Vec::new();
        for row in rows {
            let cells = match self.cells(row) {
                Ok(cells) => cells,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let mut units: Vec<(FactId, Cow<'_, str>)> = Vec::new();
            for (column, cell) in &cells {
                match (column.meaning, cell) {
                    (Meaning::Patient, Cell::Text(text)) => patient = text.trim().to_owned(),
                    (Meaning::Unit(fact), Cell::Text(text)) => units.push((fact, text.clone())),
                    _ => {}
                }
            }
            for (column, cell) in &cells {
                let unit = match column.meaning {
                    Meaning::Fact(fact) => units.iter().find(|(of, _)| *of == fact).map(|(_, unit)| unit.as_ref()),
                    _ => None,
                };
                let problem = |diagnostic| Problem {
                    line: row.line,
                    column: Some(column.name.clone()),
                    diagnostic,
                };
                match self.entry(column, cell, unit) {
                    Ok(Some(Stated::Entry(entry))) => record.entries.push(entry),
                    Ok(Some(Stated::AsOf(date))) => record.as_of = Some((date, nowhere(0))),
                    Ok(None) => {}
                    Err(diagnostic) => problems.push(problem(*diagnostic)),
                }
            }
            if patient.is_empty() {
                problems.push(Problem {
                    line: row.line,
                    column: None,
                    diagnostic: errors::nobody(),
                });
            }
        }
        Read {
            patient,
            record: if problems.is_empty() { Ok(record) } else { Err(problems) },
        }
    }

    fn long(&mut self, rows: &[Row]) -> Read {
        let mut patient = String::new();
        let mut record = self.blank();
        let mut dated: Vec<Dated> = Vec::new();
        let mut problems = Vec::new();
        for row in rows {
            let problem = |column: Option<&str>, diagnostic| Problem {
                line: row.line,
                column: column.map(str::to_owned),
                diagnostic,
            };
            let cells = match self.cells(row) {
                Ok(cells) => cells,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let text = |wanted: Meaning| {
                cells.iter().find_map(|(column, cell)| match cell {
                    Cell::Text(text) if column.meaning == wanted => Some(text.trim()),
                    _ => None,
                })
            };
            match text(Meaning::Patient) {
                Some(id) if !id.is_empty() => patient = id.to_owned(),
                _ => problems.push(problem(None, errors::nobody())),
            }
            let Some(name) = text(Meaning::Name) else {
                problems.push(problem(None, errors::no_name()));
                continue;
            };
            let value = cells.iter().find(|(column, _)| column.meaning == Meaning::Value);
            let value = value.map_or(&Cell::Missing, |(_, cell)| cell);
            let at = match text(Meaning::At).filter(|at| !at.is_empty()) {
                None => None,
                Some(at) => match patient::read_date(at) {
                    Some(date) => Some(date),
                    None => {
                        let bad = patient::errors::no_such_date(None, at, nowhere(at.len()));
                        problems.push(problem(Some("at"), bad));
                        continue;
                    }
                },
            };
            let column = match self.by_name(name) {
                Ok(column) => column,
                Err(diagnostic) => {
                    problems.push(problem(Some(name), diagnostic));
                    continue;
                }
            };
            match self.entry(&column, value, text(Meaning::ValueUnit).filter(|unit| !unit.is_empty())) {
                Ok(Some(Stated::Entry(entry))) => dated.push((at, row.line, entry)),
                Ok(Some(Stated::AsOf(date))) => record.as_of = Some((date, nowhere(0))),
                Ok(None) => {}
                Err(diagnostic) => problems.push(problem(Some(name), *diagnostic)),
            }
        }
        match self.latest(dated, &record) {
            Ok(entries) => record.entries = entries,
            Err(found) => problems.extend(found),
        }
        Read {
            patient,
            record: if problems.is_empty() { Ok(record) } else { Err(problems) },
        }
    }

    /// Of several findings of one fact the latest, on or before the date of evaluation.
    fn latest(&self, dated: Vec<Dated>, record: &Record) -> Result<Vec<Entry>, Vec<Problem>> {
        let as_of = record.as_of.map(|(date, _)| date);
        let mut problems = Vec::new();
        let mut latest: BTreeMap<(FactId, Option<usize>), Dated> = BTreeMap::new();
        for (at, line, entry) in dated {
            if at.zip(as_of).is_some_and(|(at, as_of)| at > as_of) {
                continue;
            }
            let member = match &entry.recorded {
                Recorded::Member(member, _) => Some(*member),
                _ => None,
            };
            let key = (entry.fact, member);
            let name = &self.library[entry.fact].name;
            let problem = |diagnostic| Problem {
                line,
                column: Some(name.clone()),
                diagnostic,
            };
            if at.is_some() && as_of.is_none() {
                problems.push(problem(errors::no_date_of_evaluation()));
                continue;
            }
            match latest.get(&key) {
                None => drop(latest.insert(key, (at, line, entry))),
                Some((other, _, known)) if *other == at => {
                    // Said twice in the same words it is no contradiction.
                    if known.recorded != entry.recorded {
                        problems.push(problem(errors::two_findings(name, at)));
                    }
                }
                Some((None, ..)) => problems.push(problem(errors::two_findings(name, None))),
                Some((Some(_), ..)) if at.is_none() => problems.push(problem(errors::two_findings(name, None))),
                Some((other, ..)) if *other < at => drop(latest.insert(key, (at, line, entry))),
                Some(_) => {}
            }
        }
        // A set that is stated as a whole and by its members would be stated twice.
        for (fact, member) in latest.keys() {
            if member.is_some()
                && let Some((_, line, _)) = latest.get(&(*fact, None))
            {
                let name = &self.library[*fact].name;
                problems.push(Problem {
                    line: *line,
                    column: Some(name.clone()),
                    diagnostic: errors::whole_and_member(name),
                });
            }
        }
        match problems.is_empty() {
            true => Ok(latest.into_values().map(|(.., entry)| entry).collect()),
            false => Err(problems),
        }
    }

    /// The values of a row with their columns.
    fn cells<'r>(&mut self, row: &'r Row) -> Result<Vec<(Cow<'a, Column>, Cell<'r>)>, Problem> {
        let problem = |diagnostic| Problem {
            line: row.line,
            column: None,
            diagnostic,
        };
        match &row.cells {
            Cells::Texts(record) => {
                if record.len() != self.columns.len() {
                    return Err(problem(errors::wrong_length(record.len(), self.columns.len())));
                }
                let mut cells = Vec::new();
                for (column, field) in self.columns.iter().zip(record) {
                    if field.is_empty() || column.meaning == Meaning::Ignored {
                        continue;
                    }
                    let text = std::str::from_utf8(field).map_err(|_| Problem {
                        line: row.line,
                        column: Some(column.name.clone()),
                        diagnostic: errors::not_utf8(),
                    })?;
                    cells.push((Cow::Borrowed(column), Cell::Text(Cow::Borrowed(text))));
                }
                Ok(cells)
            }
            Cells::Json(text) => {
                let object = object(text).map_err(|reason| problem(errors::no_object(&reason)))?;
                let mut cells = Vec::new();
                for (key, raw) in object {
                    let column = match self.layout {
                        Layout::Wide => self.by_name(&key).map_err(problem)?,
                        Layout::Long => self.names.long_column(&key),
                    };
                    if column.meaning == Meaning::Ignored {
                        continue;
                    }
                    let cell = json_cell(raw).map_err(|reason| Problem {
                        line: row.line,
                        column: Some(key.clone()),
                        diagnostic: errors::no_value(&reason),
                    })?;
                    if cell != Cell::Missing {
                        cells.push((Cow::Owned(column), cell));
                    }
                }
                Ok(cells)
            }
        }
    }

    fn by_name(&mut self, name: &str) -> Result<Column, Diagnostic> {
        if let Some(known) = self.by_name.get(name) {
            return known.clone();
        }
        let column = self.names.column(name, nowhere(name.len()));
        // Names come from the table; what is kept of them does not grow with it.
        if self.by_name.len() < crate::limits::COLUMNS {
            self.by_name.insert(name.to_owned(), column.clone());
        }
        column
    }

    /// The date of evaluation of patients who have none of their own.
    pub fn as_of(&self) -> Option<Date> {
        self.as_of.map(|(date, _)| date)
    }

    /// What a value states, with the unit that stands beside it.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn entry(&mut self, column: &Column, cell: &Cell<'_>, unit: Option<&str>) -> Result<Option<Stated>, Box<Diagnostic>> {
        let stated = match cell {
            Cell::Missing => return Ok(None),
            Cell::List(members) => match column.meaning {
                Meaning::Fact(fact) => {
                    let names: Vec<(&str, Span)> = members.iter().map(|name| (name.as_str(), nowhere(name.len()))).collect();
                    Stated::entry(fact, patient::recorded_set(self.library, fact, &names)?)
                }
                _ => return Err(Box::new(errors::no_value("a list"))),
            },
            Cell::Text(text) => {
                let text = text.trim_ascii();
                if text.is_empty() {
                    return Ok(None);
                }
                let text = column.values.get(text).map_or(text, String::as_str);
                let span = nowhere(text.len());
                match column.meaning {
                    Meaning::AsOf => match patient::read_date(text) {
                        Some(date) => Stated::AsOf(date),
                        None => return Err(Box::new(patient::errors::no_such_date(None, text, span))),
                    },
                    Meaning::Member(fact, member) => {
                        let present = patient::read_present(&self.library[fact], text, span)?;
                        Stated::entry(fact, Recorded::Member(member, present))
                    }
                    Meaning::Fact(fact) => Stated::entry(fact, self.value(column, fact, text, unit, span)?),
                    _ => return Ok(None),
                }
            }
        };
        Ok(Some(stated))
    }

    fn value(
        &mut self,
        column: &Column,
        fact: FactId,
        text: &str,
        unit: Option<&str>,
        span: Span,
    ) -> Result<Recorded, Box<Diagnostic>> {
        let library = self.library;
        let read = match (unit, &column.measure) {
            (Some(unit), _) if self.names.is_measured(fact) => {
                let measure = self.measure(fact, unit.trim())?;
                patient::read_measured(library, fact, text, &measure, span)
            }
            (Some(unit), _) => return Err(Box::new(errors::unit_without_need(&library[fact], unit))),
            (None, Some(measure)) => patient::read_measured(library, fact, text, measure, span),
            (None, None) => patient::read_value(library, fact, text, span),
        };
        Ok(read?)
    }

    /// A unit that stands in a row, settled when it is first met.
    fn measure(&mut self, fact: FactId, unit: &str) -> Result<Measure, Diagnostic> {
        let key = (fact, unit.to_owned());
        if let Some(known) = self.measures.get(&key) {
            return known.clone();
        }
        let measure = Measure::read(self.library, fact, unit, nowhere(unit.len()));
        if self.measures.len() < crate::limits::COLUMNS {
            self.measures.insert(key, measure.clone());
        }
        measure
    }
}

/// What a value states.
pub enum Stated {
    /// A fact.
    Entry(Entry),
    /// The date of evaluation.
    AsOf(Date),
}

impl Stated {
    fn entry(fact: FactId, recorded: Recorded) -> Self {
        Stated::Entry(Entry {
            fact,
            recorded,
            span: nowhere(0),
        })
    }
}

/// The text that a row has for a meaning, if it can be read that far.
pub fn cell_of(row: &Row, names: &Names<'_>, columns: &[Column], wanted: Meaning) -> Option<String> {
    match &row.cells {
        Cells::Texts(record) => {
            let position = columns.iter().position(|column| column.meaning == wanted)?;
            let text = std::str::from_utf8(record.get(position)?).ok()?;
            Some(text.trim().to_owned())
        }
        Cells::Json(text) => {
            let object = object(text).ok()?;
            let is_wanted = |(key, _): &&(String, &RawValue)| names.long_column(key).meaning == wanted;
            match json_cell(object.iter().find(is_wanted)?.1).ok()? {
                Cell::Text(text) => Some(text.trim().to_owned()),
                _ => None,
            }
        }
    }
}

/// The names and the raw values of a JSON object, in its order.
///
/// # Errors
///
/// Why it is none, or which name stands in it twice.
pub fn object(text: &[u8]) -> Result<Vec<(String, &RawValue)>, String> {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, &'de RawValue)>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with a name and a value for each column")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs: Self::Value = Vec::new();
            while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                if pairs.iter().any(|(known, _)| *known == name) {
                    return Err(serde::de::Error::custom(format!("`{name}` stands here twice")));
                }
                pairs.push((name, value));
            }
            Ok(pairs)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let pairs = reader.deserialize_map(Pairs).and_then(|pairs| reader.end().map(|()| pairs));
    pairs.map_err(|error| error.to_string())
}

/// A value of a JSON object. Numbers keep the digits they are written with.
fn json_cell(raw: &RawValue) -> Result<Cell<'static>, String> {
    let text = raw.get();
    let string = |text: &str| serde_json::from_str::<String>(text).map_err(|error| error.to_string());
    match text.as_bytes().first() {
        Some(b'n') => Ok(Cell::Missing),
        Some(b'"') => Ok(match string(text)? {
            text if text.trim().is_empty() => Cell::Missing,
            text => Cell::Text(Cow::Owned(text)),
        }),
        Some(b'[') => {
            struct Texts;
            impl<'de> Visitor<'de> for Texts {
                type Value = Vec<String>;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("names of members")
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                    let mut texts = Vec::new();
                    while let Some(text) = seq.next_element()? {
                        texts.push(text);
                    }
                    Ok(texts)
                }
            }
            let mut reader = serde_json::Deserializer::from_str(text);
            reader
                .deserialize_seq(Texts)
                .map(Cell::List)
                .map_err(|error| error.to_string())
        }
        Some(b'{') => {
            // Read all the same, so that what is said of it is true.
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| error.to_string())?;
            Err("an object".to_owned())
        }
        _ => Ok(Cell::Text(Cow::Owned(text.to_owned()))),
    }
}
