//! A population of Tor exits with a known history: which address was an exit in which hour of the archive and of the
//! month after it.
//!
//! It exists so that a hunt's recall and its share of spurious findings can be measured against the truth. How often
//! the history is written down must not change it: the spacing is no business of this module's lives.

mod files;
mod lives;
mod places;

#[cfg(test)]
mod tests;

use rand::seq::SliceRandom;
use rand::{Rng, RngCore};

pub(super) use self::files::{HISTORY, TRUTH, write_snapshots, write_truth};
use self::lives::Stay;
use self::places::Places;
use super::random::{Purpose, stream};
use crate::model::synthesis::{SynthConfig, TOR_HISTORY_HOURS_MAX};
use crate::model::time::DAY_MICROS;
use crate::model::{Address, Micros};

const HOUR_MICROS: i64 = DAY_MICROS / 24;
/// Addresses that become an exit for the first time, per day.
const BIRTHS: std::ops::RangeInclusive<u32> = 6..=15;
/// Draws before the wanted standing is given up. At any time more than one address in a hundred has either standing.
const DRAWS_MAX: usize = 4_096;

/// Whether an address is an exit at the time of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// It is.
    Exit,
    /// Not yet, not at the moment, or not any more.
    NoExit,
}

/// All addresses that are an exit at some time.
#[derive(Debug)]
pub(super) struct Exits {
    start: Micros,
    /// Hours of the archive; the lives go on for [`TOR_HISTORY_HOURS_MAX`] more.
    hours: i64,
    /// In the order of the addresses.
    list: Vec<Exit>,
}

#[derive(Debug)]
struct Exit {
    address: Address,
    /// Ascending and apart; never empty.
    stays: Vec<Stay>,
}

impl Exit {
    fn is_exit(&self, hour: i64) -> bool {
        let after = self.stays.partition_point(|stay| stay.from <= hour);
        after > 0 && hour < self.stays[after - 1].to
    }
}

impl Exits {
    pub(super) fn new(config: &SynthConfig) -> Self {
        let hours = i64::from(config.days) * 24;
        let until = hours + i64::from(TOR_HISTORY_HOURS_MAX);
        let mut births = stream(config.seed, Purpose::Exits, 0);
        let mut ground = stream(config.seed, Purpose::Exits, 1);
        let mut places = Places::new(&mut ground);
        let mut list = Vec::new();
        for day in (-lives::STAY_MAX..until).step_by(24) {
            for _ in 0..births.random_range(BIRTHS) {
                let joins = day + births.random_range(0..24);
                let life = lives::live(joins, &mut births);
                if life.iter().all(|stay| stay.to <= 0) {
                    continue;
                }
                let address = places.next(&mut ground);
                let seen = life.iter().filter(|stay| stay.to > 0 && stay.from < until);
                let stays: Vec<Stay> =
                    seen.map(|stay| Stay { from: stay.from.max(0), to: stay.to.min(until) }).collect();
                if !stays.is_empty() {
                    list.push(Exit { address, stays });
                }
            }
        }
        list.sort_unstable_by_key(|exit| exit.address);
        Self { start: config.start, hours, list }
    }

    /// Everyone who is an exit at some time.
    pub(super) fn all(&self) -> impl Iterator<Item = Address> {
        self.list.iter().map(|exit| exit.address)
    }

    /// The list that somebody takes at the archive's end, in no order.
    pub(super) fn last_list(&self, seed: u64) -> Vec<Address> {
        let now = self.list.iter().filter(|exit| exit.is_exit(self.hours));
        let mut list: Vec<Address> = now.map(|exit| exit.address).collect();
        list.shuffle(&mut stream(seed, Purpose::Exits, 2));
        list
    }

    /// A random address of this standing at this time, every one as likely as any other.
    pub(super) fn pick(&self, micros: i64, standing: Standing, rng: &mut impl RngCore) -> Address {
        let hour = (micros - self.start.0).div_euclid(HOUR_MICROS);
        let mut drawn = &self.list[rng.random_range(0..self.list.len())];
        for _ in 0..DRAWS_MAX {
            if drawn.is_exit(hour) == (standing == Standing::Exit) {
                break;
            }
            drawn = &self.list[rng.random_range(0..self.list.len())];
        }
        drawn.address
    }

    const fn time(&self, hour: i64) -> Micros {
        Micros(self.start.0 + hour * HOUR_MICROS)
    }
}
