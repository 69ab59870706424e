//! From whatever type a file has to the one type that the table has, one conversion per kind of column.
//!
//! Pure functions over arrow arrays: a value that cannot be read becomes null and never an error, because one odd row
//! must not end a hunt; who needs to count such values compares nulls before and after.

mod address;
mod boolean;
mod bytes;
mod integer;
mod json;
mod text;
mod time;

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::{CastOptions, can_cast_types, cast_with_options, take};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::error::ArrowError;

pub use time::{TextTimes, TimeForm};

pub use crate::model::time::DateOrder;

/// How a file's column becomes the table's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Conversion {
    /// To microseconds, UTC.
    Time(TimeForm),
    /// To text as it stands.
    Text,
    /// To the canonical text of the address; null where it is none.
    Address,
    /// To a whole number 0–65535.
    Port,
    /// To a whole number.
    Integer,
    /// To true or false.
    Boolean,
    /// To JSON text: a struct is written out, text stays.
    Json,
    /// To another type, by arrow's own rules.
    Cast(DataType),
}

impl Conversion {
    /// The type of the result.
    #[must_use]
    pub fn output(&self) -> DataType {
        match self {
            Self::Time(_) => instant_type(),
            Self::Text | Self::Address | Self::Json => DataType::Utf8,
            Self::Port | Self::Integer => DataType::Int64,
            Self::Boolean => DataType::Boolean,
            Self::Cast(to) => to.clone(),
        }
    }

    /// Converts; a dictionary's values are converted once each.
    ///
    /// # Errors
    /// Only what arrow reports of the arrays themselves; an unreadable value is null.
    pub fn apply(&self, array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            let values = self.apply(dictionary.values())?;
            return take(values.as_ref(), dictionary.keys(), None);
        }
        match self {
            Self::Time(form) => time::convert(array, *form),
            Self::Text => text::convert(array),
            Self::Address => address::convert(array),
            Self::Port => integer::convert_port(array),
            Self::Integer => integer::convert(array),
            Self::Boolean => boolean::convert(array),
            Self::Json => json::convert(array),
            Self::Cast(to) => cast_safely(array, to),
        }
    }
}

/// The type of every time column: microseconds, UTC.
#[must_use]
pub fn instant_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// Arrow's cast with unreadable values as null; a type that cannot be cast at all is unreadable as a whole.
fn cast_safely(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if !can_cast_types(array.data_type(), to) {
        return Ok(new_null_array(to, array.len()));
    }
    let options = CastOptions { safe: true, ..CastOptions::default() };
    Ok(cast_with_options(array.as_ref(), to, &options).unwrap_or_else(|_| new_null_array(to, array.len())))
}

/// Every text type as `Utf8`; binary that is no UTF-8 becomes null.
fn as_utf8(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Utf8 => Ok(ArrayRef::clone(array)),
        DataType::FixedSizeBinary(_) => Ok(bytes::convert(array)),
        _ => cast_safely(array, &DataType::Utf8),
    }
}

fn is_textual(data_type: &DataType) -> bool {
    use DataType::{Binary, BinaryView, LargeBinary, LargeUtf8, Utf8, Utf8View};
    matches!(data_type, Utf8 | LargeUtf8 | Utf8View | Binary | LargeBinary | BinaryView)
}
