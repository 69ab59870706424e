//! JSON text: AdditionalFields is text in most exports and a struct in files that somebody re-processed.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringBuilder, new_null_array};
use arrow::datatypes::{DataType, Field};
use arrow::error::ArrowError;
use arrow::json::writer::{EncoderOptions, make_encoder};

use super::as_utf8;

pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if !array.data_type().is_nested() {
        return as_utf8(array);
    }
    let field = Arc::new(Field::new("value", array.data_type().clone(), true));
    let options = EncoderOptions::default();
    // A map whose keys are no text has no JSON.
    let Ok(mut encoder) = make_encoder(&field, array.as_ref(), &options) else {
        return Ok(new_null_array(&DataType::Utf8, array.len()));
    };
    let mut out = StringBuilder::new();
    let mut text = Vec::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            out.append_null();
            continue;
        }
        text.clear();
        encoder.encode(row, &mut text);
        out.append_value(String::from_utf8_lossy(&text));
    }
    Ok(Arc::new(out.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, StringArray, StructArray};
    use arrow::buffer::NullBuffer;

    #[test]
    fn a_struct_is_written_out_without_its_null_fields() {
        let direction: ArrayRef = Arc::new(StringArray::from(vec![Some("In"), None, Some("Out")]));
        let fields = vec![Arc::new(Field::new("direction", DataType::Utf8, true))];
        let array: ArrayRef =
            Arc::new(StructArray::new(fields.into(), vec![direction], Some(NullBuffer::from(vec![true, true, false]))));
        let out = convert(&array).unwrap();
        assert_eq!(
            out.as_string::<i32>().iter().collect::<Vec<_>>(),
            [Some(r#"{"direction":"In"}"#), Some("{}"), None]
        );
    }
}
