//! Text lists: one address, prefix, domain or URL a line, as block lists and reports have them.
//!
//! Values that were made harmless to click (`hxxp://`, `evil[.]example`) are read as what they were. Lines of a hosts file
//! name a domain. A list says nothing else of its values, so it is asked for last, when no other format knows the file.

use std::borrow::Cow;
use std::io::BufRead;

use super::content::{Content, Details, Value};
use super::kind::{Kind, judge};
use super::tally::UNREADABLE_RECORD;
use super::{Context, Sink, TextFormat};
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
    // The last line may be cut.
    let whole = head.rsplit_once('\n').map_or(head, |(whole, _)| whole);
    let lines: Vec<Cow<'_, str>> = whole.lines().filter_map(value_of).take(SAMPLE_LINES).collect();
    let is_value = |value: &&Cow<'_, str>| matches!(judge(value, "", PrivateRanges::Allow), Kind::Usable(_));
    !lines.is_empty() && lines.iter().filter(is_value).count() * 2 > lines.len()
}

fn read(context: &Context<'_>, sink: &mut Sink<'_>) -> Result<(), SourceError> {
    let io = |source| SourceError::Io { path: context.file.display.clone(), source };
    let mut input = text::open(&context.file.path, &context.file.display)?;
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
        let Some(value) = value_of(text) else { continue };
        sink.record();
        if value.contains(char::is_whitespace) {
            sink.reject(UNREADABLE_RECORD, || format!("{}: {} (several values)", place(), excerpt(&value)));
            continue;
        }
        let details = Details { source: Some(context.file.display.clone()), ..Details::default() };
        sink.take(Content::of(&[Value::new(&value, "")], details, context.private, place));
    }
    Ok(())
}

/// The line's value, without comments; `None` for a line that says nothing.
fn value_of(line: &str) -> Option<Cow<'_, str>> {
    let line = line.trim();
    if line.is_empty() || line.starts_with(['#', ';', '!']) || line.starts_with("//") {
        return None;
    }
    let is_comment = |at: usize| line.get(..at).is_some_and(|before| before.ends_with(char::is_whitespace));
    let end = line.match_indices(['#', ';']).map(|(at, _)| at).find(|at| is_comment(*at)).unwrap_or(line.len());
    let line = line.get(..end).unwrap_or(line).trim_end().trim_end_matches([',', ';']);
    let line = ['"', '\''].into_iter().find_map(|q| line.strip_prefix(q)?.strip_suffix(q)).unwrap_or(line);
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    Some(refanged(if SINKS.contains(&first) && !rest.trim().is_empty() { rest.trim() } else { line }))
}

/// `hxxps://evil[.]example` as it was.
fn refanged(value: &str) -> Cow<'_, str> {
    let is_harmless = value.contains(['[', '(', '{']) || value.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("hxxp"));
    if !is_harmless {
        return Cow::Borrowed(value);
    }
    let mut text = value.to_owned();
    for (harmless, was) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[/]", "/"),
    ] {
        text = text.replace(harmless, was);
    }
    if let Some(rest) = text.get(4..).filter(|_| text.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("hxxp"))) {
        text = format!("http{rest}");
    }
    Cow::Owned(text)
}
