//! `tor_exit` and `intel_ip` in plain loops: filter, drop copies, group, judge, sort (DESIGN §3.2).

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{DateTime, SecondsFormat};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::address::canonical;
use super::copies::without_copies;
use super::direction::{connections, direction};
use super::event::Event;
use super::intel::{Indicator, indicators};
use super::tor::{self, History};

/// Which hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hunt {
    TorExit,
    IntelIp,
}

/// What is asked of an archive.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) hunt: Hunt,
    pub(crate) tor: String,
    /// Dated lists in place of the undated one, or beside it.
    pub(crate) history: Option<History>,
    pub(crate) intel: Option<String>,
    pub(crate) from_micros: Option<i64>,
    pub(crate) to_micros: Option<i64>,
    /// `--intel-match at-event`.
    pub(crate) at_event: bool,
    pub(crate) keep_duplicates: bool,
    pub(crate) set_limit: usize,
}

/// The findings in the order of the report, and the funnel.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) findings: Vec<Value>,
    pub(crate) in_period: usize,
    pub(crate) matched: usize,
    pub(crate) copies: usize,
    /// Texts that are no address; blank ones say nothing.
    pub(crate) unreadable_addresses: usize,
    /// Events on an address that counts, without a readable time.
    pub(crate) unreadable_times: usize,
}

/// An event that can be judged: it has an address and a time.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) event: &'a Event,
    pub(crate) time: i64,
    pub(crate) address: IpAddr,
    pub(crate) direction: &'static str,
}

impl<'a> Row<'a> {
    pub(crate) fn judge(event: &'a Event) -> Option<Self> {
        let address = canonical(event.remote_ip.as_deref()?)?;
        Some(Self { event, time: event.micros()?, address, direction: direction(event) })
    }

    /// An empty name is no name.
    fn device(&self) -> Option<&'a str> {
        self.event.device_name.as_deref().filter(|name| !name.is_empty())
    }
}

impl Question {
    pub(crate) fn is_open(&self) -> bool {
        self.from_micros.is_none() && self.to_micros.is_none()
    }

    /// Whether a Tor list names the address, at whatever time.
    fn lists(&self, undated: &[IpNet], address: IpAddr) -> bool {
        let is_undated = self.history.as_ref().is_none_or(|history| history.beside_undated);
        (is_undated && undated.iter().any(|net| net.contains(&address)))
            || self.history.as_ref().is_some_and(|history| history.lists(address))
    }

    /// How well the event agrees with the lists, if it matches: the smaller the better.
    fn evidence(&self, undated: &[IpNet], row: &Row<'_>) -> Option<usize> {
        match &self.history {
            Some(history) => history.evidence(row.address, row.time, undated),
            None => undated.iter().any(|net| net.contains(&row.address)).then_some(3),
        }
    }

    /// Whether the event lies in the period; without a time it lies in none that has a bound.
    fn in_period(&self, event: &Event) -> bool {
        let Some(time) = event.micros() else { return self.is_open() };
        self.from_micros.is_none_or(|from| from <= time) && self.to_micros.is_none_or(|to| time < to)
    }
}

/// The hunt over all events.
pub(crate) fn answer(events: &[Event], question: &Question) -> Answer {
    let relays = tor::entries(&question.tor);
    let intel = question.intel.as_deref().map(indicators).unwrap_or_default();
    let listed = |address: IpAddr| match question.hunt {
        Hunt::TorExit => question.lists(&relays, address),
        Hunt::IntelIp => intel.iter().any(|indicator| indicator.covers(address)),
    };
    let mut rows = Vec::new();
    let (mut in_period, mut unreadable_addresses, mut unreadable_times) = (0, 0, 0);
    for event in events.iter().filter(|event| question.in_period(event)) {
        in_period += 1;
        let Some(text) = event.remote_ip.as_deref() else { continue };
        let Some(address) = canonical(text) else {
            unreadable_addresses += usize::from(!text.trim().is_empty());
            continue;
        };
        if !listed(address) {
            continue;
        }
        match Row::judge(event) {
            None => unreadable_times += 1,
            Some(row) if question.hunt == Hunt::TorExit => {
                if question.evidence(&relays, &row).is_some() {
                    rows.push(row);
                }
            }
            Some(row) if intel.iter().any(|i| matches(i, &row, question)) => rows.push(row),
            Some(_) => {}
        }
    }
    let matched = rows.len();
    if !question.keep_duplicates {
        rows = without_copies(&rows);
    }
    let copies = matched - rows.len();
    let mut findings: Vec<Finding<'_>> =
        groups(rows).into_iter().map(|rows| Finding::of(rows, &relays, &intel, question)).collect();
    findings.sort_by(|a, b| a.place().cmp(&b.place()));
    let findings = findings.iter().map(|finding| finding.to_json(question)).collect();
    Answer { findings, in_period, matched, copies, unreadable_addresses, unreadable_times }
}

fn matches(indicator: &Indicator, row: &Row<'_>, question: &Question) -> bool {
    let in_dates = !question.at_event || matches!(indicator.validity(row.time), 0 | 3);
    indicator.covers(row.address) && in_dates
}

