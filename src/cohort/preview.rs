//! What the first rows of an input show, before anything is evaluated.
//!
//! In: an opened table. Out: its columns with what they mean, or everything that is wrong with them.

use super::columns::{Column, Layout, Meaning, Names};
use super::errors;
use super::parquet::{Held, Stored};
use super::record::object;
use super::table::{Cells, Row, Table};
use super::{Failure, Request};
use crate::diagnostic::Diagnostic;
use crate::model::{FactId, FactType, Library};
use crate::source::{FileId, Sources, Span};
use std::collections::BTreeMap;

/// An input whose columns are understood.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The name of the input.
    pub input: String,
    /// Wide or long.
    pub layout: Layout,
    /// Its header; none for NDJSON.
    pub header: Option<Vec<String>>,
    /// What the table holds in each of them; nothing for CSV and NDJSON, where everything is text.
    pub stored: Vec<Stored>,
    /// What the columns mean, in their order.
    pub columns: Vec<Column>,
    /// For each column, how many of the first rows say nothing there.
    pub missing: Vec<usize>,
    /// How many rows were looked at.
    pub looked_at: usize,
}

/// Looks at the first rows of a table.
///
/// # Errors
///
/// Everything that is wrong with its columns, or why it cannot be read.
pub fn preview(
    library: &Library,
    names: &Names<'_>,
    request: &Request,
    sources: &mut Sources,
    table: &mut Table,
) -> Result<Preview, Failure> {
    let input = table.input.clone();
    table.look(&input).map_err(Failure::Input)?;
    let written = match &table.header {
        Some(header) => header.clone(),
        None => keys(&table.sample),
    };
    let layout = request.layout.unwrap_or_else(|| names.layout(&written));
    let (file, spans) = heading(sources, &input, &written);
    let mut found = Vec::new();
    let mut columns = Vec::new();
    for (name, span) in written.iter().zip(&spans) {
        match names.in_layout(layout, name, *span) {
            Ok(column) => columns.push(column),
            Err(diagnostic) => found.push(diagnostic),
        }
    }
    if !found.is_empty() {
        return Err(Failure::Columns(found));
    }
    let places: Vec<(&Column, Span)> = columns.iter().zip(spans).collect();
    found.extend(twice(names, &places));
    for ((column, span), stored) in places.iter().zip(&table.stored) {
        if !fits(library, column, stored.held) {
            let wanted = type_of(library, column.meaning);
            found.push(errors::wrong_type(
                &column.name,
                &names.told(column.meaning),
                &wanted,
                &stored.written,
                *span,
            ));
        }
    }
    let is_there = |wanted: Meaning| columns.iter().any(|column| column.meaning == wanted);
    let required: &[(Meaning, &str)] = match layout {
        Layout::Wide => &[(Meaning::Patient, "patient_id")],
        Layout::Long => &[
            (Meaning::Patient, "patient_id"),
            (Meaning::Name, "fact"),
            (Meaning::Value, "value"),
        ],
    };
    for (meaning, name) in required {
        // Without a header and without a row there is nothing to miss.
        let nothing_to_miss = written.is_empty() && table.header.is_none();
        if !is_there(*meaning) && !nothing_to_miss {
            found.push(errors::missing_column(name, Span::new(file, 0..0)));
        }
    }
    let (missing, bare) = values(&columns, &table.sample, table.header.is_none());
    if layout == Layout::Wide {
        for (index, (column, span)) in places.iter().enumerate() {
            let Meaning::Fact(fact) = column.meaning else { continue };
            let has_unit = column.measure.is_some() || is_there(Meaning::Unit(fact));
            if names.is_measured(fact)
                && !has_unit
                && let Some(Some(number)) = bare.get(index)
            {
                found.push(errors::no_unit(&library[fact], &column.name, number, *span));
            }
        }
    }
    match found.is_empty() {
        true => Ok(Preview {
            input,
            layout,
            header: table.header.clone(),
            stored: table.stored.clone(),
            missing,
            looked_at: table.sample.len(),
            columns,
        }),
        false => Err(Failure::Columns(found)),
    }
}

/// Whether what a table holds in a column can be what the column states.
fn fits(library: &Library, column: &Column, held: Held) -> bool {
    match (column.meaning, held) {
        (Meaning::Ignored, _) | (_, Held::Nothing) => true,
        (_, Held::Other) => false,
        // Words of the table, whatever they are, have been given a meaning; in a long table the fact decides, row by row.
        (Meaning::Value, _) => true,
        _ if !column.values.is_empty() => true,
        (_, Held::Text) => true,
        (Meaning::Patient, held) => held == Held::Whole,
        (Meaning::AsOf | Meaning::At, held) => matches!(held, Held::Day | Held::Moment),
        (Meaning::Member(..), held) => held == Held::Truth,
        (Meaning::Fact(fact), held) => match &library[fact].ty {
            FactType::YesNo => held == Held::Truth,
            FactType::Date => matches!(held, Held::Day | Held::Moment),
            FactType::Quantity { .. } | FactType::Count | FactType::TimeSince { .. } => {
                matches!(held, Held::Whole | Held::Fraction)
            }
            FactType::OneOf { .. } | FactType::AnyOf { .. } => false,
        },
        (Meaning::Name | Meaning::Unit(_) | Meaning::ValueUnit, _) => false,
    }
}

