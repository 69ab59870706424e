//! Records that carry a time of their own, joined where they lie close together.

use super::JOINED_MICROS;
use crate::model::Micros;

/// Joining waits for this many stretches, so that it costs little per record.
const BEFORE_JOINING: usize = 1 << 16;

/// Stretches of time per numbered entry. Hourly files repeat each scan a day long, so stretches are joined on the way;
/// which ones belong together does not depend on when that happens.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    stretches: Vec<(u32, Micros, Micros)>,
    joined: usize,
}

impl Sightings {
    /// Adds entries, each seen at a time.
    pub(super) fn extend(&mut self, seen: Vec<(u32, Micros)>) {
        self.stretches.extend(seen.into_iter().map(|(number, time)| (number, time, time)));
        if self.stretches.len() > self.joined * 2 + BEFORE_JOINING {
            self.join();
        }
    }

    /// All stretches, sorted.
    pub(super) fn joined(mut self) -> Vec<(u32, Micros, Micros)> {
        self.join();
        self.stretches
    }

    fn join(&mut self) {
        self.stretches.sort_unstable();
        self.stretches.dedup_by(|(number, from, to), (earlier, _, until)| {
            let close = number == earlier && from.0.saturating_sub(until.0) <= JOINED_MICROS;
            if close {
                *until = (*until).max(*to);
            }
            close
        });
        self.joined = self.stretches.len();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::tor::history::HOUR_MICROS;

    proptest! {
        #[test]
        fn when_stretches_are_joined_does_not_matter(
            seen in prop::collection::vec((0u32..3, 0i64..1000), 0..60),
            every in 1usize..10,
        ) {
            let (mut late, mut early) = (Sightings::default(), Sightings::default());
            for (at, (number, hour)) in seen.iter().enumerate() {
                let seen = vec![(*number, Micros(hour * HOUR_MICROS))];
                late.extend(seen.clone());
                early.extend(seen);
                if at % every == 0 {
                    early.join();
                }
            }
            let joined = early.joined();
            prop_assert_eq!(&joined, &late.joined());
            let apart = |pair: &[(u32, Micros, Micros)]| pair[0].0 != pair[1].0 || pair[1].1.0 - pair[0].2.0 > JOINED_MICROS;
            prop_assert!(joined.windows(2).all(apart));
        }
    }
}
