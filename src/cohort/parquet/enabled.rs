//! Parquet, read by its own library.

use super::ahead::Shared;
use super::texts::{Texts, longest, texts};
use super::{Held, Stored, pages};
use crate::cohort::Whole;
use crate::cohort::words::spread;
use crate::limits;
use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};
use csv::ByteRecord;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How many rows are unpacked at a time.
const UNPACKED: usize = 1_024;

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
    shared: Shared,
    metadata: ArrowReaderMetadata,
}

/// Reads something. The library takes a file at its word in places, and panics where the file is damaged.
fn undamaged<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let found = super::UNDER_SUSPICION.with(|suspicion| {
        suspicion.set(true);
        let found = catch_unwind(AssertUnwindSafe(read));
        suspicion.set(false);
        found
    });
    found.unwrap_or_else(|_| Err(io::Error::other("it is damaged: what it says of itself does not hold")))
}

/// What another library noted of its own types is left aside: dictionaries and views are texts to us.
fn options() -> ArrowReaderOptions {
    ArrowReaderOptions::new().with_skip_arrow_metadata(true)
}

impl File {
    /// Reads what stands at the end of a file: its columns and where its rows are.
    ///
    /// # Errors
    ///
    /// Why it is no Parquet, or none that can be read.
    pub fn open(_: Ready, whole: Box<dyn Whole>) -> io::Result<Self> {
        let shared = Shared::new(whole)?;
        let metadata = undamaged(|| ArrowReaderMetadata::load(&shared, options()).map_err(io::Error::other))?;
        Ok(File { shared, metadata })
    }

    /// The names of its columns.
    pub fn header(&self) -> Vec<String> {
        let fields = self.metadata.schema().fields();
        fields.iter().map(|field| field.name().clone()).collect()
    }

    /// What it holds in each of them.
    pub fn stored(&self) -> Vec<Stored> {
        let fields = self.metadata.schema().fields();
        fields.iter().map(|field| stored(field.data_type())).collect()
    }

    /// Which columns are read of those that are wanted, and the mask that says so.
    fn projection(&self, is_read: &[bool]) -> (Vec<bool>, ProjectionMask) {
        let readable = self.stored().into_iter().map(|stored| stored.held != Held::Other);
        let read: Vec<bool> = is_read.iter().zip(readable).map(|(wanted, can)| *wanted && can).collect();
        let roots = read.iter().enumerate().filter(|(_, read)| **read).map(|(root, _)| root);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        (read, mask)
    }

    /// Begins to read rows; of columns that are not read, nothing is recorded.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub fn read(&self, is_read: &[bool]) -> io::Result<Reader> {
        let (read, mask) = self.projection(is_read);
        let rows = self.metadata.metadata().file_metadata().num_rows();
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.shared.clone(), self.metadata.clone());
        let builder = builder.with_projection(mask).with_batch_size(UNPACKED);
        Ok(Reader {
            batches: undamaged(|| builder.build().map_err(io::Error::other))?,
            read,
            texts: Vec::new(),
            next: 0,
            unpacked: 0,
            given: 0,
            promised: u64::try_from(rows).unwrap_or(0),
        })
    }

    /// The groups of rows, to be unpacked by columns; `many` says of which columns each row has another text.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub fn groups(&self, is_read: &[bool], many: &[bool]) -> io::Result<Groups> {
        let (read, _) = self.projection(is_read);
        let fields = self.metadata.schema().fields().iter().zip(many);
        let fields = fields.map(|(field, many)| match field.data_type() {
            DataType::Utf8 if !many => {
                let repeated = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                Arc::new(field.as_ref().clone().with_data_type(repeated))
            }
            _ => Arc::clone(field),
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let metadata = Arc::clone(self.metadata.metadata());
        let metadata = ArrowReaderMetadata::try_new(metadata, options().with_schema(schema)).map_err(io::Error::other)?;
        Ok(Groups {
            shared: self.shared.clone(),
            metadata,
            is_read: read.into(),
            next: 0,
            first: 1,
        })
    }
}

/// The groups of rows of a file, in order.
pub struct Groups {
    shared: Shared,
    metadata: ArrowReaderMetadata,
    is_read: Arc<[bool]>,
    next: usize,
    first: u64,
}

impl Groups {
    /// The next group, not unpacked.
    pub fn next_group(&mut self) -> Option<Group> {
        let rows = self.metadata.metadata().row_groups().get(self.next)?.num_rows();
        let group = Group {
            shared: self.shared.clone(),
            metadata: self.metadata.clone(),
            is_read: Arc::clone(&self.is_read),
            number: self.next,
            first: self.first,
            rows: u64::try_from(rows).unwrap_or(0),
        };
        self.next += 1;
        self.first += group.rows;
        Some(group)
    }
}

