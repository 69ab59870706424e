//! What a source brought, and why the rest of it was not used.

use std::collections::BTreeMap;

/// Examples of unusable records that are shown.
const EXAMPLES: usize = 5;

/// An older row of an append-only table.
pub(super) const SUPERSEDED: &str = "superseded";
/// Its platform deleted it or called it a false positive.
pub(super) const DELETED: &str = "deleted";
/// Equal in every field to another.
pub(super) const DUPLICATE: &str = "duplicate";
/// Said to be a domain, and no name of at least two labels.
pub(super) const NO_DOMAIN: &str = "not a domain name";
/// Said to be a URL, and none with a host.
pub(super) const NO_URL: &str = "not a URL";
/// A file by its hash or name.
pub(super) const FILE_HASH: &str = "file hash";
/// A mail address or another part of a mail.
pub(super) const EMAIL: &str = "email";
/// Anything else that no event of this table can have.
pub(super) const OTHER_KIND: &str = "other kind";
/// A line or record that is broken.
pub(super) const UNREADABLE_RECORD: &str = "unreadable record";
/// Listed by a MISP manifest whose folder does not hold it.
pub(super) const MISSING_EVENT: &str = "event of the manifest that is missing";
/// Something that was seen, which nobody called an indicator.
pub(super) const NO_INDICATOR: &str = "observable without indicator";
/// A STIX pattern that is none.
pub(super) const NO_PATTERN: &str = "pattern not readable";
/// Not held fit for detection by its publisher, where only such are asked for.
pub(super) const NOT_TO_IDS: &str = "to_ids false";
/// The indicator is used without the port beside it.
pub(super) const NO_PORT: &str = "port not readable (kept without it)";
/// The indicator is used without its confidence.
pub(super) const NO_CONFIDENCE: &str = "confidence is no number from 0 to 100 (kept without it)";
/// The indicator is used without its dates.
pub(super) const DATES_REVERSED: &str = "valid-until before valid-from (kept without dates)";
/// The indicator is used without that date.
pub(super) const NO_DATE: &str = "date not readable (kept without it)";

/// Counts of one file or source.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) ignored: BTreeMap<&'static str, u64>,
    pub(super) examples: Vec<String>,
}

impl Tally {
    pub(super) fn ignore(&mut self, reason: &'static str) {
        self.ignore_many(reason, 1);
    }

    pub(super) fn ignore_many(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            *self.ignored.entry(reason).or_default() += count;
        }
    }

    /// Counts and, for the first few, shows.
    pub(super) fn reject(&mut self, reason: &'static str, example: impl FnOnce() -> String) {
        self.ignore(reason);
        if self.examples.len() < EXAMPLES {
            self.examples.push(example());
        }
    }

    pub(super) fn absorb(&mut self, other: Self) {
        self.records += other.records;
        for (reason, count) in other.ignored {
            self.ignore_many(reason, count);
        }
        let room = EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(other.examples.into_iter().take(room));
    }
}
