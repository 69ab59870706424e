//! Threat intelligence: from files to the table of indicators.
//!
//! One file per format, each behind a `ParquetFormat` or a `TextFormat`; which one a file has is told from its
//! columns or its first bytes. Addresses and prefixes are kept; everything else is counted by kind, so that a feed of a
//! million domains is not mistaken for an empty one. The files of one Sentinel table are one log, over all sources.

mod built;
mod columns;
mod content;
mod csv_records;
mod find;
mod json;
mod kind;
mod misp;
mod opencti;
mod pattern;
mod plain;
mod sentinel;
mod spelling;
mod stix;
mod tally;
mod text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use self::columns::ParquetFile;
use self::content::Content;
use self::sentinel::log::Log;
use self::tally::{DUPLICATE, MISSING_EVENT, Tally};
use super::Reach;
use super::SourceError;
use super::location::{self, FileRef};
use super::text::{excerpt, foreign, head, unreadable};
use crate::model::coverage::{Counted, IntelSource, Skipped};
use crate::model::indicator::{IndicatorRef, Kind};
use crate::model::indicators::Origin;
use crate::model::prefix::PrivateRanges;
use crate::model::{Indicators, OnBadInput};

pub use self::built::write as write_built;
pub use self::find::find;

/// Kinds of Parquet file, the most particular columns first.
const PARQUET_FORMATS: [ParquetFormat; 4] =
    [built::FORMAT, sentinel::current::FORMAT, sentinel::legacy::FORMAT, plain::parquet::FORMAT];

/// Kinds of text file.
const TEXT_FORMATS: [TextFormat; 8] = [
    json::FORMAT,
    sentinel::csv::CURRENT,
    sentinel::csv::LEGACY,
    misp::HASHES,
    misp::CSV,
    opencti::csv::FORMAT,
    plain::csv::FORMAT,
    text::FORMAT,
];

const KNOWN_KINDS: &str = "MISP events, feeds and exports, STIX bundles and TAXII envelopes, OpenCTI exports, the Sentinel tables \
                           ThreatIntelIndicators and ThreatIntelligenceIndicator, tables with a column such as Indicator, ip, \
                           domain or url (Parquet, CSV, JSON), text lists, and what intel build writes";

/// Columns that are named when a Parquet file is of no known kind.
const COLUMNS_SHOWN: usize = 8;

/// All indicators of a run.
#[derive(Clone, Debug, Default)]
pub struct IntelTable {
    /// In the order in which they speak for a finding, each once.
    pub indicators: Indicators,
    /// One per source, by name.
    pub facts: Vec<IntelSource>,
    /// Files that could not be read and were left out.
    pub skipped: Vec<Skipped>,
}

/// What a feed's own marks mean to this run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IntelOptions {
    /// Indicators on private and reserved addresses.
    pub private: PrivateRanges,
    /// MISP attributes that their publisher does not hold fit for detection.
    pub misp_to_ids: MispToIds,
    /// What an OpenCTI indicator's confidence is.
    pub opencti: OpenctiConfidence,
}

/// `--misp-to-ids`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MispToIds {
    /// Attributes without the mark match too, and say so.
    #[default]
    All,
    /// They are left out and counted.
    Only,
}

/// `--opencti-confidence`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum OpenctiConfidence {
    /// `confidence`: how sure the source is.
    #[default]
    Confidence,
    /// `x_opencti_score`: how bad the observable is.
    Score,
}

/// A kind of Parquet file.
struct ParquetFormat {
    name: &'static str,
    recognises: fn(&ParquetFile) -> bool,
    read: fn(ParquetFile, &Context<'_>, &mut Sink<'_>) -> Result<(), SourceError>,
}

/// A kind of text file; `recognises` sees its first few kilobytes.
struct TextFormat {
    name: &'static str,
    recognises: fn(&str) -> bool,
    read: fn(&Context<'_>, &mut Sink<'_>) -> Result<(), SourceError>,
}

/// The file that is being read.
struct Context<'a> {
    file: &'a FileRef,
    /// The first bytes, as text without byte order mark.
    head: String,
    private: PrivateRanges,
    options: IntelOptions,
    /// Position of its source.
    source: usize,
    /// Whether examples must name the file.
    siblings: Siblings,
}

/// Whether a source has more than one file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Siblings {
    None,
    Some,
}

