//! Files as Arrow writers make them: the text types of Arrow survive in the footer.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int32Array, Int64Array, StringArray, StructArray, TimestampMicrosecondArray,
    TimestampMillisecondArray, TimestampNanosecondArray, TimestampSecondArray,
};
use arrow::buffer::NullBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::time::{Times, Unit};
use super::{Column, FieldsForm, Writing};

pub(super) fn write(path: &Path, columns: &[(&'static str, Column)], writing: &Writing) {
    let mut fields = Vec::new();
    let mut arrays = Vec::new();
    for (place, (name, column)) in columns.iter().enumerate() {
        let array = array(column, writing.text_types >> (2 * place) & 3);
        fields.push(Field::new(*name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(writing.properties())).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn array(column: &Column, text_type: u64) -> ArrayRef {
    match column {
        Column::Text(values) => text(values, text_type),
        Column::Int32(values) => Arc::new(Int32Array::from(values.clone())),
        Column::Int64(values) => Arc::new(Int64Array::from(values.clone())),
        Column::Double(values) => Arc::new(Float64Array::from(values.clone())),
        Column::Times(Times::Typed(unit, utc, values)) => times(*unit, *utc, values.clone()),
        Column::Times(Times::Int96(_)) => unreachable!("the Arrow writer has no INT96"),
        Column::Fields(form, values) => fields(*form, values),
    }
}

fn text(values: &[Option<String>], text_type: u64) -> ArrayRef {
    let plain: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
    let wanted = match text_type {
        0 => return plain,
        1 => DataType::LargeUtf8,
        2 => DataType::Utf8View,
        _ => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
    };
    cast(&plain, &wanted).unwrap()
}

fn times(unit: Unit, utc: bool, values: Vec<Option<i64>>) -> ArrayRef {
    let zone = utc.then(|| Arc::from("UTC"));
    match unit {
        Unit::Seconds => Arc::new(TimestampSecondArray::from(values).with_timezone_opt(zone)),
        Unit::Millis => Arc::new(TimestampMillisecondArray::from(values).with_timezone_opt(zone)),
        Unit::Micros => Arc::new(TimestampMicrosecondArray::from(values).with_timezone_opt(zone)),
        Unit::Nanos => Arc::new(TimestampNanosecondArray::from(values).with_timezone_opt(zone)),
    }
}

fn fields(form: FieldsForm, values: &[Option<(Option<String>, Option<String>)>]) -> ArrayRef {
    let direction: Vec<Option<String>> = values.iter().map(|value| value.as_ref()?.0.clone()).collect();
    let aggregated: Vec<Option<String>> = values.iter().map(|value| value.as_ref()?.1.clone()).collect();
    let direction: ArrayRef = Arc::new(StringArray::from(direction));
    let aggregated: ArrayRef = match form {
        FieldsForm::StructOfNumber => {
            Arc::new(aggregated.iter().map(|text| text.as_ref()?.parse().ok()).collect::<Int64Array>())
        }
        FieldsForm::Text | FieldsForm::StructOfText => Arc::new(StringArray::from(aggregated)),
    };
    let members = vec![
        Field::new("direction", DataType::Utf8, true),
        Field::new("uniqueEventsAggregated", aggregated.data_type().clone(), true),
    ];
    let present = NullBuffer::from_iter(values.iter().map(Option::is_some));
    Arc::new(StructArray::new(members.into(), vec![direction, aggregated], Some(present)))
}
