//! Canonical address text, so that one address is one text in every group and join.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use arrow::error::ArrowError;

use crate::model::Address;

pub(super) fn convert(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let text = super::as_utf8(array)?;
    let mut out = StringBuilder::with_capacity(array.len(), array.len() * 16);
    for value in text.as_string::<i32>() {
        match value.and_then(Address::parse) {
            Some(address) => {
                use std::fmt::Write as _;
                write!(out, "{address}").map_err(|e| ArrowError::ComputeError(e.to_string()))?;
                out.append_value("");
            }
            None => out.append_null(),
        }
    }
    Ok(Arc::new(out.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::StringViewArray;

    #[test]
    fn spellings_of_an_address_become_one() {
        let texts = [Some("::ffff:192.0.2.7"), Some("192.0.2.7"), Some("-"), None];
        let array: ArrayRef = Arc::new(StringViewArray::from_iter(texts));
        let out = convert(&array).unwrap();
        let out: Vec<_> = out.as_string::<i32>().iter().collect();
        assert_eq!(out, [Some("192.0.2.7"), Some("192.0.2.7"), None, None]);
    }
}
