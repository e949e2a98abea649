//! Batches of patients evaluated.
//!
//! In: a batch of rows. Out: what is written of it, as bytes, and what was counted.

use super::batches::{Batch, Work};
use super::coder::{Coder, Wide};
use super::columns::{Layout, Names};
use super::lists::{Lists, Told};
use super::parquet::Chunks;
use super::preview::Preview;
use super::record::{Problem, Reader};
use super::reports::{Pieces, Report, Tally, counted};
use super::rows::{Field, Kind, Rows, Writer, csv_line};
use super::table::{Cells, Row, unreadable};
use super::{Failure, Request, Together};
use crate::eval::columns::{Clashes, Columns, Facts, Mask, WIDTH};
use crate::eval::settle::Inference;
use crate::eval::{evaluate, participants};
use crate::model::{EffectId, Library, Record};
use std::io;

/// The columns of what is rejected.
const REJECTS: &[(&str, Kind)] = &[
    ("input", Kind::Text),
    ("line", Kind::Number),
    ("patient_id", Kind::Text),
    ("columns", Kind::Text),
    ("codes", Kind::Text),
    ("reasons", Kind::Text),
    ("rows", Kind::Text),
];

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Patients of whom everything was understood.
    pub evaluated: u64,
    /// Patients with something that is wrong.
    pub rejected: u64,
    /// Rows of the ones.
    pub rows_evaluated: u64,
    /// Rows of the others.
    pub rows_rejected: u64,
    /// Rows of output.
    pub written: u64,
    /// Rows of rejects.
    pub rejects_written: u64,
    /// Numbers by effect, where they are wanted.
    pub pieces: Pieces,
}

impl Totals {
    /// Adds what was counted of other patients.
    pub fn add(&mut self, other: &Totals) {
        self.evaluated += other.evaluated;
        self.rejected += other.rejected;
        self.rows_evaluated += other.rows_evaluated;
        self.rows_rejected += other.rows_rejected;
        self.written += other.written;
        self.rejects_written += other.rejects_written;
        for (piece, numbers) in &other.pieces {
            self.pieces.entry(*piece).or_default().add(numbers);
        }
    }

    /// Compares what came of a batch with what was in it.
    ///
    /// # Errors
    ///
    /// What does not add up, in words.
    pub fn check(&self, patients: u64, rows: u64, of_batch: &Totals) -> Result<(), String> {
        let counted = of_batch.evaluated + of_batch.rejected;
        let counted_rows = of_batch.rows_evaluated + of_batch.rows_rejected;
        if counted != patients || counted_rows != rows || of_batch.rejected != of_batch.rejects_written {
            return Err(format!(
                "of {patients} patients in {rows} rows, {counted} in {counted_rows} rows were evaluated or rejected"
            ));
        }
        Ok(())
    }

    /// Compares the sum with what the readers have counted.
    ///
    /// # Errors
    ///
    /// What does not add up, in words.
    pub fn check_against(&self, rows_read: u64, patients: u64) -> Result<(), String> {
        let rows = self.rows_evaluated + self.rows_rejected;
        if rows != rows_read || self.evaluated + self.rejected != patients {
            return Err(format!("{rows_read} rows were read, {rows} were evaluated or rejected"));
        }
        Ok(())
    }
}

/// What came of one piece of work.
pub struct Evaluated {
    /// Rows of output.
    pub output: Rows,
    /// Rows of rejects.
    pub rejects: Vec<u8>,
    /// What was counted.
    pub totals: Totals,
    /// How many patients and rows there were.
    pub read: (u64, u64),
    /// What is left, where so much has come already that it should be written first.
    pub rest: Option<Work>,
}

/// How many bytes of rejects are gathered before they are written.
const REJECTED_BYTES: usize = 1 << 22;

/// How many rows of a group are unpacked at a time, where nothing is written of each.
const COUNTED: usize = 8_192;

/// What one thread keeps from piece to piece.
#[derive(Default)]
pub struct Desk<'a> {
    /// The coder of an input.
    coder: Option<(usize, Coder<'a>)>,
    /// What is told of a block, one by one.
    told: Told,
}

/// What comes of patients.
struct Gathered {
    rows: Rows,
    rejects: Rows,
    totals: Totals,
    tally: Tally,
}

/// A patient who has been read.
struct Waiting<'r> {
    patient: String,
    rows: &'r [Row],
    record: Result<Record, Vec<Problem>>,
}

/// Everything that is the same for all batches.
pub struct Engine<'a> {
    library: &'a Library,
    inference: Inference,
    /// None where everybody is evaluated alone.
    columns: Option<Columns>,
    /// None where no disagreements are asked for.
    clashes: Option<Clashes>,
    /// None where no effects are asked for.
    lists: Option<Lists>,
    names: &'a Names<'a>,
    request: &'a Request,
    previews: &'a [Preview],
}

