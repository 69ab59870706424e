//! JSON feeds: a file holds documents, and each document says by its members what it is.
//!
//! A file is one document, one document a line, or documents one behind another; an array stands for its elements. Lines
//! are read one by one, so that a feed of a million lines needs the memory of one, and a broken one is one reject. A
//! document that spans lines is read whole, but never copied: kinds see the text of its members.

mod members;

#[cfg(test)]
mod tests;

use std::io::{BufRead, Read};

use serde_json::value::RawValue;

use super::tally::UNREADABLE_RECORD;
use super::{Context, Sink, TextFormat, of_no_known_kind};
use crate::sources::SourceError;
use crate::sources::text::{self, excerpt, unreadable};

pub(super) use members::{Members, text_of};

/// The format of the file; what it holds is told by its kinds.
pub(super) const FORMAT: TextFormat =
    TextFormat { name: "JSON", recognises: |head| head.trim_start().starts_with(['{', '[']), read };

/// What a document can be, the most particular members first.
const KINDS: [JsonKind; 7] = [
    super::misp::MANIFEST,
    super::misp::EVENT,
    super::stix::KIND,
    super::opencti::KIND,
    super::sentinel::json::CURRENT,
    super::sentinel::json::LEGACY,
    super::plain::json::KIND,
];

/// Longest document that is read, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 1 << 30;

/// Members that are named when a document is of no known kind.
const MEMBERS_SHOWN: usize = 8;

/// One kind of document.
pub(super) struct JsonKind {
    /// As coverage names it.
    pub(super) name: &'static str,
    /// Told from the members.
    pub(super) recognises: fn(&Members<'_>) -> bool,
    /// Reads one document; `place` names it in examples. The error says why it is one unreadable record.
    pub(super) read: fn(&Members<'_>, &str, &Context<'_>, &mut Sink<'_>) -> Result<(), String>,
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let io = |source| SourceError::Io { path: context.file.display.clone(), source };
    let mut input = text::open(&context.file.path, &context.file.display)?.take(DOCUMENT_BYTES_MAX + 1);
    let mut documents = Documents { context, sink, unknown: None, seen: 0 };
    let mut line = Vec::new();
    input.read_until(b'\n', &mut line).map_err(io)?;
    if line.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(too_long(context));
    }
    let is_whole = std::str::from_utf8(&line).is_ok_and(|line| serde_json::from_str::<&RawValue>(line).is_ok());
    if is_whole {
        let mut number = 1;
        loop {
            documents.line(&line, number);
            number += 1;
            line.clear();
            input.set_limit(DOCUMENT_BYTES_MAX + 1);
            if input.read_until(b'\n', &mut line).map_err(io)? == 0 {
                break;
            }
            if line.len() as u64 > DOCUMENT_BYTES_MAX {
                return Err(too_long(context));
            }
        }
    } else {
        input.read_to_end(&mut line).map_err(io)?;
        if line.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(too_long(context));
        }
        documents.whole(&line)?;
    }
    documents.finish()
}

fn too_long(context: &Context<'_>) -> SourceError {
    unreadable(&context.file.display, "one document longer than 1 GiB; split it into several files")
}

/// The documents of one file on their way to their kinds.
struct Documents<'a, 'b, 'c> {
    context: &'a Context<'b>,
    sink: &'a mut Sink<'c>,
    /// The members of the first document of no known kind.
    unknown: Option<String>,
    /// Documents of a known kind.
    seen: u64,
}

