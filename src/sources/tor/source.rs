//! One `--tor`: its files and the members of its archives, sorted into series.
//!
//! A file is told by its content: a built history (Parquet), an archive, or text in one of the formats. What cannot be
//! read is the run's own rule to judge; a dated list without a usable address is a gap in its series, and an error where
//! no other list of the series says more, because an empty list would make every event look clean.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;

use sha2::{Digest, Sha256};

use super::history::Kind;
use super::listing::Listing;
use super::series::{Dating, Series, name_without_digits};
use super::{TorRequest, TorTable, archive, built, dates, format};
use crate::model::coverage::Skipped;
use crate::model::relay::Role;
use crate::model::{Micros, OnBadInput};
use crate::sources::Reach;
use crate::sources::location::{self, FileRef};
use crate::sources::{SourceError, text};

/// Bytes that tell an archive or a Parquet file.
const HEAD_BYTES: u64 = 512;

const EMPTY: &str = "empty file (0 bytes)";
const UNUSABLE: &str = "without a usable address";

/// Reads one source whole.
pub(super) fn read(request: TorRequest<'_>, reach: Reach<'_>, on_bad: OnBadInput) -> Result<TorTable, SourceError> {
    let files = location::expand_list(request.source, reach)?.files;
    let siblings = if files.len() > 1 { Siblings::Some } else { Siblings::None };
    let mut source = Source {
        request,
        on_bad,
        siblings,
        series: BTreeMap::new(),
        gaps: Vec::new(),
        table: TorTable::default(),
        first_error: None,
    };
    for file in &files {
        if let Err(error) = source.file(file) {
            source.bad(error)?;
        }
    }
    let name = match files.as_slice() {
        [only] => only.display.as_str(),
        _ => request.source,
    };
    source.finish(name)
}

/// Whether there are other lists in the source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Siblings {
    None,
    Some,
}

/// What makes lists one series.
type Key = (Kind, String);

/// One text, wherever it lies.
struct Text<'a> {
    /// As errors name it.
    display: &'a str,
    /// Its path inside the source.
    place: &'a str,
    text: &'a str,
    /// Last change of the file.
    modified: Micros,
    siblings: Siblings,
}

/// A list without a usable entry.
struct Gap {
    keys: [Key; 2],
    is_dated: bool,
    /// Format and content; absent for an empty file.
    read: Option<(&'static str, Listing)>,
    /// What is wrong where it is no gap.
    error: SourceError,
}

/// What has been read so far.
struct Source<'a> {
    request: TorRequest<'a>,
    on_bad: OnBadInput,
    siblings: Siblings,
    series: BTreeMap<Key, Series>,
    gaps: Vec<Gap>,
    /// Built histories, and what was skipped.
    table: TorTable,
    first_error: Option<SourceError>,
}

