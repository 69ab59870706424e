//! The plain table as JSON lines: one object a line.

use std::io::{BufRead, BufReader};

use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::super::tally::{Tally, UNREADABLE_RECORD};
use super::super::{Context, FileYield, Holds, TextFormat, of_no_known_kind};
use super::{Record, has_indicator, known};
use crate::sources::SourceError;
use crate::sources::text::{self, excerpt, unreadable};

/// The format. An array is recognised too, so that the message can say what it is.
pub(in crate::sources::intel) const FORMAT: TextFormat =
    TextFormat { name: "plain table (JSON lines)", recognises, read };

/// Members that are named when none is Indicator.
const MEMBERS_SHOWN: usize = 8;

fn recognises(head: &str) -> bool {
    head.trim_start().starts_with(['{', '['])
}

fn read(context: &Context<'_>) -> Result<FileYield, SourceError> {
    let io = |source| SourceError::Io { path: context.file.display.clone(), source };
    let mut input = text::open(&context.file.path, &context.file.display)?;
    let mut tally = Tally::default();
    let mut indicators = Vec::new();
    let mut seen = Seen::default();
    let mut bytes = Vec::new();
    for line in 1u64.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes).map_err(io)? == 0 {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        tally.records += 1;
        let place = || context.place("line", line);
        match serde_json::from_slice::<Map<String, Value>>(&bytes) {
            Ok(object) if has_indicator(object.keys().map(String::as_str)) => {
                seen.indicators += 1;
                indicators.extend(row(&object).settle(context, place, &mut tally));
            }
            Ok(object) => {
                seen.members.get_or_insert_with(|| object.keys().take(MEMBERS_SHOWN).cloned().collect());
                tally.reject(UNREADABLE_RECORD, || format!("{}: no member Indicator", place()));
            }
            Err(error) => tally.reject(UNREADABLE_RECORD, || {
                format!("{}: {} ({})", place(), excerpt(&String::from_utf8_lossy(&bytes)), cause(&error))
            }),
        }
    }
    if seen.indicators == 0 {
        Err(no_table(context, seen))
    } else {
        Ok(FileYield { tally, holds: Holds::Plain(indicators) })
    }
}

/// What a file turned out to hold.
#[derive(Default)]
struct Seen {
    indicators: u64,
    /// The first object's members, if an object has no Indicator.
    members: Option<Vec<String>>,
}

/// Why the file is no table: objects of another kind, one document over many lines, or no JSON at all.
fn no_table(context: &Context<'_>, seen: Seen) -> SourceError {
    let display = &context.file.display;
    if let Some(members) = seen.members {
        return of_no_known_kind(display, &format!("JSON with the members {}", excerpt(&members.join(", "))));
    }
    let whole = text::open(&context.file.path, display)
        .map(|file| serde_json::from_reader::<_, IgnoredAny>(BufReader::new(file)));
    match whole {
        Ok(Ok(IgnoredAny)) if context.head.trim_start().starts_with('[') => {
            of_no_known_kind(display, "one JSON array; a table has one object a line (jq -c '.[]' writes it so)")
        }
        Ok(Ok(IgnoredAny)) => of_no_known_kind(display, "one JSON document over several lines"),
        Ok(Err(error)) => unreadable(display, &format!("invalid JSON: {error}; fetch the file again")),
        Err(error) => error,
    }
}

/// The parser's message without its own "line 1", which would contradict the file's line.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_string()
}

fn row(object: &Map<String, Value>) -> Record {
    let mut record = Record::default();
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::String(text) => record.put(known(name), text),
            other => record.put(known(name), &other.to_string()),
        }
    }
    record
}
