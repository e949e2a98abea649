//! Columns of Parquet, page by page: which rows have a value, and the values that there are, close together.
//!
//! In: the pages of one column in one group of rows. Out: flat columns of some rows.
//!
//! The reader of the library makes a byte of each bit and bits of the bytes again, and a value of each key. Here bits stay bits
//! and keys stay keys. What is unusual or damaged is nothing here: the reader of the library then reads it, or says what is wrong.

use super::ahead::{Ahead, Shared};
use super::bits::{Bits, Runs};
use super::texts::{Texts, longest, texts};
use crate::cohort::words::spread;
use ::parquet::basic::{Encoding, Type};
use ::parquet::column::page::{Page, PageReader};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::serialized_reader::SerializedPageReader;
use arrow_array::types::{Date32Type, Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, ArrowPrimitiveType, Decimal128Array, PrimitiveArray, StringArray};
use arrow_schema::DataType;
use bytes::Bytes;
use std::sync::Arc;

/// Some rows of a column.
pub struct Flat {
    /// Which rows have a value.
    known: Vec<u64>,
    /// How many have one before each word of rows.
    before: Vec<usize>,
    pub held: Held,
}

/// The values that there are, close together; of truths one for each row.
pub enum Held {
    Truths(Vec<u64>),
    Keys(Vec<u32>, Arc<Values>),
    Values(Values),
}

/// Values, and how they are written.
pub struct Values {
    pub array: ArrayRef,
    pub texts: Texts,
    /// None is longer as text.
    pub longest: usize,
}

impl Values {
    fn new(array: ArrayRef) -> Option<Self> {
        Some(Values {
            texts: texts(&array).ok()?,
            longest: longest(&array),
            array,
        })
    }
}

impl Flat {
    /// Which of the sixty-four rows from a multiple of sixty-four on have a value.
    pub fn known(&self, start: usize) -> u64 {
        self.known.get(start / 64).copied().unwrap_or(0)
    }

    /// How many rows before this one have a value.
    pub fn rank(&self, row: usize) -> usize {
        let before = self.before.get(row / 64).copied().unwrap_or(0);
        let within = self.known(row) & !(!0 << (row % 64));
        before + within.count_ones() as usize
    }

    /// The text of a value; empty where there is none.
    pub fn text(&self, row: usize) -> String {
        if self.known(row) >> (row % 64) & 1 == 0 {
            return String::new();
        }
        match &self.held {
            Held::Truths(truths) => {
                let word = truths.get(row / 64).copied().unwrap_or(0);
                (word >> (row % 64) & 1 == 1).to_string()
            }
            Held::Keys(keys, values) => keys
                .get(self.rank(row))
                .map_or_else(String::new, |key| (values.texts)(*key as usize)),
            Held::Values(values) => (values.texts)(self.rank(row)),
        }
    }
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As bits.
    Truths,
    /// As keys of a dictionary, on every page.
    Keys,
    /// As values of so many bytes.
    Values(usize),
}

/// Reads a column of a group of rows.
pub struct Column {
    pages: SerializedPageReader<Ahead>,
    ty: DataType,
    stored: Type,
    way: Way,
    /// Whether rows may have no value.
    is_optional: bool,
    dictionary: Option<(Bytes, Arc<Values>)>,
    page: Option<Open>,
}

/// A page that is being read.
struct Open {
    left: usize,
    levels: Option<Runs>,
    stored: Stored,
}

/// The values of a page.
enum Stored {
    PlainTruths { bytes: Bytes, at: usize },
    Truths(Runs),
    Keys(Runs),
    Plain { bytes: Bytes, at: usize },
}

/// What has been taken from pages.
enum Taken {
    Truths(Bits),
    Keys(Vec<u32>),
    Bytes(Vec<u8>, usize),
}

