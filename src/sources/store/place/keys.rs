//! Names inside a bucket: the fixed prefix, the pattern behind it, and the two spellings of a name.

use object_store::path::Path;

use super::super::StoreError;
use super::refused;

/// A name, cut.
pub(super) struct Cut {
    pub(super) prefix: Path,
    pub(super) pattern: Option<String>,
    pub(super) is_folder: bool,
}

/// Whether the text has any character that a pattern would.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// Cuts a name behind the bucket at the first part with a pattern.
pub(super) fn cut(source: &str, name: &str) -> Result<Cut, StoreError> {
    let name = name.strip_prefix('/').unwrap_or(name);
    let fixed = name.split('/').take_while(|part| !is_pattern(part)).map(|part| part.len() + 1).sum::<usize>();
    let (prefix, pattern) = name.split_at(fixed.min(name.len()));
    let prefix = path(source, prefix)?;
    let pattern = (!pattern.is_empty()).then(|| pattern.to_string());
    Ok(Cut { prefix, pattern, is_folder: name.ends_with('/') || name.is_empty() })
}

/// The name as a path, unchanged; `Path::from` would percent-encode characters that keys may well hold.
pub(super) fn path(source: &str, name: &str) -> Result<Path, StoreError> {
    Path::parse(name).map_err(|_| {
        refused(
            source,
            "a name with an empty part (//), a part . or .., or a control character cannot be read; check the URL, or \
             name a prefix above it"
                .into(),
        )
    })
}

/// Undoes percent-encoding; `None` where the result is not UTF-8 or an escape is broken.
pub(in crate::sources) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let digits =
                std::str::from_utf8(rest.get(..2)?).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = rest.get(2..)?;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A name as it stands in a URL.
pub(super) fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/=+,:@!$&'()*;".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn encoding_is_undone(name in "\\PC*") {
            prop_assert_eq!(decoded(&encoded(&name)), Some(name));
        }

        #[test]
        fn any_text_is_taken(text in "\\PC*") {
            let _ = decoded(&text);
            if let Ok(cut) = cut("s3://b/x", &text) {
                prop_assert!(!is_pattern(cut.prefix.as_ref()));
            }
        }
    }
}
