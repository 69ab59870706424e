//! Prefixes and times: the structures that coldtrail asks, beside the others that could answer the same.
//!
//! Every way must give the same answers as the plain walk over the list, or the benchmark ends.

use std::hint::black_box;
use std::net::Ipv6Addr;

use anyhow::{Result, ensure};
use coldtrail::model::time::DAY_MICROS;
use coldtrail::model::{Address, Prefix, PrefixIndex};
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use hashbrown::{HashMap, HashSet};
use ipnet::Ipv6Net;
use prefix_trie::PrefixSet;
use rand::Rng as _;
use rand_chacha::ChaCha8Rng;

use super::{HOSTS, INTERVALS, PREFIXES, address, count, group, rng};

/// Addresses asked per iteration.
const ASKED: usize = 10_000;
/// Days that the history covers, and how long a relay stays.
const DAYS: i64 = 90;
const STAY_DAYS: i64 = 10;

/// Measures how long it takes to say whether any of 5,000 addresses and 10,000 prefixes of 33 lengths covers an address, by
/// the interval set that coldtrail asks (`PrefixIndex`), by a binary search in disjoint sorted ranges alone, by a hash
/// set for each length, by a trie, and by a walk over the list, which is what a join on ranges does: when nothing
/// covers it, as nearly always, and when a prefix does. Then how long each takes to build.
pub fn prefixes(criterion: &mut Criterion) -> Result<()> {
    let rng = &mut rng();
    let listed = listed(rng);
    let (index, ranges) = (PrefixIndex::new(&listed), Ranges::new(&listed));
    let (lengths, trie) = (Lengths::new(&listed), trie(&listed));
    let anywhere: Vec<Address> = (0..ASKED).map(|_| address(rng)).collect();
    let within: Vec<Address> =
        (0..ASKED).filter_map(|_| Some(inside(*listed.get(rng.random_range(HOSTS..listed.len()))?, rng))).collect();
    for (name, asked) in [("nothing covers", anywhere), ("a prefix covers", within)] {
        let by_walk = |asked: &[Address]| count(asked, |at| listed.iter().any(|prefix| prefix.contains(*at)));
        let expected = by_walk(&asked);
        let mut group = group(criterion, &format!("prefixes, {name}"), asked.len());
        let mut way =
            |name: &str, covers: &dyn Fn(&Address) -> bool| measured(&mut group, name, &asked, expected, covers);
        way("interval set", &|at| !index.lookup(*at).is_empty())?;
        way("binary search", &|at| ranges.covers(at.bits()))?;
        way("a hash set per length", &|at| lengths.covers(at.bits()))?;
        way("trie", &|at| trie.get_lpm(&net(Prefix::host(*at))).is_some())?;
        group.finish();
        // A hundredth of the addresses, for the walk takes thousands of times as long.
        let some = asked.get(..asked.len() / 100).unwrap_or_default();
        let mut group = self::group(criterion, &format!("prefixes, {name}"), some.len());
        group.bench_function("walk over the list", |bench| bench.iter(|| by_walk(black_box(some))));
        group.finish();
    }
    let mut group = group(criterion, "prefixes, built", listed.len());
    group.bench_function("interval set", |bench| bench.iter(|| PrefixIndex::new(black_box(&listed))));
    group.bench_function("binary search", |bench| bench.iter(|| Ranges::new(black_box(&listed))));
    group.bench_function("a hash set per length", |bench| bench.iter(|| Lengths::new(black_box(&listed))));
    group.bench_function("trie", |bench| bench.iter(|| self::trie(black_box(&listed))));
    group.finish();
    Ok(())
}

/// Measures how long it takes to say whether an address was listed at a time, by 30,000 intervals of ten whole days on 5,000
/// addresses and 10,000 prefixes in 90 days: the address first and then its intervals, or the set of the event's day,
/// cut before. For addresses of which nearly none is listed, as in an archive, and for listed ones. Then how long each
/// takes to build; `println` says how many entries it holds.
pub fn times(criterion: &mut Criterion) -> Result<()> {
    let rng = &mut rng();
    let listed = listed(rng);
    let intervals: Vec<Interval> = (0..INTERVALS)
        .filter_map(|at| {
            let at = if at < listed.len() { at } else { rng.random_range(0..listed.len()) };
            Some(Interval { prefix: *listed.get(at)?, first_day: rng.random_range(0..DAYS - STAY_DAYS) })
        })
        .collect();
    let (undated, days) = (Undated::new(&intervals), Days::new(&intervals));
    println!("intervals: {}, entries of day sets: {}", undated.intervals.len(), days.entries);
    let event = |at: Address, rng: &mut ChaCha8Rng| (at, rng.random_range(0..DAYS * DAY_MICROS));
    let anywhere: Vec<Event> = (0..ASKED).map(|_| event(address(rng), rng)).collect();
    let within: Vec<Event> = (0..ASKED)
        .filter_map(|_| {
            let inside = inside(*listed.get(rng.random_range(0..listed.len()))?, rng);
            Some(event(inside, rng))
        })
        .collect();
    for (name, asked) in [("not listed", anywhere), ("listed", within)] {
        let expected = count(&asked, |(at, time)| intervals.iter().any(|interval| interval.holds(*at, *time)));
        let mut group = group(criterion, &format!("times, {name}"), asked.len());
        measured(&mut group, "intervals of the address", &asked, expected, &|(at, time)| undated.holds(*at, *time))?;
        measured(&mut group, "a set per day", &asked, expected, &|(at, time)| days.holds(*at, *time))?;
        group.finish();
    }
    let mut group = group(criterion, "times, built", intervals.len());
    group.bench_function("intervals of the address", |bench| bench.iter(|| Undated::new(black_box(&intervals))));
    group.bench_function("a set per day", |bench| bench.iter(|| Days::new(black_box(&intervals))));
    group.finish();
    Ok(())
}