impl Column {
    /// Reads a column whose values arrow has as this type; nothing, where that is not done here.
    pub fn open(shared: &Shared, column: &ColumnChunkMetaData, rows: usize, ty: &DataType) -> Option<Self> {
        let described = column.column_descr();
        if described.max_rep_level() != 0 || described.max_def_level() > 1 || described.path().parts().len() != 1 {
            return None;
        }
        if column.data_page_offset() < 0
            || column.compressed_size() < 0
            || column.dictionary_page_offset().is_some_and(|at| at < 0)
        {
            return None;
        }
        let (start, length) = column.byte_range();
        let ahead = Ahead::new(shared, start.checked_add(length)?);
        let written = column.page_encoding_stats_mask();
        let of_keys = |mask: Encoding| matches!(mask, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
        let only_keys = written.is_some_and(|mask| mask.encodings().all(of_keys));
        let (ty, way) = match (ty, column.column_type()) {
            (DataType::Boolean, Type::BOOLEAN) => (ty, Way::Truths),
            (DataType::Dictionary(_, of), Type::BYTE_ARRAY) if only_keys && **of == DataType::Utf8 => (&**of, Way::Keys),
            (ty, stored) => {
                let width = match stored {
                    Type::INT32 | Type::FLOAT => 4,
                    Type::INT64 | Type::DOUBLE => 8,
                    Type::FIXED_LEN_BYTE_ARRAY => usize::try_from(described.type_length()).ok().filter(|width| *width > 0)?,
                    _ => return None,
                };
                (ty, if only_keys { Way::Keys } else { Way::Values(width) })
            }
        };
        if way != Way::Truths {
            // That values of this type are understood is asked of none of them.
            values(ty, column.column_type(), &[], 0)?;
        }
        Some(Column {
            pages: SerializedPageReader::new(Arc::new(ahead), column, rows, None).ok()?,
            ty: ty.clone(),
            stored: column.column_type(),
            way,
            is_optional: described.max_def_level() == 1,
            dictionary: None,
            page: None,
        })
    }

    /// The next rows.
    pub fn next_rows(&mut self, rows: usize) -> Option<Flat> {
        let mut known = Bits::with_room_for(rows);
        let mut taken = match self.way {
            Way::Truths => Taken::Truths(Bits::with_room_for(rows)),
            Way::Keys => Taken::Keys(Vec::with_capacity(rows)),
            Way::Values(width) => Taken::Bytes(Vec::with_capacity(rows * width), width),
        };
        while known.count() < rows {
            if self.page.as_ref().is_none_or(|page| page.left == 0) {
                self.page = Some(self.turn()?);
            }
            let Some(page) = &mut self.page else { return None };
            let count = page.left.min(rows - known.count());
            let before = known.count();
            match &mut page.levels {
                Some(levels) => levels.bits(count, &mut known)?,
                None => known.same(true, count),
            }
            page.left -= count;
            let dictionary = self.dictionary.as_ref().map(|(bytes, _)| bytes);
            page.stored.take(known.ones_from(before), dictionary, &mut taken)?;
        }
        let known = known.into_words();
        let mut so_far = 0;
        let mut before = Vec::with_capacity(known.len());
        for word in &known {
            before.push(so_far);
            so_far += word.count_ones() as usize;
        }
        let held = match taken {
            Taken::Truths(bits) => {
                let places = known.iter().zip(&before);
                Held::Truths(places.map(|(places, before)| spread(bits.word(*before), *places)).collect())
            }
            Taken::Keys(keys) => {
                // Where nobody has a value there may be no dictionary.
                let values = match &self.dictionary {
                    Some((_, values)) => Arc::clone(values),
                    None if keys.is_empty() => Arc::new(Values::new(values(&self.ty, self.stored, &[], 0)?)?),
                    None => return None,
                };
                let count = values.array.len();
                if keys.iter().max().is_some_and(|most| *most as usize >= count) {
                    return None;
                }
                Held::Keys(keys, values)
            }
            Taken::Bytes(bytes, _) => Held::Values(Values::new(values(&self.ty, self.stored, &bytes, so_far)?)?),
        };
        Some(Flat { known, before, held })
    }

    /// Whether all pages have been read to their end.
    pub fn is_over(&mut self) -> bool {
        self.page.as_ref().is_none_or(|page| page.left == 0) && matches!(self.pages.get_next_page(), Ok(None))
    }

    /// The next page with rows.
    fn turn(&mut self) -> Option<Open> {
        loop {
            let (bytes, count, encoding, levels) = match self.pages.get_next_page().ok()?? {
                Page::DictionaryPage {
                    buf,
                    num_values,
                    encoding: Encoding::PLAIN | Encoding::PLAIN_DICTIONARY,
                    ..
                } if self.dictionary.is_none() && self.way != Way::Truths => {
                    let values = values(&self.ty, self.stored, &buf, usize::try_from(num_values).ok()?)?;
                    self.dictionary = Some((buf, Arc::new(Values::new(values)?)));
                    continue;
                }
                Page::DictionaryPage { .. } => return None,
                Page::DataPage {
                    buf,
                    num_values,
                    encoding,
                    def_level_encoding,
                    ..
                } => match self.is_optional {
                    false => (buf, num_values, encoding, None),
                    true if def_level_encoding == Encoding::RLE => {
                        let (levels, rest) = with_length(&buf)?;
                        (rest, num_values, encoding, Some(levels))
                    }
                    true => return None,
                },
                Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    def_levels_byte_len,
                    rep_levels_byte_len: 0,
                    num_rows,
                    ..
                } if num_values == num_rows => {
                    let length = usize::try_from(def_levels_byte_len)
                        .ok()
                        .filter(|length| *length <= buf.len())?;
                    let levels = self.is_optional.then(|| buf.slice(..length));
                    (buf.slice(length..), num_values, encoding, levels)
                }
                Page::DataPageV2 { .. } => return None,
            };
            if count == 0 {
                continue;
            }
            let stored = match (self.way, encoding) {
                (Way::Truths, Encoding::PLAIN) => Stored::PlainTruths { bytes, at: 0 },
                (Way::Truths, Encoding::RLE) => Stored::Truths(Runs::new(with_length(&bytes)?.0, 1)?),
                (Way::Keys | Way::Values(_), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY) => match bytes.first() {
                    Some(width) => Stored::Keys(Runs::new(bytes.slice(1..), usize::from(*width))?),
                    None => Stored::Keys(Runs::new(bytes, 0)?),
                },
                (Way::Values(_), Encoding::PLAIN) => Stored::Plain { bytes, at: 0 },
                _ => return None,
            };
            return Some(Open {
                left: usize::try_from(count).ok()?,
                levels: match levels {
                    Some(levels) => Some(Runs::new(levels, 1)?),
                    None => None,
                },
                stored,
            });
        }
    }
}

