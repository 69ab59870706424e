//! What a scan counts while it reads: for coverage, the funnel, the progress bar and bad input.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counters of one scan, shared by its readers.
#[derive(Debug, Default)]
pub struct ScanTally {
    /// Bytes fetched.
    pub bytes: Arc<AtomicU64>,
    /// Row groups looked at.
    pub row_groups_done: AtomicU64,
    /// Files' worth of work done, in bytes of file size, for the progress bar.
    pub size_done: AtomicU64,
    /// Pieces of files done, for the progress bar.
    pub pieces_done: AtomicU64,
    /// Rows inside the period, in row groups that a bound cuts.
    pub in_period: AtomicU64,
    /// Rows whose RemoteIP is text that is no address.
    pub unreadable_addresses: AtomicU64,
    /// Rows on a listed address without a readable time.
    pub unreadable_times: AtomicU64,
    /// Rows on a listed address with a port that is none.
    pub unreadable_ports: AtomicU64,
    /// Rows on a listed address that their time alone keeps from matching.
    pub left_out_by_time: AtomicU64,
    /// Row groups without a listed address.
    pub row_groups_without_match: AtomicU64,
    /// Files that could not be read to the end, with the reason.
    faults: Mutex<BTreeMap<String, String>>,
}

impl ScanTally {
    /// Adds to a counter.
    pub(super) fn add(counter: &AtomicU64, rows: usize) {
        counter.fetch_add(u64::try_from(rows).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Remembers a file that could not be read to the end.
    pub(super) fn fault(&self, file: &str, reason: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(file.to_owned()).or_insert(reason);
    }

    /// The files that could not be read to the end.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<String, String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
