//! A threat-intelligence indicator on an address, prefix, domain or URL, and what its dates say of an event (DESIGN §3.2).

use std::cmp::Ordering;

use super::{Micros, Prefix, Tlp};

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

/// What an indicator stands for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// Addresses, compared with RemoteIP.
    Prefix(Prefix),
    /// A domain and its subdomains, in the spelling of [`super::host::domain`].
    Domain(String),
    /// One URL, in the spelling of [`super::host::url_key`].
    Url(String),
}

/// `Kind` in `ThreatIndicators`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// One address.
    Address,
    /// A range of addresses.
    Prefix,
    /// A domain with its subdomains.
    Domain,
    /// One URL.
    Url,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Address, Self::Prefix, Self::Domain, Self::Url];

    /// The word in `ThreatIndicators.Kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Prefix => "prefix",
            Self::Domain => "domain",
            Self::Url => "url",
        }
    }
}

/// One usable indicator as a feed gives it: a row of `ThreatIndicators`.
#[derive(Clone, PartialEq, Debug)]
pub struct Indicator {
    /// The value as published.
    pub value: String,
    /// What it stands for.
    pub target: Target,
    /// 0 to 100, as published.
    pub confidence: Option<f64>,
    /// What the publisher says the target is.
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
    /// The peer's port that the publisher names beside the target: told, never a condition.
    pub port: Option<u16>,
    /// Whether the publisher holds it fit for detection (MISP); `None` where the feed knows no such mark.
    pub to_ids: Option<bool>,
    /// An address that the event must have too: the second half of a pattern that joins a domain and an address by AND.
    pub also: Option<Prefix>,
}

impl Indicator {
    /// The same without owning its text.
    #[must_use]
    pub fn as_ref(&self) -> IndicatorRef<'_> {
        let (prefix, name) = match &self.target {
            Target::Prefix(prefix) => (Some(*prefix), None),
            Target::Domain(name) | Target::Url(name) => (None, Some(name.as_str())),
        };
        IndicatorRef {
            value: &self.value,
            kind: match &self.target {
                Target::Prefix(prefix) if prefix.is_host() => Kind::Address,
                Target::Prefix(_) => Kind::Prefix,
                Target::Domain(_) => Kind::Domain,
                Target::Url(_) => Kind::Url,
            },
            prefix,
            target_name: name,
            confidence: self.confidence,
            threat_type: self.threat_type.as_deref(),
            tlp: self.tlp.as_deref(),
            tags: self.tags.as_deref(),
            name: self.name.as_deref(),
            source: self.source.as_deref(),
            id: self.id.as_deref(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            state: self.state,
            port: self.port,
            to_ids: self.to_ids,
            also: self.also,
        }
    }
}

/// An indicator whose text stands elsewhere; the members are those of [`Indicator`].
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IndicatorRef<'a> {
    /// The value as published.
    pub value: &'a str,
    /// What it stands for.
    pub kind: Kind,
    /// The addresses, of an address or prefix.
    pub prefix: Option<Prefix>,
    /// The compared spelling, of a domain or URL.
    pub target_name: Option<&'a str>,
    /// 0 to 100, as published.
    pub confidence: Option<f64>,
    /// What the publisher says the target is.
    pub threat_type: Option<&'a str>,
    /// Traffic light protocol level, as published.
    pub tlp: Option<&'a str>,
    /// Labels and tags, as published.
    pub tags: Option<&'a str>,
    /// A name for people.
    pub name: Option<&'a str>,
    /// The publisher; the file when the feed does not say.
    pub source: Option<&'a str>,
    /// The publisher's identifier.
    pub id: Option<&'a str>,
    /// Good from here.
    pub valid_from: Option<Micros>,
    /// No longer good from here.
    pub valid_until: Option<Micros>,
    /// In use or retired.
    pub state: State,
    /// The peer's port that the publisher names beside the target.
    pub port: Option<u16>,
    /// Whether the publisher holds it fit for detection.
    pub to_ids: Option<bool>,
    /// An address that the event must have too.
    pub also: Option<Prefix>,
}

