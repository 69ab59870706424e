//! The Tor table as a lookup (DESIGN §3.3). Lists without dates match whenever they list the address and say so.

use crate::model::relay::{Evidence, Role, RoleFilter};
use crate::model::{Address, Micros, Prefix, PrefixIndex, RelayInterval};

use super::AddressList;

/// Relay intervals by address.
#[derive(Debug, Default)]
pub struct TorBook {
    intervals: Vec<RelayInterval>,
    index: PrefixIndex,
}

/// What the table says of an address at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TorMatch {
    /// The roles, sorted.
    pub(crate) roles: Vec<Role>,
    /// The best evidence.
    pub(crate) evidence: Evidence,
    /// Earliest start of the matching intervals.
    pub(crate) seen_from: Option<Micros>,
    /// Latest end.
    pub(crate) seen_to: Option<Micros>,
}

impl TorBook {
    /// The intervals whose role the filter accepts.
    #[must_use]
    pub fn new(intervals: &[RelayInterval], roles: RoleFilter) -> Self {
        let intervals: Vec<RelayInterval> = intervals.iter().filter(|i| roles.accepts(i.role)).cloned().collect();
        let prefixes: Vec<Prefix> = intervals.iter().map(|interval| interval.prefix).collect();
        Self { index: PrefixIndex::new(&prefixes), intervals }
    }

    /// The rows of `TorRelays`.
    #[must_use]
    pub fn intervals(&self) -> &[RelayInterval] {
        &self.intervals
    }

    /// `None` when the address is not listed, or the event has no time and so cannot be judged.
    pub(crate) fn match_at(&self, address: Address, time: Option<Micros>) -> Option<TorMatch> {
        time?;
        let listed: Vec<&RelayInterval> = self
            .index
            .lookup(address)
            .iter()
            .filter_map(|entry| self.intervals.get(usize::try_from(*entry).ok()?))
            .collect();
        if listed.is_empty() {
            return None;
        }
        let mut roles: Vec<Role> = listed.iter().map(|interval| interval.role).collect();
        roles.sort_by_key(|role| role.as_str());
        roles.dedup();
        Some(TorMatch {
            roles,
            evidence: Evidence::Undated,
            seen_from: listed.iter().filter_map(|interval| interval.seen_from).min(),
            seen_to: listed.iter().filter_map(|interval| interval.seen_to).max(),
        })
    }
}

impl TorMatch {
    /// The roles as `TorRole` prints them.
    pub(crate) fn role_text(&self) -> String {
        self.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl AddressList for TorBook {
    fn lists(&self, address: Address) -> bool {
        !self.index.lookup(address).is_empty()
    }
}
