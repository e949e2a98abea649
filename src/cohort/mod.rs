//! A population: tables of patients in, one row for each effect out.
//!
//! In: a library, tables as streams of bytes, what their columns mean. Out: rows as bytes, in the order of the patients, and what was
//! counted on the way.
//! Must not know: files, terminals, where the bytes go.
//!
//! Memory does not grow with the number of rows: tables are read in batches of one size, the batches are evaluated by several threads,
//! and what comes of them is written in their order. So the output is the same to the byte for any number of threads.

mod batches;
mod coder;
pub mod columns;
mod engine;
pub mod errors;
mod lines;
mod lists;
mod order;
pub mod parquet;
pub mod preview;
mod record;
mod reports;
mod rows;
pub mod summary;
pub mod table;
mod texts;
mod threads;
mod words;

pub use columns::{Layout, Mapped, Mapping};
pub use reports::{Report, Status, Statuses};
pub use rows::Format as OutputFormat;
pub use table::Format;

use crate::cohort::columns::Names;
use crate::diagnostic::Diagnostic;
use crate::eval::Options;
use crate::model::Library;
use crate::source::{Sources, Span};
use batches::Batches;
use engine::Engine;
use jiff::civil::Date;
use preview::{Preview, preview};
use std::io::{Read, Seek, Write};
use std::num::NonZeroUsize;
use summary::{Digested, Summary};
use table::Table;

/// A stream of bytes that is read by whichever thread needs more.
pub type Bytes = Box<dyn Read + Send>;

/// Bytes that can be read from any place.
pub trait Whole: Read + Seek + Send {}

impl<T: Read + Seek + Send> Whole for T {}

/// An input that has been opened.
pub enum Opened {
    /// What can be read once only, from its beginning: a pipe.
    Once(Bytes),
    /// What can be opened again and read from any place: a file.
    Lasting(Box<dyn Whole>),
}

impl Opened {
    fn into_bytes(self) -> Bytes {
        match self {
            Opened::Once(bytes) => bytes,
            Opened::Lasting(whole) => whole,
        }
    }
}

/// Opens an input by its name.
///
/// # Errors
///
/// Why it cannot be read, in words.
pub type Open<'a> = dyn Fn(&str) -> Result<Opened, String> + Sync + 'a;

/// How patients are evaluated; both give the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// Some hundred at a time, where that can be; the others one by one.
    Columns,
    /// One by one.
    Rows,
}

/// What a run is about.
#[derive(Debug, Clone)]
pub struct Request {
    /// The names of the inputs, in the order in which they are read.
    pub inputs: Vec<String>,
    /// How the inputs are written down.
    pub format: Format,
    /// What separates the values of a row of CSV.
    pub delimiter: u8,
    /// Wide or long; found out from the columns where nobody says it.
    pub layout: Option<Layout>,
    /// What the columns mean beyond their names.
    pub mapping: Mapping,
    /// Whether numbers without a unit are in the unit that their fact is declared in.
    pub declared_units: bool,
    /// Which guidelines take part.
    pub options: Options,
    /// The date of evaluation of patients that have none of their own, with the place that says so.
    pub as_of: Option<(Date, Span)>,
    /// Whether what is not listed is no, with the place that says so.
    pub otherwise_no: Option<Span>,
    /// What is written.
    pub report: Report,
    /// How it is written.
    pub output: OutputFormat,
    /// How patients are evaluated.
    pub together: Together,
    /// How many threads evaluate.
    pub threads: NonZeroUsize,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Failure {
    /// What is wrong with the columns, each with its place.
    Columns(Vec<Diagnostic>),
    /// An input cannot be read to its end; in words.
    Input(String),
    /// The output cannot be written.
    Output(std::io::Error),
    /// The numbers of rows do not add up; a bug in gl.
    Count(String),
}

/// Tables whose columns have been understood, ready to be read to their end.
pub struct Prepared<'a> {
    library: &'a Library,
    names: Names<'a>,
    request: &'a Request,
    /// What the first rows of each input showed.
    pub previews: Vec<Preview>,
    /// Inputs that can be read once only, opened already.
    opened: Vec<Option<Table>>,
}

