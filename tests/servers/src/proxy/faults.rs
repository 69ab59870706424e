//! What the proxy does to requests, and to which: rules that choose the same requests in every run.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::request::{Kind, Seen};

/// Everything that stands between client and server. The default only counts.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Added to each request before it goes on.
    pub delay: Duration,
    /// Bytes per second of bodies, for each connection and direction.
    pub bandwidth: Option<u64>,
    /// The first rule that fires decides; later rules do not see the request.
    pub rules: Vec<Rule>,
}

impl Faults {
    /// No delay, no limit, only these rules.
    #[must_use]
    pub fn rules(rules: impl Into<Vec<Rule>>) -> Self {
        Self { rules: rules.into(), ..Self::default() }
    }
}

/// A closure that runs before a request goes on.
#[derive(Clone)]
pub struct Action(pub(crate) Arc<dyn Fn(&Seen) + Send + Sync>);

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Action")
    }
}

/// One way to fail.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is reset (RST) before the answer; the server never sees the request.
    Reset,
    /// The connection is reset after so many bytes of the answer's body.
    ResetAfter(u64),
    /// The body ends after so many bytes with a proper end of the connection, against its `Content-Length`.
    CutAfter(u64),
    /// The body is that short and `Content-Length` agrees with it: only `Content-Range`, the object's size or the content tell.
    Shorten(u64),
    /// An error of the provider's, without asking the server.
    Answer {
        /// The status.
        status: u16,
        /// The code in its XML.
        code: &'static str,
        /// `Retry-After`, where there shall be one.
        retry_after_seconds: Option<u32>,
    },
    /// 503 `SlowDown`, in Azure's dialect `ServerBusy`.
    SlowDown,
    /// 500 `InternalError`.
    InternalError,
    /// 429 `TooManyRequests`.
    TooManyRequests,
    /// No answer at all until the client gives up.
    Stall,
    /// The answer stops after so many bytes of its body until the client gives up.
    StallAfter(u64),
    /// The answer is late by this, besides [`Faults::delay`].
    Delay(Duration),
    /// Something happens elsewhere first (an object is replaced), then the request goes on.
    Call(Action),
}

impl Fault {
    /// Runs `action` before the request goes on to the server.
    pub fn call(action: impl Fn(&Seen) + Send + Sync + 'static) -> Self {
        Self::Call(Action(Arc::new(action)))
    }
}

/// Which of the requests that a rule is about it takes.
#[derive(Debug, Clone, Copy)]
enum Pick {
    All,
    Every(u64),
    First(u64),
    Nth(u64),
    FirstOfEach(u64),
    Seeded { seed: u64, per_thousand: u64 },
}

type Test = Arc<dyn Fn(&Seen) -> bool + Send + Sync>;

/// A fault and when it happens: each condition narrows it, and the pick counts what is left.
#[derive(Clone)]
pub struct Rule {
    fault: Fault,
    tests: Vec<Test>,
    pick: Pick,
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("fault", &self.fault).field("pick", &self.pick).finish_non_exhaustive()
    }
}

impl Rule {
    /// This fault for every request, until narrowed.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { fault, tests: Vec::new(), pick: Pick::All }
    }

    /// Only requests of these kinds.
    #[must_use]
    pub fn kinds(self, kinds: &[Kind]) -> Self {
        let kinds = kinds.to_vec();
        self.only(move |seen| kinds.contains(&seen.kind))
    }

    /// Only reads of content: whole objects and ranges.
    #[must_use]
    pub fn reads(self) -> Self {
        self.kinds(&[Kind::Get, Kind::RangeGet])
    }

    /// Only paths with this end.
    #[must_use]
    pub fn suffix(self, suffix: &str) -> Self {
        let suffix = suffix.to_owned();
        self.only(move |seen| seen.path.ends_with(&suffix))
    }

    /// Only requests for which `test` holds.
    #[must_use]
    pub fn only(mut self, test: impl Fn(&Seen) -> bool + Send + Sync + 'static) -> Self {
        self.tests.push(Arc::new(test));
        self
    }

    /// Of those, every nth: for 3 the third, the sixth, ...
    #[must_use]
    pub fn every(self, n: u64) -> Self {
        Self { pick: Pick::Every(n.max(1)), ..self }
    }

    /// Of those, the first n.
    #[must_use]
    pub fn first(self, n: u64) -> Self {
        Self { pick: Pick::First(n), ..self }
    }

    /// Of those, only the nth, counted from 1.
    #[must_use]
    pub fn nth(self, n: u64) -> Self {
        Self { pick: Pick::Nth(n), ..self }
    }

    /// Of those, the first n of each path and range: a retry gets through in the end.
    #[must_use]
    pub fn first_of_each(self, n: u64) -> Self {
        Self { pick: Pick::FirstOfEach(n), ..self }
    }

    /// Of those, so many of a thousand, by a hash of seed, path, range and how often the same was asked before: the same
    /// in every run, in whatever order connections bring them.
    #[must_use]
    pub fn seeded(self, seed: u64, per_thousand: u64) -> Self {
        Self { pick: Pick::Seeded { seed, per_thousand }, ..self }
    }
}