impl IndicatorRef<'_> {
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
        let words = [self.threat_type, self.tags];
        let mut said = words.into_iter().flatten().flat_map(words_of).filter(|word| !is_neutral(word)).peekable();
        said.peek().is_some() && said.all(|word| is_tor_word(&word))
    }

    /// How far its text may go; unmarked text counts as amber.
    #[must_use]
    pub fn tlp_level(&self) -> Tlp {
        self.tlp.and_then(Tlp::of_text).unwrap_or(Tlp::Amber)
    }

    /// Length of the prefix on the 128-bit scale; a name is no prefix.
    #[must_use]
    pub fn prefix_bits(&self) -> u8 {
        self.prefix.map_or(0, Prefix::bits)
    }

    /// The order in which indicators speak for a finding, best first: highest confidence (none ranks below 0), longest
    /// prefix, latest valid-from, then indicator and source.
    #[must_use]
    pub fn rank(&self, other: &Self) -> Ordering {
        let confidence = |i: &Self| i.confidence.unwrap_or(-1.0);
        confidence(other)
            .total_cmp(&confidence(self))
            .then_with(|| other.prefix_bits().cmp(&self.prefix_bits()))
            .then_with(|| other.valid_from.cmp(&self.valid_from))
            .then_with(|| self.value.cmp(other.value))
            .then_with(|| self.source.cmp(&other.source))
            .then_with(|| self.tie().cmp(&other.tie()))
    }

    /// Whatever else differs, so that equal ranks are equal rows and file order cannot matter.
    fn tie(&self) -> impl Ord + '_ {
        (
            (self.id, self.threat_type, self.tlp, self.tags, self.name, self.valid_until, self.state),
            (self.kind, self.prefix, self.target_name, self.port, self.to_ids, self.also),
        )
    }
}

/// Tags come as `a,b`, as `["a","b"]`, or as one word.
fn words_of(text: &str) -> Vec<String> {
    text.split([',', ';', '[', ']', '"'])
        .map(|word| word.trim().to_lowercase().replace([' ', '_'], "-"))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Words that say how to handle an indicator, how sure it is, or under which heading its publisher files it: not what it
/// is. The headings are MISP's categories, which stand for the type where nothing else does.
fn is_neutral(word: &str) -> bool {
    const NEUTRAL: [&str; 6] =
        ["tlp:", "misp:confidence-level", "osint:", "admiralty-scale:", "estimative-language:", "workflow:"];
    let is_heading = matches!(
        word,
        "unknown"
            | "watchlist"
            | "none"
            | "network-activity"
            | "payload-delivery"
            | "external-analysis"
            | "internal-reference"
            | "targeting-data"
            | "antivirus-detection"
            | "support-tool"
            | "social-network"
            | "attribution"
            | "other"
    );
    is_heading || NEUTRAL.iter().any(|start| word.starts_with(start))
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
            target: Target::Prefix(Prefix::parse("192.0.2.7").unwrap_or_else(|_| unreachable!("an address"))),
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
            port: None,
            to_ids: None,
            also: None,
        }
    }

    #[test]
    fn a_missing_end_is_open() {
        let from = Indicator { valid_from: Some(Micros(10)), ..indicator() };
        assert_eq!(from.as_ref().validity(Micros(9)), Validity::PublishedAfterEvent);
        assert_eq!(from.as_ref().validity(Micros(10)), Validity::ValidAtEvent);
        let until = Indicator { valid_until: Some(Micros(10)), ..indicator() };
        assert_eq!(until.as_ref().validity(Micros(9)), Validity::ValidAtEvent);
        assert_eq!(until.as_ref().validity(Micros(10)), Validity::ExpiredBeforeEvent);
        assert_eq!(indicator().as_ref().validity(Micros(0)), Validity::Undated);
    }

    #[test]
    fn a_retired_one_needs_an_end_date() {
        let retired = Indicator { state: State::Retired, valid_from: Some(Micros(5)), ..indicator() };
        assert!(!retired.as_ref().may_match(Micros(7)));
        let ended = Indicator { valid_until: Some(Micros(10)), ..retired };
        assert!(ended.as_ref().may_match(Micros(7)));
        assert!(!ended.as_ref().may_match(Micros(10)));
        assert!(!ended.as_ref().may_match(Micros(4)));
    }

    #[test]
    fn a_tor_feed_is_no_threat_report() {
        let tagged = |threat: &str, tags: &str| Indicator {
            threat_type: Some(threat.into()),
            tags: Some(tags.into()),
            ..indicator()
        };
        assert!(tagged("anonymization", r#"["Tor Exit Node","tlp:clear"]"#).as_ref().says_only_tor());
        assert!(tagged("WatchList", "tor").as_ref().says_only_tor());
        assert!(tagged("Network activity", "tor,tlp:white").as_ref().says_only_tor());
        assert!(!tagged("Network activity", "tlp:white").as_ref().says_only_tor());
        assert!(!tagged("C2", "tor").as_ref().says_only_tor());
        assert!(!tagged("WatchList", "tlp:amber").as_ref().says_only_tor());
        assert!(!indicator().as_ref().says_only_tor());
    }

    #[test]
    fn the_surest_then_the_most_specific_speaks() {
        let sure = Indicator { confidence: Some(0.0), ..indicator() };
        assert_eq!(sure.as_ref().rank(&indicator().as_ref()), Ordering::Less);
        let wide = Indicator {
            target: Target::Prefix(Prefix::parse("192.0.2.0/24").unwrap_or_else(|_| unreachable!("a prefix"))),
            ..indicator()
        };
        assert_eq!(indicator().as_ref().rank(&wide.as_ref()), Ordering::Less);
    }
}
