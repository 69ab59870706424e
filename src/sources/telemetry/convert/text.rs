//! Text as it stands; other types as arrow prints them.

use arrow::array::ArrayRef;
use arrow::error::ArrowError;

use super::{as_utf8, json};

pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if array.data_type().is_nested() { json::convert(array) } else { as_utf8(array) }
}
