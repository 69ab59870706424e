//! The lists of one series: what they have in common, what they say together, and the facts that coverage shows.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{History, Kind};
use super::listing::Listing;
use crate::model::coverage::{Counted, TorSource};
use crate::model::relay::CoverageSpan;
use crate::model::{Micros, RelayInterval};

/// Refused entries that are shown of a series.
const EXAMPLES: usize = 5;

/// One minute in microseconds.
const MINUTE_MICROS: u64 = 60_000_000;

/// What a list's name has in common with the others of its series: the name without its digits.
pub(super) fn name_without_digits(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// The name as people would write the series: every date or number is one `#`.
fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c == '#' && pattern.ends_with('#') {
            continue;
        }
        let joins = |separator: char| matches!(separator, '-' | '_' | ':' | 'T');
        if c == '#' && pattern.ends_with(joins) && pattern.trim_end_matches(joins).ends_with('#') {
            pattern.truncate(pattern.trim_end_matches(joins).len());
        } else {
            pattern.push(c);
        }
    }
    pattern
}

/// A file's time and where it is known from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dating {
    /// What dates the list; absent when nothing does.
    pub(super) time: Option<Micros>,
    /// `time`, or the file's last change, which only tells a list's age.
    pub(super) as_of: Option<Micros>,
    /// The word of [`TorSource::as_of_from`].
    pub(super) from: &'static str,
}

/// Lists of one series.
pub(super) struct Series {
    /// The name of its first list.
    name: String,
    history: History,
    formats: BTreeSet<&'static str>,
    dated_by: BTreeSet<&'static str>,
    refused: BTreeMap<&'static str, u64>,
    empty: BTreeMap<&'static str, u64>,
    facts: TorSource,
}

/// What a series gives.
pub(super) struct Outcome {
    pub(super) intervals: Vec<RelayInterval>,
    pub(super) spans: Vec<CoverageSpan>,
    pub(super) facts: TorSource,
}

impl Series {
    pub(super) fn new(kind: Kind, name: &str) -> Self {
        Self {
            name: name.into(),
            history: History::new(kind),
            formats: BTreeSet::new(),
            dated_by: BTreeSet::new(),
            refused: BTreeMap::new(),
            empty: BTreeMap::new(),
            facts: TorSource::default(),
        }
    }

    /// Adds a list with at least one usable entry.
    pub(super) fn add(&mut self, format: &'static str, dating: Dating, digest: [u8; 32], listing: &Listing) {
        self.facts.duplicates += self.history.add(dating.time, digest, &listing.entries);
        self.dated_by.insert(dating.from);
        self.facts.as_of = dating.as_of;
        self.read(format, listing);
    }

    /// Counts a dated list without a usable entry: it is a gap. An empty file has no format.
    pub(super) fn add_gap(&mut self, reason: &'static str, read: Option<(&'static str, &Listing)>) {
        *self.empty.entry(reason).or_default() += 1;
        match read {
            Some((format, listing)) => self.read(format, listing),
            None => self.facts.files += 1,
        }
    }

    /// Counts entries and members of archives that could not be used.
    pub(super) fn refuse(&mut self, refused: &BTreeMap<&'static str, u64>) {
        for (reason, count) in refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }

    fn read(&mut self, format: &'static str, listing: &Listing) {
        self.formats.insert(format);
        self.facts.files += 1;
        self.facts.records += listing.records;
        self.refuse(&listing.refused);
        let room = EXAMPLES.saturating_sub(self.facts.refused_examples.len());
        self.facts.refused_examples.extend(listing.examples.iter().take(room).cloned());
    }

    /// The pattern of its names, for a source with several series.
    pub(super) fn pattern(&self) -> String {
        pattern(&self.name)
    }

    /// Intervals, coverage and facts under the source's names: as typed, and with the pattern where that says more.
    pub(super) fn finish(self, source: &str, label: String) -> Outcome {
        let Self { history, formats, dated_by, refused, empty, mut facts, .. } = self;
        let joined = |words: BTreeSet<&'static str>| words.into_iter().collect::<Vec<_>>().join(", ");
        let (addresses, prefixes) = history.sizes();
        let finished = history.finish();
        let mut left_out = finished.left_out;
        empty.into_iter().for_each(|(reason, count)| *left_out.entry(reason).or_default() += count);
        let times = || finished.intervals.iter().filter_map(|(_, times)| *times);
        let minutes = |micros: i64| micros.unsigned_abs() / MINUTE_MICROS;
        facts = TorSource {
            source: label,
            format: joined(formats),
            snapshots: finished.usable,
            snapshots_left_out: Counted::list(&left_out),
            spacing_minutes: finished.spacing_micros.map(minutes),
            seen_from: times().map(|(from, _)| from).min(),
            seen_to: times().map(|(_, to)| to).max(),
            intervals: finished.intervals.len() as u64,
            addresses,
            prefixes,
            refused: Counted::list(&refused),
            as_of: facts.as_of.filter(|_| facts.files == 1),
            as_of_from: joined(dated_by),
            ..facts
        };
        let interval = |(sighted, times): (super::history::Sighted, Option<(Micros, Micros)>)| RelayInterval {
            prefix: sighted.prefix,
            role: sighted.role,
            seen_from: times.map(|(from, _)| from),
            seen_to: times.map(|(_, to)| to),
            observed_by: sighted.observed_by.into(),
            port: sighted.port,
            source: source.into(),
        };
        let intervals = finished.intervals.into_iter().map(interval).collect();
        let span = |(role, family, from, to)| CoverageSpan { role, family, from, to, source: source.into() };
        Outcome { intervals, spans: finished.spans.into_iter().map(span).collect(), facts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_named_by_its_pattern() {
        for (name, want) in [
            ("exits-2025-09-01.csv", "exits-#.csv"),
            ("2024-04-03T14-59-11Z.txt", "#Z.txt"),
            ("exit-list-2018-11/01/2018-11-01-00-02-01", "exit-list-#/#/#"),
            ("exits.csv", "exits.csv"),
            ("a1--2_T3", "a#"),
            ("T1-", "T#-"),
        ] {
            assert_eq!(pattern(name), want);
        }
        assert_eq!(name_without_digits("exits-2025-09-01.csv"), "exits---.csv");
    }
}
