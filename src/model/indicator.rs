//! A threat-intelligence indicator on an address or prefix, and what its dates say of an event (DESIGN §3.2).

use std::cmp::Ordering;

use super::{Micros, Prefix};

/// Whether the platform still holds the indicator to be good. Deleted ones never get this far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// In use.
    Active,
    /// Revoked or inactive: matches only inside its own dates, and only if it has an end date.
    Retired,
}

impl State {
    /// The word in `ThreatIndicators.State`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// An indicator's dates against an event's time, best first (`TI_Validity`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Validity {
    /// The event lies inside the dates; a missing end is open.
    ValidAtEvent,
    /// The event came before the first date.
    PublishedAfterEvent,
    /// The event came at or after the last date.
    ExpiredBeforeEvent,
    /// There are no dates at all.
    Undated,
}

impl Validity {
    /// Best first.
    pub const ALL: [Self; 4] = [Self::ValidAtEvent, Self::PublishedAfterEvent, Self::ExpiredBeforeEvent, Self::Undated];

    /// The words in `TI_Validity`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidAtEvent => "valid at event",
            Self::PublishedAfterEvent => "published after event",
            Self::ExpiredBeforeEvent => "expired before event",
            Self::Undated => "undated",
        }
    }
}

/// One usable indicator: a row of `ThreatIndicators`.
#[derive(Clone, PartialEq, Debug)]
pub struct Indicator {
    /// The value as published.
    pub value: String,
    /// What it covers.
    pub prefix: Prefix,
    /// 0 to 100, as published.
    pub confidence: Option<f64>,
    /// What the publisher says the address is.
    pub threat_type: Option<String>,
    /// Traffic light protocol level, as published.
    pub tlp: Option<String>,
    /// Labels and tags, as published.
    pub tags: Option<String>,
    /// A name for people.
    pub name: Option<String>,
    /// The publisher; the file when the feed does not say.
    pub source: Option<String>,
    /// The publisher's identifier.
    pub id: Option<String>,
    /// Good from here.
    pub valid_from: Option<Micros>,
    /// No longer good from here.
    pub valid_until: Option<Micros>,
    /// In use or retired.
    pub state: State,
}

impl Indicator {
    /// `Kind` in `ThreatIndicators`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        if self.prefix.is_host() { "address" } else { "prefix" }
    }

    /// What the dates say of an event at this time.
    #[must_use]
    pub fn validity(&self, time: Micros) -> Validity {
        match (self.valid_from, self.valid_until) {
            (None, None) => Validity::Undated,
            (Some(from), _) if time < from => Validity::PublishedAfterEvent,
            (_, Some(until)) if until <= time => Validity::ExpiredBeforeEvent,
            _ => Validity::ValidAtEvent,
        }
    }

    /// Whether an event at this time may match: retired ones only inside dates that have an end.
    #[must_use]
    pub fn may_match(&self, time: Micros) -> bool {
        match self.state {
            State::Active => true,
            State::Retired => self.valid_until.is_some() && self.validity(time) == Validity::ValidAtEvent,
        }
    }

    /// Whether types and tags say only tor, anonymization or benign, so that it is no TI hit: a Tor feed would make
    /// every Tor finding HIGH.
    #[must_use]
    pub fn says_only_tor(&self) -> bool {
        let words = [self.threat_type.as_deref(), self.tags.as_deref()];
        let mut said = words.into_iter().flatten().flat_map(words_of).filter(|word| !is_neutral(word)).peekable();
        said.peek().is_some() && said.all(|word| is_tor_word(&word))
    }

    /// The order in which indicators speak for a finding, best first: highest confidence (none ranks below 0), longest
    /// prefix, latest valid-from, then indicator and source.
    #[must_use]
    pub fn rank(&self, other: &Self) -> Ordering {
        let confidence = |i: &Self| i.confidence.unwrap_or(-1.0);
        confidence(other)
            .total_cmp(&confidence(self))
            .then_with(|| other.prefix.bits().cmp(&self.prefix.bits()))
            .then_with(|| other.valid_from.cmp(&self.valid_from))
            .then_with(|| self.value.cmp(&other.value))
            .then_with(|| self.source.cmp(&other.source))
            .then_with(|| self.tie().cmp(&other.tie()))
    }

    /// Whatever else differs, so that equal ranks are equal rows and file order cannot matter.
    fn tie(&self) -> impl Ord + '_ {
        (&self.id, &self.threat_type, &self.tlp, &self.tags, &self.name, self.valid_until, self.state)
    }
}

