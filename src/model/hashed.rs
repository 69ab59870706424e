//! From a hash to the few positions that have it, for millions of positions.
//!
//! One sort of numbers builds it, where a hash table would wait for memory at every entry; a bit for each of many parts of the
//! hashes answers most questions of what is not there from memory that is near.

/// Positions by 32 bits of a hash.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashed {
    /// A hash in the upper half and a position in the lower, ascending.
    entries: Vec<u64>,
    /// Where the hashes of each part begin in `entries`, and where the last ones end.
    starts: Vec<u32>,
    /// A bit for each eighth of a part in which there is any hash.
    taken: Vec<u64>,
    /// How far a hash is shifted to be the number of its part.
    shift: u32,
}

/// Bits of the number of an eighth beside those of its part.
const EIGHTHS: u32 = 3;
/// Fewer parts than two to this need no more room than these.
const PART_BITS_MIN: u32 = 3;
const PART_BITS_MAX: u32 = 32 - EIGHTHS;

impl Hashed {
    /// The positions of hashes. As many as there can be is four billion.
    pub(super) fn of(hashes: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut entries: Vec<u64> =
            hashes.map(|(hash, position)| u64::from(hash) << 32 | u64::from(position)).collect();
        entries.sort_unstable();
        let bits = entries.len().max(1).ilog2().clamp(PART_BITS_MIN, PART_BITS_MAX);
        let shift = 32 - bits;
        let mut taken = vec![0_u64; 1 << (bits + EIGHTHS - 6)];
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, entry) in (0_u32..).zip(&entries) {
            let hash = hash_of(*entry);
            mark(&mut taken, hash >> (shift - EIGHTHS));
            while starts.len() <= index(hash >> shift) {
                starts.push(at);
            }
        }
        starts.resize((1 << bits) + 1, u32::try_from(entries.len()).unwrap_or(u32::MAX));
        Self { entries, starts, taken, shift }
    }

    /// The positions with a hash, ascending.
    #[inline]
    pub(super) fn with(&self, hash: u32) -> impl Iterator<Item = u32> {
        let part = self.part(hash).unwrap_or_default();
        // One hash may have millions of entries, and must not slow its neighbours down.
        let start = part.partition_point(|entry| hash_of(*entry) < hash);
        let found = part.iter().skip(start);
        found.take_while(move |entry| hash_of(**entry) == hash).map(|entry| *entry as u32)
    }

    /// The entries among which those of a hash are.
    #[inline]
    fn part(&self, hash: u32) -> Option<&[u64]> {
        let eighth = hash >> self.shift.checked_sub(EIGHTHS)?;
        if self.taken.get(index(eighth >> 6))? >> (eighth & 63) & 1 == 0 {
            return None;
        }
        let part = index(hash >> self.shift);
        self.entries.get(index(*self.starts.get(part)?)..index(*self.starts.get(part + 1)?))
    }

    /// The positions of each hash that more than one has.
    pub(super) fn shared(&self) -> impl Iterator<Item = impl Iterator<Item = u32>> {
        let runs = self.entries.chunk_by(|a, b| hash_of(*a) == hash_of(*b)).filter(|run| run.len() > 1);
        runs.map(|run| run.iter().map(|entry| *entry as u32))
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

const fn hash_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn mark(bits: &mut [u64], at: u32) {
    if let Some(word) = bits.get_mut(index(at >> 6)) {
        *word |= 1 << (at & 63);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_position_is_found_by_its_hash(
            near in prop::collection::vec(0_u32..40, 0..60),
            far in prop::collection::vec(any::<u32>(), 0..200),
            other: u32,
        ) {
            let hashes: Vec<u32> = near.into_iter().chain(far).chain([0, u32::MAX]).collect();
            let hashed = Hashed::of(hashes.iter().copied().zip(0..));
            for wanted in hashes.iter().copied().chain([other]) {
                let scan: Vec<u32> = (0..).zip(&hashes).filter(|(_, hash)| **hash == wanted).map(|(at, _)| at).collect();
                prop_assert_eq!(hashed.with(wanted).collect::<Vec<_>>(), scan);
            }
            for run in hashed.shared() {
                let run: Vec<u32> = run.collect();
                let first = usize::try_from(run[0]).unwrap();
                prop_assert!(run.len() > 1);
                prop_assert_eq!(hashed.with(hashes[first]).collect::<Vec<_>>(), run);
            }
        }
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(Hashed::default().with(7).count() + Hashed::of(std::iter::empty()).with(7).count(), 0);
        assert!(Hashed::of(std::iter::empty()).is_empty());
    }
}
