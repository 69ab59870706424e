//! What one file lists, before anything is made of it.

use std::collections::BTreeMap;

use crate::model::relay::Role;
use crate::model::{Micros, Prefix};
use crate::sources::text::excerpt;

/// Refused entries that are shown.
const EXAMPLES: usize = 5;

/// One address or prefix of a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Entry {
    /// What is listed.
    pub(super) prefix: Prefix,
    /// What the list says it is.
    pub(super) role: Role,
    /// Its OR port, when the list names it.
    pub(super) port: Option<u16>,
    /// How it was observed: `list`, `scan` (a connection through the exit was seen to come from there) or `or address`.
    pub(super) observed_by: &'static str,
    /// An observation time of its own; without one the list's time counts.
    pub(super) time: Option<Micros>,
}

/// The content of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    /// As listed, repetitions included.
    pub(super) entries: Vec<Entry>,
    /// Records seen, whether used or not.
    pub(super) records: u64,
    /// Records, or parts of them, that are not used, by reason.
    pub(super) refused: BTreeMap<&'static str, u64>,
    /// The first of them, with their lines.
    pub(super) examples: Vec<String>,
    /// The date that the content names for the whole list.
    pub(super) dated: Option<Micros>,
}

impl Listing {
    /// Counts what is not used and shows the first few; `place` is such as `line 7`.
    pub(super) fn refuse(&mut self, reason: &'static str, place: &str, value: &str) {
        *self.refused.entry(reason).or_default() += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(format!("{place}: {} ({reason})", excerpt(value)));
        }
    }
}