/// Tags come as `a,b`, as `["a","b"]`, or as one word.
fn words_of(text: &str) -> Vec<String> {
    text.split([',', ';', '[', ']', '"'])
        .map(|word| word.trim().to_lowercase().replace([' ', '_'], "-"))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Words that say how to handle an indicator or how sure it is, not what it is.
fn is_neutral(word: &str) -> bool {
    const NEUTRAL: [&str; 6] =
        ["tlp:", "misp:confidence-level", "osint:", "admiralty-scale:", "estimative-language:", "workflow:"];
    matches!(word, "unknown" | "watchlist" | "none") || NEUTRAL.iter().any(|start| word.starts_with(start))
}

fn is_tor_word(word: &str) -> bool {
    let word = word.strip_prefix("sentinel-threattype:").unwrap_or(word);
    matches!(
        word,
        "tor"
            | "tor-exit"
            | "tor-exit-node"
            | "tor-exit-nodes"
            | "tor-exits"
            | "tor-node"
            | "tor-nodes"
            | "tor-relay"
            | "tor-relays"
            | "tor-guard"
            | "tor-network"
            | "torexit"
            | "anonymization"
            | "anonymisation"
            | "anonymizer"
            | "benign"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indicator() -> Indicator {
        Indicator {
            value: "192.0.2.7".into(),
            prefix: Prefix::parse("192.0.2.7").unwrap_or_else(|_| unreachable!("an address")),
            confidence: None,
            threat_type: None,
            tlp: None,
            tags: None,
            name: None,
            source: None,
            id: None,
            valid_from: None,
            valid_until: None,
            state: State::Active,
        }
    }

    #[test]
    fn a_missing_end_is_open() {
        let from = Indicator { valid_from: Some(Micros(10)), ..indicator() };
        assert_eq!(from.validity(Micros(9)), Validity::PublishedAfterEvent);
        assert_eq!(from.validity(Micros(10)), Validity::ValidAtEvent);
        let until = Indicator { valid_until: Some(Micros(10)), ..indicator() };
        assert_eq!(until.validity(Micros(9)), Validity::ValidAtEvent);
        assert_eq!(until.validity(Micros(10)), Validity::ExpiredBeforeEvent);
        assert_eq!(indicator().validity(Micros(0)), Validity::Undated);
    }

    #[test]
    fn a_retired_one_needs_an_end_date() {
        let retired = Indicator { state: State::Retired, valid_from: Some(Micros(5)), ..indicator() };
        assert!(!retired.may_match(Micros(7)));
        let ended = Indicator { valid_until: Some(Micros(10)), ..retired };
        assert!(ended.may_match(Micros(7)));
        assert!(!ended.may_match(Micros(10)));
        assert!(!ended.may_match(Micros(4)));
    }

    #[test]
    fn a_tor_feed_is_no_threat_report() {
        let tagged = |threat: &str, tags: &str| Indicator {
            threat_type: Some(threat.into()),
            tags: Some(tags.into()),
            ..indicator()
        };
        assert!(tagged("anonymization", r#"["Tor Exit Node","tlp:clear"]"#).says_only_tor());
        assert!(tagged("WatchList", "tor").says_only_tor());
        assert!(!tagged("C2", "tor").says_only_tor());
        assert!(!tagged("WatchList", "tlp:amber").says_only_tor());
        assert!(!indicator().says_only_tor());
    }

    #[test]
    fn the_surest_then_the_most_specific_speaks() {
        let sure = Indicator { confidence: Some(0.0), ..indicator() };
        assert_eq!(sure.rank(&indicator()), Ordering::Less);
        let wide = Indicator {
            prefix: Prefix::parse("192.0.2.0/24").unwrap_or_else(|_| unreachable!("a prefix")),
            ..indicator()
        };
        assert_eq!(indicator().rank(&wide), Ordering::Less);
    }
}
