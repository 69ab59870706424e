//! The types that leave the room: text is `Utf8` and times are microseconds, UTC, whatever an expression made of them.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, RecordBatch, RecordBatchOptions, UInt64Array};
use arrow::compute::{SortOptions, cast, concat_batches, take_record_batch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{Row, RowConverter, SortField};

use crate::sources::telemetry::{Conversion, TimeForm, time_type};

/// The schema that results of this schema are brought to.
pub(super) fn outgoing(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| {
        let data_type = match field.data_type() {
            DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
            DataType::Dictionary(_, value)
                if matches!(value.as_ref(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
            {
                DataType::Utf8
            }
            DataType::Timestamp(_, _) => time_type(),
            other => other.clone(),
        };
        Field::new(field.name(), data_type, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Brings rows that a query left unordered into the order of all their columns, nulls last, so that equal runs give equal
/// bytes.
pub(super) fn in_order(batches: Vec<RecordBatch>, schema: &SchemaRef) -> Result<Vec<RecordBatch>, ArrowError> {
    let options = SortOptions { descending: false, nulls_first: false };
    let fields: Vec<SortField> =
        schema.fields().iter().map(|field| SortField::new_with_options(field.data_type().clone(), options)).collect();
    if fields.is_empty() || !RowConverter::supports_fields(&fields) {
        return Ok(batches);
    }
    let batch = concat_batches(schema, &batches)?;
    let rows = RowConverter::new(fields)?.convert_columns(batch.columns())?;
    let mut order: Vec<(Row<'_>, u64)> = rows.iter().zip(0u64..).collect();
    order.sort_unstable();
    let order: UInt64Array = order.into_iter().map(|(_, row)| row).collect::<Vec<u64>>().into();
    Ok(vec![take_record_batch(&batch, &order)?])
}

/// A batch in the outgoing schema.
pub(super) fn bring_out(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let convert = |(column, field): (&ArrayRef, &Arc<Field>)| match field.data_type() {
        wanted if column.data_type() == wanted => Ok(Arc::clone(column)),
        DataType::Timestamp(_, _) => Conversion::Time(TimeForm::Typed).apply(column),
        wanted => cast(column, wanted),
    };
    let columns = batch.columns().iter().zip(schema.fields()).map(convert).collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}