/// The bytes whose length stands before them, and the rest.
fn with_length(bytes: &Bytes) -> Option<(Bytes, Bytes)> {
    let length = u32::from_le_bytes(*bytes.first_chunk::<4>()?);
    let end = usize::try_from(length)
        .ok()?
        .checked_add(4)
        .filter(|end| *end <= bytes.len())?;
    Some((bytes.slice(4..end), bytes.slice(end..)))
}

impl Stored {
    fn take(&mut self, count: usize, dictionary: Option<&Bytes>, taken: &mut Taken) -> Option<()> {
        match (self, taken) {
            (Stored::PlainTruths { bytes, at }, Taken::Truths(bits)) => {
                let was_there = bits.packed(bytes, *at, count);
                *at += count;
                was_there.then_some(())
            }
            (Stored::Truths(runs), Taken::Truths(bits)) => runs.bits(count, bits),
            (Stored::Keys(runs), Taken::Keys(keys)) => runs.keys(count, keys),
            (Stored::Keys(runs), Taken::Bytes(taken, width)) => {
                let mut keys = Vec::with_capacity(count);
                runs.keys(count, &mut keys)?;
                let dictionary = dictionary.map_or(&[][..], |bytes| bytes);
                for key in keys {
                    let from = (key as usize).checked_mul(*width)?;
                    taken.extend_from_slice(dictionary.get(from..from.checked_add(*width)?)?);
                }
                Some(())
            }
            (Stored::Plain { bytes, at }, Taken::Bytes(taken, width)) => {
                let end = at.checked_add(count.checked_mul(*width)?)?;
                taken.extend_from_slice(bytes.get(*at..end)?);
                *at = end;
                Some(())
            }
            _ => None,
        }
    }
}

/// So many values, as they stand one behind the other, in the type that arrow has for them; nothing for a type that is rare.
fn values(ty: &DataType, stored: Type, bytes: &[u8], count: usize) -> Option<ArrayRef> {
    Some(match ty {
        DataType::Utf8 => of_texts(bytes, count)?,
        DataType::Int32 => of_width::<Int32Type, 4>(bytes, count, i32::from_le_bytes)?,
        DataType::Int64 => of_width::<Int64Type, 8>(bytes, count, i64::from_le_bytes)?,
        DataType::Float32 => of_width::<Float32Type, 4>(bytes, count, f32::from_le_bytes)?,
        DataType::Float64 => of_width::<Float64Type, 8>(bytes, count, f64::from_le_bytes)?,
        DataType::Date32 => of_width::<Date32Type, 4>(bytes, count, i32::from_le_bytes)?,
        DataType::Decimal128(precision, scale) => {
            let numbers: Vec<i128> = match stored {
                Type::INT32 => bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|bytes| i32::from_le_bytes(*bytes).into())
                    .collect(),
                Type::INT64 => bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|bytes| i64::from_le_bytes(*bytes).into())
                    .collect(),
                _ => bytes
                    .chunks(bytes.len().checked_div(count).unwrap_or(1).max(1))
                    .map(of_big_end)
                    .collect::<Option<_>>()?,
            };
            let numbers = Decimal128Array::from_iter_values(numbers.get(..count)?.iter().copied());
            Arc::new(numbers.with_precision_and_scale(*precision, *scale).ok()?)
        }
        _ => return None,
    })
}

fn of_width<T: ArrowPrimitiveType, const WIDTH: usize>(
    bytes: &[u8],
    count: usize,
    value: impl Fn([u8; WIDTH]) -> T::Native,
) -> Option<ArrayRef> {
    let (values, _) = bytes.as_chunks::<WIDTH>();
    let values = values.get(..count)?.iter().map(|bytes| value(*bytes));
    Some(Arc::new(PrimitiveArray::<T>::from_iter_values(values)))
}

/// A whole number of at most sixteen bytes, the highest first.
fn of_big_end(bytes: &[u8]) -> Option<i128> {
    let below_zero = bytes.first().is_some_and(|byte| *byte >= 0x80);
    let mut whole = [if below_zero { 0xff } else { 0 }; 16];
    let start = whole.len().checked_sub(bytes.len())?;
    whole.get_mut(start..)?.copy_from_slice(bytes);
    Some(i128::from_be_bytes(whole))
}

fn of_texts(bytes: &[u8], count: usize) -> Option<ArrayRef> {
    let mut rest = bytes;
    let mut found = Vec::new();
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (text, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        found.push(std::str::from_utf8(text).ok()?);
        rest = after;
    }
    Some(Arc::new(StringArray::from_iter_values(found)))
}
