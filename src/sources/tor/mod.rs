//! Tor lists: from files to the Tor table.
//!
//! One file per format, each behind the same `Format`; which one a file has is told from its content. Dated lists make a
//! history: intervals per address, and the stretches of time that the history knows. Intervals of undated lists are
//! open at both ends, and the list's date only says how old it is. A source without a usable address is an error, because
//! it would make every event look clean.

mod archive;
mod built;
mod dates;
mod format;
mod history;
mod listing;
mod series;
mod source;

#[cfg(test)]
mod tests;

use self::series::Outcome;
use super::{Reach, SourceError};
use crate::model::coverage::{Skipped, TorSource};
use crate::model::relay::{CoverageSpan, Role};
use crate::model::{Micros, OnBadInput, RelayInterval};

pub use self::built::write as write_built;

/// One `--tor` as typed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TorRequest<'a> {
    /// A path, glob or `file://` URL.
    pub source: &'a str,
    /// What the user says the entries are; without it a list that names no roles is [`Role::Unspecified`].
    pub role: Option<Role>,
    /// `--tor-as-of`: the date of a single list, and of those among several that have none of their own.
    pub as_of: Option<Micros>,
}

/// All lists of a run.
#[derive(Clone, Debug, Default)]
pub struct TorTable {
    /// Sorted, each once.
    pub intervals: Vec<RelayInterval>,
    /// When dated sources know the relays of a role and family; sorted, each once.
    pub spans: Vec<CoverageSpan>,
    /// One per series of lists, by source and format.
    pub facts: Vec<TorSource>,
    /// Files that could not be read and were left out.
    pub skipped: Vec<Skipped>,
}

impl TorTable {
    fn add(&mut self, outcome: Outcome) {
        self.intervals.extend(outcome.intervals);
        self.spans.extend(outcome.spans);
        self.facts.push(outcome.facts);
    }

    fn absorb(&mut self, other: Self) {
        self.intervals.extend(other.intervals);
        self.spans.extend(other.spans);
        self.facts.extend(other.facts);
        self.skipped.extend(other.skipped);
    }

    /// One order whatever the order of what was added.
    fn settle(&mut self) {
        self.intervals.sort();
        self.intervals.dedup();
        self.spans.sort();
        self.spans.dedup();
        self.facts.sort_by(|a, b| (&a.source, &a.format).cmp(&(&b.source, &b.format)));
        self.skipped.sort();
    }
}

/// Reads every source. The order in which they were typed does not matter.
///
/// # Errors
/// A source that names nothing or has no usable address; a list that cannot be read or has no usable address, unless
/// `on_bad` skips it and the same source has another file that can, or it is a gap in a series of dated lists.
pub fn load<'a>(
    requests: &[TorRequest<'_>],
    reach: impl Into<Reach<'a>>,
    on_bad: OnBadInput,
) -> Result<TorTable, SourceError> {
    let reach = reach.into();
    let mut requests = requests.to_vec();
    requests.sort_unstable();
    requests.dedup();
    let mut table = TorTable::default();
    for request in requests {
        table.absorb(source::read(request, reach, on_bad)?);
    }
    table.settle();
    Ok(table)
}

/// Reads any text through every recogniser and reader: the entry for fuzzing.
pub(super) fn probe_all(text: &str) {
    format::probe_all(text);
}
