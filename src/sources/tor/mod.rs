//! Tor lists: from files to the Tor table.
//!
//! One file per format, each behind the same `Format`; which one a file has is told from its content. Undated lists
//! are what is read now: their intervals are open at both ends, and the list's date only says how old it is. A list
//! without a usable address is an error, because it would make every event look clean.

mod as_of;
mod lines;
mod one_column;
mod shape;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use self::shape::Shape;
use super::location::{self, FileRef};
use super::{SourceError, text};
use crate::model::coverage::{Counted, Skipped, TorSource};
use crate::model::relay::Role;
use crate::model::{Micros, OnBadInput, Prefix, RelayInterval};

/// What is recognised, first match first.
const FORMATS: [Format; 1] = [one_column::FORMAT];

/// One `--tor` as typed.
#[derive(Clone, Copy, Debug)]
pub struct TorRequest<'a> {
    /// A path, glob or `file://` URL.
    pub source: &'a str,
    /// What the user says the entries are; without it a list that names no roles is [`Role::Unspecified`].
    pub role: Option<Role>,
    /// `--tor-as-of`.
    pub as_of: Option<Micros>,
}

/// All lists of a run.
#[derive(Clone, Debug, Default)]
pub struct TorTable {
    /// Sorted, each once.
    pub intervals: Vec<RelayInterval>,
    /// One per file, by source and path.
    pub facts: Vec<TorSource>,
    /// Files that could not be read and were left out.
    pub skipped: Vec<Skipped>,
}

/// How one format is told and read.
struct Format {
    name: &'static str,
    recognises: fn(&str) -> bool,
    read: fn(&str) -> List,
}

/// What a file lists.
struct List {
    entries: Vec<Prefix>,
    records: u64,
    refused: BTreeMap<&'static str, u64>,
    examples: Vec<String>,
}

/// Reads every list. The order in which they were typed does not matter.
///
/// # Errors
/// A source that names nothing; a list that cannot be read or has no usable address, unless `on_bad` skips it and the
/// same source has another file that can.
pub fn load(requests: &[TorRequest<'_>], base: &Path, on_bad: OnBadInput) -> Result<TorTable, SourceError> {
    let mut requests = requests.to_vec();
    requests.sort_by_key(|request| (request.source, request.role, request.as_of));
    let mut table = TorTable::default();
    for request in requests {
        let mut loaded = 0u64;
        let mut first_error = None;
        for file in location::expand(request.source, base)?.files {
            match read_file(request, &file) {
                Ok((intervals, facts)) => {
                    loaded += 1;
                    table.intervals.extend(intervals);
                    table.facts.push(facts);
                }
                Err(error) if on_bad == OnBadInput::Fail => return Err(error),
                Err(error) => {
                    table.skipped.push(Skipped { path: file.display, reason: error.reason() });
                    first_error.get_or_insert(error);
                }
            }
        }
        if let (0, Some(error)) = (loaded, first_error) {
            return Err(error);
        }
    }
    table.intervals.sort();
    table.intervals.dedup();
    Ok(table)
}

fn read_file(request: TorRequest<'_>, file: &FileRef) -> Result<(Vec<RelayInterval>, TorSource), SourceError> {
    let text = text::read(&file.path, &file.display)?;
    let format = FORMATS.iter().find(|format| (format.recognises)(&text)).ok_or_else(|| {
        let seen = Shape::of(&text);
        let reason =
            format!("not a one-column list of addresses ({seen}); this version reads one address or prefix a line");
        text::unreadable(&file.display, &reason)
    })?;
    let list = (format.read)(&text);
    if list.entries.is_empty() {
        return Err(text::unreadable(&file.display, &nothing_usable(&list)));
    }
    Ok(described(request, file, format.name, list))
}

fn described(request: TorRequest<'_>, file: &FileRef, format: &str, list: List) -> (Vec<RelayInterval>, TorSource) {
    let listed = list.entries.len();
    let mut prefixes = list.entries;
    prefixes.sort_unstable();
    prefixes.dedup();
    let hosts = prefixes.iter().filter(|prefix| prefix.is_host()).count();
    let (as_of, as_of_from) = as_of::as_of(request.as_of, file);
    let facts = TorSource {
        source: file.display.clone(),
        format: format.into(),
        records: list.records,
        addresses: hosts as u64,
        prefixes: (prefixes.len() - hosts) as u64,
        duplicates: (listed - prefixes.len()) as u64,
        refused: Counted::list(&list.refused),
        refused_examples: list.examples,
        as_of,
        as_of_from: as_of_from.into(),
        days_from_events: None,
    };
    let interval = |prefix| RelayInterval {
        prefix,
        role: request.role.unwrap_or(Role::Unspecified),
        seen_from: None,
        seen_to: None,
        observed_by: "list".into(),
        port: None,
        source: file.display.clone(),
    };
    (prefixes.into_iter().map(interval).collect(), facts)
}

/// An empty list must not read as "no relays", so this is the error that says what was there instead.
fn nothing_usable(list: &List) -> String {
    if list.records == 0 {
        return "no usable address: the list has no entry; fetch it again or leave it out".into();
    }
    let reasons: Vec<String> = list.refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let first = list.examples.first().map_or_else(String::new, |example| format!("; first: {example}"));
    format!("no usable address: all {} entries were refused ({}){first}", list.records, reasons.join(", "))
}
