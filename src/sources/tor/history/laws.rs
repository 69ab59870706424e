//! What a history says, against the plainest reading of DESIGN §3.3: loops over the snapshots, hour by hour.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// The last hour that is looked at.
const HOURS: i64 = 900;

/// A snapshot: which of eight relays it lists, and whether a hundred more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Listed {
    relays: u8,
    crowd: bool,
}

fn relay(number: usize) -> Entry {
    let roles = [Role::Exit, Role::Guard];
    let address = if number < 5 { format!("192.0.2.{number}") } else { format!("2001:db8::{number}") };
    let port = (number == 1).then_some(443);
    Entry { prefix: Prefix::parse(&address).unwrap(), role: roles[number % 2], port, observed_by: "list", time: None }
}

impl Listed {
    fn entries(self) -> Vec<Entry> {
        let crowd = (0..if self.crowd { 100 } else { 0 })
            .map(|number| Entry { prefix: Prefix::parse(&format!("198.51.100.{number}")).unwrap(), ..relay(0) });
        (0..8).filter(|bit| self.relays >> bit & 1 == 1).map(relay).chain(crowd).collect()
    }

    fn digest(self) -> [u8; 32] {
        let mut digest = [self.relays; 32];
        digest[0] = u8::from(self.crowd);
        digest
    }

    fn size(self) -> usize {
        self.entries().iter().map(|entry| entry.prefix).collect::<BTreeSet<_>>().len()
    }
}

fn hour(hour: i64) -> Micros {
    Micros(hour * HOUR_MICROS)
}

fn history(kind: Kind, files: impl Iterator<Item = (i64, [u8; 32], Vec<Entry>)>) -> Finished {
    let mut history = History::new(kind);
    for (at, digest, entries) in files {
        history.add(Some(hour(at)), digest, &entries);
    }
    history.finish()
}

/// The rules for usable snapshots, one sentence after the other.
fn usable(snapshots: &BTreeMap<i64, Listed>) -> Vec<(i64, Listed)> {
    let mut usable: Vec<(i64, Listed)> = Vec::new();
    let mut large_enough: Vec<(i64, Listed)> = Vec::new();
    for (&at, &listed) in snapshots {
        let mut before: Vec<usize> = usable.iter().rev().take(5).map(|(_, listed)| listed.size()).collect();
        before.sort_unstable();
        let half = before.get(before.len().saturating_sub(1) / 2).map_or(0.0, |median| *median as f64 / 2.0);
        if listed.size() == 0 || (listed.size() as f64) < half {
            continue;
        }
        large_enough.push((at, listed));
        let run = large_enough.iter().rev().take_while(|(_, other)| other.digest() == listed.digest()).last();
        if listed.size() < 100 || at - run.unwrap().0 <= 72 {
            usable.push((at, listed));
        }
    }
    usable
}

fn gap_hours(times: &[i64]) -> i64 {
    let mut apart: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    apart.sort_unstable();
    apart.get(apart.len().saturating_sub(1) / 2).map_or(48, |median| 48.max(3 * median))
}

/// Times of the snapshots that list any relay of this role and family.
fn stream(usable: &[(i64, Listed)], like: Entry) -> Vec<(i64, Listed)> {
    let same = |entry: &Entry| (entry.role, entry.prefix.is_v4()) == (like.role, like.prefix.is_v4());
    usable.iter().copied().filter(|(_, listed)| listed.entries().iter().any(same)).collect()
}

/// Whether the snapshots say so at this hour: at a snapshot's, what it says; between two without a gap, what both say.
fn holds(stream: &[(i64, Listed)], gap: i64, at: i64, says: impl Fn(Listed) -> bool) -> bool {
    let before = stream.iter().rev().find(|(time, _)| *time <= at);
    let after = stream.iter().find(|(time, _)| *time >= at);
    let (Some(before), Some(after)) = (before, after) else { return false };
    after.0 - before.0 <= gap && says(before.1) && says(after.1)
}

