//! Plain indicators, read row by row, and what several of them say of one finding together.

use std::cmp::Ordering;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveTime};
use ipnet::IpNet;

use super::address::listed;

/// Words that make no indicator a threat hit when they are all that it says.
const TOR_ONLY: [&str; 4] = ["tor", "tor-exit", "anonymization", "benign"];

/// One indicator on an address or prefix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Indicator {
    pub(crate) published: String,
    net: IpNet,
    pub(crate) confidence: Option<f64>,
    pub(crate) threat: Option<String>,
    tlp: Option<String>,
    tags: Option<String>,
    from: Option<i64>,
    until: Option<i64>,
}

/// The indicators of a CSV with the hunt's own columns. Other kinds and refused ranges are passed over, and a row that
/// stands twice is one indicator.
pub(crate) fn indicators(text: &str) -> Vec<Indicator> {
    let mut kept = Vec::new();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    for row in reader.records() {
        let row = row.unwrap();
        let cell = |name: &str| {
            let column = header.iter().position(|column| column == name)?;
            row.get(column).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned)
        };
        let Some(published) = cell("Indicator") else { continue };
        let Some(net) = listed(&published) else { continue };
        let tags = cell("Tags");
        let indicator = Indicator {
            published,
            net,
            confidence: cell("ConfidenceScore").map(|text| text.parse().unwrap()),
            threat: cell("ThreatType").or_else(|| tags.as_deref().and_then(tagged_threat)),
            tlp: cell("TlpLevel"),
            tags,
            from: cell("ValidFrom").as_deref().map(micros),
            until: cell("ValidUntil").as_deref().map(micros),
        };
        if !kept.contains(&indicator) {
            kept.push(indicator);
        }
    }
    kept
}

fn tagged_threat(tags: &str) -> Option<String> {
    tags.split(',').find_map(|tag| tag.strip_prefix("sentinel-threattype:")).map(str::to_owned)
}

fn micros(text: &str) -> i64 {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return date.and_time(NaiveTime::MIN).and_utc().timestamp_micros();
    }
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()
}

impl Indicator {
    pub(crate) fn covers(&self, address: IpAddr) -> bool {
        self.net.contains(&address)
    }

    /// What the dates say of an event: 0 valid, 1 published after it, 2 expired before it, 3 undated.
    pub(crate) fn validity(&self, time: i64) -> usize {
        if self.from.is_none() && self.until.is_none() {
            3
        } else if self.from.is_some_and(|from| time < from) {
            1
        } else if self.until.is_some_and(|until| until <= time) {
            2
        } else {
            0
        }
    }

    /// Whether it is a threat hit: it says something else than tor, anonymization or benign, or nothing at all.
    pub(crate) fn is_hit(&self) -> bool {
        let mut words = 0;
        let mut tor_words = 0;
        for text in [&self.threat, &self.tags].into_iter().flatten() {
            for word in text.split(',') {
                words += 1;
                tor_words += usize::from(TOR_ONLY.contains(&word.trim()));
            }
        }
        words == 0 || tor_words < words
    }

    /// Whether it speaks before the other: higher confidence, longer prefix, later start, then the texts, nulls first.
    pub(crate) fn speaks_before(&self, other: &Self) -> bool {
        let confidence = |indicator: &Self| indicator.confidence.unwrap_or(-1.0);
        let order = confidence(other).total_cmp(&confidence(self));
        let order = order.then(other.net.prefix_len().cmp(&self.net.prefix_len()));
        let order = order.then(other.from.cmp(&self.from)).then(self.published.cmp(&other.published));
        let order = order.then(self.threat.cmp(&other.threat)).then(self.tlp.cmp(&other.tlp));
        order.then(self.tags.cmp(&other.tags)).then(self.until.cmp(&other.until)) == Ordering::Less
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Indicator,ConfidenceScore,ThreatType,Tags,ValidFrom,ValidUntil\n";

    #[test]
    fn rows_are_read_once_and_only_if_they_are_addresses() {
        let text = format!(
            "{HEADER}192.0.2.7,85,C2,,,\n192.0.2.7,85,C2,,,\nevil.example.org,1,,,,\n10.0.0.5,1,,,,\n192.0.2.0/24,,,,,\n"
        );
        let read = indicators(&text);
        assert_eq!(read.iter().map(|i| i.published.as_str()).collect::<Vec<_>>(), ["192.0.2.7", "192.0.2.0/24"]);
        assert!(read[0].speaks_before(&read[1]) && !read[1].speaks_before(&read[0]));
        assert!(read[1].covers("192.0.2.200".parse().unwrap()) && !read[0].covers("192.0.2.8".parse().unwrap()));
    }

    #[test]
    fn dates_say_what_they_say() {
        let text =
            format!("{HEADER}192.0.2.7,,,,2026-03-10,2026-03-11T00:00:00Z\n192.0.2.8,,,,,2026-03-11\n192.0.2.9,,,,,\n");
        let read = indicators(&text);
        let at = |text: &str| micros(text);
        let of_first = ["2026-03-09T23:59:59Z", "2026-03-10", "2026-03-11"].map(|time| read[0].validity(at(time)));
        assert_eq!(of_first, [1, 0, 2]);
        assert_eq!((read[1].validity(0), read[2].validity(0)), (0, 3));
    }

    #[test]
    fn a_tor_feed_is_no_threat_report() {
        let text = format!(
            "{HEADER}192.0.2.1,,tor,,,\n192.0.2.2,,,\"tor,anonymization\",,\n192.0.2.3,,C2,tor,,\n192.0.2.4,,,,,\n192.0.2.5,,,\"tor,sentinel-threattype:Botnet\",,\n"
        );
        let read = indicators(&text);
        assert_eq!(read.iter().map(Indicator::is_hit).collect::<Vec<_>>(), [false, false, true, true, true]);
        assert_eq!(read[4].threat.as_deref(), Some("Botnet"));
    }
}