impl<'a> Engine<'a> {
    /// An engine for these inputs.
    pub fn new(library: &'a Library, names: &'a Names<'a>, request: &'a Request, previews: &'a [Preview]) -> Self {
        let inference = Inference::new(library);
        let columns = match request.together {
            Together::Columns => Columns::new(library, &inference, &request.options),
            Together::Rows => None,
        };
        let (clashes, lists) = match (&columns, request.report) {
            (Some(columns), Report::Effects(statuses)) => (None, Some(Lists::new(library, columns, statuses, request.output))),
            (Some(columns), Report::Disagreements) => (Some(columns.clashes(library)), None),
            (Some(_), Report::Counts) | (None, _) => (None, None),
        };
        Engine {
            library,
            clashes,
            lists,
            columns,
            inference,
            names,
            request,
            previews,
        }
    }

    fn rows(&self) -> Rows {
        Rows::new(self.request.output, self.request.report.columns())
    }

    /// What makes bytes of the rows of output.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn writer(&self) -> io::Result<Writer> {
        Writer::new(self.request.output, self.request.report.columns())
    }

    fn rejects(&self) -> Rows {
        Rows::new(self.request.output.of_rejects(), REJECTS)
    }

    /// What stands before the rows of rejects.
    pub fn rejects_heading(&self) -> Vec<u8> {
        self.rejects().heading()
    }

    /// Evaluates each patient of a piece of work.
    ///
    /// # Errors
    ///
    /// [`Failure::Input`] where it cannot be unpacked.
    pub fn evaluate<'e>(&'e self, desk: &mut Desk<'e>, work: Work) -> Result<Evaluated, Failure> {
        let mut gathered = Gathered {
            rows: self.rows(),
            rejects: self.rejects(),
            totals: Totals::default(),
            tally: Tally::default(),
        };
        let unpacked = |input: usize, error: &io::Error| Failure::Input(unreadable(self.input(input), error));
        let (read, rest) = match work {
            Work::Rows(batch) => {
                self.by_rows(desk, &batch, &mut gathered);
                ((batch.records(), batch.rows()), None)
            }
            Work::Group(input, group) => {
                let mut chunks = group.unpack(COUNTED).map_err(|error| unpacked(input, &error))?;
                let (read, is_over) = self.by_columns(desk, input, &mut chunks, &mut gathered)?;
                (read, (!is_over).then(|| Work::Chunks(input, Box::new(chunks))))
            }
            Work::Chunks(input, mut chunks) => {
                let (read, is_over) = self.by_columns(desk, input, &mut chunks, &mut gathered)?;
                (read, (!is_over).then_some(Work::Chunks(input, chunks)))
            }
            Work::Chunk(input, chunk) => {
                let count = self.wide(desk, input, Wide::Chunk(&chunk), &mut gathered)?;
                ((count, count), None)
            }
            Work::Block(input, block) => {
                let count = self.wide(desk, input, Wide::Block(&block), &mut gathered)?;
                ((count, count), None)
            }
        };
        let mut totals = gathered.totals;
        gathered.tally.pour(self.library, &mut totals.pieces);
        totals.written = gathered.rows.count;
        totals.rejects_written = gathered.rejects.count;
        Ok(Evaluated {
            output: gathered.rows,
            rejects: gathered.rejects.into_bytes(),
            totals,
            read,
            rest,
        })
    }

    fn input(&self, input: usize) -> &str {
        self.request.inputs.get(input).map_or("", String::as_str)
    }

    fn reader(&self, input: usize) -> Reader<'_> {
        let preview = self.previews.get(input);
        let columns = preview.map_or(&[][..], |p| &p.columns);
        let layout = preview.map_or(Layout::Wide, |p| p.layout);
        let request = self.request;
        Reader::new(self.library, self.names, layout, columns, request.as_of, request.otherwise_no)
    }

    fn by_rows(&self, desk: &mut Desk<'_>, batch: &Batch, gathered: &mut Gathered) {
        let mut reader = self.reader(batch.input);
        let mut waiting: Vec<Waiting<'_>> = Vec::new();
        for of_patient in batch.patients() {
            let read = reader.read(of_patient);
            waiting.push(Waiting {
                patient: read.patient,
                rows: of_patient,
                record: read.record,
            });
            if waiting.len() == WIDTH {
                self.block(desk, batch.input, std::mem::take(&mut waiting), gathered);
            }
        }
        self.block(desk, batch.input, waiting, gathered);
    }

    /// Evaluates chunks until there are no more, or many rejects to be written; gives how many patients and rows there were, and
    /// whether that is all.
    fn by_columns<'e>(
        &'e self,
        desk: &mut Desk<'e>,
        input: usize,
        chunks: &mut Chunks,
        gathered: &mut Gathered,
    ) -> Result<((u64, u64), bool), Failure> {
        let mut read = 0;
        while gathered.rejects.bytes() < REJECTED_BYTES {
            let chunk = chunks.next_chunk();
            let chunk = chunk.map_err(|error| Failure::Input(unreadable(self.input(input), &error)))?;
            let Some(chunk) = chunk else {
                return Ok(((read, read), true));
            };
            read += self.wide(desk, input, Wide::Chunk(&chunk), gathered)?;
        }
        Ok(((read, read), false))
    }

    /// Evaluates rows of a wide table; gives how many there were.
    fn wide<'e>(&'e self, desk: &mut Desk<'e>, input: usize, wide: Wide<'_>, gathered: &mut Gathered) -> Result<u64, Failure> {
        let rows = wide.rows();
        let Some(columns) = &self.columns else {
            (0..rows).try_for_each(|row| self.wide_row(&mut self.reader(input), input, wide, row, gathered))?;
            return Ok(rows as u64);
        };
        if desk.coder.as_ref().is_none_or(|(of, _)| *of != input) {
            let of_input = self.previews.get(input).map_or(&[][..], |p| &p.columns);
            let coder = Coder::new(self.library, columns, self.reader(input), of_input);
            desk.coder = Some((input, coder));
        }
        let Desk { coder, told } = desk;
        let Some((_, coder)) = coder else { return Ok(0) };
        let closed = match self.request.otherwise_no {
            Some(_) => Mask::EVERYBODY,
            None => Mask::NOBODY,
        };
        for start in (0..rows).step_by(WIDTH) {
            let count = WIDTH.min(rows - start);
            let live = Mask::first(count);
            let (facts, unusual) = coder.code(columns, wide, start, live);
            let apart = columns.evaluate_facts(self.library, facts, count, closed).apart;
            let mut settled = self.settled(columns, facts, live & !unusual & !apart, &mut gathered.tally, told);
            let own = told.someone() & settled;
            for lane in (live & (own | !settled)).lanes() {
                let patient = own.has(lane).then(|| coder.patient(wide, start + lane)).flatten();
                let lists = patient.zip(self.lists.as_ref());
                if !lists.is_some_and(|(patient, lists)| lists.write(told, lane, &patient, &mut gathered.rows)) {
                    settled &= !Mask::one(lane);
                    self.wide_row(coder.reader(), input, wide, start + lane, gathered)?;
                }
            }
            let number = settled.count();
            gathered.totals.evaluated += number;
            gathered.totals.rows_evaluated += number;
        }
        Ok(rows as u64)
    }

    /// Evaluates one row of a wide table by itself.
    fn wide_row(
        &self,
        reader: &mut Reader<'_>,
        input: usize,
        wide: Wide<'_>,
        row: usize,
        gathered: &mut Gathered,
    ) -> Result<(), Failure> {
        let row = wide.row(row);
        let (line, texts) = row.map_err(|error| Failure::Input(unreadable(self.input(input), &error)))?;
        let rows = [Row {
            line,
            cells: Cells::Texts(texts),
        }];
        let read = reader.read(&rows);
        let waiting = Waiting {
            patient: read.patient,
            rows: &rows,
            record: read.record,
        };
        self.one(input, waiting, false, gathered);
        Ok(())
    }

    /// Evaluates some patients, together as far as they can be, the others one by one.
    fn block(&self, desk: &mut Desk<'_>, input: usize, waiting: Vec<Waiting<'_>>, gathered: &mut Gathered) {
        let settled = self.together(&waiting, &mut gathered.tally, &mut desk.told);
        for (lane, waiting) in waiting.into_iter().enumerate() {
            let lists = self.lists.as_ref().filter(|_| settled.has(lane));
            let is_written = lists.is_none_or(|lists| lists.write(&desk.told, lane, &waiting.patient, &mut gathered.rows));
            self.one(input, waiting, settled.has(lane) && is_written, gathered);
        }
    }

    /// Counts one patient, who is evaluated alone where that has not been done, or set aside.
    fn one(&self, input: usize, waiting: Waiting<'_>, is_settled: bool, gathered: &mut Gathered) {
        let Gathered {
            rows, rejects, totals, ..
        } = gathered;
        let count = waiting.rows.len() as u64;
        let line = waiting.rows.first().map_or(0, |row| row.line);
        let done = match waiting.record {
            Ok(_) if is_settled => Ok(()),
            Ok(record) => self.alone(&waiting.patient, line, &record, rows, totals),
            Err(problems) => Err(problems),
        };
        match done {
            Ok(()) => {
                totals.evaluated += 1;
                totals.rows_evaluated += count;
            }
            Err(problems) => {
                self.reject(input, &waiting.patient, waiting.rows, &problems, rejects);
                totals.rejected += 1;
                totals.rows_rejected += count;
            }
        }
    }

    /// Evaluates patients in columns and takes what the report wants of them; gives those with whom nothing is left to do.
    fn together(&self, waiting: &[Waiting<'_>], tally: &mut Tally, told: &mut Told) -> Mask {
        let Some(columns) = &self.columns else {
            return Mask::NOBODY;
        };
        let mut readable = Mask::NOBODY;
        let nothing = Record::default();
        let records = waiting.iter().enumerate().map(|(lane, waiting)| match &waiting.record {
            Ok(record) => {
                readable |= Mask::one(lane);
                record
            }
            Err(_) => &nothing,
        });
        let records: Vec<&Record> = records.collect();
        let facts = columns.evaluate_records(self.library, &records);
        self.settled(columns, &facts, readable & !facts.block().apart, tally, told)
    }

    /// Takes what the report wants of those patients of a block; gives those with whom nothing is left to do, but that what is told of
    /// them is written.
    fn settled(&self, columns: &Columns, facts: &Facts<'_>, those: Mask, tally: &mut Tally, told: &mut Told) -> Mask {
        match self.request.report {
            Report::Counts => {
                tally.add(columns, facts.block(), those);
                those
            }
            Report::Effects(_) => {
                let lists = self.lists.as_ref();
                lists.map_or(Mask::NOBODY, |lists| lists.take(told, self.library, columns, facts, those))
            }
            Report::Disagreements => {
                let may_clash = |clashes: &Clashes| clashes.of(facts.block(), those);
                those & !self.clashes.as_ref().map_or(Mask::EVERYBODY, may_clash)
            }
        }
    }

    /// Evaluates one patient and takes what the report wants.
    fn alone(&self, patient: &str, line: u64, record: &Record, rows: &mut Rows, totals: &mut Totals) -> Result<(), Vec<Problem>> {
        let problem = |diagnostic| Problem {
            line,
            column: None,
            diagnostic,
        };
        let settled = self.inference.settle(self.library, record);
        let settled = settled.map_err(|found| found.into_iter().map(problem).collect::<Vec<Problem>>())?;
        let outcome = evaluate(self.library, &settled, &self.request.options);
        self.request
            .report
            .take(self.library, patient, &outcome, rows, &mut totals.pieces);
        Ok(())
    }

    fn reject(&self, input: usize, patient: &str, rows: &[Row], problems: &[Problem], rejects: &mut Rows) {
        let mut codes: Vec<&str> = problems.iter().map(|p| p.diagnostic.code.number).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut columns: Vec<&str> = problems.iter().filter_map(|p| p.column.as_deref()).collect();
        columns.dedup();
        let line = problems.first().map_or(0, |p| p.line);
        let mut reasons: Vec<String> = Vec::new();
        for Problem { diagnostic, .. } in problems {
            let help = diagnostic.help.as_ref().map_or(String::new(), |help| format!(" ({help})"));
            let reason = format!("error[{}]: {}{help}", diagnostic.code.number, diagnostic.message);
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        let texts: Vec<String> = rows.iter().map(text_of).collect();
        rejects.push(&[
            Field::perhaps(self.request.inputs.get(input).map(String::as_str)),
            Field::Number(line),
            Field::Text(patient),
            Field::List(columns),
            Field::List(codes),
            Field::List(reasons.iter().map(String::as_str).collect()),
            Field::Made(texts.join("\n")),
        ]);
    }

    /// The rows that follow from all patients together, for [`Report::Counts`].
    pub fn counts(&self, totals: &mut Totals) -> Rows {
        let mut rows = self.rows();
        if self.request.report != Report::Counts {
            return rows;
        }
        let guidelines = participants(self.library, &self.request.options);
        let taking_part = |effect: EffectId| guidelines.contains(&self.library[self.library[effect].rule].guideline);
        counted(self.library, &taking_part, totals.evaluated, &totals.pieces, &mut rows);
        totals.written += rows.count;
        rows
    }
}

/// A row as it stood in its table, but for quotes that it did not need.
fn text_of(row: &Row) -> String {
    match &row.cells {
        Cells::Texts(record) => String::from_utf8_lossy(&csv_line(record.iter())).trim_end().to_owned(),
        Cells::Json(text) => String::from_utf8_lossy(text).into_owned(),
    }
}
