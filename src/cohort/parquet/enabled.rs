//! Parquet, read and written by its own library.

use super::{Held, Stored};
use crate::cohort::Whole;
use crate::cohort::rows::{Field, Kind};
use crate::limits;
use crate::model::{date_since_epoch, days_since_epoch};
use ::parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use ::parquet::arrow::{ArrowWriter, ProjectionMask};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::{ParquetError, Result as Outcome};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{ChunkReader, Length};
use arrow_array::builder::{BooleanBuilder, Date32Builder, Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as Place, Schema, SchemaRef, TimeUnit};
use bytes::Bytes;
use csv::ByteRecord;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

/// How many rows are unpacked at a time.
const UNPACKED: usize = 1_024;

/// How many rows of output are packed together; so many are kept in memory.
const PACKED: usize = 1 << 16;

/// That gl is built with Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ready(());

impl Ready {
    /// Always there.
    ///
    /// # Errors
    ///
    /// None, in a gl that is built with Parquet.
    pub fn new() -> Result<Self, String> {
        Ok(Ready(()))
    }
}

/// A file whose columns are known, and none of whose rows is read.
pub struct File {
    builder: ParquetRecordBatchReaderBuilder<Shared>,
}

impl File {
    /// Reads what stands at the end of a file: its columns and where its rows are.
    ///
    /// # Errors
    ///
    /// Why it is no Parquet, or none that can be read.
    pub fn open(_: Ready, mut whole: Box<dyn Whole>) -> io::Result<Self> {
        let length = whole.seek(SeekFrom::End(0))?;
        let shared = Shared {
            whole: Arc::new(Mutex::new(whole)),
            length,
        };
        // What another library noted of its own types is left aside: dictionaries and views are texts to us.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let builder = ParquetRecordBatchReaderBuilder::try_new_with_options(shared, options).map_err(io::Error::other)?;
        Ok(File { builder })
    }

    /// The names of its columns.
    pub fn header(&self) -> Vec<String> {
        let fields = self.builder.schema().fields();
        fields.iter().map(|field| field.name().clone()).collect()
    }

    /// What it holds in each of them.
    pub fn stored(&self) -> Vec<Stored> {
        let fields = self.builder.schema().fields();
        fields.iter().map(|field| stored(field.data_type())).collect()
    }

    /// Begins to read rows; of columns that are not read, nothing is recorded.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub fn read(self, is_read: &[bool]) -> io::Result<Reader> {
        let readable = self.stored().into_iter().map(|stored| stored.held != Held::Other);
        let read: Vec<bool> = is_read.iter().zip(readable).map(|(wanted, can)| *wanted && can).collect();
        let roots = read.iter().enumerate().filter(|(_, read)| **read).map(|(root, _)| root);
        let mask = ProjectionMask::roots(self.builder.parquet_schema(), roots);
        let rows = self.builder.metadata().file_metadata().num_rows();
        let batches = self.builder.with_projection(mask).with_batch_size(UNPACKED).build();
        Ok(Reader {
            batches: batches.map_err(io::Error::other)?,
            read,
            texts: Vec::new(),
            next: 0,
            unpacked: 0,
            given: 0,
            promised: u64::try_from(rows).unwrap_or(0),
        })
    }
}

/// The text of a value by its row; empty for null.
type Texts = Box<dyn Fn(usize) -> String + Send>;

/// Reads rows.
pub struct Reader {
    batches: ParquetRecordBatchReader,
    /// Which columns are read.
    read: Vec<bool>,
    /// The columns of the rows that are unpacked.
    texts: Vec<Texts>,
    /// Which of these rows comes next.
    next: usize,
    unpacked: usize,
    given: u64,
    /// How many rows the end of the file tells of.
    promised: u64,
}

impl Reader {
    /// The next row, with its number from 1.
    ///
    /// # Errors
    ///
    /// Why the rest cannot be read.
    pub fn next_row(&mut self) -> io::Result<Option<(u64, ByteRecord)>> {
        while self.next >= self.unpacked {
            let Some(batch) = self.batches.next() else {
                return match self.given == self.promised {
                    true => Ok(None),
                    false => Err(io::Error::other(format!(
                        "it has {} rows and tells of {}",
                        self.given, self.promised
                    ))),
                };
            };
            let batch = batch.map_err(io::Error::other)?;
            self.texts = batch.columns().iter().map(texts).collect::<io::Result<_>>()?;
            self.unpacked = batch.num_rows();
            self.next = 0;
        }
        let mut row = ByteRecord::new();
        let mut texts = self.texts.iter();
        for is_read in &self.read {
            let text = is_read.then(|| texts.next()).flatten().map(|text| text(self.next));
            row.push_field(text.unwrap_or_default().as_bytes());
        }
        self.next += 1;
        self.given += 1;
        match row.as_slice().len() > limits::ROW_BYTES {
            true => Err(io::Error::other(format!(
                "row {} has more than {} bytes",
                self.given,
                limits::ROW_BYTES
            ))),
            false => Ok(Some((self.given, row))),
        }
    }
}

