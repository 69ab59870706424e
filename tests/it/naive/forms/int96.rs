//! Files as Spark, Hive and old Kusto exports make them: times as INT96 and no Arrow schema in the footer.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type, Int96, Int96Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::time::Times;
use super::{Column, FieldsForm};

/// The Julian day of 1970-01-01.
const JULIAN_1970: i64 = 2_440_588;
const DAY_NANOS: i64 = 86_400_000_000_000;

type Members = Option<(Option<String>, Option<String>)>;

pub(super) fn write(
    path: &Path,
    columns: &[(&'static str, Column)],
    properties: WriterProperties,
    row_group_rows: usize,
) {
    let fields = columns.iter().map(|(name, column)| field(name, column)).collect();
    let schema = Type::group_type_builder("schema").with_fields(fields).build().unwrap();
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), Arc::new(schema), Arc::new(properties)).unwrap();
    let rows = columns.first().map_or(0, |(_, column)| column.rows());
    let mut from = 0;
    while from < rows {
        let to = rows.min(from + row_group_rows);
        let mut group = writer.next_row_group().unwrap();
        for (_, column) in columns {
            write_column(&mut group, column, from, to);
        }
        group.close().unwrap();
        from = to;
    }
    writer.close().unwrap();
}

impl Column {
    fn rows(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Int32(values) => values.len(),
            Self::Int64(values) | Self::Times(Times::Int96(values) | Times::Typed(_, _, values)) => values.len(),
            Self::Double(values) => values.len(),
            Self::Fields(_, values) => values.len(),
        }
    }
}

fn field(name: &str, column: &Column) -> TypePtr {
    let physical = match column {
        Column::Text(_) => return text(name),
        Column::Int32(_) => Physical::INT32,
        Column::Int64(_) | Column::Times(Times::Typed(..)) => Physical::INT64,
        Column::Times(Times::Int96(_)) => Physical::INT96,
        Column::Double(_) => Physical::DOUBLE,
        Column::Fields(form, _) => {
            let aggregated = match form {
                FieldsForm::StructOfNumber => primitive("uniqueEventsAggregated", Physical::INT64),
                FieldsForm::Text | FieldsForm::StructOfText => text("uniqueEventsAggregated"),
            };
            let members = vec![text("direction"), aggregated];
            let group = Type::group_type_builder(name).with_repetition(Repetition::OPTIONAL).with_fields(members);
            return Arc::new(group.build().unwrap());
        }
    };
    primitive(name, physical)
}

fn primitive(name: &str, physical: Physical) -> TypePtr {
    Arc::new(Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL).build().unwrap())
}

fn text(name: &str) -> TypePtr {
    let text = Type::primitive_type_builder(name, Physical::BYTE_ARRAY).with_repetition(Repetition::OPTIONAL);
    Arc::new(text.with_logical_type(Some(LogicalType::String)).build().unwrap())
}

fn write_column(group: &mut SerializedRowGroupWriter<'_, File>, column: &Column, from: usize, to: usize) {
    match column {
        Column::Text(values) => {
            leaf::<ByteArrayType>(group, values[from..to].iter().map(|v| (1, v.as_deref().map(bytes))))
        }
        Column::Int32(values) => leaf::<Int32Type>(group, values[from..to].iter().map(|v| (1, *v))),
        Column::Int64(values) | Column::Times(Times::Typed(_, _, values)) => {
            leaf::<Int64Type>(group, values[from..to].iter().map(|v| (1, *v)));
        }
        Column::Double(values) => leaf::<DoubleType>(group, values[from..to].iter().map(|v| (1, *v))),
        Column::Times(Times::Int96(values)) => {
            leaf::<Int96Type>(group, values[from..to].iter().map(|v| (1, v.map(int96))))
        }
        Column::Fields(form, values) => {
            let values = &values[from..to];
            let direction = |value: &Members| value.as_ref().map_or((1, None), |v| (2, v.0.as_deref().map(bytes)));
            leaf::<ByteArrayType>(group, values.iter().map(direction));
            if *form == FieldsForm::StructOfNumber {
                let number = |value: &Members| {
                    value.as_ref().map_or((1, None), |v| (2, v.1.as_ref().and_then(|t| t.parse().ok())))
                };
                leaf::<Int64Type>(group, values.iter().map(number));
            } else {
                let text = |value: &Members| value.as_ref().map_or((1, None), |v| (2, v.1.as_deref().map(bytes)));
                leaf::<ByteArrayType>(group, values.iter().map(text));
            }
        }
    }
}

/// Writes one leaf: per row the level that a value would have, and the value; a null stands one level lower.
fn leaf<T: DataType>(group: &mut SerializedRowGroupWriter<'_, File>, rows: impl Iterator<Item = (i16, Option<T::T>)>) {
    let mut levels = Vec::new();
    let mut values = Vec::new();
    for (level, value) in rows {
        levels.push(if value.is_some() { level } else { level - 1 });
        values.extend(value);
    }
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
    column.close().unwrap();
}

fn bytes(text: &str) -> ByteArray {
    ByteArray::from(text)
}

/// Nanoseconds of the day in the first two words, the Julian day in the third.
fn int96(nanos: i64) -> Int96 {
    let day = u32::try_from(nanos.div_euclid(DAY_NANOS) + JULIAN_1970).unwrap();
    let of_day = u64::try_from(nanos.rem_euclid(DAY_NANOS)).unwrap();
    let low = u32::try_from(of_day & 0xffff_ffff).unwrap();
    let high = u32::try_from(of_day >> 32).unwrap();
    let mut value = Int96::new();
    value.set_data(low, high, day);
    value
}
