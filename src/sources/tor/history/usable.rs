//! Which snapshots say something: an empty, torn or stale list is no knowledge, and never "no relays" (DESIGN §3.3).

use std::collections::BTreeMap;

use super::{HOUR_MICROS, median};
use crate::model::Micros;

/// How many usable snapshots before one tell how large it should be.
const LOOK_BACK: usize = 5;

/// From this size on, a list that does not change at all is not being refreshed.
const STALE_ADDRESSES: usize = 100;

/// How long it may stay the same.
const STALE_MICROS: i64 = 72 * HOUR_MICROS;

const EMPTY: &str = "without a usable address";
const SMALL: &str = "fewer than half the addresses of those before it";
const STALE: &str = "unchanged for more than 72 hours";

/// One snapshot as the rules see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) time: Micros,
    pub(super) digest: [u8; 32],
    /// Distinct ones.
    pub(super) addresses: usize,
}

/// Positions of the snapshots that count, and how many do not, by reason.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) usable: Vec<usize>,
    pub(super) left_out: BTreeMap<&'static str, u64>,
}

/// Judges snapshots in the order of their times.
pub(super) fn judge(snapshots: &[Measured]) -> Judged {
    let mut judged = Judged::default();
    let mut sizes: Vec<usize> = Vec::new();
    let mut run: Option<Measured> = None;
    for (at, snapshot) in snapshots.iter().enumerate() {
        let before = sizes.get(sizes.len().saturating_sub(LOOK_BACK)..).unwrap_or_default();
        let reason = if snapshot.addresses == 0 {
            Some(EMPTY)
        } else if median(before.to_vec()).is_some_and(|usual| snapshot.addresses.saturating_mul(2) < usual) {
            Some(SMALL)
        } else {
            // Empty and torn files between two equal lists do not make the second one fresh.
            let first = run.filter(|first| first.digest == snapshot.digest).unwrap_or(*snapshot);
            run = Some(first);
            let unchanged = snapshot.time.0.saturating_sub(first.time.0);
            (snapshot.addresses >= STALE_ADDRESSES && unchanged > STALE_MICROS).then_some(STALE)
        };
        match reason {
            Some(reason) => *judged.left_out.entry(reason).or_default() += 1,
            None => {
                judged.usable.push(at);
                sizes.push(snapshot.addresses);
            }
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hours, content and size of each snapshot, and the hours of the usable ones.
    fn usable(snapshots: &[(i64, u8, usize)]) -> Vec<i64> {
        let measured: Vec<_> = snapshots
            .iter()
            .map(|(hour, content, addresses)| Measured {
                time: Micros(hour * HOUR_MICROS),
                digest: [*content; 32],
                addresses: *addresses,
            })
            .collect();
        let judged = judge(&measured);
        assert_eq!(judged.usable.len() as u64 + judged.left_out.values().sum::<u64>(), snapshots.len() as u64);
        judged.usable.iter().map(|at| snapshots[*at].0).collect()
    }

    #[test]
    fn empty_and_torn_lists_are_gaps() {
        assert_eq!(usable(&[(0, 1, 100), (24, 2, 0), (48, 3, 49), (72, 4, 50), (96, 5, 30)]), [0, 72, 96]);
        assert_eq!(usable(&[(0, 1, 0), (1, 2, 1), (2, 3, 1000)]), [1, 2]);
    }

    #[test]
    fn only_the_five_before_tell_the_size() {
        let grown = [(0, 0, 10), (1, 1, 10), (2, 2, 100), (3, 3, 100), (4, 4, 100), (5, 5, 100), (6, 6, 40)];
        assert_eq!(usable(&grown), [0, 1, 2, 3, 4, 5]);
        assert_eq!(usable(&[(0, 0, 100), (1, 1, 60), (2, 2, 36), (3, 3, 29)]), [0, 1, 2], "median 60");
    }

    #[test]
    fn a_large_list_that_stays_the_same_is_stale_after_three_days() {
        let days = |size| -> Vec<_> { (0..6).map(|day| (day * 24, 1, size)).chain([(144, 2, size)]).collect() };
        assert_eq!(usable(&days(100)), [0, 24, 48, 72, 144]);
        assert_eq!(usable(&days(99)).len(), 7);
    }

    #[test]
    fn a_torn_file_between_does_not_refresh_a_stale_list() {
        assert_eq!(usable(&[(0, 1, 100), (24, 2, 3), (73, 1, 100), (80, 2, 100), (160, 1, 100)]), [0, 80, 160]);
    }
}