/// A group of rows that can be unpacked by whoever has it.
pub struct Group {
    shared: Shared,
    metadata: ArrowReaderMetadata,
    is_read: Arc<[bool]>,
    number: usize,
    first: u64,
    /// How many rows the end of the file tells of.
    pub rows: u64,
}

impl Group {
    /// Begins to unpack the rows.
    ///
    /// # Errors
    ///
    /// Why that cannot be.
    pub fn unpack(self, at_a_time: usize) -> io::Result<Chunks> {
        undamaged(|| self.begin(at_a_time))
    }

    fn begin(self, at_a_time: usize) -> io::Result<Chunks> {
        let flat: Vec<(usize, pages::Column)> = self.flat_columns();
        let mut numbers = 0..;
        let mut others = 0..;
        let place = |(root, is_read): (usize, &bool)| match flat.iter().any(|(flat, _)| *flat == root) {
            _ if !is_read => Some(Stands::Nowhere),
            true => numbers.next().map(Stands::Flat),
            false => others.next().map(Stands::Array),
        };
        let places: Vec<Stands> = self.is_read.iter().enumerate().filter_map(place).collect();
        let is_array: Vec<bool> = places.iter().map(|place| matches!(place, Stands::Array(_))).collect();
        // Rows without any column are counted by the library.
        let batches = match is_array.contains(&true) || flat.is_empty() {
            true => Some(self.by_arrow(&is_array, 0, at_a_time)?),
            false => None,
        };
        Ok(Chunks {
            flat: flat.into_iter().map(|(_, column)| column).collect(),
            batches,
            places: places.into(),
            next: self.first,
            at_a_time,
            group: self,
        })
    }

    /// The columns that are read page by page, by their number in the file.
    fn flat_columns(&self) -> Vec<(usize, pages::Column)> {
        let metadata = self.metadata.metadata();
        let schema = self.metadata.parquet_schema();
        let (Some(group), Ok(rows)) = (metadata.row_groups().get(self.number), usize::try_from(self.rows)) else {
            return Vec::new();
        };
        let fields = self.metadata.schema().fields();
        let columns = group.columns().iter().enumerate().filter_map(|(leaf, column)| {
            let root = schema.get_column_root_idx(leaf);
            let is_read = self.is_read.get(root).copied().unwrap_or(false);
            let field = fields.get(root).filter(|_| is_read)?;
            Some((root, pages::Column::open(&self.shared, column, rows, field.data_type())?))
        });
        columns.collect()
    }

    /// Reads columns by the library, from a row of the group on.
    fn by_arrow(&self, is_read: &[bool], from: usize, at_a_time: usize) -> io::Result<ParquetRecordBatchReader> {
        let roots = is_read.iter().enumerate().filter(|(_, read)| **read).map(|(root, _)| root);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.shared.clone(), self.metadata.clone());
        let builder = builder.with_projection(mask).with_row_groups(vec![self.number]);
        let builder = if from > 0 { builder.with_offset(from) } else { builder };
        builder.with_batch_size(at_a_time).build().map_err(io::Error::other)
    }
}

/// Where a column stands in a chunk.
#[derive(Debug, Clone, Copy)]
enum Stands {
    Nowhere,
    /// Among those that were read page by page.
    Flat(usize),
    /// Among those that the library has read.
    Array(usize),
}

/// The rows of a group, some at a time.
pub struct Chunks {
    group: Group,
    flat: Vec<pages::Column>,
    batches: Option<ParquetRecordBatchReader>,
    places: Arc<[Stands]>,
    next: u64,
    /// How many rows are unpacked at a time, column by column.
    at_a_time: usize,
}