/// Measures one way, after a look at its answers.
fn measured<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    asked: &[T],
    expected: usize,
    is: &dyn Fn(&T) -> bool,
) -> Result<()> {
    let found = count(asked, is);
    ensure!(found == expected, "{name} finds {found}, the walk over the list {expected}");
    group.bench_function(name, |bench| bench.iter(|| count(black_box(asked), is)));
    Ok(())
}

/// An address and microseconds since the first day.
type Event = (Address, i64);

/// Listed on whole days, `STAY_DAYS` of them.
struct Interval {
    prefix: Prefix,
    first_day: i64,
}

impl Interval {
    fn holds(&self, address: Address, time: i64) -> bool {
        self.prefix.contains(address) && self.is_on(time)
    }

    fn is_on(&self, time: i64) -> bool {
        (self.first_day..self.first_day + STAY_DAYS).contains(&(time / DAY_MICROS))
    }
}

/// An equality and a residual: what is listed at any time, and then each entry's days.
struct Undated<'a> {
    index: PrefixIndex,
    intervals: &'a [Interval],
}

impl<'a> Undated<'a> {
    fn new(intervals: &'a [Interval]) -> Self {
        let prefixes: Vec<Prefix> = intervals.iter().map(|interval| interval.prefix).collect();
        Self { index: PrefixIndex::new(&prefixes), intervals }
    }

    fn holds(&self, address: Address, time: i64) -> bool {
        let of = |entry: &u32| usize::try_from(*entry).ok().and_then(|entry| self.intervals.get(entry));
        self.index.lookup(address).iter().filter_map(of).any(|interval| interval.is_on(time))
    }
}

/// What is listed, split by day.
struct Days {
    sets: Vec<PrefixIndex>,
    entries: usize,
}

impl Days {
    fn new(intervals: &[Interval]) -> Self {
        let mut by_day: HashMap<i64, Vec<Prefix>> = HashMap::new();
        for Interval { prefix, first_day } in intervals {
            for day in *first_day..first_day + STAY_DAYS {
                by_day.entry(day).or_default().push(*prefix);
            }
        }
        let of = |day| by_day.get(&day).map(Vec::as_slice).unwrap_or_default();
        Self {
            sets: (0..DAYS).map(|day| PrefixIndex::new(of(day))).collect(),
            entries: by_day.values().map(Vec::len).sum(),
        }
    }

    fn holds(&self, address: Address, time: i64) -> bool {
        let set = usize::try_from(time / DAY_MICROS).ok().and_then(|day| self.sets.get(day));
        set.is_some_and(|set| !set.lookup(address).is_empty())
    }
}

/// What the list covers, as disjoint ranges in order.
struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    fn new(listed: &[Prefix]) -> Self {
        let mut all: Vec<(u128, u128)> =
            listed.iter().map(|prefix| (prefix.first().bits(), prefix.last().bits())).collect();
        all.sort_unstable();
        // Prefixes nest or are disjoint: what begins inside the one before it lies in it.
        all.dedup_by(|inner, outer| inner.1 <= outer.1);
        Self(all)
    }

    fn covers(&self, bits: u128) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= bits);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, last)| bits <= *last)
    }
}

/// For each length that the list has, the bits of its prefixes without what follows them.
struct Lengths(Vec<(u32, HashSet<u128>)>);

impl Lengths {
    fn new(listed: &[Prefix]) -> Self {
        let mut by_length: HashMap<u32, HashSet<u128>> = HashMap::new();
        for prefix in listed {
            let rest = 128 - u32::from(prefix.bits());
            by_length.entry(rest).or_default().insert(shifted(prefix.first().bits(), rest));
        }
        Self(by_length.into_iter().collect())
    }

    fn covers(&self, bits: u128) -> bool {
        self.0.iter().any(|(rest, set)| set.contains(&shifted(bits, *rest)))
    }
}

fn shifted(bits: u128, by: u32) -> u128 {
    bits.checked_shr(by).unwrap_or(0)
}

fn trie(listed: &[Prefix]) -> PrefixSet<Ipv6Net> {
    listed.iter().map(|prefix| net(*prefix)).collect()
}

fn net(prefix: Prefix) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_bits(prefix.first().bits()), prefix.bits())
}

/// Addresses, then prefixes of many lengths: /24 to /31 of IPv4 and /40 to /64 of IPv6.
fn listed(rng: &mut ChaCha8Rng) -> Vec<Prefix> {
    let hosts: Vec<Prefix> = (0..HOSTS).map(|_| Prefix::host(address(rng))).collect();
    let prefixes = (0..PREFIXES).map(|_| {
        let at = address(rng);
        let is_v4 = Address::bits(at) >> 32 == 0xffff;
        Prefix::covering(at, if is_v4 { rng.random_range(120..128) } else { rng.random_range(40..65) })
    });
    hosts.into_iter().chain(prefixes).collect()
}

fn inside(prefix: Prefix, rng: &mut ChaCha8Rng) -> Address {
    Address::from_bits(rng.random_range(prefix.first().bits()..=prefix.last().bits()))
}