impl Context<'_> {
    /// Names the file's only document in examples.
    fn document(&self) -> String {
        match self.siblings {
            Siblings::None => "document".to_owned(),
            Siblings::Some => self.file.display.clone(),
        }
    }

    /// Names a record in examples: `line 12`, `feeds/a.csv line 12`.
    fn place(&self, unit: &str, number: u64) -> String {
        match self.siblings {
            Siblings::None => format!("{unit} {number}"),
            Siblings::Some => format!("{} {unit} {number}", self.file.display),
        }
    }
}

/// Where a reader puts what a file holds. All of it is taken back when the file cannot be read to its end.
struct Sink<'a> {
    tally: Tally,
    indicators: &'a mut Indicators,
    origin: Origin,
    /// Rows of a table that other files may supersede.
    current: Log,
    legacy: Log,
    /// STIX objects and OpenCTI's entities, of which other files may hold newer versions.
    objects: stix::Objects,
    /// The kinds that a file turned out to hold, where its format alone does not say it.
    kinds: BTreeSet<&'static str>,
    /// Events that a MISP manifest lists, and events that were read.
    listed_events: BTreeSet<String>,
    read_events: BTreeSet<String>,
}

impl<'a> Sink<'a> {
    fn new(indicators: &'a mut Indicators, origin: Origin) -> Self {
        Self {
            tally: Tally::default(),
            indicators,
            origin,
            current: Log::default(),
            legacy: Log::default(),
            objects: stix::Objects::default(),
            kinds: BTreeSet::new(),
            listed_events: BTreeSet::new(),
            read_events: BTreeSet::new(),
        }
    }

    /// Counts one record of the file.
    fn record(&mut self) {
        self.tally.records += 1;
    }

    /// Takes what a record comes to.
    fn take(&mut self, content: Content) {
        for indicator in content.settle(&mut self.tally) {
            self.indicators.push_owned(&indicator, self.origin);
        }
    }

    /// Takes an indicator that was judged before.
    fn push(&mut self, indicator: IndicatorRef<'_>) {
        self.indicators.push(indicator, self.origin);
    }

    /// Counts a record, or a part of one, that is not used.
    fn ignore(&mut self, reason: &'static str) {
        self.tally.ignore(reason);
    }

    /// Counts a record that is broken and, for the first few, shows it.
    fn reject(&mut self, reason: &'static str, example: impl FnOnce() -> String) {
        self.tally.reject(reason, example);
    }
}

/// Reads every source. The order in which they were typed does not matter.
///
/// # Errors
/// A source that names nothing; a file that cannot be read or is of no known kind, unless `on_bad` skips it and the same
/// source has another file that can. A file of a known kind without a usable indicator is no error.
pub fn load<'a>(
    sources: &[String],
    reach: impl Into<Reach<'a>>,
    options: IntelOptions,
    on_bad: OnBadInput,
) -> Result<IntelTable, SourceError> {
    let reach = reach.into();
    let names: BTreeSet<&String> = sources.iter().collect();
    let mut gathered = Gathered::default();
    for name in &names {
        gathered.source(name, reach, options, on_bad)?;
    }
    Ok(gathered.settle(names.into_iter().cloned()))
}

/// What has been read so far; the vectors have an entry per source.
#[derive(Default)]
struct Gathered {
    tallies: Vec<Tally>,
    formats: Vec<BTreeSet<&'static str>>,
    indicators: Indicators,
    current: Log,
    legacy: Log,
    objects: Log,
    skipped: Vec<Skipped>,
}

impl Gathered {
    fn source(
        &mut self,
        name: &str,
        reach: Reach<'_>,
        options: IntelOptions,
        on_bad: OnBadInput,
    ) -> Result<(), SourceError> {
        let files = location::expand_list(name, reach)?.files;
        let source = self.tallies.len();
        let siblings = if files.len() > 1 { Siblings::Some } else { Siblings::None };
        let mut tally = Tally::default();
        let mut formats = BTreeSet::new();
        let (mut listed_events, mut read_events) = (BTreeSet::new(), BTreeSet::new());
        let mut first_error = None;
        for file in &files {
            let mark = self.indicators.len();
            let mut sink = Sink::new(&mut self.indicators, origin(source));
            let context = Context { file, head: String::new(), private: options.private, options, source, siblings };
            match read(context, &mut sink) {
                Ok(format) => {
                    if sink.kinds.is_empty() {
                        formats.insert(format);
                    }
                    formats.extend(sink.kinds);
                    listed_events.extend(sink.listed_events);
                    read_events.extend(sink.read_events);
                    tally.absorb(sink.tally);
                    self.current.absorb(sink.current);
                    self.legacy.absorb(sink.legacy);
                    self.objects.absorb(sink.objects.settle());
                }
                Err(error) if on_bad == OnBadInput::Fail => return Err(error),
                Err(error) => {
                    self.indicators.truncate(mark);
                    self.skipped.push(Skipped { path: file.display.clone(), reason: error.reason() });
                    first_error.get_or_insert(error);
                }
            }
        }
        if let (true, Some(error)) = (formats.is_empty(), first_error) {
            return Err(error);
        }
        tally.ignore_many(MISSING_EVENT, listed_events.difference(&read_events).count() as u64);
        self.tallies.push(tally);
        self.formats.push(formats);
        Ok(())
    }

