//! MISP: events and attributes as JSON, feeds with their manifest, and the CSV export.
//!
//! Every attribute is one record. Only what can be matched with telemetry becomes an indicator; the other kinds are
//! counted by what they are. Nothing is filtered for want of `to_ids` unless the user asks for it: many publishers set
//! it on no network attribute at all. How a value is judged and what becomes of its fields is decided where all feeds'
//! are.

mod attribute;
mod csv;
mod event;
mod hashes;
mod lenient;
mod manifest;
mod tags;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use super::json::{JsonKind, Members};
use super::{Context, IntelOptions, Siblings, Sink, TextFormat};
use crate::model::{Indicators, Micros};
use crate::sources::location::FileRef;

/// The manifest of a feed; asked before the events.
pub(super) const MANIFEST: JsonKind = manifest::KIND;
/// Events, in all their shapes.
pub(super) const EVENT: JsonKind = event::KIND;
/// The CSV export.
pub(super) const CSV: TextFormat = csv::FORMAT;
/// `hashes.csv` of a feed.
pub(super) const HASHES: TextFormat = hashes::FORMAT;

/// Whether the text is a uuid as MISP writes it, in either case.
fn is_uuid(text: &str) -> bool {
    let is_part = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.split('-').all(is_part)
}

/// Reads any bytes as a document or an export of MISP: the entry for fuzzing. Returns the records.
pub(in crate::sources) fn read_bytes(bytes: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(bytes);
    let file = FileRef {
        path: PathBuf::new(),
        display: "bytes".into(),
        relative: String::new(),
        size: bytes.len() as u64,
        modified: Micros(0),
        keep: None,
    };
    let options = IntelOptions::default();
    let context = Context {
        file: &file,
        head: String::new(),
        private: options.private,
        options,
        source: 0,
        siblings: Siblings::None,
    };
    let mut indicators = Indicators::default();
    let mut sink = Sink::new(&mut indicators, 0);
    if let Ok(members) = Members::parse(&text) {
        for kind in [MANIFEST, EVENT].iter().filter(|kind| (kind.recognises)(&members)) {
            // What cannot be read is the caller's broken record.
            let _unreadable = (kind.read)(&members, "document", &context, &mut sink);
        }
    }
    if !(HASHES.recognises)(&text) && (CSV.recognises)(&text) {
        let _unreadable = csv::records(bytes, &context, &mut sink);
    }
    sink.tally.records
}