/// The names of columns as one line of text, so that findings have a place to point at.
fn heading(sources: &mut Sources, input: &str, names: &[String]) -> (FileId, Vec<Span>) {
    let mut text = String::new();
    let mut ranges = Vec::new();
    for name in names {
        if !text.is_empty() {
            text.push(',');
        }
        let start = text.len();
        // A name over several lines would be shown in pieces.
        text.extend(name.chars().map(|c| if c == '\n' || c == '\r' { ' ' } else { c }));
        ranges.push(start..text.len());
    }
    let file = sources.add(input, text);
    let spans = ranges.into_iter().map(|range| Span::new(file, range)).collect();
    (file, spans)
}

/// The names in the first rows, in the order in which they come.
fn keys<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for row in rows {
        let Cells::Json(text) = &row.cells else { continue };
        for (key, _) in object(text).unwrap_or_default() {
            if !keys.contains(&key) && keys.len() < crate::limits::COLUMNS {
                keys.push(key);
            }
        }
    }
    keys
}

/// Columns that say the same thing twice.
fn twice(names: &Names<'_>, places: &[(&Column, Span)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut first: BTreeMap<Meaning, Span> = BTreeMap::new();
    let mut whole: BTreeMap<FactId, Span> = BTreeMap::new();
    for (column, span) in places.iter().filter(|(column, _)| column.meaning != Meaning::Ignored) {
        if let Some(other) = first.insert(column.meaning, *span) {
            found.push(errors::stated_twice(&names.told(column.meaning), *span, other));
        }
        if let Meaning::Fact(fact) = column.meaning {
            whole.insert(fact, *span);
        }
    }
    for (column, span) in places {
        match column.meaning {
            Meaning::Member(fact, _) => {
                if let Some(other) = whole.get(&fact) {
                    found.push(errors::stated_twice(&names.told(Meaning::Fact(fact)), *span, *other));
                }
            }
            Meaning::Unit(fact) if !whole.contains_key(&fact) => {
                found.push(errors::unit_alone(&names.told(Meaning::Fact(fact)), *span));
            }
            Meaning::Unit(fact) => {
                let settled = places
                    .iter()
                    .find(|(c, _)| c.meaning == Meaning::Fact(fact) && c.measure.is_some());
                if let Some((_, other)) = settled {
                    found.push(errors::two_units(&names.told(Meaning::Fact(fact)), *span, *other));
                }
            }
            _ => {}
        }
    }
    found
}

/// For each column how many rows say nothing there, and a number that stands there without a unit.
fn values<'r>(columns: &[Column], rows: impl IntoIterator<Item = &'r Row>, is_json: bool) -> (Vec<usize>, Vec<Option<String>>) {
    let mut missing = vec![0; columns.len()];
    let mut bare = vec![None; columns.len()];
    for row in rows {
        let pairs = match &row.cells {
            Cells::Json(text) => object(text).unwrap_or_default(),
            Cells::Texts(_) => Vec::new(),
        };
        for (index, (column, missing)) in columns.iter().zip(&mut missing).enumerate() {
            let text = match &row.cells {
                Cells::Texts(record) => String::from_utf8_lossy(record.get(index).unwrap_or_default())
                    .trim()
                    .to_owned(),
                Cells::Json(_) => {
                    let value = pairs.iter().find(|(key, _)| *key == column.name).map(|(_, raw)| raw.get());
                    value.unwrap_or("null").trim_matches('"').trim().to_owned()
                }
            };
            if text.is_empty() || (is_json && text == "null") {
                *missing += 1;
            }
            let mapped = column.values.get(&text).unwrap_or(&text);
            let is_number = !mapped.is_empty() && mapped.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            if is_number && let Some(slot @ None) = bare.get_mut(index) {
                *slot = Some(mapped.clone());
            }
        }
    }
    (missing, bare)
}

/// The type of a fact as an author writes it, shortened to what a table has room for.
pub fn type_of(library: &Library, meaning: Meaning) -> String {
    let Meaning::Fact(fact) = meaning else {
        return match meaning {
            Meaning::Member(..) => "yes/no".to_owned(),
            Meaning::AsOf | Meaning::At => "date".to_owned(),
            Meaning::Patient | Meaning::Unit(_) | Meaning::Name | Meaning::ValueUnit => "text".to_owned(),
            _ => String::new(),
        };
    };
    match &library[fact].ty {
        FactType::YesNo => "yes/no".to_owned(),
        FactType::OneOf { values, .. } => format!("one of {}", values.len()),
        FactType::AnyOf { members } => format!("any of {}", members.len()),
        FactType::Date => "date".to_owned(),
        FactType::Quantity { .. } => "quantity".to_owned(),
        FactType::Count => "count".to_owned(),
        FactType::TimeSince { .. } => "time since".to_owned(),
    }
}