impl Chunks {
    /// The next rows.
    ///
    /// # Errors
    ///
    /// Why the rest cannot be read.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        undamaged(|| self.unpack_next())
    }

    fn unpack_next(&mut self) -> io::Result<Option<Chunk>> {
        let given = self.next - self.group.first;
        if !self.flat.is_empty() {
            if let Some(chunk) = self.flat_chunk(given) {
                return Ok(chunk);
            }
            // From here on the library reads everything.
            let mut numbers = 0..;
            let place = |is_read: &bool| match is_read {
                true => numbers.next().map_or(Stands::Nowhere, Stands::Array),
                false => Stands::Nowhere,
            };
            self.places = self.group.is_read.iter().map(place).collect();
            self.flat.clear();
            let from = usize::try_from(given).map_err(io::Error::other)?;
            self.batches = Some(self.group.by_arrow(&self.group.is_read, from, self.at_a_time)?);
        }
        let Some(batch) = self.batches.as_mut().and_then(Iterator::next) else {
            return match given == self.group.rows {
                true => Ok(None),
                false => Err(io::Error::other(format!(
                    "a group of it has {given} rows and tells of {}",
                    self.group.rows
                ))),
            };
        };
        let batch = batch.map_err(io::Error::other)?;
        let chunk = self.chunk(batch.num_rows(), Vec::new(), Some(batch))?;
        Ok(Some(chunk))
    }

    /// The next rows, if some of their columns can be read page by page; no rows, if that was all.
    fn flat_chunk(&mut self, given: u64) -> Option<Option<Chunk>> {
        let rows = self.group.rows - given.min(self.group.rows);
        let rows = usize::try_from(rows).map_or(self.at_a_time, |rows| rows.min(self.at_a_time));
        if rows == 0 {
            let is_over = self.flat.iter_mut().all(pages::Column::is_over);
            let nothing = self.batches.as_mut().and_then(Iterator::next).is_none();
            return (is_over && nothing).then_some(None);
        }
        let columns = self.flat.iter_mut().map(|column| column.next_rows(rows));
        let columns: Vec<pages::Flat> = columns.collect::<Option<_>>()?;
        let batch = match &mut self.batches {
            Some(batches) => Some(batches.next()?.ok().filter(|batch| batch.num_rows() == rows)?),
            None => None,
        };
        self.chunk(rows, columns, batch).ok().map(Some)
    }

    fn chunk(&mut self, rows: usize, flat: Vec<pages::Flat>, batch: Option<RecordBatch>) -> io::Result<Chunk> {
        let arrays = batch.map_or_else(Vec::new, |batch| batch.columns().to_vec());
        let of_flat = |flat: &pages::Flat| match &flat.held {
            pages::Held::Truths(_) => "false".len(),
            pages::Held::Keys(_, values) => values.longest,
            pages::Held::Values(values) => values.longest,
        };
        let longest = flat.iter().map(of_flat).chain(arrays.iter().map(|array| longest(array)));
        let first = self.next;
        self.next += rows as u64;
        Ok(Chunk {
            rows,
            longest: longest.sum(),
            texts: arrays.iter().map(texts).collect::<io::Result<_>>()?,
            flat,
            arrays,
            places: Arc::clone(&self.places),
            first,
        })
    }
}

/// Rows that are unpacked, column by column.
pub struct Chunk {
    rows: usize,
    flat: Vec<pages::Flat>,
    arrays: Vec<ArrayRef>,
    /// Of the arrays.
    texts: Vec<Texts>,
    places: Arc<[Stands]>,
    first: u64,
    /// No row has more bytes.
    longest: usize,
}

/// Texts that keys stand for; the same where the keys stand for the same.
pub struct Dictionary(ArrayRef);

impl Chunk {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a row may be longer than rows are.
    pub fn may_be_too_long(&self) -> bool {
        self.longest > limits::ROW_BYTES
    }

    fn array(&self, column: usize) -> Option<&ArrayRef> {
        match self.places.get(column)? {
            Stands::Array(place) => self.arrays.get(*place),
            Stands::Flat(_) | Stands::Nowhere => None,
        }
    }

    fn flat(&self, column: usize) -> Option<&pages::Flat> {
        match self.places.get(column)? {
            Stands::Flat(place) => self.flat.get(*place),
            Stands::Array(_) | Stands::Nowhere => None,
        }
    }

    /// A row as it would stand in CSV, with its number from 1.
    ///
    /// # Errors
    ///
    /// That it is too long.
    pub fn row(&self, row: usize) -> io::Result<(u64, ByteRecord)> {
        let fields = (0..self.places.len()).map(|column| self.text(column, row));
        whole(fields, self.first + row as u64)
    }

    /// The text of a value; empty for null.
    pub fn text(&self, column: usize, row: usize) -> String {
        match self.places.get(column) {
            Some(Stands::Flat(place)) => self.flat.get(*place).map(|flat| flat.text(row)),
            Some(Stands::Array(place)) => self.texts.get(*place).map(|text| text(row)),
            Some(Stands::Nowhere) | None => None,
        }
        .unwrap_or_default()
    }

