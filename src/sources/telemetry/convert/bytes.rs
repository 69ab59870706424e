//! Bytes of a fixed size as text: 16 of them are a UUID, others are hex digits.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringArray};

const UUID_BYTES: usize = 16;

pub(super) fn convert(array: &ArrayRef) -> ArrayRef {
    let texts: StringArray = array.as_fixed_size_binary().iter().map(|bytes| bytes.map(spelled)).collect();
    Arc::new(texts)
}

fn spelled(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len() + 4);
    for (at, byte) in bytes.iter().enumerate() {
        if bytes.len() == UUID_BYTES && matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes_are_a_uuid() {
        let uuid: Vec<u8> = (0..16).collect();
        assert_eq!(spelled(&uuid), "00010203-0405-0607-0809-0a0b0c0d0e0f");
        assert_eq!(spelled(&[0xab, 1]), "ab01");
    }
}
