//! What the run asked of stores, counted.
//!
//! One pair of counters per run. A store on the network counts where requests leave the process, so that pages of a
//! listing, retries and fetched tokens are in the number; any other store counts one per call.

use std::sync::atomic::{AtomicU64, Ordering};

/// Requests and bytes.
#[derive(Debug, Default)]
pub struct Traffic {
    /// Requests sent, repeated ones included.
    pub requests: AtomicU64,
    /// Bytes of objects received; listings and error texts are not among them.
    pub bytes: AtomicU64,
}

impl Traffic {
    /// Requests sent so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Bytes of objects received so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Adds what another pair of counters holds.
    pub fn add(&self, other: &Self) {
        self.requests.fetch_add(other.requests(), Ordering::Relaxed);
        self.bytes.fetch_add(other.bytes(), Ordering::Relaxed);
    }

    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}
