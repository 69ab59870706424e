//! The Tor table as a lookup (DESIGN §3.3): was this address a relay at that time?
//!
//! An interval near the event always matches. Whether anything else does depends on what the run knows of that time: where
//! dated sources cover it, they alone decide; elsewhere a listed address matches and says that nothing is known.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::model::blocks::Blocks;
use crate::model::relay::{CoverageSpan, Evidence, Family, Role, RoleFilter, TorMatching};
use crate::model::{Address, Micros, Prefix, PrefixIndex, RelayInterval};

use super::AddressList;
use crate::engine::index::AddressSet;

/// How dates decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TorRules {
    /// The roles asked for.
    pub roles: RoleFilter,
    /// `--tor-match`.
    pub matching: TorMatching,
    /// `--tolerance`, in microseconds; not negative.
    pub tolerance: i64,
}

/// Any role, at any time: what a hunt that names no list is checked with.
impl Default for TorRules {
    fn default() -> Self {
        Self { roles: RoleFilter::Any, matching: TorMatching::Auto, tolerance: 0 }
    }
}

/// Relay intervals by address.
#[derive(Debug, Default)]
pub struct TorBook {
    /// Of the roles asked for, by prefix.
    intervals: Vec<RelayInterval>,
    /// Positions of the intervals of each distinct prefix.
    groups: Vec<Range<usize>>,
    /// From an address to groups.
    index: PrefixIndex,
    /// Stretches of time that dated sources know, widened by the tolerance, ascending and apart.
    covered: BTreeMap<(Role, Family), Vec<(i64, i64)>>,
    rules: TorRules,
    /// Every address, for indexes.
    wanted: OnceLock<AddressSet>,
}

/// What the table says of an address at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TorMatch {
    /// The roles, sorted by their words.
    pub(crate) roles: Vec<Role>,
    /// The best evidence.
    pub(crate) evidence: Evidence,
    /// Earliest start of the matching intervals.
    pub(crate) seen_from: Option<Micros>,
    /// Latest end.
    pub(crate) seen_to: Option<Micros>,
    /// Whether the event's port is an OR port of the relay; `None` when no matching interval names one.
    pub(crate) or_port: Option<PortAgreement>,
}

/// How the event's port agrees with one that a list names. The better one is the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PortAgreement {
    Same,
    Other,
}

impl PortAgreement {
    pub(crate) const ALL: [Self; 2] = [Self::Same, Self::Other];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Other => "other",
        }
    }

    /// `None` when there is no port to agree with.
    pub(crate) fn of(named: impl IntoIterator<Item = u16>, of_event: Option<i64>) -> Option<Self> {
        named.into_iter().map(|port| if of_event == Some(i64::from(port)) { Self::Same } else { Self::Other }).min()
    }
}

impl TorBook {
    /// The intervals whose role the rules accept.
    #[must_use]
    pub fn new(intervals: &[RelayInterval], spans: &[CoverageSpan], rules: TorRules) -> Self {
        let mut intervals: Vec<RelayInterval> =
            intervals.iter().filter(|i| rules.roles.accepts(i.role)).cloned().collect();
        intervals.sort();
        let mut groups = Vec::new();
        let mut start = 0;
        for group in intervals.chunk_by(|a, b| a.prefix == b.prefix) {
            groups.push(start..start + group.len());
            start += group.len();
        }
        let prefixes: Vec<Prefix> =
            groups.iter().filter_map(|group| intervals.get(group.start)).map(|first| first.prefix).collect();
        let covered = covered(spans, rules);
        Self { index: PrefixIndex::new(&prefixes), intervals, groups, covered, rules, wanted: OnceLock::new() }
    }

    /// The rows of `TorRelays`.
    #[must_use]
    pub fn intervals(&self) -> &[RelayInterval] {
        &self.intervals
    }

    /// The intervals that hold an address, by prefix and start.
    pub fn of_address(&self, address: Address) -> impl Iterator<Item = &RelayInterval> {
        let groups =
            self.index.lookup(address).iter().filter_map(|group| self.groups.get(usize::try_from(*group).ok()?));
        groups.filter_map(|group| self.intervals.get(group.clone())).flatten()
    }

    /// Whether dated sources know the relays of this role and family at this time, within the tolerance.
    #[must_use]
    pub fn covers(&self, role: Role, family: Family, time: Micros) -> bool {
        let spans = self.covered.get(&(self.effective(role), family));
        spans.is_some_and(|spans| {
            let after = spans.partition_point(|(from, _)| *from <= time.0);
            after.checked_sub(1).and_then(|at| spans.get(at)).is_some_and(|(_, to)| time.0 <= *to)
        })
    }

    /// How dates decide.
    #[must_use]
    pub const fn rules(&self) -> TorRules {
        self.rules
    }

    /// The stretches that dated sources cover for any role asked for and any family, within the tolerance, ascending and
    /// apart; both ends belong to them.
    #[must_use]
    pub fn covered_times(&self) -> Vec<(i64, i64)> {
        apart(self.covered.values().flatten().copied().collect())
    }

    /// Whether a dated source covers this time for any role asked for.
    #[must_use]
    pub fn covers_any(&self, family: Family, time: Micros) -> bool {
        self.covered.keys().any(|(role, of)| *of == family && self.covers(*role, family, time))
    }

