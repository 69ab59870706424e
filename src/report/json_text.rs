//! How JSON is spelled: serde_json's text, with C1 and bidirectional controls as `\uXXXX`.
//!
//! The value is unchanged for every parser; only a terminal or an editor that shows the raw text is protected.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::ReportError;
use super::hostile::is_disguise;

/// Writes a value on one line, without a line end.
pub(super) fn compact(value: &impl Serialize, out: impl Write) -> Result<(), ReportError> {
    Ok(value.serialize(&mut Serializer::with_formatter(out, Escaping(CompactFormatter)))?)
}

/// Writes a value indented, with a line end.
pub(super) fn pretty(value: &impl Serialize, mut out: impl Write) -> Result<(), ReportError> {
    value.serialize(&mut Serializer::with_formatter(&mut out, Escaping(PrettyFormatter::new())))?;
    Ok(out.write_all(b"\n")?)
}

/// A value on one line.
pub(super) fn to_string(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Escaping(CompactFormatter)))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Passes everything on, except the characters that disguise text.
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        if !fragment.is_ascii() {
            while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_disguise(*c)) {
                let (before, from) = rest.split_at(at);
                write!(out, "{before}\\u{:04x}", u32::from(c))?;
                rest = from.strip_prefix(c).unwrap_or_default();
            }
        }
        out.write_all(rest.as_bytes())
    }

    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_are_spelled_and_the_value_stays() {
        let text = "a\u{1b}\u{9b}b\u{202e}ü\u{61c}|漢";
        let json = to_string(&text).unwrap();
        assert_eq!(json, r#""a\u001b\u009bb\u202eü\u061c|漢""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
