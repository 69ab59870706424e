//! The indicators as a lookup (DESIGN §3.2): which of them match an event, and which one speaks for it.

use std::collections::HashSet;
use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::thread;

use crate::engine::index::{AddressSet, host_of_url_key};
use crate::model::blocks::Blocks;
use crate::model::indicator::{IndicatorRef, Kind, State, Validity};
use crate::model::{Address, Indicators, Micros, NameIndex, Prefix, PrefixIndex, Tlp, host};

use super::tor::PortAgreement;
use super::{AddressList, EventNames};

/// More indicators than this are asked one address of an index at a time: putting them in order would cost more.
const WANTED_MAX: usize = 1 << 18;

/// How dates, Tor-only indicators and confidential ones are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntelRules {
    /// `--intel-match at-event`: expired and not yet published ones do not match.
    pub at_event: bool,
    /// `--intel-grace`, in microseconds: how far outside its dates an indicator still matches under `at_event`.
    pub grace: i64,
    /// `--intel-tor keep`: one that says only tor is a hit.
    pub keep_tor: bool,
    /// `--tlp-max`: the text of stricter ones is withheld.
    pub tlp_max: Option<Tlp>,
}

/// How many of the indicators are what a report must say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntelCounts {
    /// Retired.
    pub retired: u64,
    /// Retired, without the last date without which they cannot match.
    pub retired_without_end: u64,
    /// Not held fit for detection by their publisher.
    pub not_to_ids: u64,
    /// Saying only tor, anonymization or benign.
    pub tor_only: u64,
}

impl IntelCounts {
    fn of(indicators: &Indicators, only_tor: &[bool]) -> Self {
        let tor_only = only_tor.iter().filter(|only_tor| **only_tor).count() as u64;
        indicators.marks().fold(Self { tor_only, ..Self::default() }, |mut counts, marks| {
            let is_retired = marks.state == State::Retired;
            counts.retired += u64::from(is_retired);
            counts.retired_without_end += u64::from(is_retired && !marks.has_end);
            counts.not_to_ids += u64::from(marks.to_ids == Some(false));
            counts
        })
    }
}

/// Indicators by what they stand for.
#[derive(Debug, Default)]
pub struct IntelBook {
    /// In the order in which they speak for a finding, best first.
    indicators: Indicators,
    /// Whether the indicator of the same position is a hit or only listed.
    is_hit: Vec<bool>,
    addresses: PrefixIndex,
    names: NameIndex,
    counts: IntelCounts,
    rules: IntelRules,
    /// Every address, for indexes.
    wanted: OnceLock<AddressSet>,
    /// Hosts of URLs, for indexes.
    url_hosts: OnceLock<HashSet<String>>,
}

/// Where an event has what an indicator stands for, as bits of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    RemoteIp = 1,
    RemoteUrl = 2,
    HttpHost = 4,
    DnsQuery = 8,
    ServerName = 16,
}