fn snapshots() -> impl Strategy<Value = BTreeMap<i64, Listed>> {
    let relays = prop_oneof![Just(0u8), Just(255), Just(0b1011), any::<u8>()];
    let listed = (relays, prop::bool::weighted(0.7)).prop_map(|(relays, crowd)| Listed { relays, crowd });
    let apart = prop_oneof![5 => Just(1i64), 5 => Just(24), 2 => 1i64..48, 1 => 48i64..200];
    prop::collection::vec((apart, listed, 1usize..4), 1..16).prop_map(|steps| {
        let mut at = 0;
        let mut snapshots = BTreeMap::new();
        for (apart, listed, times) in steps {
            for _ in 0..times {
                at += apart;
                snapshots.insert(at, listed);
            }
        }
        snapshots
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn intervals_and_coverage_are_what_the_snapshots_say(snapshots in snapshots()) {
        let files = |(at, listed): (&i64, &Listed)| (*at, listed.digest(), listed.entries());
        let finished = history(Kind::Lists, snapshots.iter().map(files));
        prop_assert_eq!(&finished, &history(Kind::Lists, snapshots.iter().rev().map(files)));

        let usable = usable(&snapshots);
        prop_assert_eq!(finished.usable, usable.len() as u64);
        prop_assert_eq!(finished.usable + finished.left_out.values().sum::<u64>(), snapshots.len() as u64);
        let gap = gap_hours(&usable.iter().map(|(at, _)| *at).collect::<Vec<_>>());
        for number in 0..8 {
            let entry = relay(number);
            let stream = stream(&usable, entry);
            let intervals: Vec<_> =
                finished.intervals.iter().filter(|(sighted, _)| sighted.prefix == entry.prefix).collect();
            let spans: Vec<_> = finished
                .spans
                .iter()
                .filter(|(role, family, ..)| (*role, *family) == (entry.role, Family::of(entry.prefix.first())))
                .collect();
            for at in 0..HOURS {
                let inside = |from: Micros, to: Micros| from <= hour(at) && hour(at) <= to;
                let seen = intervals.iter().filter(|(_, times)| times.is_some_and(|(from, to)| inside(from, to))).count();
                let listed = holds(&stream, gap, at, |listed| listed.relays >> number & 1 == 1);
                prop_assert_eq!(seen, usize::from(listed), "relay {} at hour {}", number, at);
                let covered = spans.iter().filter(|(_, _, from, to)| inside(*from, *to)).count();
                prop_assert_eq!(covered, usize::from(holds(&stream, gap, at, |_| true)), "coverage at hour {}", at);
            }
            prop_assert!(intervals.iter().all(|(sighted, _)| (sighted.role, sighted.port) == (entry.role, entry.port)));
        }
    }

    #[test]
    fn sightings_are_joined_at_48_hours_and_their_files_cover_the_day_before(
        files in prop::collection::btree_map(24i64..HOURS, prop::collection::vec((0usize..8, 0i64..26), 1..20), 1..12)
    ) {
        let scans = |(at, seen): (&i64, &Vec<(usize, i64)>)| {
            let scan = |(number, ago): &(usize, i64)| Entry {
                time: Some(hour(at - ago)), role: Role::Exit, observed_by: "scan", ..relay(*number)
            };
            (*at, [u8::try_from(at % 251).unwrap(); 32], seen.iter().map(scan).collect())
        };
        let finished = history(Kind::Records, files.iter().map(scans));
        prop_assert_eq!(&finished, &history(Kind::Records, files.iter().rev().map(scans)));
        for number in 0..8 {
            let seen: BTreeSet<i64> = files
                .iter()
                .flat_map(|(at, seen)| seen.iter().filter(|(other, _)| *other == number).map(move |(_, ago)| at - ago))
                .collect();
            let mut want: Vec<(i64, i64)> = Vec::new();
            for at in seen {
                match want.last_mut() {
                    Some((_, to)) if at - *to <= 48 => *to = at,
                    _ => want.push((at, at)),
                }
            }
            let want: Vec<_> = want.into_iter().map(|(from, to)| Some((hour(from), hour(to)))).collect();
            let of_it = finished.intervals.iter().filter(|(sighted, _)| sighted.prefix == relay(number).prefix);
            prop_assert_eq!(of_it.map(|(_, times)| *times).collect::<Vec<_>>(), want);
        }
        let reaches_back = |(_, _, from, to): &(Role, Family, Micros, Micros)| {
            let first = (from.0 / HOUR_MICROS) + 24;
            files.contains_key(&first) && files.contains_key(&(to.0 / HOUR_MICROS))
        };
        prop_assert!(finished.spans.iter().all(reaches_back));
    }
}