    /// Which of sixty-four rows have a value, none of them behind the last.
    pub fn known(&self, column: usize, start: usize) -> u64 {
        if let Some(flat) = self.flat(column) {
            return flat.known(start);
        }
        let Some(array) = self.array(column).filter(|array| *array.data_type() != DataType::Null) else {
            return 0;
        };
        let present = match self.rows() - start.min(self.rows()) {
            64.. => !0,
            count => (1 << count) - 1,
        };
        match array.nulls() {
            None => present,
            Some(nulls) => present & word(nulls.validity(), nulls.offset() + start),
        }
    }

    /// Which of sixty-four rows have a text that begins with something to be seen; all, where there are no texts.
    pub fn visible(&self, column: usize, start: usize) -> u64 {
        let Some(texts) = self.array(column).and_then(|array| array.as_string_opt::<i32>()) else {
            return !0;
        };
        let (bytes, offsets) = (texts.value_data(), texts.value_offsets());
        let bounds = offsets.iter().zip(offsets.iter().skip(1)).skip(start).take(64).enumerate();
        bounds.fold(0, |word, (lane, (from, to))| {
            let first = usize::try_from(*from).ok().and_then(|from| bytes.get(from));
            word | u64::from(from < to && first.is_some_and(u8::is_ascii_graphic)) << lane
        })
    }

    /// Which of sixty-four rows are true; nothing, where a column holds something else.
    pub fn truths(&self, column: usize, start: usize) -> Option<u64> {
        if let Some(flat) = self.flat(column) {
            return match &flat.held {
                pages::Held::Truths(truths) => truths.get(start / 64).copied(),
                pages::Held::Keys(..) | pages::Held::Values(_) => None,
            };
        }
        let truths = self.array(column)?.as_boolean_opt()?.values();
        Some(word(truths.values(), truths.offset() + start))
    }

    fn texts_of_keys(&self, column: usize) -> Option<&ArrayRef> {
        if let Some(flat) = self.flat(column) {
            return match &flat.held {
                pages::Held::Keys(_, values) => Some(&values.array),
                pages::Held::Truths(_) | pages::Held::Values(_) => None,
            };
        }
        Some(self.array(column)?.as_dictionary_opt::<Int32Type>()?.values())
    }

    /// The texts that keys stand for, where a column has them.
    pub fn dictionary(&self, column: usize) -> Option<Dictionary> {
        self.texts_of_keys(column).map(|texts| Dictionary(Arc::clone(texts)))
    }

    /// Whether this is what the keys of a column stand for.
    pub fn has_dictionary(&self, column: usize, dictionary: Option<&Dictionary>) -> bool {
        match (self.texts_of_keys(column), dictionary) {
            (Some(own), Some(Dictionary(other))) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        }
    }

    /// The keys into a dictionary of the values that there are from a multiple of sixty-four on, close together; nothing, where a
    /// column has none.
    pub fn close_keys(&self, column: usize, start: usize) -> Option<&[u32]> {
        let flat = self.flat(column)?;
        match &flat.held {
            pages::Held::Keys(keys, _) => keys.get(flat.rank(start)..),
            pages::Held::Truths(_) | pages::Held::Values(_) => None,
        }
    }

    /// A number for each of sixty-four values; the same number stands for the same text, as long as the dictionary is the same. Gives
    /// the rows that have one.
    pub fn keys(&self, column: usize, start: usize, keys: &mut [i64; 64]) -> u64 {
        let Some(flat) = self.flat(column) else {
            return self.array(column).map_or(0, |array| keys_of(array, start, keys));
        };
        let mut close = [0; 64];
        let known = flat.known(start);
        let found = match &flat.held {
            pages::Held::Truths(truths) => {
                let word = truths.get(start / 64).copied().unwrap_or(0);
                bits_of(word, keys);
                return !0;
            }
            pages::Held::Keys(of_dictionary, _) => {
                let of_dictionary = of_dictionary.get(flat.rank(start)..).unwrap_or_default();
                close
                    .iter_mut()
                    .zip(of_dictionary)
                    .for_each(|(slot, key)| *slot = i64::from(*key));
                !0
            }
            pages::Held::Values(values) => keys_of(&values.array, flat.rank(start), &mut close),
        };
        let places = keys.iter_mut().enumerate().filter(|(lane, _)| known >> lane & 1 == 1);
        places.zip(close).for_each(|((_, slot), key)| *slot = key);
        spread(found, known)
    }
}

fn bits_of(word: u64, keys: &mut [i64; 64]) {
    let keys = keys.iter_mut().enumerate();
    keys.for_each(|(lane, key)| *key = i64::from(word >> lane & 1 == 1));
}