impl Documents<'_, '_, '_> {
    /// One line of a file that has a document a line.
    fn line(&mut self, line: &[u8], number: u64) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let place = self.context.place("line", number);
        match std::str::from_utf8(line) {
            Ok(text) => match serde_json::from_str::<&RawValue>(text) {
                Ok(document) => self.document(document, &place),
                Err(error) => self.reject(&place, &format!("{} ({})", excerpt(text), cause(&error))),
            },
            Err(_) => self.reject(&place, "not UTF-8 text"),
        }
    }

    /// A file whose first line is no document of its own: one document over many lines, several of them, or lines of which
    /// the first is broken.
    fn whole(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        let display = &self.context.file.display;
        let Ok(text) = std::str::from_utf8(bytes) else {
            if is_of_lines(bytes) {
                self.lines(bytes);
                return Ok(());
            }
            return Err(unreadable(display, "not UTF-8 text; save the file as UTF-8"));
        };
        let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let mut number = 0u64;
        for document in documents {
            match document {
                Ok(document) => {
                    number += 1;
                    let place =
                        if number == 1 { self.context.document() } else { self.context.place("document", number) };
                    self.document(document, &place);
                }
                Err(error) if number == 0 => {
                    if !is_of_lines(bytes) {
                        return Err(unreadable(display, &format!("invalid JSON: {error}; fetch the file again")));
                    }
                    self.lines(bytes);
                    return Ok(());
                }
                Err(error) => {
                    let place = self.context.place("line", error.line() as u64);
                    self.reject(&place, &cause(&error));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn lines(&mut self, bytes: &[u8]) {
        bytes.split(|byte| *byte == b'\n').zip(1..).for_each(|(line, number)| self.line(line, number));
    }

    fn document(&mut self, document: &RawValue, place: &str) {
        if !document.get().starts_with('[') {
            return self.object(document, place);
        }
        match serde_json::from_str::<Vec<&RawValue>>(document.get()) {
            Ok(items) => {
                for (item, number) in items.into_iter().zip(1u64..) {
                    self.object(item, &format!("{place} item {number}"));
                }
            }
            Err(error) => self.reject(place, &cause(&error)),
        }
    }

    fn object(&mut self, object: &RawValue, place: &str) {
        let members = match Members::parse(object.get()) {
            Ok(members) => members,
            Err(_) if object.get().starts_with('"') => return self.string(object, place),
            Err(error) => return self.reject(place, &format!("{} ({})", excerpt(object.get()), cause(&error))),
        };
        let Some(kind) = KINDS.iter().find(|kind| (kind.recognises)(&members)) else {
            let names: Vec<&str> = members.iter().map(|(name, _)| name).take(MEMBERS_SHOWN).collect();
            let names = excerpt(&names.join(", "));
            self.reject(place, &format!("of no known kind, with the members {names}"));
            self.unknown.get_or_insert(names);
            return;
        };
        self.seen += 1;
        self.sink.kinds.insert(kind.name);
        if let Err(reason) = (kind.read)(&members, place, self.context, self.sink) {
            self.reject(place, &reason);
        }
    }

    /// An array of values is a list of them.
    fn string(&mut self, value: &RawValue, place: &str) {
        self.seen += 1;
        self.sink.kinds.insert(super::plain::json::STRINGS);
        super::plain::json::string(value, place, self.context, self.sink);
    }

    fn reject(&mut self, place: &str, reason: &str) {
        self.sink.record();
        self.sink.reject(UNREADABLE_RECORD, || format!("{place}: {reason}"));
    }

    /// A file without a document of a known kind is the wrong file.
    fn finish(self) -> Result<(), SourceError> {
        let display = &self.context.file.display;
        match (self.seen, self.unknown) {
            (0, Some(members)) => Err(of_no_known_kind(display, &format!("JSON with the members {members}"))),
            (0, None) => {
                let first = self.sink.tally.examples.first().map_or("it holds no object", String::as_str);
                Err(unreadable(display, &format!("invalid JSON: {first}; fetch the file again")))
            }
            _ => Ok(()),
        }
    }
}

/// Whether most lines behind the first are documents: in a document that is cut off, one line at most is.
fn is_of_lines(bytes: &[u8]) -> bool {
    let lines = || bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.trim_ascii().is_empty());
    let is_object = |line: &&[u8]| std::str::from_utf8(line).is_ok_and(|line| Members::parse(line).is_ok());
    lines().filter(is_object).count() * 2 > lines().count()
}

/// The parser's message without its own "line 1", which would contradict the file's line.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_string()
}
