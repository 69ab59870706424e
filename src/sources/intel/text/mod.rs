//! Text lists: one address, prefix, domain or URL a line, as block lists and reports have them.
//!
//! Values that were made harmless to click (`hxxp://`, `evil[.]example`) are read as what they were. Lines of a hosts file
//! name a domain. A list says nothing else of its values, so it is asked for last, when no other format knows the file.

use std::borrow::Cow;
use std::io::BufRead;

use super::content::{Content, Details, Value};
use super::kind::{Kind, judge};
use super::spelling::{refanged, without_port};
use super::tally::UNREADABLE_RECORD;
use super::{Context, Sink, TextFormat, of_no_known_kind};
use crate::model::Prefix;
use crate::model::prefix::PrivateRanges;
use crate::sources::SourceError;
use crate::sources::text::{self, excerpt};

#[cfg(test)]
mod tests;

/// The format.
pub(super) const FORMAT: TextFormat = TextFormat { name: "text list", recognises, read };

/// Lines that are looked at to tell the format.
const SAMPLE_LINES: usize = 50;

/// Addresses that hosts files send names to.
const SINKS: [&str; 5] = ["0.0.0.0", "127.0.0.1", "::", "::1", "255.255.255.255"];

fn recognises(head: &str) -> bool {
    let lines = sample(head);
    // Comments alone are the head of a list that is empty today, or of one that begins further down.
    lines.is_empty() || lines.iter().filter(|line| line.is_value()).count() * 2 > lines.len()
}

/// The first lines that say something.
fn sample(head: &str) -> Vec<Line<'_>> {
    // The last line may be cut: it counts only if there is no other.
    let whole = head.rsplit_once('\n').map_or(head, |(whole, _)| whole);
    let lines: Vec<Line<'_>> = whole.lines().filter_map(Line::of).take(SAMPLE_LINES).collect();
    if lines.is_empty() { head.lines().filter_map(Line::of).collect() } else { lines }
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let io = |source| SourceError::Io { path: context.file.display.clone(), source };
    let mut input = text::open(&context.file.path, &context.file.display)?;
    let usable_before = sink.indicators.len();
    let mut bytes = Vec::new();
    for line in 1u64.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes).map_err(io)? == 0 {
            break;
        }
        let place = || context.place("line", line);
        let Ok(text) = std::str::from_utf8(&bytes) else {
            sink.record();
            sink.reject(UNREADABLE_RECORD, || format!("{}: not UTF-8 text", place()));
            continue;
        };
        let Some(line) = Line::of(text) else { continue };
        sink.record();
        if let Line::Prose(text) = &line {
            sink.reject(UNREADABLE_RECORD, || format!("{}: {} (several values)", place(), excerpt(text)));
            continue;
        }
        let details = Details { source: Some(context.file.display.clone()), ..Details::default() };
        sink.take(Content::of(&line.values(), details, context.private, place));
    }
    let has_none = sink.tally.records > 0 && sink.indicators.len() == usable_before;
    if has_none && sample(&context.head).is_empty() {
        let first = sink.tally.examples.first().map_or("no value", String::as_str);
        return Err(of_no_known_kind(&context.file.display, &format!("text without any indicator ({first})")));
    }
    Ok(())
}

/// A line that says something.
enum Line<'a> {
    Value(Cow<'a, str>),
    /// The names of a hosts file's line.
    Hosts(Vec<&'a str>),
    /// Several words that are no line of a list.
    Prose(&'a str),
}

impl<'a> Line<'a> {
    /// The line without comments; `None` if nothing is left.
    fn of(line: &'a str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';', '!']) || line.starts_with("//") {
            return None;
        }
        let is_comment = |at: usize| line.get(..at).is_some_and(|before| before.ends_with(char::is_whitespace));
        let end = line.match_indices(['#', ';']).map(|(at, _)| at).find(|at| is_comment(*at)).unwrap_or(line.len());
        let line = line.get(..end).unwrap_or(line).trim_end().trim_end_matches([',', ';']);
        let line = ['"', '\''].into_iter().find_map(|q| line.strip_prefix(q)?.strip_suffix(q)).unwrap_or(line);
        let mut words = line.split_whitespace();
        Some(match (words.next(), words.next()) {
            (Some(sink), Some(name)) if SINKS.contains(&sink) => Self::Hosts([name].into_iter().chain(words).collect()),
            (Some(_), Some(_)) => Self::Prose(line),
            _ => Self::Value(refanged(line)),
        })
    }

    fn values(&self) -> Vec<Value<'_>> {
        match self {
            Self::Value(text) => {
                let (text, port) = without_port(text);
                vec![Value { text, port, ..Value::default() }]
            }
            Self::Hosts(names) => names.iter().map(|name| Value::new(name, "domain")).collect(),
            Self::Prose(_) => Vec::new(),
        }
    }

    fn is_value(&self) -> bool {
        // A prefix that is too wide to be matched is one all the same, and its refusal is for the reader to count.
        let is_usable = |value: &Value<'_>| {
            Prefix::parse(value.text).is_ok()
                || matches!(judge(value.text, value.called, PrivateRanges::Allow), Kind::Usable(_))
        };
        // Every hosts file begins with names of its own, such as localhost.
        matches!(self, Self::Hosts(_)) || self.values().iter().any(is_usable)
    }
}