impl Source<'_> {
    /// What `--on-bad-input` says.
    fn bad(&mut self, error: SourceError) -> Result<(), SourceError> {
        if self.on_bad == OnBadInput::Fail {
            return Err(error);
        }
        self.table.skipped.push(Skipped { path: input(&error).into(), reason: error.reason() });
        self.first_error.get_or_insert(error);
        Ok(())
    }

    fn file(&mut self, file: &FileRef) -> Result<(), SourceError> {
        let head = head(file)?;
        if head.starts_with(b"PAR1") {
            return self.built(built::read(&file.path, &file.display)?, &file.display);
        }
        if archive::is_one(&head) {
            return self.archive(file);
        }
        let is_empty =
            self.siblings == Siblings::Some && fs::metadata(&file.path).is_ok_and(|m| m.is_file() && m.len() == 0);
        if is_empty {
            let error = text::unreadable(&file.display, "an empty file (0 bytes); fetch it again");
            let is_dated = dates::in_name(last_part(&file.relative)).is_some();
            self.gaps.push(Gap { keys: keys(&file.relative), is_dated, read: None, error });
            return Ok(());
        }
        let text = text::read(&file.path, &file.display)?;
        self.text(&Text {
            display: &file.display,
            place: &file.relative,
            text: &text,
            modified: file.modified,
            siblings: self.siblings,
        })
    }

    fn archive(&mut self, file: &FileRef) -> Result<(), SourceError> {
        let facts = archive::members(&file.path, &file.display, &mut |member| {
            let read = self.text(&Text {
                display: &format!("{}: {}", file.display, member.name),
                place: &format!("{}/{}", file.relative, member.name),
                text: member.text,
                modified: file.modified,
                siblings: Siblings::Some,
            });
            read.or_else(|error| self.bad(error))
        })?;
        if let Some(series) = self.series.values_mut().next() {
            series.refuse(&facts.refused);
        }
        Ok(())
    }

    fn built(&mut self, mut built: TorTable, display: &str) -> Result<(), SourceError> {
        if built.intervals.is_empty() {
            return Err(text::unreadable(display, "no usable address: the built history has none; build it again"));
        }
        built.intervals.iter_mut().for_each(|interval| self.state(&mut interval.role));
        built.spans.iter_mut().for_each(|span| self.state(&mut span.role));
        for facts in &mut built.facts {
            facts.source = format!("{display} ({})", facts.source);
            if facts.seen_from.is_some() {
                facts.as_of_from = "history".into();
            }
        }
        self.table.absorb(built);
        Ok(())
    }

    /// The user's word for what a list does not say.
    fn state(&self, role: &mut Role) {
        if let (Role::Unspecified, Some(stated)) = (*role, self.request.role) {
            *role = stated;
        }
    }

    fn text(&mut self, text: &Text<'_>) -> Result<(), SourceError> {
        let (format, mut listing) =
            format::read(text.text).map_err(|reason| text::unreadable(text.display, &reason))?;
        let kind = if listing.entries.iter().any(|entry| entry.time.is_some()) { Kind::Records } else { Kind::Lists };
        let dating = self.dating(text, kind, &listing);
        let [records, lists] = keys(text.place);
        if listing.entries.is_empty() {
            let error = text::unreadable(text.display, &nothing_usable(&listing));
            let is_dated = dating.time.is_some();
            self.gaps.push(Gap { keys: [records, lists], is_dated, read: Some((format, listing)), error });
            return Ok(());
        }
        listing.entries.iter_mut().for_each(|entry| self.state(&mut entry.role));
        if text.siblings == Siblings::Some {
            listing.examples.iter_mut().for_each(|example| *example = format!("{} {example}", text.display));
        }
        let key = if kind == Kind::Records { records } else { lists };
        let series = self.series.entry(key).or_insert_with(|| Series::new(kind, text.place));
        series.add(format, dating, Sha256::digest(text.text.as_bytes()).into(), &listing);
        Ok(())
    }

    /// What is stated wins for a single list; among several it dates those that nothing else does, since it cannot be
    /// the time of them all.
    fn dating(&self, text: &Text<'_>, kind: Kind, listing: &Listing) -> Dating {
        let stated = self.request.as_of.map(|time| (time, "--tor-as-of"));
        let content = listing.dated.map(|time| (time, "content"));
        let named = || match kind {
            Kind::Records => listing.entries.iter().filter_map(|entry| entry.time).max().map(|time| (time, "records")),
            Kind::Lists => dates::in_name(last_part(text.place)).map(|time| (time, "file name")),
        };
        let own = || content.or_else(named);
        let dated = if text.siblings == Siblings::None { stated.or_else(own) } else { own().or(stated) };
        let (as_of, from) = dated.unwrap_or((text.modified, "file time"));
        Dating { time: dated.map(|(time, _)| time), as_of: Some(as_of), from }
    }

    fn finish(mut self, name: &str) -> Result<TorTable, SourceError> {
        for gap in std::mem::take(&mut self.gaps) {
            let key = gap.keys.iter().find(|key| gap.is_dated && self.series.contains_key(*key));
            match key.and_then(|key| self.series.get_mut(key)) {
                Some(series) => {
                    let reason = if gap.read.is_none() { EMPTY } else { UNUSABLE };
                    series.add_gap(reason, gap.read.as_ref().map(|(format, listing)| (*format, listing)));
                }
                None => self.bad(gap.error)?,
            }
        }
        let Self { series, mut table, first_error, .. } = self;
        let several = series.len() > 1;
        for series in series.into_values() {
            let label = if several { format!("{name} ({})", series.pattern()) } else { name.to_string() };
            table.add(series.finish(name, label));
        }
        match first_error {
            Some(error) if table.intervals.is_empty() => Err(error),
            _ if table.intervals.is_empty() => Err(text::unreadable(name, "no usable address in any of its files")),
            _ => Ok(table),
        }
    }
}

/// As records and as a list: records hold true wherever they lie, so their series spans folders and archives, while lists
/// of different folders may be of different relays.
fn keys(place: &str) -> [Key; 2] {
    [(Kind::Records, name_without_digits(last_part(place))), (Kind::Lists, name_without_digits(place))]
}

fn last_part(place: &str) -> &str {
    place.rsplit('/').next().unwrap_or(place)
}

fn input(error: &SourceError) -> &str {
    match error {
        SourceError::NotFound { source_name, .. } | SourceError::Empty { source_name, .. } => source_name,
        SourceError::Unreadable { path, .. } | SourceError::Io { path, .. } => path,
        SourceError::Refused(sentence) => sentence,
    }
}

/// The first bytes of a regular file; none of a pipe, which can be read only once.
fn head(file: &FileRef) -> Result<Vec<u8>, SourceError> {
    let mut head = Vec::new();
    if fs::metadata(&file.path).is_ok_and(|metadata| metadata.is_file()) {
        let io = |source| SourceError::Io { path: file.display.clone(), source };
        File::open(&file.path).map_err(io)?.take(HEAD_BYTES).read_to_end(&mut head).map_err(io)?;
    }
    Ok(head)
}

/// An empty list must not read as "no relays", so this is the error that says what was there instead.
fn nothing_usable(listing: &Listing) -> String {
    if listing.records == 0 {
        return "no usable address: the list has no entry; fetch it again or leave it out".into();
    }
    let reasons: Vec<String> = listing.refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let first = listing.examples.first().map_or_else(String::new, |example| format!("; first: {example}"));
    format!("no usable address: all {} entries were refused ({}){first}", listing.records, reasons.join(", "))
}
