//! What an epoch number of a file counts: seconds, milliseconds, microseconds or nanoseconds, decided by the size of
//! most of them once per file and column, so that no two rows of a file are read differently.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Schema};
use futures::TryStreamExt as _;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::arrow::async_reader::ParquetRecordBatchStreamBuilder;
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::Units;
use super::columns;
use super::object::Object;
use super::reader::StoreReader;
use super::shape;
use crate::model::time::EpochUnit;

/// The units of the file's numeric time columns.
pub(super) async fn units(
    object: &Arc<Object>,
    metadata: &Arc<ParquetMetaData>,
    schema: &Schema,
) -> Result<Units, ParquetError> {
    let mut units = Units::new();
    for field in schema.fields() {
        if !columns::may_be_time(field.name()) || !shape::value_type(field.data_type()).is_numeric() {
            continue;
        }
        let told = by_statistics(metadata, schema, field.name());
        let numbers = if told.iter().any(|number| EpochUnit::of_this_century(*number).is_some()) {
            told
        } else {
            // Zeros, or no statistics at all: the values themselves must tell.
            by_values(object, metadata, field.name()).await?
        };
        units.insert(field.name().clone(), EpochUnit::of_most(&numbers));
    }
    Ok(units)
}

/// The unit of a column; seconds for one that has no value at all.
pub(super) fn unit(units: &Units, name: &str) -> EpochUnit {
    units.get(name).copied().unwrap_or(EpochUnit::Seconds)
}

/// The least and the greatest number of each row group.
fn by_statistics(metadata: &ParquetMetaData, schema: &Schema, name: &str) -> Vec<f64> {
    let groups = metadata.row_groups();
    let Ok(converter) = StatisticsConverter::try_new(name, schema, metadata.file_metadata().schema_descr()) else {
        return Vec::new();
    };
    let ends = [converter.row_group_mins(groups), converter.row_group_maxes(groups)];
    ends.into_iter().flatten().flat_map(|values| numbers(&values)).collect()
}

/// Every number of the column.
async fn by_values(
    object: &Arc<Object>,
    metadata: &Arc<ParquetMetaData>,
    name: &str,
) -> Result<Vec<f64>, ParquetError> {
    let reader = StoreReader::new(Arc::clone(object), Arc::default());
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let read = ArrowReaderMetadata::try_new(Arc::clone(metadata), options)?;
    let mask = ProjectionMask::columns(metadata.file_metadata().schema_descr(), [name]);
    let batches: Vec<_> = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, read)
        .with_projection(mask)
        .build()?
        .try_collect()
        .await?;
    Ok(batches.iter().filter_map(|batch| batch.columns().first()).flat_map(numbers).collect())
}

fn numbers(values: &ArrayRef) -> Vec<f64> {
    let Ok(numbers) = cast(values, &DataType::Float64) else { return Vec::new() };
    let Some(numbers) = numbers.as_primitive_opt::<Float64Type>() else { return Vec::new() };
    numbers.iter().flatten().filter(|number| number.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Int64Array, RecordBatch};
    use bytes::Bytes;
    use parquet::arrow::ArrowWriter;
    use parquet::file::metadata::ParquetMetaDataReader;

    use super::super::times;
    use super::*;

    /// A column of times says in its values whether they are seconds or thousandths, whatever exports call it.
    #[test]
    fn every_name_of_times_has_its_unit_looked_for() {
        for (name, known) in [("Timestamp", true), ("TimeGenerated [UTC]", true), ("_time", true), ("Bytes", false)] {
            let column = Arc::new(Int64Array::from(vec![1_784_369_101_000]));
            let batch = RecordBatch::try_from_iter([(name, column as ArrayRef)]).unwrap();
            let mut file = Vec::new();
            let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
            writer.write(&batch).unwrap();
            writer.close().unwrap();
            let metadata = ParquetMetaDataReader::new().parse_and_finish(&Bytes::from(file)).unwrap();
            let told = by_statistics(&metadata, &batch.schema(), name);
            assert_eq!(columns::may_be_time(name), known, "{name}");
            assert_eq!(EpochUnit::of_most(&told), EpochUnit::Millis, "{name}");
            assert_eq!(times::leaves(&metadata).len(), usize::from(known), "{name}");
        }
    }
}
