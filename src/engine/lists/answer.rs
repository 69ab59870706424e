//! One question about one address, answered as ExoneraTor does: yes, no, or no data; with what was seen nearest in time and
//! in the network.

use crate::model::relay::{Evidence, Family};
use crate::model::{Address, Micros, Prefix, RelayInterval};

use super::TorBook;

/// Prefix lengths of a neighbourhood in the 128-bit space: a /24 of IPv4, a /48 of IPv6.
const NEIGHBOURHOOD_BITS: (u8, u8) = (96 + 24, 48);

/// The three answers. Where nobody looked there is no "no".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A relay then.
    Yes,
    /// Known not to be listed then.
    No,
    /// No dated list covers that time.
    NoData,
}

impl Verdict {
    /// The words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NoData => "no data",
        }
    }
}

/// What the lists say of an address.
#[derive(Debug)]
pub struct TorAnswer<'a> {
    /// The answer.
    pub verdict: Verdict,
    /// How well the time agrees; `None` when the answer is no, or no time was asked for.
    pub evidence: Option<Evidence>,
    /// Every interval of the address, by prefix and start.
    pub intervals: Vec<&'a RelayInterval>,
    /// The last sighting before the time.
    pub before: Option<Micros>,
    /// The first sighting after the time.
    pub after: Option<Micros>,
    /// The prefix in which neighbours were looked for.
    pub neighbourhood: Prefix,
    /// Other listed prefixes in it: at that time where one was asked for, else at any.
    pub neighbours: Vec<Prefix>,
}

impl TorBook {
    /// Answers for an address at a time, or at all times.
    #[must_use]
    pub fn ask(&self, address: Address, time: Option<Micros>) -> TorAnswer<'_> {
        let intervals: Vec<&RelayInterval> = self.of_address(address).collect();
        let neighbourhood = neighbourhood(address);
        let evidence = time.and_then(|time| intervals.iter().map(|interval| self.evidence(interval, time)).min());
        let verdict = match (time, evidence) {
            (None, _) if intervals.is_empty() => Verdict::No,
            (None, _) | (_, Some(Evidence::Inside | Evidence::WithinTolerance)) => Verdict::Yes,
            (Some(time), _) if self.covers_any(Family::of(address), time) => Verdict::No,
            _ => Verdict::NoData,
        };
        let ends = intervals.iter().filter_map(|interval| interval.seen_to).filter(|end| Some(*end) < time);
        let starts = intervals.iter().filter_map(|interval| interval.seen_from);
        TorAnswer {
            verdict,
            // Where a list covers the time, that the address stands in others is no evidence.
            evidence: evidence.filter(|_| verdict != Verdict::No),
            before: ends.max(),
            after: starts.filter(|start| time.is_some_and(|time| time < *start)).min(),
            neighbourhood,
            neighbours: self.neighbours(address, neighbourhood, time),
            intervals,
        }
    }

    fn neighbours(&self, address: Address, neighbourhood: Prefix, time: Option<Micros>) -> Vec<Prefix> {
        let all = self.intervals();
        let start = all.partition_point(|interval| interval.prefix.first() < neighbourhood.first());
        let near = all.iter().skip(start).take_while(|interval| neighbourhood.overlaps(interval.prefix));
        // The IPv6 neighbourhood of ::/48 holds the mapped IPv4 addresses, which are no neighbours of an IPv6 address.
        let near = near.filter(|interval| interval.prefix.is_v4() == address.is_v4());
        let listed_then = |interval: &&RelayInterval| {
            time.is_none_or(|time| self.evidence(interval, time) <= Evidence::WithinTolerance)
        };
        let mut found: Vec<Prefix> = near
            .filter(listed_then)
            .map(|interval| interval.prefix)
            .filter(|prefix| !prefix.contains(address))
            .collect();
        found.dedup();
        found
    }
}

fn neighbourhood(address: Address) -> Prefix {
    let (v4, v6) = NEIGHBOURHOOD_BITS;
    Prefix::covering(address, if address.is_v4() { v4 } else { v6 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::TorRules;
    use crate::model::relay::{CoverageSpan, Role, RoleFilter, TorMatching};

    fn interval(prefix: &str, from: i64, to: i64) -> RelayInterval {
        RelayInterval {
            prefix: Prefix::parse(prefix).unwrap(),
            role: Role::Exit,
            seen_from: Some(Micros(from)),
            seen_to: Some(Micros(to)),
            observed_by: "list".into(),
            port: None,
            source: "s".into(),
        }
    }

    fn ask(book: &TorBook, address: &str, time: Option<i64>) -> (Verdict, Option<i64>, Option<i64>, usize) {
        let answer = book.ask(Address::parse(address).unwrap(), time.map(Micros));
        (answer.verdict, answer.before.map(|t| t.0), answer.after.map(|t| t.0), answer.neighbours.len())
    }

    #[test]
    fn there_are_three_answers() {
        let intervals =
            [interval("192.0.2.7", 100, 200), interval("192.0.2.7", 400, 500), interval("192.0.2.9", 100, 500)];
        let span =
            |family| CoverageSpan { role: Role::Exit, family, from: Micros(100), to: Micros(500), source: "s".into() };
        let rules = TorRules { roles: RoleFilter::Any, matching: TorMatching::Auto, tolerance: 10 };
        let book = TorBook::new(&intervals, &[span(Family::V4)], rules);
        assert_eq!(ask(&book, "192.0.2.7", Some(150)), (Verdict::Yes, None, Some(400), 1));
        assert_eq!(ask(&book, "192.0.2.7", Some(210)), (Verdict::Yes, Some(200), Some(400), 1));
        assert_eq!(ask(&book, "192.0.2.7", Some(300)), (Verdict::No, Some(200), Some(400), 1));
        assert_eq!(ask(&book, "192.0.2.7", Some(900)), (Verdict::NoData, Some(500), None, 0));
        assert_eq!(ask(&book, "192.0.2.8", Some(300)), (Verdict::No, None, None, 1));
        assert_eq!(ask(&book, "2001:db8::1", Some(300)), (Verdict::NoData, None, None, 0));
        let evidence = |time| book.ask(Address::parse("192.0.2.7").unwrap(), Some(Micros(time))).evidence;
        assert_eq!((evidence(150), evidence(300)), (Some(Evidence::Inside), None));
        assert_eq!(evidence(900), Some(Evidence::NoCoverage));
        assert_eq!(ask(&book, "::7", Some(300)).3, 0);
        assert_eq!(ask(&book, "192.0.2.7", None).0, Verdict::Yes);
        assert_eq!(ask(&book, "198.51.100.1", None).0, Verdict::No);
    }
}
