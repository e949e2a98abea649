//! Rows of output as Parquet, written by its own library.

use super::enabled::Ready;
use crate::cohort::rows::{Field, Kind};
use crate::model::days_since_epoch;
use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{BooleanBuilder, Date32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field as Place, Schema, SchemaRef};
use std::io;
use std::sync::Arc;

/// How many rows of output are packed together; so many are kept in memory.
const PACKED: usize = 1 << 16;

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
        self.push_from(0, fields);
    }

    /// Adds a part of a row, from one column on.
    pub fn push_from(&mut self, from: usize, fields: &[Field<'_>]) {
        for (column, field) in self.0.iter_mut().skip(from).zip(fields) {
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
            (Column::Text(column), Field::Made(text)) => column.append_value(text),
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
