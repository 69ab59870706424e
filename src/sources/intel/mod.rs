//! Threat intelligence: from files to the table of indicators.
//!
//! One file per format, each behind a `ParquetFormat` or a `TextFormat`; which one a file has is told from its
//! columns or its first bytes. Addresses and prefixes are kept; everything else is counted by kind, so that a feed of a
//! million domains is not mistaken for an empty one. The files of one Sentinel table are one log, over all sources.

mod columns;
mod content;
mod kind;
mod plain;
mod sentinel;
mod tally;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::Path;

use self::columns::ParquetFile;
use self::sentinel::log::Log;
use self::tally::{DUPLICATE, Tally};
use super::SourceError;
use super::location::{self, FileRef};
use super::text::{excerpt, foreign, head, unreadable};
use crate::model::coverage::{Counted, IntelSource, Skipped};
use crate::model::prefix::PrivateRanges;
use crate::model::{Indicator, OnBadInput};

/// Kinds of Parquet file, the most particular columns first.
const PARQUET_FORMATS: [ParquetFormat; 3] =
    [sentinel::current::FORMAT, sentinel::legacy::FORMAT, plain::parquet::FORMAT];

/// Kinds of text file.
const TEXT_FORMATS: [TextFormat; 2] = [plain::json_lines::FORMAT, plain::csv::FORMAT];

const KNOWN_KINDS: &str = "the Sentinel tables ThreatIntelIndicators and ThreatIntelligenceIndicator as Parquet, and a table with a column \
                           Indicator as Parquet, CSV or JSON lines";

/// Columns that are named when a Parquet file is of no known kind.
const COLUMNS_SHOWN: usize = 8;

/// All indicators of a run.
#[derive(Clone, Debug, Default)]
pub struct IntelTable {
    /// Sorted by [`Indicator::rank`], each once.
    pub indicators: Vec<Indicator>,
    /// One per source, by name.
    pub facts: Vec<IntelSource>,
    /// Files that could not be read and were left out.
    pub skipped: Vec<Skipped>,
}

/// A kind of Parquet file.
struct ParquetFormat {
    name: &'static str,
    recognises: fn(&ParquetFile) -> bool,
    read: fn(ParquetFile, &Context<'_>) -> Result<FileYield, SourceError>,
}

/// A kind of text file; `recognises` sees its first few kilobytes.
struct TextFormat {
    name: &'static str,
    recognises: fn(&str) -> bool,
    read: fn(&Context<'_>) -> Result<FileYield, SourceError>,
}

/// The file that is being read.
struct Context<'a> {
    file: &'a FileRef,
    /// The first bytes, as text without byte order mark.
    head: String,
    private: PrivateRanges,
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
    /// Names a record in examples: `line 12`, `feeds/a.csv line 12`.
    fn place(&self, unit: &str, number: u64) -> String {
        match self.siblings {
            Siblings::None => format!("{unit} {number}"),
            Siblings::Some => format!("{} {unit} {number}", self.file.display),
        }
    }
}

/// What one file brought. It counts only once the whole file could be read.
struct FileYield {
    tally: Tally,
    holds: Holds,
}

impl FileYield {
    fn new(records: u64, holds: Holds) -> Self {
        Self { tally: Tally { records, ..Tally::default() }, holds }
    }
}

/// Finished indicators, or rows of a table that other files may supersede.
enum Holds {
    Plain(Vec<Indicator>),
    Current(Log),
    Legacy(Log),
}

/// Reads every source. The order in which they were typed does not matter.
///
/// # Errors
/// A source that names nothing; a file that cannot be read or is of no known kind, unless `on_bad` skips it and the same
/// source has another file that can. A file of a known kind without a usable indicator is no error.
pub fn load(
    sources: &[String],
    base: &Path,
    private: PrivateRanges,
    on_bad: OnBadInput,
) -> Result<IntelTable, SourceError> {
    let names: BTreeSet<&String> = sources.iter().collect();
    let mut gathered = Gathered::default();
    for name in &names {
        gathered.source(name, base, private, on_bad)?;
    }
    Ok(gathered.settle(names.into_iter().cloned()))
}

/// What has been read so far; the vectors have an entry per source.
#[derive(Default)]
struct Gathered {
    tallies: Vec<Tally>,
    formats: Vec<BTreeSet<&'static str>>,
    indicators: Vec<(Indicator, usize)>,
    current: Log,
    legacy: Log,
    skipped: Vec<Skipped>,
}

impl Gathered {
    fn source(
        &mut self,
        name: &str,
        base: &Path,
        private: PrivateRanges,
        on_bad: OnBadInput,
    ) -> Result<(), SourceError> {
        let files = location::expand(name, base)?.files;
        let source = self.tallies.len();
        let siblings = if files.len() > 1 { Siblings::Some } else { Siblings::None };
        let mut tally = Tally::default();
        let mut formats = BTreeSet::new();
        let mut first_error = None;
        for file in &files {
            match read(Context { file, head: String::new(), private, source, siblings }) {
                Ok((format, found)) => {
                    formats.insert(format);
                    tally.absorb(found.tally);
                    match found.holds {
                        Holds::Plain(indicators) => self.indicators.extend(indicators.into_iter().map(|i| (i, source))),
                        Holds::Current(log) => self.current.absorb(log),
                        Holds::Legacy(log) => self.legacy.absorb(log),
                    }
                }
                Err(error) if on_bad == OnBadInput::Fail => return Err(error),
                Err(error) => {
                    self.skipped.push(Skipped { path: file.display.clone(), reason: error.reason() });
                    first_error.get_or_insert(error);
                }
            }
        }
        if let (true, Some(error)) = (formats.is_empty(), first_error) {
            return Err(error);
        }
        self.tallies.push(tally);
        self.formats.push(formats);
        Ok(())
    }