/// Opens every input, reads its first rows, and settles what its columns mean, with their types and units.
///
/// # Errors
///
/// [`Failure::Columns`] with everything that is wrong with them, and [`Failure::Input`]. Then nothing has been written.
pub fn prepare<'a>(
    library: &'a Library,
    request: &'a Request,
    sources: &mut Sources,
    open: &Open<'_>,
) -> Result<Prepared<'a>, Failure> {
    let names = Names::new(library, &request.mapping, request.declared_units).map_err(Failure::Columns)?;
    let mut previews = Vec::new();
    let mut opened = Vec::new();
    let mut found = Vec::new();
    for input in &request.inputs {
        let mut table = Table::open(input, request, &names, open).map_err(Failure::Input)?;
        match preview(library, &names, request, sources, &mut table) {
            Ok(preview) => previews.push(preview),
            Err(Failure::Columns(more)) => found.extend(more),
            Err(other) => return Err(other),
        }
        // What can be opened again is closed: there may be more inputs than a system allows to be open.
        opened.push((!table.is_lasting).then_some(table));
    }
    if let Some(mixed) = previews
        .windows(2)
        .find(|pair| matches!(pair, [a, b] if a.layout != b.layout))
        .and_then(|pair| pair.last())
    {
        let input = &mixed.input;
        return Err(Failure::Input(format!(
            "`{input}` is {}, the inputs before it are not",
            mixed.layout.word()
        )));
    }
    match found.is_empty() {
        true => Ok(Prepared {
            library,
            names,
            request,
            previews,
            opened,
        }),
        false => Err(Failure::Columns(found)),
    }
}

impl Prepared<'_> {
    /// Evaluates every patient, writes what comes of it to `output` and what cannot be evaluated to `rejects`.
    ///
    /// `progress` is told how many patients have been evaluated or rejected so far.
    ///
    /// # Errors
    ///
    /// [`Failure`]; what has been written then is not complete.
    pub fn run(
        self,
        open: &Open<'_>,
        output: &mut dyn Write,
        rejects: &mut dyn Write,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Summary, Failure> {
        let Prepared {
            library,
            names,
            request,
            previews,
            opened,
        } = self;
        let layout = previews.first().map_or(Layout::Wide, |p| p.layout);
        let engine = Engine::new(library, &names, request, &previews);
        let (mut output, mut rejects) = (Digested::new(output), Digested::new(rejects));
        let mut writer = engine.writer().map_err(Failure::Output)?;
        output.write_all(&writer.begin()).map_err(Failure::Output)?;
        let mut batches = Batches::new(request, layout, &names, &previews, opened, open);
        let mut total = engine::Totals::default();
        let mut read = 0;
        threads::in_order(
            request.threads,
            || batches.next_batch().transpose(),
            engine::Desk::default,
            |desk, work| engine.evaluate(desk, work.map_err(Failure::Input)?),
            |done: Result<engine::Evaluated, Failure>| {
                let mut next = Some(done?);
                while let Some(evaluated) = next {
                    let bytes = writer.add(evaluated.output).map_err(Failure::Output)?;
                    output.write_all(&bytes).map_err(Failure::Output)?;
                    if total.rejected == 0 && !evaluated.rejects.is_empty() {
                        rejects.write_all(&engine.rejects_heading()).map_err(Failure::Output)?;
                    }
                    rejects.write_all(&evaluated.rejects).map_err(Failure::Output)?;
                    let (records, rows) = evaluated.read;
                    read += records;
                    total.add(&evaluated.totals);
                    progress(read);
                    total.check(records, rows, &evaluated.totals).map_err(Failure::Count)?;
                    // So many rejects wait for nobody: the rest of their group is evaluated here, piece by piece.
                    let rest = evaluated.rest.map(|rest| engine.evaluate(&mut engine::Desk::default(), rest));
                    next = rest.transpose()?;
                }
                Ok(())
            },
        )?;
        let bytes = writer.end(engine.counts(&mut total)).map_err(Failure::Output)?;
        output.write_all(&bytes).map_err(Failure::Output)?;
        output.flush().map_err(Failure::Output)?;
        rejects.flush().map_err(Failure::Output)?;
        // Read once more from the readers themselves: a row that was lost between them and the batches shows here.
        total.check_against(batches.rows_read(), read).map_err(Failure::Count)?;
        Ok(Summary::new(library, request, &previews, &total, &output, &rejects))
    }
}