    /// What a list without roles holds is what was asked for, if that is one role.
    const fn effective(&self, role: Role) -> Role {
        effective(role, self.rules.roles)
    }

    /// `None` when the address was no relay then, or the event has no time and so cannot be judged.
    pub(crate) fn match_at(&self, address: Address, time: Option<Micros>, port: Option<i64>) -> Option<TorMatch> {
        let time = time?;
        let family = Family::of(address);
        let mut found = Found::default();
        for interval in self.of_address(address) {
            let evidence = match (self.evidence(interval, time), self.rules.matching) {
                (evidence @ (Evidence::Inside | Evidence::WithinTolerance), _) | (evidence, TorMatching::Loose) => {
                    evidence
                }
                (_, TorMatching::AtEvent) => continue,
                (_, TorMatching::Auto) if self.covers(interval.role, family, time) => continue,
                (evidence, TorMatching::Auto) => evidence,
            };
            found.add(interval, evidence, time);
        }
        found.finish(port)
    }

    pub(super) fn evidence(&self, interval: &RelayInterval, time: Micros) -> Evidence {
        match (interval.seen_from, interval.seen_to) {
            (Some(from), Some(to)) if (from..=to).contains(&time) => Evidence::Inside,
            (Some(from), Some(to)) if distance(from, to, time) <= self.rules.tolerance => Evidence::WithinTolerance,
            (Some(_), Some(_)) => Evidence::NoCoverage,
            _ => Evidence::Undated,
        }
    }
}

/// Microseconds between a time and an interval that it lies outside of.
fn distance(from: Micros, to: Micros, time: Micros) -> i64 {
    from.0.saturating_sub(time.0).max(time.0.saturating_sub(to.0)).max(0)
}

const fn effective(role: Role, asked: RoleFilter) -> Role {
    match (role, asked) {
        (Role::Unspecified, RoleFilter::Exit) => Role::Exit,
        (Role::Unspecified, RoleFilter::Guard) => Role::Guard,
        (role, _) => role,
    }
}

fn covered(spans: &[CoverageSpan], rules: TorRules) -> BTreeMap<(Role, Family), Vec<(i64, i64)>> {
    let mut covered: BTreeMap<(Role, Family), Vec<(i64, i64)>> = BTreeMap::new();
    for span in spans.iter().filter(|span| rules.roles.accepts(span.role)) {
        let widened = (span.from.0.saturating_sub(rules.tolerance), span.to.0.saturating_add(rules.tolerance));
        covered.entry((effective(span.role, rules.roles), span.family)).or_default().push(widened);
    }
    covered.values_mut().for_each(|spans| *spans = apart(std::mem::take(spans)));
    covered
}

/// The same times, in stretches that do not touch.
fn apart(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    spans.into_iter().fold(Vec::new(), |mut apart: Vec<(i64, i64)>, (from, to)| {
        match apart.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = last.1.max(to),
            None => apart.push((from, to)),
        }
        apart
    })
}

/// The intervals that matched an event.
#[derive(Default)]
struct Found<'a> {
    intervals: Vec<&'a RelayInterval>,
    best: Option<Evidence>,
    /// Hull of the intervals near the event.
    near: Option<(Micros, Micros)>,
    /// The nearest of the others, by its distance.
    nearest: Option<(i64, Micros, Micros)>,
}

impl<'a> Found<'a> {
    fn add(&mut self, interval: &'a RelayInterval, evidence: Evidence, time: Micros) {
        self.best = self.best.into_iter().chain([evidence]).min();
        self.intervals.push(interval);
        let (Some(from), Some(to)) = (interval.seen_from, interval.seen_to) else { return };
        if evidence <= Evidence::WithinTolerance {
            self.near = Some(self.near.map_or((from, to), |(first, last)| (first.min(from), last.max(to))));
        } else {
            self.nearest = self.nearest.into_iter().chain([(distance(from, to, time), from, to)]).min();
        }
    }

    fn finish(self, port: Option<i64>) -> Option<TorMatch> {
        let mut roles: Vec<Role> = self.intervals.iter().map(|interval| interval.role).collect();
        roles.sort_by_key(|role| role.as_str());
        roles.dedup();
        let hull = self.near.or(self.nearest.map(|(_, from, to)| (from, to)));
        let ports = self.intervals.iter().filter_map(|interval| interval.port);
        Some(TorMatch {
            roles,
            evidence: self.best?,
            seen_from: hull.map(|(from, _)| from),
            seen_to: hull.map(|(_, to)| to),
            or_port: PortAgreement::of(ports, port),
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

    fn blocks(&self) -> &Blocks {
        self.index.blocks()
    }

    fn entries(&self) -> Box<dyn Iterator<Item = Prefix> + '_> {
        Box::new(self.intervals.iter().map(|interval| interval.prefix))
    }

    fn wanted(&self) -> Option<&AddressSet> {
        Some(self.wanted.get_or_init(|| AddressSet::of(self.entries())))
    }

    fn is_left_out(&self, address: Address, time: Micros) -> bool {
        self.lists(address) && self.match_at(address, Some(time), None).is_none()
    }
}
