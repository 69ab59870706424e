//! True and false from booleans, numbers and text.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

use super::{as_utf8, cast_safely, is_textual};

pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if !is_textual(array.data_type()) {
        return cast_safely(array, &DataType::Boolean);
    }
    let text = as_utf8(array)?;
    let out: BooleanArray = text.as_string::<i32>().iter().map(|value| value.and_then(parse)).collect();
    Ok(Arc::new(out))
}

fn parse(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
