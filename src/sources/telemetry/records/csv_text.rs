//! The grammar of CSV exports (RFC 4180), written once for cutting and for reading.
//!
//! The csv crate reads records but cannot say where a stream may be cut, nor hand back a record's own text; a second
//! grammar beside it would disagree on damaged files. There are no backslash escapes, a quote counts only at the start
//! of a field, and text behind a closing quote is a fault. Lines end in LF or CRLF; a lone CR is text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2};

/// The first record of a CSV export.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Header {
    /// The columns, in order.
    pub names: Vec<String>,
    /// The byte between fields: `,`, `;` or a tab.
    pub delimiter: u8,
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its text in the record, without the quotes around it.
    pub(super) range: Range<usize>,
    /// Whether quotes in it are doubled.
    pub(super) doubled: bool,
}

impl Field {
    pub(super) fn text<'a>(&self, record: &'a str) -> Cow<'a, str> {
        let text = record.get(self.range.clone()).unwrap_or_default();
        if self.doubled { Cow::Owned(text.replace("\"\"", "\"")) } else { Cow::Borrowed(text) }
    }
}

/// Cuts a record (with or without its line end) into its fields.
///
/// # Errors
/// What is wrong with its quotes.
pub(super) fn fields(record: &[u8], delimiter: u8, fields: &mut Vec<Field>) -> Result<(), &'static str> {
    fields.clear();
    let record = record.strip_suffix(b"\n").map_or(record, |line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut at = 0;
    loop {
        let quoted = record.get(at) == Some(&b'"');
        let (field, next) = if quoted { quoted_field(record, at + 1)? } else { plain_field(record, at, delimiter) };
        fields.push(field);
        match record.get(next) {
            None => return Ok(()),
            Some(byte) if *byte == delimiter => at = next + 1,
            Some(_) => return Err("text behind a closing quote"),
        }
    }
}

fn plain_field(record: &[u8], start: usize, delimiter: u8) -> (Field, usize) {
    let rest = record.get(start..).unwrap_or_default();
    let end = start + memchr(delimiter, rest).unwrap_or(rest.len());
    (Field { range: start..end, doubled: false }, end)
}

fn quoted_field(record: &[u8], start: usize) -> Result<(Field, usize), &'static str> {
    let (mut at, mut doubled) = (start, false);
    while let Some(quote) = memchr(b'"', record.get(at..).unwrap_or_default()) {
        let end = at + quote;
        if record.get(end + 1) != Some(&b'"') {
            return Ok((Field { range: start..end, doubled }, end + 1));
        }
        doubled = true;
        at = end + 2;
    }
    Err("a quote that is never closed")
}

/// Where a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote within a quoted field: the field's end, or the first of two.
    Quote,
}

/// Finds the ends of records in a stream of bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanner {
    at: At,
}

impl Scanner {
    /// The byte behind the first record's line end; none when the bytes end before, and the scan goes on with the next.
    pub(super) fn record_end(&mut self, bytes: &[u8], delimiter: u8) -> Option<usize> {
        let mut from = 0;
        while let Some(byte) = bytes.get(from) {
            let rest = bytes.get(from..).unwrap_or_default();
            match self.at {
                At::FieldStart if *byte == b'"' => (self.at, from) = (At::Quoted, from + 1),
                At::Quote if *byte == b'"' => (self.at, from) = (At::Quoted, from + 1),
                At::Quoted => {
                    from += memchr(b'"', rest)? + 1;
                    self.at = At::Quote;
                }
                At::FieldStart | At::Plain | At::Quote => {
                    // Most quotes and line ends are far apart, so delimiters are not looked for but looked back at.
                    let Some(found) = memchr2(b'"', b'\n', rest) else {
                        self.at = if rest.last() == Some(&delimiter) { At::FieldStart } else { At::Plain };
                        return None;
                    };
                    from += found + 1;
                    if rest.get(found) == Some(&b'\n') {
                        self.at = At::FieldStart;
                        return Some(from);
                    }
                    let before = found.checked_sub(1).and_then(|before| rest.get(before));
                    self.at = if before == Some(&delimiter) { At::Quoted } else { At::Plain };
                }
            }
        }
        None
    }

    /// Whether the bytes so far end inside quotes.
    pub(super) fn is_quoted(&self) -> bool {
        self.at == At::Quoted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(record: &str) -> Result<Vec<String>, &'static str> {
        let mut out = Vec::new();
        fields(record.as_bytes(), b',', &mut out)?;
        Ok(out.iter().map(|field| field.text(record).into_owned()).collect())
    }

    #[test]
    fn quotes_delimiters_and_line_ends() {
        assert_eq!(split("a,b,\r\n").unwrap(), ["a", "b", ""]);
        assert_eq!(split("\"a,\"\"b\"\"\nc\",d").unwrap(), ["a,\"b\"\nc", "d"]);
        assert_eq!(split("a\"b,\"\"").unwrap(), ["a\"b", ""]);
        assert_eq!(split("").unwrap(), [""]);
    }

    #[test]
    fn a_backslash_is_a_backslash() {
        assert_eq!(split("\"[\\\"\"52.0.0.1\\\"\"]\",x").unwrap(), ["[\\\"52.0.0.1\\\"]", "x"]);
    }

    #[test]
    fn damaged_quotes_are_named() {
        assert_eq!(split("\"a\"b,c"), Err("text behind a closing quote"));
        assert_eq!(split("a,\"b"), Err("a quote that is never closed"));
    }

    #[test]
    fn a_scan_in_pieces_finds_the_same_ends() {
        let text = b"a,b\n\"x\ny\"\"\n\",c\r\n\"q\"z\nlast";
        let whole: Vec<usize> = ends(&[text]);
        assert_eq!(whole, [4, 16, 21]);
        for cut in 0..text.len() {
            assert_eq!(ends(&[&text[..cut], &text[cut..]]), whole, "cut at {cut}");
        }
    }

    fn ends(pieces: &[&[u8]]) -> Vec<usize> {
        let (mut scanner, mut base, mut found) = (Scanner::default(), 0, Vec::new());
        for piece in pieces {
            let mut from = 0;
            while let Some(end) = scanner.record_end(&piece[from..], b',') {
                from += end;
                found.push(base + from);
            }
            base += piece.len();
        }
        found
    }
}
