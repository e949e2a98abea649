//! The values of a column as they would stand in CSV.

use crate::model::date_since_epoch;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, DecimalType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, TimeUnit};
use std::io;

/// The most bytes that a value of a column has as text.
pub(super) fn longest(array: &dyn Array) -> usize {
    let of_texts = |texts: &dyn Array| {
        let offsets = texts.as_string_opt::<i32>().map_or(&[][..], |texts| texts.value_offsets());
        let lengths = offsets.iter().zip(offsets.iter().skip(1)).map(|(from, to)| to - from);
        lengths.max().and_then(|most| usize::try_from(most).ok()).unwrap_or(0)
    };
    match (array.data_type(), array.as_any_dictionary_opt()) {
        (DataType::Utf8, _) => of_texts(array),
        (_, Some(dictionary)) => of_texts(dictionary.values()),
        // No number or date is longer, nor a float, which is written without exponent.
        _ => 400,
    }
}

/// The text of a value by its row; empty for null.
pub(super) type Texts = Box<dyn Fn(usize) -> String + Send + Sync>;

/// How the values of a column are written, settled once for all of them.
pub(super) fn texts(array: &ArrayRef) -> io::Result<Texts> {
    Ok(match array.data_type() {
        DataType::Null => Box::new(|_| String::new()),
        DataType::Boolean => of(array.as_boolean().clone(), |array, row| array.value(row).to_string()),
        DataType::Utf8 => of(array.as_string::<i32>().clone(), |array, row| array.value(row).to_owned()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_dictionary_opt::<Int32Type>();
            let dictionary = dictionary.ok_or_else(|| io::Error::other("a column has keys of another type"))?;
            let values = dictionary.values().as_string::<i32>().clone();
            of(dictionary.keys().clone(), move |keys, row| {
                usize::try_from(keys.value(row)).map_or_else(|_| String::new(), |key| values.value(key).to_owned())
            })
        }
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

fn of<A: Array + 'static>(array: A, text: impl Fn(&A, usize) -> String + Send + Sync + 'static) -> Texts {
    Box::new(move |row| match array.is_null(row) {
        true => String::new(),
        false => text(&array, row),
    })
}

fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef, text: impl Fn(T::Native) -> String + Send + Sync + 'static) -> Texts {
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
