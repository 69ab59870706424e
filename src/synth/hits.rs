//! Which rows touch Tor: an exact number, at places that depend on the seed only.

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand::{Rng, RngCore};

use super::layout::FilePlan;
use super::random::{Purpose, stream};
use crate::model::synthesis::{Spread, SynthConfig};

/// Windows per file in which clustered hits lie: with one file a day about an hour each.
const WINDOWS: u64 = 24;

/// A row that touches Tor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hit {
    /// The row, counted from the start of its file.
    pub(super) row: u64,
    /// Chooses the device: hits with the same number come from the same one.
    pub(super) device: u64,
    /// Chooses the few relays that this device talks to.
    pub(super) circle: u64,
    /// Whether the row repeats the hit before it in the file, as a second delivery does.
    pub(super) copy: bool,
}

/// `round(rows * hit_rate)`, but at least 1 where the rate is above 0.
pub(super) fn count(config: &SynthConfig) -> u64 {
    let wanted = (config.rows as f64 * config.hit_rate).round() as u64;
    if config.hit_rate > 0.0 { wanted.max(1) } else { 0 }
}

/// The hits of each file, by the file's index, in the order of rows.
pub(super) fn place(config: &SynthConfig, files: &[FilePlan]) -> BTreeMap<u64, Vec<Hit>> {
    let mut rng = stream(config.seed, Purpose::Hits, 0);
    let hits = count(config);
    let mut by_file: BTreeMap<u64, Vec<Hit>> = match config.hit_spread {
        Spread::Clustered => clustered(hits, files, &mut rng),
        Spread::Uniform => uniform(hits, config.rows, files, &mut rng),
    };
    for hits in by_file.values_mut() {
        hits.sort_unstable_by_key(|hit| hit.row);
        for position in (19..hits.len()).step_by(20) {
            hits[position].copy = true;
        }
    }
    by_file
}

/// One hit in each of `hits` equal parts of the archive.
fn uniform(hits: u64, rows: u64, files: &[FilePlan], rng: &mut impl RngCore) -> BTreeMap<u64, Vec<Hit>> {
    let mut by_file: BTreeMap<u64, Vec<Hit>> = BTreeMap::new();
    for row in spaced(hits, rows, rng) {
        let at = files.partition_point(|file| file.first_row + file.rows <= row);
        let hit = Hit { row: row - files[at].first_row, device: rng.next_u64(), circle: rng.next_u64(), copy: false };
        by_file.entry(files[at].index).or_default().push(hit);
    }
    by_file
}

/// All hits in few windows, each window with one device. No window is filled by more than half.
fn clustered(hits: u64, files: &[FilePlan], rng: &mut impl RngCore) -> BTreeMap<u64, Vec<Hit>> {
    let mut windows: Vec<(u64, u64, u64)> = files
        .iter()
        .flat_map(|file| (0..WINDOWS).map(|w| (file.index, file.rows * w / WINDOWS, file.rows * (w + 1) / WINDOWS)))
        .filter(|(_, from, to)| from < to)
        .collect();
    windows.shuffle(rng);
    let clusters = (hits.isqrt() / 2).max(3).min(hits).max(1);
    let room = |(_, from, to): &(u64, u64, u64)| ((to - from) / 2).max(1);
    // Together the windows have room for a third of all rows, far more than there can be hits.
    let mut share = hits.div_ceil(clusters);
    while windows.iter().map(|window| room(window).min(share)).sum::<u64>() < hits {
        share *= 2;
    }
    // A third as many devices as clusters, so each comes back on another day.
    let devices: Vec<u64> = (0..clusters.div_ceil(3).max(2)).map(|_| rng.next_u64()).collect();
    let mut by_file: BTreeMap<u64, Vec<Hit>> = BTreeMap::new();
    let mut left = hits;
    for (window, device) in windows.into_iter().zip(devices.into_iter().cycle()) {
        if left == 0 {
            break;
        }
        let here = share.min(left).min(room(&window));
        let (index, from, to) = window;
        left -= here;
        let circle = rng.next_u64();
        let rows = spaced(here, to - from, rng);
        by_file.entry(index).or_default().extend(rows.into_iter().map(|row| Hit {
            row: from + row,
            device,
            circle,
            copy: false,
        }));
    }
    by_file
}

/// `count` distinct numbers below `below`, ascending, one in each of `count` equal parts; `count <= below`.
fn spaced(count: u64, below: u64, rng: &mut impl RngCore) -> Vec<u64> {
    let edge = |i: u64| (u128::from(below) * u128::from(i) / u128::from(count)) as u64;
    (0..count).map(|i| rng.random_range(edge(i)..edge(i + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::layout;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_number_of_hits_is_exact_and_every_row_is_hit_once(
            rows in 1_u64..200_000, days in 1_u32..40, rate in 0.0_f64..=0.1, uniform: bool, seed: u64,
        ) {
            let hit_spread = if uniform { Spread::Uniform } else { Spread::Clustered };
            let config = SynthConfig { rows, days, hit_rate: rate, hit_spread, seed, ..SynthConfig::default() };
            let files = layout::plan(&config);
            let placed = place(&config, &files);
            prop_assert_eq!(placed.values().map(Vec::len).sum::<usize>() as u64, count(&config));
            for (index, hits) in &placed {
                let file = files.iter().find(|f| f.index == *index).unwrap();
                prop_assert!(hits.windows(2).all(|pair| pair[0].row < pair[1].row));
                prop_assert!(hits.iter().all(|hit| hit.row < file.rows));
            }
        }
    }

    #[test]
    fn clustered_hits_leave_most_files_alone() {
        let config = SynthConfig { rows: 22_500_000, days: 90, hit_rate: 1e-6, ..SynthConfig::default() };
        let files = layout::plan(&config);
        assert!(place(&config, &files).len() <= 3);
        let uniform = SynthConfig { hit_spread: Spread::Uniform, ..config };
        assert!(place(&uniform, &files).len() >= 18);
    }
}
