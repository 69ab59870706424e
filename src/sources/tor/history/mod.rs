//! From what the files of one series list to intervals and to the stretches of time that the series knows.
//!
//! Pure: no file, no text, no clock, and the order in which files are added does not matter. Which snapshots are gaps
//! rather than "no relays" is `usable`'s decision, sightings with times of their own are `sightings`', and `replay`
//! walks the usable snapshots once. Distinct entries are numbered, so that a snapshot costs four bytes an entry and
//! years of hourly lists fit in memory.

mod replay;
mod sightings;
mod usable;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hashbrown::HashMap;

use self::sightings::Sightings;
use self::usable::{Judged, Measured};
use super::listing::Entry;
use crate::model::relay::{Family, Role};
use crate::model::{Micros, Prefix};

/// One hour in microseconds.
pub(super) const HOUR_MICROS: i64 = 3_600_000_000;

/// Sightings this far apart are one interval, and snapshots this close are never a gap (DESIGN §3.3).
const JOINED_MICROS: i64 = 48 * HOUR_MICROS;

/// A file of scans holds at least the last day's.
const SCANS_REACH_BACK_MICROS: i64 = 24 * HOUR_MICROS;

/// What a dated file of a series is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// The whole list at the file's time: who is not in it was no relay then.
    Lists,
    /// Records with times of their own: the file's time only says how far the knowledge reaches.
    Records,
}

/// What an entry says apart from when.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Sighted {
    /// What is listed.
    pub(super) prefix: Prefix,
    /// Its role.
    pub(super) role: Role,
    /// Its OR port.
    pub(super) port: Option<u16>,
    /// How it was observed.
    pub(super) observed_by: &'static str,
}

impl Sighted {
    /// Where coverage is kept apart: the number of role and family, below [`STREAMS`].
    const fn stream(self) -> usize {
        self.role as usize * 2 + if self.prefix.is_v4() { 0 } else { 1 }
    }
}

/// Roles times families.
const STREAMS: usize = Role::ALL.len() * Family::ALL.len();

/// A list at a time.
struct Snapshot {
    time: Micros,
    digest: [u8; 32],
    /// Numbers of what is listed, sorted, each once.
    members: Box<[u32]>,
}

