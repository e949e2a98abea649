//! What a run comes to, for the file beside the output.
//!
//! In: what was counted. Out: one serialisable object, which is the same for any number of threads.

use super::Request;
use super::columns::{Column, Meaning, told};
use super::engine::Totals;
use super::preview::{Preview, type_of};
use crate::eval::participants;
use crate::model::Library;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// The whole summary; `gl.cohort/1`.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Summary {
    pub schema: &'static str,
    pub engine: String,
    pub report: &'static str,
    /// Where not all effects were asked for: those of which one of these is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statuses: Option<Vec<&'static str>>,
    pub as_of: Option<String>,
    pub unlisted: &'static str,
    pub guidelines: Vec<GuidelineJson>,
    pub inputs: Vec<InputJson>,
    pub patients: CountsJson,
    pub rows: CountsJson,
    pub output: FileJson,
    pub rejects: FileJson,
}

/// A guideline that took part.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct GuidelineJson {
    pub id: String,
    pub version: String,
    pub status: &'static str,
    pub hash: String,
}

/// An input and what its columns mean.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct InputJson {
    pub name: String,
    pub layout: &'static str,
    pub columns: Vec<ColumnJson>,
}

/// A column.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ColumnJson {
    pub column: String,
    pub means: String,
    #[serde(rename = "type")]
    pub ty: String,
    pub unit: Option<String>,
}

/// What was read, and what came of it; the last two add up to the first.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct CountsJson {
    pub read: u64,
    pub evaluated: u64,
    pub rejected: u64,
}

/// A file that was written.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct FileJson {
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

impl Summary {
    pub(super) fn new(
        library: &Library,
        request: &Request,
        previews: &[Preview],
        totals: &Totals,
        output: &Digested<'_>,
        rejects: &Digested<'_>,
    ) -> Self {
        let guidelines = participants(library, &request.options).into_iter().map(|id| {
            let guideline = &library[id];
            GuidelineJson {
                id: guideline.name.clone(),
                version: guideline.version.clone(),
                status: guideline.status.word(),
                hash: guideline.hash.clone(),
            }
        });
        let inputs = previews.iter().map(|preview| InputJson {
            name: preview.input.clone(),
            layout: preview.layout.word(),
            columns: preview
                .columns
                .iter()
                .map(|column| column_json(library, preview, column))
                .collect(),
        });
        Summary {
            schema: "gl.cohort/1",
            engine: concat!("gl ", env!("CARGO_PKG_VERSION")).to_owned(),
            report: request.report.word(),
            statuses: request.report.chosen(),
            as_of: request.as_of.map(|(date, _)| date.to_string()),
            unlisted: if request.otherwise_no.is_some() { "no" } else { "unknown" },
            guidelines: guidelines.collect(),
            inputs: inputs.collect(),
            patients: CountsJson {
                read: totals.evaluated + totals.rejected,
                evaluated: totals.evaluated,
                rejected: totals.rejected,
            },
            rows: CountsJson {
                read: totals.rows_evaluated + totals.rows_rejected,
                evaluated: totals.rows_evaluated,
                rejected: totals.rows_rejected,
            },
            output: output.file(totals.written),
            rejects: rejects.file(totals.rejects_written),
        }
    }
}

fn column_json(library: &Library, preview: &Preview, column: &Column) -> ColumnJson {
    ColumnJson {
        column: column.name.clone(),
        means: told(library, column.meaning),
        ty: type_of(library, column.meaning),
        unit: unit_of(preview, column),
    }
}

/// The unit of a column: the one settled for all of it, or where it stands.
pub fn unit_of(preview: &Preview, column: &Column) -> Option<String> {
    let Meaning::Fact(fact) = column.meaning else { return None };
    let beside = preview.columns.iter().find(|other| other.meaning == Meaning::Unit(fact));
    match (&column.measure, beside) {
        (Some(measure), _) => Some(measure.written().to_owned()),
        (None, Some(other)) => Some(format!("in {}", other.name)),
        (None, None) => None,
    }
}

/// Writes through, counts the bytes and takes their digest.
pub(super) struct Digested<'a> {
    inner: &'a mut dyn Write,
    hash: Sha256,
    bytes: u64,
}

impl<'a> Digested<'a> {
    pub(super) fn new(inner: &'a mut dyn Write) -> Self {
        Digested {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    fn file(&self, rows: u64) -> FileJson {
        FileJson {
            rows,
            bytes: self.bytes,
            sha256: self
                .hash
                .clone()
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        }
    }
}

impl Write for Digested<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
