//! When a synthetic address is a Tor exit: stays of hours to years, short gaps in them, and returns after an absence.
//!
//! The shares are set so that daily looks at the population show what public exit lists showed over 29 months: about
//! 1,900 addresses at a time, 1.5 % of them new and as many gone each day, stays of which a fifth last one day and half
//! a week, a third of the addresses seen in more than one stay, and hourly flapping mostly by one hour. Whole numbers
//! only, so every machine draws the same lives.

use rand::{Rng, RngCore};

/// Whole hours since the archive begins: an exit from the first on, none any more at the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stay {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// A share and the range of hours, even within it, that this share has.
type Band = (u32, i64, i64);

const DAY: i64 = 24;
/// The longest stay. Lives begin as long before the archive, so that old addresses are as common as they should be.
pub(super) const STAY_MAX: i64 = 2_000 * DAY;
/// How long a stay lasts, its short gaps included.
const STAYS: [Band; 6] = [
    (42, 6, 42),
    (20, 42, 8 * DAY),
    (16, 8 * DAY, 30 * DAY),
    (9, 30 * DAY, 90 * DAY),
    (7, 90 * DAY, 400 * DAY),
    (6, 400 * DAY, STAY_MAX),
];
/// How long an address is away that comes back.
const ABSENCES: [Band; 4] = [(40, 25, 72), (30, 72, 7 * DAY), (20, 7 * DAY, 30 * DAY), (10, 30 * DAY, 180 * DAY)];
/// Gaps within a stay: a relay restarts, or misses a consensus or a few.
const GAPS: [Band; 3] = [(60, 1, 2), (20, 2, 4), (20, 4, 25)];
/// How long a stay goes on without a gap, on the average: most addresses are steady, few drop out all the time.
const STEADINESS: [(u32, i64); 3] = [(75, 12_000), (18, 400), (7, 80)];
/// Below this mean an address is restless: after a gap it may drop out again at once.
const RESTLESS: i64 = 5_000;
/// Of 100 runs of a restless address, those of an hour or two.
const RESTLESS_PERCENT: u32 = 15;
/// Of 100 addresses, those that come back after their first stay, and after a later one.
const RETURN_PERCENT: (u32, u32) = (28, 70);

/// The life of one address that joins at this hour.
pub(super) fn live(joins: i64, rng: &mut impl RngCore) -> Vec<Stay> {
    let mean = steadiness(rng);
    let (mut stays, mut hour, mut returns) = (Vec::new(), joins, RETURN_PERCENT.0);
    loop {
        let end = hour + within(&STAYS, rng);
        runs(hour, end, mean, &mut stays, rng);
        if rng.random_range(0..100) >= returns {
            return stays;
        }
        returns = RETURN_PERCENT.1;
        hour = end + within(&ABSENCES, rng);
    }
}

/// One stay as its runs without a gap.
fn runs(from: i64, to: i64, mean: i64, stays: &mut Vec<Stay>, rng: &mut impl RngCore) {
    let mut hour = from;
    loop {
        let again = hour > from && mean < RESTLESS && rng.random_range(0..100) < RESTLESS_PERCENT;
        let run = if again { rng.random_range(1..3) } else { rng.random_range(1..2 * mean) };
        let end = to.min(hour + run);
        stays.push(Stay { from: hour, to: end });
        hour = end + within(&GAPS, rng);
        if hour >= to {
            return;
        }
    }
}

fn steadiness(rng: &mut impl RngCore) -> i64 {
    let mut left = rng.random_range(0..STEADINESS.iter().map(|(share, _)| share).sum());
    for (share, mean) in STEADINESS {
        if left < share {
            return mean;
        }
        left -= share;
    }
    STEADINESS[0].1
}

fn within(bands: &[Band], rng: &mut impl RngCore) -> i64 {
    let mut left = rng.random_range(0..bands.iter().map(|(share, ..)| share).sum());
    for (share, from, to) in bands {
        if left < *share {
            return rng.random_range(*from..*to);
        }
        left -= share;
    }
    bands[0].1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::random::{Purpose, stream};

    #[test]
    fn stays_of_a_life_are_apart_and_in_order() {
        let mut rng = stream(1, Purpose::Exits, 0);
        for joins in -2_000..2_000 {
            let life = live(joins, &mut rng);
            assert_eq!(life[0].from, joins);
            assert!(life.iter().all(|stay| stay.from < stay.to), "{life:?}");
            assert!(life.windows(2).all(|pair| pair[0].to < pair[1].from), "{life:?}");
        }
    }
}