impl Field {
    const ALL: [(Self, &'static str); 5] = [
        (Self::DnsQuery, "AdditionalFields.query"),
        (Self::HttpHost, "AdditionalFields.host"),
        (Self::RemoteIp, "RemoteIP"),
        (Self::RemoteUrl, "RemoteUrl"),
        (Self::ServerName, "AdditionalFields.server_name"),
    ];

    /// The fields of a set as `field` in TI_Matches has them: sorted, joined by `, `.
    pub(crate) fn text_of(set: u8) -> String {
        let mut names: Vec<&str> =
            Self::ALL.iter().filter(|(field, _)| set & *field as u8 != 0).map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

/// One indicator that matches an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IntelMatch {
    /// Position in [`IntelBook::indicators`]: the smaller is the better indicator.
    pub(crate) position: u32,
    /// The event's fields, as bits of [`Field`].
    pub(crate) fields: u8,
    /// Whether the event's port is the one that the indicator names; `None` when it names none.
    pub(crate) port: Option<PortAgreement>,
}

impl IntelBook {
    /// Indexes the indicators, which are in order.
    #[must_use]
    pub fn new(indicators: Indicators, rules: IntelRules) -> Self {
        let (addresses, names, only_tor, counts) = thread::scope(|scope| {
            // With millions this takes as long as the rest together.
            let addresses = scope.spawn(|| PrefixIndex::of(indicators.prefixes()));
            let names = NameIndex::of(&indicators);
            let only_tor = indicators.only_tor();
            let counts = IntelCounts::of(&indicators, &only_tor);
            (addresses.join().unwrap_or_else(|cause| resume_unwind(cause)), names, only_tor, counts)
        });
        let is_hit = only_tor.into_iter().map(|only_tor| rules.keep_tor || !only_tor).collect();
        let (wanted, url_hosts) = (OnceLock::new(), OnceLock::new());
        Self { indicators, is_hit, addresses, names, counts, rules, wanted, url_hosts }
    }

    /// How many of the indicators are what a report must say.
    #[must_use]
    pub const fn counts(&self) -> IntelCounts {
        self.counts
    }

    /// The rows of `ThreatIndicators`.
    #[must_use]
    pub const fn indicators(&self) -> &Indicators {
        &self.indicators
    }

    /// The indicator at a position.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<IndicatorRef<'_>> {
        self.indicators.get(position)
    }

    /// What stands in the place of an indicator's text, when the run may not show it.
    #[must_use]
    pub fn withheld(&self, indicator: &IndicatorRef<'_>) -> Option<&'static str> {
        let level = indicator.tlp_level();
        self.rules.tlp_max.filter(|max| level > *max).map(|_| level.withheld())
    }

    /// The indicators that match an event, best first; none when it has no time and so cannot be judged.
    pub(crate) fn match_at(
        &self,
        address: Option<Address>,
        time: Option<Micros>,
        port: Option<i64>,
        names: &EventNames,
    ) -> Vec<IntelMatch> {
        let Some(time) = time else { return Vec::new() };
        let mut found: Vec<(u32, u8)> = Vec::new();
        let listed = address.map(|address| self.addresses.lookup(address)).unwrap_or_default();
        found.extend(listed.iter().map(|position| (*position, Field::RemoteIp as u8)));
        self.each_name(names, |position, field| found.push((position, field as u8)));
        if found.is_empty() {
            return Vec::new();
        }
        found.sort_unstable();
        let mut matches: Vec<IntelMatch> = Vec::new();
        for (position, field) in found {
            if let Some(last) = matches.last_mut().filter(|last| last.position == position) {
                last.fields |= field;
            } else if let Some(indicator) = self.get(position).filter(|one| self.may_match(one, address, time)) {
                matches.push(IntelMatch { position, fields: field, port: PortAgreement::of(indicator.port, port) });
            }
        }
        matches
    }

    fn may_match(&self, indicator: &IndicatorRef<'_>, address: Option<Address>, time: Micros) -> bool {
        let has_address = indicator.also.is_none_or(|also| address.is_some_and(|address| also.contains(address)));
        has_address && indicator.may_match(time) && (!self.rules.at_event || self.is_in_time(indicator, time))
    }

    fn is_in_time(&self, indicator: &IndicatorRef<'_>, time: Micros) -> bool {
        let early = Micros(time.0.saturating_add(self.rules.grace));
        let late = Micros(time.0.saturating_sub(self.rules.grace));
        indicator.valid_from.is_none_or(|from| from <= early) && indicator.valid_until.is_none_or(|until| late < until)
    }

    /// Every indicator that stands for a name of the event or a domain above it.
    fn each_name(&self, names: &EventNames, mut found: impl FnMut(u32, Field)) {
        if self.names.is_empty() {
            return;
        }
        let hosts = [
            (&names.host, Field::RemoteUrl),
            (&names.http_host, Field::HttpHost),
            (&names.dns_query, Field::DnsQuery),
            (&names.server_name, Field::ServerName),
        ];
        for (name, field) in hosts.iter().filter_map(|(name, field)| Some((name.as_deref()?, *field))) {
            for wanted in host::with_parents(name) {
                for position in self.names.lookup(&self.indicators, wanted) {
                    if self.get(position).is_some_and(|one| one.kind == Kind::Domain) {
                        found(position, field);
                    }
                }
            }
        }
        for position in names.url.iter().flat_map(|url| self.names.lookup(&self.indicators, url)) {
            if self.get(position).is_some_and(|one| one.kind == Kind::Url) {
                found(position, Field::RemoteUrl);
            }
        }
    }

    /// The indicator that speaks for a set of matches in ascending order: the first that is a hit.
    pub(crate) fn hit(&self, matches: impl IntoIterator<Item = u32>) -> Option<u32> {
        matches.into_iter().find(|at| usize::try_from(*at).is_ok_and(|at| self.is_hit.get(at) == Some(&true)))
    }

    /// What the dates of an indicator say of an event.
    pub(crate) fn validity(&self, position: u32, time: Micros) -> Validity {
        self.get(position).map_or(Validity::Undated, |indicator| indicator.validity(time))
    }
}

impl AddressList for IntelBook {
    fn lists(&self, address: Address) -> bool {
        !self.addresses.lookup(address).is_empty()
    }

    fn blocks(&self) -> &Blocks {
        self.addresses.blocks()
    }

    fn entries(&self) -> Box<dyn Iterator<Item = Prefix> + '_> {
        Box::new(self.indicators.prefixes().flatten())
    }

    fn wanted(&self) -> Option<&AddressSet> {
        if self.indicators.len() > WANTED_MAX {
            return None;
        }
        Some(self.wanted.get_or_init(|| AddressSet::of(self.entries())))
    }

    fn may_list_name(&self, name: &str) -> bool {
        let is_domain = |wanted: &str| {
            let mut found = self.names.lookup(&self.indicators, wanted);
            found.any(|position| self.get(position).is_some_and(|one| one.kind == Kind::Domain))
        };
        let url_hosts = self.url_hosts.get_or_init(|| {
            let urls = self.indicators.iter().filter(|indicator| indicator.kind == Kind::Url);
            urls.filter_map(|url| url.target_name).map(|key| host_of_url_key(key).to_owned()).collect()
        });
        url_hosts.contains(name) || host::with_parents(name).any(is_domain)
    }

    fn lists_name(&self, names: &EventNames) -> bool {
        let mut any = false;
        self.each_name(names, |_, _| any = true);
        any
    }
}
