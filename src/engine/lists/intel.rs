//! The indicators as a lookup (DESIGN §3.2): which of them match an event, and which one speaks for it.

use crate::model::indicator::Validity;
use crate::model::{Address, Indicator, Micros, Prefix, PrefixIndex};

use super::AddressList;

/// How dates and Tor-only indicators are treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntelRules {
    /// `--intel-match at-event`: expired and not yet published ones do not match.
    pub at_event: bool,
    /// `--intel-tor keep`: one that says only tor is a hit.
    pub keep_tor: bool,
}

/// Indicators by address.
#[derive(Debug, Default)]
pub struct IntelBook {
    /// In the order in which they speak for a finding, best first.
    indicators: Vec<Indicator>,
    /// Whether the indicator of the same position is a hit or only listed.
    is_hit: Vec<bool>,
    index: PrefixIndex,
    rules: IntelRules,
}

/// The indicators that match one event, by position in [`IntelBook::indicators`], best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IntelMatch {
    /// Positions, ascending.
    pub(crate) matches: Vec<u32>,
}

impl IntelBook {
    /// Sorts the indicators by rank.
    #[must_use]
    pub fn new(mut indicators: Vec<Indicator>, rules: IntelRules) -> Self {
        indicators.sort_by(Indicator::rank);
        let prefixes: Vec<Prefix> = indicators.iter().map(|indicator| indicator.prefix).collect();
        let is_hit = indicators.iter().map(|indicator| rules.keep_tor || !indicator.says_only_tor()).collect();
        Self { index: PrefixIndex::new(&prefixes), indicators, is_hit, rules }
    }

    /// The rows of `ThreatIndicators`.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.indicators
    }

    /// The indicator at a position.
    #[must_use]
    pub fn get(&self, position: u32) -> Option<&Indicator> {
        self.indicators.get(usize::try_from(position).ok()?)
    }

    /// `None` when nothing matches, or the event has no time and so cannot be judged.
    pub(crate) fn match_at(&self, address: Address, time: Option<Micros>) -> Option<IntelMatch> {
        let time = time?;
        let may = |position: &&u32| {
            self.get(**position).is_some_and(|indicator| {
                let in_dates = !self.rules.at_event
                    || matches!(indicator.validity(time), Validity::ValidAtEvent | Validity::Undated);
                in_dates && indicator.may_match(time)
            })
        };
        let matches: Vec<u32> = self.index.lookup(address).iter().filter(may).copied().collect();
        (!matches.is_empty()).then_some(IntelMatch { matches })
    }

    /// The indicator that speaks for a set of matches: the first that is a hit.
    #[must_use]
    pub fn hit(&self, matches: &[u32]) -> Option<u32> {
        matches.iter().copied().find(|at| usize::try_from(*at).is_ok_and(|at| self.is_hit.get(at) == Some(&true)))
    }

    /// The highest confidence over the hits: that of the first, since rank puts confidence first.
    #[must_use]
    pub fn confidence(&self, matches: &[u32]) -> Option<f64> {
        self.hit(matches).and_then(|at| self.get(at)).and_then(|indicator| indicator.confidence)
    }
}

impl AddressList for IntelBook {
    fn lists(&self, address: Address) -> bool {
        !self.index.lookup(address).is_empty()
    }
}
