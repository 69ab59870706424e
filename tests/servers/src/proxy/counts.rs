//! What went through the proxy: requests by kind and body bytes, in total and for each object.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::request::{Kind, Seen};

/// Requests and bytes of one object, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Pages of listings.
    pub list: u64,
    /// `HEAD` requests.
    pub head: u64,
    /// `GET` requests of whole objects.
    pub get: u64,
    /// `GET` requests of ranges.
    pub range_get: u64,
    /// `PUT` and `POST` requests.
    pub put: u64,
    /// Deletes.
    pub delete: u64,
    /// Other requests.
    pub other: u64,
    /// Answers with status 400 or above, from the server or by a fault.
    pub refused: u64,
    /// Faults that the proxy's rules made.
    pub faults: u64,
    /// Body bytes from the client.
    pub bytes_up: u64,
    /// Body bytes to the client, of answers of any status.
    pub bytes_down: u64,
}

impl Tally {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.list + self.head + self.get + self.range_get + self.put + self.delete + self.other
    }

    /// Requests for an object's content, whole or in part.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.get + self.range_get
    }

    fn add(&mut self, kind: Kind) {
        *match kind {
            Kind::List => &mut self.list,
            Kind::Head => &mut self.head,
            Kind::Get => &mut self.get,
            Kind::RangeGet => &mut self.range_get,
            Kind::Put => &mut self.put,
            Kind::Delete => &mut self.delete,
            Kind::Other => &mut self.other,
        } += 1;
    }
}

/// Everything since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All requests together.
    pub requests: u64,
    /// Their kinds and bytes.
    pub total: Tally,
    /// Connections that clients opened.
    pub connections: u64,
    /// The most requests that were under way at one time.
    pub concurrent_max: u64,
    /// By decoded path (`/bucket/key`; listings under `/bucket`).
    pub objects: BTreeMap<String, Tally>,
}

impl Counts {
    /// The tally of a path; all zero for one that nobody asked for.
    #[must_use]
    pub fn object(&self, path: &str) -> Tally {
        self.objects.get(path).copied().unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct State {
    counts: Counts,
    under_way: u64,
    /// Requests from before a reset do not count after it.
    epoch: u64,
}

/// The counts, shared by all connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Mutex<State>>);

impl Counter {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.epoch += 1;
        let under_way = state.under_way;
        state.counts = Counts { concurrent_max: under_way, ..Counts::default() };
    }

    pub(crate) fn connected(&self) {
        self.state().counts.connections += 1;
    }

    /// Counts a request that has come in.
    pub(crate) fn begin(&self, seen: &Seen) -> Entry {
        let mut state = self.state();
        state.under_way += 1;
        state.counts.requests += 1;
        state.counts.concurrent_max = state.counts.concurrent_max.max(state.under_way);
        let entry = Entry(Arc::new(Ticket {
            counter: self.clone(),
            epoch: state.epoch,
            path: seen.path.trim_end_matches('/').to_owned(),
        }));
        drop(state);
        entry.add(|tally| tally.add(seen.kind));
        entry
    }
}

/// A request under way: bodies add their bytes to it, and it ends with its last clone.
#[derive(Debug, Clone)]
pub(crate) struct Entry(Arc<Ticket>);

#[derive(Debug)]
struct Ticket {
    counter: Counter,
    epoch: u64,
    path: String,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.counter.state().under_way -= 1;
    }
}

impl Entry {
    pub(crate) fn add(&self, change: impl Fn(&mut Tally)) {
        let mut state = self.0.counter.state();
        if state.epoch == self.0.epoch {
            change(&mut state.counts.total);
            // Bodies come here for every piece: no new key for each.
            match state.counts.objects.get_mut(&self.0.path) {
                Some(tally) => change(tally),
                None => change(state.counts.objects.entry(self.0.path.clone()).or_default()),
            }
        }
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.add(|tally| tally.bytes_down += bytes as u64);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.add(|tally| tally.bytes_up += bytes as u64);
    }
}