    fn settle(self, names: impl Iterator<Item = String>) -> IntelTable {
        let Self { mut tallies, formats, mut indicators, current, legacy, objects, skipped } = self;
        current.settle(&mut tallies, &mut indicators);
        legacy.settle(&mut tallies, &mut indicators);
        objects.settle(&mut tallies, &mut indicators);
        indicators.settle(|origin| {
            if let Some(tally) = usize::try_from(origin).ok().and_then(|source| tallies.get_mut(source)) {
                tally.ignore(DUPLICATE);
            }
        });
        let mut kept = vec![BTreeMap::<Kind, u64>::new(); tallies.len()];
        for marks in indicators.marks() {
            if let Some(kinds) = usize::try_from(marks.origin).ok().and_then(|source| kept.get_mut(source)) {
                *kinds.entry(marks.kind).or_default() += 1;
            }
        }
        let facts = names.zip(formats).zip(tallies).zip(kept).map(|(((source, formats), tally), kept)| {
            let of = |kind: Kind| kept.get(&kind).copied().unwrap_or(0);
            IntelSource {
                source,
                format: formats.into_iter().collect::<Vec<_>>().join(", "),
                records: tally.records,
                addresses: of(Kind::Address),
                prefixes: of(Kind::Prefix),
                domains: of(Kind::Domain),
                urls: of(Kind::Url),
                ignored: Counted::list(&tally.ignored),
                rejected_examples: tally.examples,
            }
        });
        let facts = facts.collect();
        IntelTable { indicators, facts, skipped }
    }
}

/// Reads a pattern, and its printed form again: the entry for fuzzing.
pub(super) fn check_pattern(text: &str) {
    let _ = pattern::read(text);
    if let Ok(parsed) = pattern::parse(text) {
        let printed = parsed.to_string();
        assert!(pattern::parse(&printed).is_ok_and(|again| again == parsed), "{text:?} printed as {printed:?}");
    }
}

/// Reads any bytes as MISP: the entry for fuzzing.
pub(super) fn read_misp(bytes: &[u8]) {
    misp::read_bytes(bytes);
}

/// A source's position as the table of indicators keeps it.
fn origin(source: usize) -> Origin {
    Origin::try_from(source).unwrap_or(Origin::MAX)
}

fn read(mut context: Context<'_>, sink: &mut Sink<'_>) -> Result<&'static str, SourceError> {
    let display = &context.file.display;
    let bytes = head(&context.file.path, display)?;
    if bytes.starts_with(b"PAR1") {
        let file = ParquetFile::open(context.file)?;
        let Some(format) = PARQUET_FORMATS.iter().find(|format| (format.recognises)(&file)) else {
            let names: Vec<&str> = file.names().into_iter().take(COLUMNS_SHOWN).collect();
            return Err(of_no_known_kind(display, &format!("Parquet with the columns {}", excerpt(&names.join(", ")))));
        };
        (format.read)(file, &context, sink)?;
        return Ok(format.name);
    }
    if let Some(what) = foreign(&bytes) {
        return Err(unreadable(display, &format!("neither text nor Parquet but {what}")));
    }
    let text = String::from_utf8_lossy(&bytes);
    context.head = text.strip_prefix('\u{feff}').unwrap_or(&text).to_string();
    if context.head.trim().is_empty() {
        return Err(unreadable(display, "no text but blank lines; fetch it again"));
    }
    let Some(format) = TEXT_FORMATS.iter().find(|format| (format.recognises)(&context.head)) else {
        let first = context.head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(of_no_known_kind(display, &format!("text that begins {:?}", excerpt(first))));
    };
    (format.read)(&context, sink)?;
    Ok(format.name)
}

fn of_no_known_kind(display: &str, seen: &str) -> SourceError {
    unreadable(display, &format!("an indicator file of no known kind: {seen}; known are {KNOWN_KINDS}"))
}