fn stored(ty: &DataType) -> Stored {
    let held = match ty {
        DataType::Null => Held::Nothing,
        DataType::Boolean => Held::Truth,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => Held::Whole,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => Held::Whole,
        DataType::Decimal128(_, 0) | DataType::Decimal256(_, 0) => Held::Whole,
        DataType::Decimal128(..) | DataType::Decimal256(..) | DataType::Float32 | DataType::Float64 => Held::Fraction,
        DataType::Utf8 => Held::Text,
        DataType::Date32 => Held::Day,
        DataType::Timestamp(..) => Held::Moment,
        _ => Held::Other,
    };
    Stored {
        held,
        written: ty.to_string(),
    }
}

/// How the values of a column are written, settled once for all of them.
fn texts(array: &ArrayRef) -> io::Result<Texts> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_| String::new()),
        DataType::Boolean => of(array.as_boolean().clone(), |array, row| array.value(row).to_string()),
        DataType::Utf8 => of(array.as_string::<i32>().clone(), |array, row| array.value(row).to_owned()),
        DataType::Int8 => numbers::<Int8Type>(array, |number| number.to_string()),
        DataType::Int16 => numbers::<Int16Type>(array, |number| number.to_string()),
        DataType::Int32 => numbers::<Int32Type>(array, |number| number.to_string()),
        DataType::Int64 => numbers::<Int64Type>(array, |number| number.to_string()),
        DataType::UInt8 => numbers::<UInt8Type>(array, |number| number.to_string()),
        DataType::UInt16 => numbers::<UInt16Type>(array, |number| number.to_string()),
        DataType::UInt32 => numbers::<UInt32Type>(array, |number| number.to_string()),
        DataType::UInt64 => numbers::<UInt64Type>(array, |number| number.to_string()),
        // The shortest digits that are read as the same number; zero has no sign.
        DataType::Float32 => numbers::<Float32Type>(array, |number| (number + 0.0).to_string()),
        DataType::Float64 => numbers::<Float64Type>(array, |number| (number + 0.0).to_string()),
        DataType::Decimal128(..) => decimals::<Decimal128Type>(array),
        DataType::Decimal256(..) => decimals::<Decimal256Type>(array),
        DataType::Date32 => numbers::<Date32Type>(array, |days| day(i64::from(days))),
        DataType::Timestamp(TimeUnit::Second, _) => numbers::<TimestampSecondType>(array, |at| moment(at, 0)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => numbers::<TimestampMillisecondType>(array, |at| moment(at, 3)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => numbers::<TimestampMicrosecondType>(array, |at| moment(at, 6)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => numbers::<TimestampNanosecondType>(array, |at| moment(at, 9)),
        other => return Err(io::Error::other(format!("a column holds {other}"))),
    })
}

fn of<A: Array + 'static>(array: A, text: impl Fn(&A, usize) -> String + Send + 'static) -> Texts {
    Box::new(move |row| match array.is_null(row) {
        true => String::new(),
        false => text(&array, row),
    })
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, text: impl Fn(T::Native) -> String + Send + 'static) -> Texts {
    of(array.as_primitive::<T>().clone(), move |array, row| text(array.value(row)))
}

/// Decimals without the zeros that their column's scale puts behind them.
fn decimals<T: DecimalType>(array: &ArrayRef) -> Texts {
    of(array.as_primitive::<T>().clone(), |array, row| {
        let text = array.value_as_string(row);
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    })
}

fn day(days: i64) -> String {
    date_since_epoch(days).map_or_else(|| format!("{days} days after 1970-01-01"), |date| date.to_string())
}