/// The faults in force with what their rules have counted.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) bandwidth: Option<u64>,
    rules: Vec<Mutex<Counted>>,
}

#[derive(Debug)]
struct Counted {
    rule: Rule,
    matched: u64,
    each: BTreeMap<(String, String), u64>,
}

impl Plan {
    pub(crate) fn new(faults: Faults) -> Self {
        let rules =
            faults.rules.into_iter().map(|rule| Mutex::new(Counted { rule, matched: 0, each: BTreeMap::new() }));
        Self { delay: faults.delay, bandwidth: faults.bandwidth, rules: rules.collect() }
    }

    /// What happens to this request.
    pub(crate) fn fault(&self, seen: &Seen) -> Option<Fault> {
        self.rules.iter().find_map(|rule| rule.lock().unwrap_or_else(PoisonError::into_inner).take(seen))
    }
}

impl Counted {
    fn take(&mut self, seen: &Seen) -> Option<Fault> {
        if !self.rule.tests.iter().all(|test| test(seen)) {
            return None;
        }
        self.matched += 1;
        let nth = self.matched;
        let taken = match self.rule.pick {
            Pick::All => true,
            Pick::Every(n) => nth.is_multiple_of(n),
            Pick::First(n) => nth <= n,
            Pick::Nth(n) => nth == n,
            Pick::FirstOfEach(n) => self.nth_of_each(seen) <= n,
            Pick::Seeded { seed, per_thousand } => {
                let nth = self.nth_of_each(seen);
                hash(seed, &format!("{}\n{}\n{}\n{nth}", seen.path, seen.query, seen.range)) % 1000 < per_thousand
            }
        };
        taken.then(|| self.rule.fault.clone())
    }

    fn nth_of_each(&mut self, seen: &Seen) -> u64 {
        let nth = self.each.entry((format!("{}?{}", seen.path, seen.query), seen.range.clone())).or_default();
        *nth += 1;
        *nth
    }
}

/// FNV-1a with a last mix: stable over versions of Rust, which std's hasher is not.
fn hash(seed: u64, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::super::request::Dialect;
    use super::*;

    fn get(path: &str) -> Seen {
        let (query, range) = (String::new(), String::new());
        Seen { kind: Kind::Get, path: path.to_owned(), query, range, dialect: Dialect::S3 }
    }

    /// Which of nine requests for `/a`, `/b`, `/c`, `/a`, ... are taken.
    fn taken(rule: Rule) -> Vec<usize> {
        let plan = Plan::new(Faults::rules([rule]));
        (1..=9).filter(|n| plan.fault(&get(["/c", "/a", "/b"][n % 3])).is_some()).collect()
    }

    #[test]
    fn picks_count_what_the_conditions_leave() {
        let rule = || Rule::new(Fault::SlowDown);
        assert_eq!(taken(rule().every(4)), [4, 8]);
        assert_eq!(taken(rule().first(2)), [1, 2]);
        assert_eq!(taken(rule().nth(5)), [5]);
        assert_eq!(taken(rule().first_of_each(1)), [1, 2, 3]);
        assert_eq!(taken(rule().suffix("b")), [2, 5, 8]);
        assert_eq!(taken(rule().suffix("b").every(2)), [5]);
        assert!(taken(rule().kinds(&[Kind::List])).is_empty());
    }

    #[test]
    fn a_seed_takes_its_share_in_any_order() {
        let seen: Vec<_> = (0..2000).map(|n| get(&format!("/bucket/{n}"))).collect();
        let plan = || Plan::new(Faults::rules([Rule::new(Fault::Stall).seeded(7, 100)]));
        let forward = plan();
        let picked: Vec<_> = seen.iter().map(|seen| forward.fault(seen).is_some()).collect();
        let backward = plan();
        let mut again: Vec<_> = seen.iter().rev().map(|seen| backward.fault(seen).is_some()).collect();
        again.reverse();
        assert_eq!(picked, again);
        let share = picked.iter().filter(|taken| **taken).count();
        assert!((140..260).contains(&share), "{share} of 2000");
    }
}