/// Everything that one series says.
pub(super) struct History {
    kind: Kind,
    sighted: Vec<Sighted>,
    numbers: HashMap<Sighted, u32>,
    snapshots: Vec<Snapshot>,
    sightings: Sightings,
    undated: Vec<u32>,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Finished {
    /// Sorted; the times are absent for what was never dated.
    pub(super) intervals: Vec<(Sighted, Option<(Micros, Micros)>)>,
    /// By role and family, sorted.
    pub(super) spans: Vec<(Role, Family, Micros, Micros)>,
    /// Snapshots that count.
    pub(super) usable: u64,
    /// Snapshots that are gaps, by reason.
    pub(super) left_out: BTreeMap<&'static str, u64>,
    /// Median distance of neighbours among the usable snapshots.
    pub(super) spacing_micros: Option<i64>,
}

impl History {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            sighted: Vec::new(),
            numbers: HashMap::new(),
            snapshots: Vec::new(),
            sightings: Sightings::default(),
            undated: Vec::new(),
        }
    }

    /// Adds a file and returns how many of its entries repeat another one. `time` is the file's own, absent when nothing
    /// dates it; `digest` is its content's.
    pub(super) fn add(&mut self, time: Option<Micros>, digest: [u8; 32], entries: &[Entry]) -> u64 {
        let mut members = Vec::with_capacity(entries.len());
        let mut timed = Vec::new();
        for entry in entries {
            let number = self.number(entry);
            match entry.time {
                Some(seen) => timed.push((number, seen)),
                None => members.push(number),
            }
        }
        sort_once(&mut members);
        sort_once(&mut timed);
        let duplicates = entries.len() - members.len() - timed.len();
        // A list without a time, and a record whose own time cannot be used, are known without a date.
        if self.kind == Kind::Records || time.is_none() {
            self.undated.extend(&members);
        }
        members.extend(timed.iter().map(|(number, _)| *number));
        sort_once(&mut members);
        self.sightings.extend(timed);
        if let Some(time) = time {
            self.snapshots.push(Snapshot { time, digest, members: members.into() });
        }
        duplicates as u64
    }

    /// Distinct single addresses and wider prefixes.
    pub(super) fn sizes(&self) -> (u64, u64) {
        let mut prefixes: Vec<Prefix> = self.sighted.iter().map(|sighted| sighted.prefix).collect();
        sort_once(&mut prefixes);
        let hosts = prefixes.iter().filter(|prefix| prefix.is_host()).count();
        (hosts as u64, (prefixes.len() - hosts) as u64)
    }

    /// Makes intervals and spans of it all.
    pub(super) fn finish(mut self) -> Finished {
        let snapshots = united(std::mem::take(&mut self.snapshots));
        let Judged { usable, left_out } = usable::judge(&self.measured(&snapshots));
        let usable: Vec<&Snapshot> = usable.into_iter().filter_map(|at| snapshots.get(at)).collect();
        let times: Vec<i64> = usable.iter().map(|snapshot| snapshot.time.0).collect();
        let apart = times.windows(2).filter_map(|pair| Some(pair.last()?.saturating_sub(*pair.first()?)));
        let spacing_micros = median(apart.collect());
        let replayed = replay::replay(self.kind, &self.sighted, &usable, spacing_micros);
        let dated = replayed.runs.into_iter().chain(self.sightings.joined());
        let dated = dated.map(|(number, from, to)| (number, Some((from, to))));
        sort_once(&mut self.undated);
        let undated = self.undated.iter().map(|number| (*number, None));
        let known = |(number, times): (u32, _)| Some((*self.sighted.get(number as usize)?, times));
        let mut intervals: Vec<_> = dated.chain(undated).filter_map(known).collect();
        sort_once(&mut intervals);
        Finished { intervals, spans: replayed.spans, usable: usable.len() as u64, left_out, spacing_micros }
    }

    fn number(&mut self, entry: &Entry) -> u32 {
        let Entry { prefix, role, port, observed_by, .. } = *entry;
        let sighted = Sighted { prefix, role, port, observed_by };
        *self.numbers.entry(sighted).or_insert_with(|| {
            self.sighted.push(sighted);
            u32::try_from(self.sighted.len() - 1).unwrap_or(u32::MAX)
        })
    }

    /// What decides whether a snapshot is usable: its time, its content's digest and its number of addresses.
    fn measured(&self, snapshots: &[Snapshot]) -> Vec<Measured> {
        let mut order: Vec<(Prefix, usize)> = self.sighted.iter().map(|s| s.prefix).zip(0..).collect();
        order.sort_unstable();
        let mut same_address = vec![0; order.len()];
        let mut groups = 0;
        for (at, (prefix, number)) in order.iter().enumerate() {
            let repeats = at.checked_sub(1).and_then(|before| order.get(before)).is_some_and(|(p, _)| p == prefix);
            groups += usize::from(!repeats);
            if let Some(group) = same_address.get_mut(*number) {
                *group = groups - 1;
            }
        }
        let mut last_seen_in = vec![0; groups];
        let mut addresses = |members: &[u32], snapshot: usize| -> usize {
            let mut is_new = |number: &&u32| {
                let group = same_address.get(**number as usize).and_then(|group| last_seen_in.get_mut(*group));
                group.is_some_and(|last| std::mem::replace(last, snapshot) != snapshot)
            };
            members.iter().filter(|number| is_new(number)).count()
        };
        let measured = snapshots.iter().enumerate().map(|(at, snapshot)| Measured {
            time: snapshot.time,
            digest: snapshot.digest,
            addresses: addresses(&snapshot.members, at + 1),
        });
        measured.collect()
    }
}

/// In the order of time, those of one time as one.
fn united(mut snapshots: Vec<Snapshot>) -> Vec<Snapshot> {
    snapshots.sort_unstable_by(|a, b| (a.time, a.digest, &a.members).cmp(&(b.time, b.digest, &b.members)));
    snapshots.dedup_by(|later, earlier| {
        if later.time != earlier.time {
            return false;
        }
        if later.digest != earlier.digest {
            // Any mixture will do that is the same for the same files; they come sorted.
            earlier.digest.iter_mut().zip(later.digest).for_each(|(a, b)| *a = a.rotate_left(1) ^ b);
        }
        let mut members = std::mem::take(&mut earlier.members).into_vec();
        members.extend(&later.members);
        sort_once(&mut members);
        earlier.members = members.into();
        true
    });
    snapshots
}

fn sort_once<T: Ord>(values: &mut Vec<T>) {
    values.sort_unstable();
    values.dedup();
}

/// The middle one; of two the lower, so that in doubt a distance is a gap and a list is large enough.
fn median<T: Ord + Copy>(mut values: Vec<T>) -> Option<T> {
    values.sort_unstable();
    values.get(values.len().checked_sub(1)? / 2).copied()
}
