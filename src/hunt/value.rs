//! The small grammar inside header values: separators that a backslash can protect.

/// Splits at a separator that no backslash stands before, trims the parts and takes the backslash away. An empty text
/// has no parts; an empty part (a comma too many) is `None`.
pub(super) fn split(text: &str, separator: char) -> Option<Vec<String>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.peek() == Some(&separator) {
            chars.next();
            push(&mut parts, separator);
        } else if c == separator {
            parts.push(String::new());
        } else {
            push(&mut parts, c);
        }
    }
    let parts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).collect();
    (!parts.iter().any(String::is_empty)).then_some(parts)
}

fn push(parts: &mut [String], c: char) {
    if let Some(part) = parts.last_mut() {
        part.push(c);
    }
}

/// A small letter, then small letters, digits and underscores: hunt ids and parameter names.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_protects_a_separator_and_nothing_else() {
        assert_eq!(split(r"a\, b , c:\d", ','), Some(vec!["a, b".to_owned(), r"c:\d".to_owned()]));
        assert_eq!(split("  ", ','), Some(vec![]));
        assert_eq!(split("a,,b", ','), None);
        assert_eq!(split("a,", ','), None);
    }
}