/// A number for each of sixty-four values of an array; the rows that have one.
fn keys_of(array: &ArrayRef, start: usize, keys: &mut [i64; 64]) -> u64 {
    match array.data_type() {
        DataType::Boolean => {
            let truths = array.as_boolean().values();
            bits_of(word(truths.values(), truths.offset() + start), keys);
            !0
        }
        DataType::Dictionary(..) => match array.as_dictionary_opt::<Int32Type>() {
            Some(dictionary) => keyed::<Int32Type>(dictionary.keys(), start, keys, i64::from),
            None => 0,
        },
        DataType::Int8 => keyed::<Int8Type>(array, start, keys, i64::from),
        DataType::Int16 => keyed::<Int16Type>(array, start, keys, i64::from),
        DataType::Int32 => keyed::<Int32Type>(array, start, keys, i64::from),
        DataType::Int64 => keyed::<Int64Type>(array, start, keys, |number| number),
        DataType::UInt8 => keyed::<UInt8Type>(array, start, keys, i64::from),
        DataType::UInt16 => keyed::<UInt16Type>(array, start, keys, i64::from),
        DataType::UInt32 => keyed::<UInt32Type>(array, start, keys, i64::from),
        DataType::UInt64 => keyed::<UInt64Type>(array, start, keys, u64::cast_signed),
        DataType::Float32 => keyed::<Float32Type>(array, start, keys, |number| i64::from(number.to_bits())),
        DataType::Float64 => keyed::<Float64Type>(array, start, keys, |number| number.to_bits().cast_signed()),
        DataType::Date32 => keyed::<Date32Type>(array, start, keys, i64::from),
        DataType::Timestamp(TimeUnit::Second, _) => keyed::<TimestampSecondType>(array, start, keys, |at| at),
        DataType::Timestamp(TimeUnit::Millisecond, _) => keyed::<TimestampMillisecondType>(array, start, keys, |at| at),
        DataType::Timestamp(TimeUnit::Microsecond, _) => keyed::<TimestampMicrosecondType>(array, start, keys, |at| at),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => keyed::<TimestampNanosecondType>(array, start, keys, |at| at),
        DataType::Decimal128(..) => {
            // A number too long for a machine word goes the way of rows.
            let mut short = 0;
            let mut lane = 0;
            keyed::<Decimal128Type>(array, start, keys, |number| {
                let key = i64::try_from(number).ok();
                short |= u64::from(key.is_some()) << lane;
                lane += 1;
                key.unwrap_or(0)
            });
            short
        }
        _ => 0,
    }
}

fn keyed<T: ArrowPrimitiveType>(
    array: &dyn Array,
    start: usize,
    keys: &mut [i64; 64],
    mut key: impl FnMut(T::Native) -> i64,
) -> u64 {
    let values = array.as_primitive_opt::<T>().and_then(|array| array.values().get(start..));
    let Some(values) = values else { return 0 };
    keys.iter_mut().zip(values).for_each(|(slot, value)| *slot = key(*value));
    !0
}

/// Sixty-four bits from a place on; what lies behind the end is zero.
fn word(bytes: &[u8], at: usize) -> u64 {
    let mut near = [0_u8; 16];
    let from = bytes.get(at / 8..).unwrap_or_default();
    near.iter_mut()
        .zip(from.iter().take(9))
        .for_each(|(slot, byte)| *slot = *byte);
    let shifted = u128::from_le_bytes(near) >> (at % 8);
    u64::try_from(shifted & u128::from(u64::MAX)).unwrap_or(0)
}

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
        undamaged(|| self.unpack_next())
    }

    fn unpack_next(&mut self) -> io::Result<Option<(u64, ByteRecord)>> {
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
        let mut texts = self.texts.iter();
        let fields = self.read.iter().map(|is_read| is_read.then(|| texts.next()).flatten());
        let fields = fields.map(|text| text.map(|text| text(self.next)).unwrap_or_default());
        self.given += 1;
        let row = whole(fields, self.given)?;
        self.next += 1;
        Ok(Some(row))
    }
}

/// A row of texts, with its number from 1.
fn whole(texts: impl Iterator<Item = String>, number: u64) -> io::Result<(u64, ByteRecord)> {
    let mut record = ByteRecord::new();
    for text in texts {
        record.push_field(text.as_bytes());
    }
    match record.as_slice().len() > limits::ROW_BYTES {
        true => Err(io::Error::other(format!(
            "row {number} has more than {} bytes",
            limits::ROW_BYTES
        ))),
        false => Ok((number, record)),
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