/// A point in time, in units of ten to the minus `places` seconds: a day at its midnight in UTC, or else no day.
fn moment(at: i64, places: u32) -> String {
    let unit = 10_i64.pow(places);
    let (seconds, part) = (at.div_euclid(unit), at.rem_euclid(unit));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    if second == 0 && part == 0 {
        return day(days);
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let part = match part {
        0 => String::new(),
        part => format!(".{part:0width$}", width = places as usize),
    };
    format!("{}T{hour:02}:{minute:02}:{second:02}{part}", day(days))
}

/// A file that is read from several places.
#[derive(Clone)]
struct Shared {
    whole: Arc<Mutex<Box<dyn Whole>>>,
    length: u64,
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Onward>;

    fn get_read(&self, start: u64) -> Outcome<Self::T> {
        Ok(BufReader::new(Onward {
            shared: self.clone(),
            at: start,
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Outcome<Bytes> {
        // The file may tell of more than it has.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF(format!(
                "it tells of {length} bytes from {start}, and has {}",
                self.length
            )));
        }
        let mut bytes = vec![0; length];
        let mut from = Onward {
            shared: self.clone(),
            at: start,
        };
        from.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A file from one place on.
struct Onward {
    shared: Shared,
    at: u64,
}

impl Read for Onward {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut whole = self.shared.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.seek(SeekFrom::Start(self.at))?;
        let count = whole.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// Rows of output, column by column.
#[derive(Debug)]
pub struct Columns(Vec<Column>);

#[derive(Debug)]
enum Column {
    Text(StringBuilder),
    Truth(BooleanBuilder),
    Number(Int64Builder),
    Day(Date32Builder),
}

impl Columns {
    /// No rows yet.
    pub fn new(_: Ready, columns: &[(&'static str, Kind)]) -> Self {
        let column = |(_, kind): &(&'static str, Kind)| match kind {
            Kind::Text => Column::Text(StringBuilder::new()),
            Kind::Truth => Column::Truth(BooleanBuilder::new()),
            Kind::Number => Column::Number(Int64Builder::new()),
            Kind::Day => Column::Day(Date32Builder::new()),
        };
        Columns(columns.iter().map(column).collect())
    }

    /// Adds a row.
    pub fn push(&mut self, fields: &[Field<'_>]) {
        for (column, field) in self.0.iter_mut().zip(fields) {
            column.push(field);
        }
    }
}

impl Column {
    // INVARIANT: a field of another kind makes its column shorter than the others, which the writer refuses.
    fn push(&mut self, field: &Field<'_>) {
        match (self, field) {
            (Column::Text(column), Field::Nothing) => column.append_null(),
            (Column::Text(column), Field::Text(text)) => column.append_value(text),
            (Column::Text(column), field) => column.append_value(field.plain()),
            (Column::Truth(column), Field::Truth(truth)) => column.append_value(*truth),
            (Column::Truth(column), Field::Nothing) => column.append_null(),
            (Column::Number(column), Field::Number(number)) => column.append_option(i64::try_from(*number).ok()),
            (Column::Number(column), Field::Nothing) => column.append_null(),
            (Column::Day(column), Field::Day(date)) => column.append_option(i32::try_from(days_since_epoch(*date)).ok()),
            (Column::Day(column), Field::Nothing) => column.append_null(),
            (Column::Truth(_) | Column::Number(_) | Column::Day(_), _) => {}
        }
    }

    fn finish(self) -> ArrayRef {
        match self {
            Column::Text(mut column) => Arc::new(column.finish()),
            Column::Truth(mut column) => Arc::new(column.finish()),
            Column::Number(mut column) => Arc::new(column.finish()),
            Column::Day(mut column) => Arc::new(column.finish()),
        }
    }
}

/// Makes one file of rows that were gathered apart.
pub struct Writer {
    schema: SchemaRef,
    /// Writes to memory, from where the bytes are taken as they come.
    inner: ArrowWriter<Vec<u8>>,
}

impl Writer {
    /// A writer of rows with these columns.
    ///
    /// # Errors
    ///
    /// Why there cannot be such a file.
    pub fn new(_: Ready, columns: &[(&'static str, Kind)]) -> io::Result<Self> {
        let place = |(name, kind): &(&'static str, Kind)| {
            let ty = match kind {
                Kind::Text => DataType::Utf8,
                Kind::Truth => DataType::Boolean,
                Kind::Number => DataType::Int64,
                Kind::Day => DataType::Date32,
            };
            Place::new(*name, ty, true)
        };
        let schema = Arc::new(Schema::new(columns.iter().map(place).collect::<Vec<Place>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(PACKED))
            .build();
        let inner = ArrowWriter::try_new(Vec::new(), Arc::clone(&schema), Some(properties)).map_err(io::Error::other)?;
        Ok(Writer { schema, inner })
    }

    /// What is to be written now that these rows have come.
    ///
    /// # Errors
    ///
    /// Why they cannot be written.
    pub fn add(&mut self, columns: Columns) -> io::Result<Vec<u8>> {
        let arrays = columns.0.into_iter().map(Column::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(io::Error::other)?;
        self.inner.write(&batch).map_err(io::Error::other)?;
        // Only taken, never added to: the writer counts its bytes by itself.
        Ok(std::mem::take(self.inner.inner_mut()))
    }

    /// What stands behind all rows.
    ///
    /// # Errors
    ///
    /// Why it cannot be written.
    pub fn end(self) -> io::Result<Vec<u8>> {
        self.inner.into_inner().map_err(io::Error::other)
    }
}