/// One group per device name, address and direction.
fn groups(rows: Vec<Row<'_>>) -> Vec<Vec<Row<'_>>> {
    let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
    for row in rows {
        let same = |group: &&mut Vec<Row<'_>>| {
            let first = &group[0];
            first.device() == row.device() && first.address == row.address && first.direction == row.direction
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// A group and what was found out about it.
struct Finding<'a> {
    rows: Vec<Row<'a>>,
    level: &'static str,
    hit: Option<Indicator>,
    validity: Option<&'static str>,
    indicators: usize,
    evidence: Option<&'static str>,
}

impl<'a> Finding<'a> {
    fn of(rows: Vec<Row<'a>>, relays: &[IpNet], intel: &[Indicator], question: &Question) -> Self {
        let mut best: Option<&Indicator> = None;
        let mut count = 0;
        for indicator in intel.iter().filter(|indicator| rows.iter().any(|row| matches(indicator, row, question))) {
            count += 1;
            if indicator.is_hit() && best.is_none_or(|best| indicator.speaks_before(best)) {
                best = Some(indicator);
            }
        }
        let validity = best.and_then(|best| {
            let of_rows = rows.iter().filter(|row| matches(best, row, question)).map(|row| best.validity(row.time));
            of_rows.min().map(|at| ["valid at event", "published after event", "expired before event", "undated"][at])
        });
        let level = match best {
            Some(hit) if hit.confidence.is_some_and(|confidence| confidence >= 80.0) => "CRITICAL",
            Some(_) => "HIGH",
            None if rows[0].direction == "Outbound" => "MEDIUM",
            None => "LOW",
        };
        let evidence = match question.hunt {
            Hunt::TorExit => rows.iter().filter_map(|row| question.evidence(relays, row)).min(),
            Hunt::IntelIp => None,
        };
        let evidence = evidence.map(|at| ["inside", "within tolerance", "no coverage", "undated"][at]);
        Self { level, hit: best.cloned(), validity, indicators: count, evidence, rows }
    }

    /// Severity, count, first seen, then the key; null sorts last.
    fn place(&self) -> impl Ord + use<> {
        let severity = ["CRITICAL", "HIGH", "MEDIUM", "LOW"].iter().position(|level| *level == self.level);
        let row = &self.rows[0];
        let device = row.device().map(str::to_owned);
        let key = (device.is_none(), device, row.address.to_string(), row.direction);
        (severity, Reverse(self.rows.len()), self.times().first().copied(), key)
    }

    fn times(&self) -> Vec<i64> {
        let mut times: Vec<i64> = self.rows.iter().map(|row| row.time).collect();
        times.sort_unstable();
        times
    }

    fn to_json(&self, question: &Question) -> Value {
        let times = self.times();
        let days: BTreeSet<i64> = times.iter().map(|time| time.div_euclid(86_400_000_000)).collect();
        let mut out = json!({
            "DeviceName": self.rows[0].device(),
            "RemoteIP": self.rows[0].address.to_string(),
            "Direction": spelled(question.hunt, self.rows[0].direction),
            "FirstSeen": rfc3339(times[0]),
            "LastSeen": rfc3339(times[times.len() - 1]),
            "Count": self.rows.len(),
            "TI_Hit": self.hit.as_ref().map(|hit| hit.published.clone()),
            "TI_Confidence": self.hit.as_ref().and_then(|hit| hit.confidence),
            "TI_Type": self.hit.as_ref().and_then(|hit| hit.threat.clone()),
            "RiskLevel": self.level,
            "TI_Validity": self.validity,
            "TI_Matches": self.indicators,
            "TorEvidence": self.evidence,
            "DaysActive": days.len(),
            "FailedCount": self.rows.iter().filter(|row| failed(row)).count(),
            "Connections": self.rows.iter().map(|row| connections(row.event)).sum::<i64>(),
        });
        let mut truncated = Vec::new();
        for (name, values) in self.sets() {
            let kept: Vec<Value> = values.iter().take(question.set_limit).cloned().collect();
            if kept.len() < values.len() {
                truncated.push(json!({"Set": name, "Kept": kept.len(), "Cut": values.len() - kept.len()}));
            }
            out[name] = Value::Array(kept);
        }
        out["SetsTruncated"] = Value::Array(truncated);
        out
    }

    fn sets(&self) -> [(&'static str, Vec<Value>); 8] {
        [
            ("Processes", self.texts(|event| &event.process)),
            ("Cmds", self.texts(|event| &event.command)),
            ("Accounts", self.texts(|event| &event.account)),
            ("Ports", self.ports(|row| row.event.remote_port())),
            ("DeviceIds", self.texts(|event| &event.device_id)),
            (
                "LocalPorts",
                self.ports(|row| {
                    let ephemeral = |port: &i64| row.direction == "Outbound" && *port >= 49_152;
                    row.event.local_port().filter(|port| !ephemeral(port))
                }),
            ),
            ("RemoteUrls", self.texts(|event| &event.url)),
            ("ProcessSHA256s", self.texts(|event| &event.sha256)),
        ]
    }

    fn texts(&self, column: impl Fn(&Event) -> &Option<String>) -> Vec<Value> {
        let values = self.rows.iter().filter_map(|row| column(row.event).clone()).filter(|text| !text.is_empty());
        values.collect::<BTreeSet<String>>().into_iter().map(Value::from).collect()
    }

    fn ports(&self, column: impl Fn(&Row<'_>) -> Option<i64>) -> Vec<Value> {
        self.rows.iter().filter_map(column).collect::<BTreeSet<i64>>().into_iter().map(Value::from).collect()
    }
}

fn failed(row: &Row<'_>) -> bool {
    row.event.action.as_deref().is_some_and(|action| action.starts_with("ConnectionFailed"))
}

fn spelled(hunt: Hunt, direction: &str) -> &str {
    match (hunt, direction) {
        (_, "Unknown") => "Unknown direction",
        (Hunt::TorExit, "Outbound") => "Outbound to Tor",
        (Hunt::TorExit, _) => "Inbound from Tor",
        (Hunt::IntelIp, word) => word,
    }
}

/// An instant as reports print it.
pub(crate) fn rfc3339(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap().to_rfc3339_opts(SecondsFormat::Micros, true)
}

#[cfg(test)]
#[path = "hunt_tests.rs"]
mod tests;
