//! Text inputs: what is no text, byte order marks, and how a stranger's words are quoted.
//!
//! Lists and indicators come from anywhere, so the wrong file (a Parquet, an archive, a saved web page) must be named
//! for what it is, and nothing of it may reach a message at length or with control characters.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::SourceError;

/// Longest quotation of an input's text, in characters.
const EXCERPT_CHARS: usize = 60;

/// Bytes of a file's start that tell what it is.
const HEAD_BYTES: u64 = 4096;

/// How files that are no text begin, and what to say of them.
const MAGIC: [(&[u8], &str); 11] = [
    (b"PAR1", "a Parquet file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"\x1f\x8b", "compressed with gzip; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it first"),
    (b"\xfd7zXZ\x00", "compressed with xz; unpack it first"),
    (b"BZh", "compressed with bzip2; unpack it first"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
];

/// A quotation: cut to 60 characters, control and direction-changing characters escaped.
pub(super) fn excerpt(text: &str) -> String {
    let text = text.trim();
    let mut quoted = String::new();
    for c in text.chars().take(EXCERPT_CHARS) {
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            quoted.extend(c.escape_unicode());
        } else {
            quoted.push(c);
        }
    }
    if text.chars().nth(EXCERPT_CHARS).is_some() {
        quoted.push('…');
    }
    quoted
}

/// What a file that begins like this is, if it is no text.
pub(super) fn foreign(head: &[u8]) -> Option<&'static str> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    known.or_else(|| head.contains(&0).then_some("binary data"))
}

/// The first bytes of a file; an empty file is an error, since no input is meant to be empty.
pub(super) fn head(path: &Path, display: &str) -> Result<Vec<u8>, SourceError> {
    let mut head = Vec::new();
    let io = |source| SourceError::Io { path: display.into(), source };
    File::open(path).map_err(io)?.take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    if head.is_empty() { Err(unreadable(display, "an empty file (0 bytes); fetch it again")) } else { Ok(head) }
}

/// A reader behind the byte order mark.
pub(super) fn open(path: &Path, display: &str) -> Result<BufReader<File>, SourceError> {
    let io = |source| SourceError::Io { path: display.into(), source };
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
    if reader.fill_buf().map_err(io)?.starts_with("\u{feff}".as_bytes()) {
        reader.seek_relative(3).map_err(io)?;
    }
    Ok(reader)
}

/// The whole file as text, without byte order mark.
pub(super) fn read(path: &Path, display: &str) -> Result<String, SourceError> {
    let io = |source| SourceError::Io { path: display.into(), source };
    // One pass, so that a pipe can be a list too; the head is looked at before the rest is fetched.
    let mut file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES).read_to_end(&mut bytes).map_err(io)?;
    if bytes.is_empty() {
        return Err(unreadable(display, "an empty file (0 bytes); fetch it again"));
    }
    if let Some(what) = foreign(&bytes) {
        let remedy = if what.contains(';') { "" } else { "; a list is text, one address or prefix a line" };
        return Err(unreadable(display, &format!("not a text file but {what}{remedy}")));
    }
    file.read_to_end(&mut bytes).map_err(io)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = good.iter().filter(|b| **b == b'\n').count() + 1;
        unreadable(display, &format!("line {line} is not UTF-8 text; save the file as UTF-8"))
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_string(),
        None => text,
    })
}

/// An error that names the file.
pub(super) fn unreadable(display: &str, reason: &str) -> SourceError {
    SourceError::Unreadable { path: display.into(), reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<String, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).unwrap();
        read(&path, "f").map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (bytes, want) in [
            (&b""[..], "f: an empty file (0 bytes); fetch it again"),
            (b"PAR1\x15", "f: not a text file but a Parquet file; a list is text, one address or prefix a line"),
            (b"\x1f\x8b\x08", "f: not a text file but compressed with gzip; unpack it first"),
            (b"\xff\xfe1\0", "f: not a text file but UTF-16 text; save it as UTF-8"),
            (b"1.2.3.4\n\0", "f: not a text file but binary data; a list is text, one address or prefix a line"),
            (b"1.2.3.4\ncaf\xe9\n", "f: line 2 is not UTF-8 text; save the file as UTF-8"),
        ] {
            assert_eq!(read_bytes(bytes), Err(want.to_string()));
        }
        assert_eq!(read_bytes("\u{feff}ip\r\n".as_bytes()).as_deref(), Ok("ip\r\n"));
    }

    #[test]
    fn a_quotation_is_short_and_harmless() {
        assert_eq!(excerpt(" a\u{1b}[31m\u{202e}b "), "a\\u{1b}[31m\\u{202e}b");
        assert_eq!(excerpt(&"ü".repeat(61)), format!("{}…", "ü".repeat(60)));
    }
}