    fn settle(self, names: impl Iterator<Item = String>) -> IntelTable {
        let Self { mut tallies, formats, mut indicators, current, legacy, skipped } = self;
        current.settle(&mut tallies, &mut indicators);
        legacy.settle(&mut tallies, &mut indicators);
        indicators.sort_unstable_by(|(a, a_source), (b, b_source)| a.rank(b).then_with(|| a_source.cmp(b_source)));
        indicators.dedup_by(|(later, source), (earlier, _)| {
            let same = later == earlier;
            if let Some(tally) = tallies.get_mut(*source).filter(|_| same) {
                tally.ignore(DUPLICATE);
            }
            same
        });
        let mut kept = vec![(0u64, 0u64); tallies.len()];
        for (indicator, source) in &indicators {
            if let Some((addresses, prefixes)) = kept.get_mut(*source) {
                *(if indicator.prefix.is_host() { addresses } else { prefixes }) += 1;
            }
        }
        let facts =
            names.zip(formats).zip(tallies).zip(kept).map(|(((source, formats), tally), (addresses, prefixes))| {
                IntelSource {
                    source,
                    format: formats.into_iter().collect::<Vec<_>>().join(", "),
                    records: tally.records,
                    addresses,
                    prefixes,
                    ignored: Counted::list(&tally.ignored),
                    rejected_examples: tally.examples,
                }
            });
        let facts = facts.collect();
        IntelTable { indicators: indicators.into_iter().map(|(indicator, _)| indicator).collect(), facts, skipped }
    }
}

fn read(mut context: Context<'_>) -> Result<(&'static str, FileYield), SourceError> {
    let display = &context.file.display;
    let bytes = head(&context.file.path, display)?;
    if bytes.starts_with(b"PAR1") {
        let file = ParquetFile::open(context.file)?;
        let Some(format) = PARQUET_FORMATS.iter().find(|format| (format.recognises)(&file)) else {
            let names: Vec<&str> = file.names().into_iter().take(COLUMNS_SHOWN).collect();
            return Err(of_no_known_kind(display, &format!("Parquet with the columns {}", excerpt(&names.join(", ")))));
        };
        return Ok((format.name, (format.read)(file, &context)?));
    }
    if let Some(what) = foreign(&bytes) {
        return Err(unreadable(display, &format!("neither text nor Parquet but {what}")));
    }
    let text = String::from_utf8_lossy(&bytes);
    context.head = text.strip_prefix('\u{feff}').unwrap_or(&text).to_string();
    let Some(format) = TEXT_FORMATS.iter().find(|format| (format.recognises)(&context.head)) else {
        let first = context.head.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(of_no_known_kind(display, &format!("text that begins {:?}", excerpt(first))));
    };
    Ok((format.name, (format.read)(&context)?))
}

fn of_no_known_kind(display: &str, seen: &str) -> SourceError {
    unreadable(display, &format!("an indicator file of no known kind: {seen}; known are {KNOWN_KINDS}"))
}
