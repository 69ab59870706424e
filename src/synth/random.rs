//! Randomness that depends on the seed and on nothing else: no clock, no thread, no order of work.
//!
//! Each purpose and each file draws from a stream of its own, so files can be written in any order. Probabilities use
//! only the four basic operations, which every machine rounds alike.

use rand::RngCore;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Relays = 1,
    Devices,
    Programs,
    Services,
    Hits,
    Indicators,
    File,
    Exits,
}

/// The stream of one purpose; `index` tells files apart.
pub(super) fn stream(seed: u64, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A number that looks unrelated to its argument (the finaliser of splitmix64).
pub(super) const fn mix(number: u64) -> u64 {
    let n = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// `digits` hexadecimal digits that depend on `number` only.
pub(super) fn hex(number: u64, digits: usize) -> String {
    let mut text = String::with_capacity(digits + 16);
    let mut n = number;
    while text.len() < digits {
        n = mix(n);
        text.push_str(&format!("{n:016x}"));
    }
    text.truncate(digits);
    text
}

/// A GUID that depends on `number` only.
pub(super) fn guid(number: u64) -> String {
    let h = hex(number, 32);
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
}

/// Picks indexes by weight in constant time (Walker's alias method).
#[derive(Debug)]
pub(super) struct Weighted {
    /// Below this, of 2^32, a slot stands for itself.
    threshold: Vec<u64>,
    /// Otherwise it stands for this index.
    other: Vec<u32>,
}

impl Weighted {
    /// `weights` must not be empty, nor all zero.
    pub(super) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut share: Vec<f64> = weights.iter().map(|w| w / total * weights.len() as f64).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..share.len()).partition(|&i| share[i] < 1.0);
        let mut threshold = vec![1 << 32; share.len()];
        let mut other: Vec<u32> = (0..share.len() as u32).collect();
        while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
            threshold[low] = (share[low] * 4_294_967_296.0) as u64;
            other[low] = high as u32;
            share[high] -= 1.0 - share[low];
            if share[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { threshold, other }
    }

    /// Rank `i` weighs `1 / (i + head)`: few are busy, the tail is long.
    pub(super) fn zipf(count: usize, head: f64) -> Self {
        Self::new(&(0..count).map(|i| 1.0 / (i as f64 + head)).collect::<Vec<_>>())
    }

    pub(super) fn pick(&self, rng: &mut impl RngCore) -> usize {
        let bits = rng.next_u64();
        let slot = (((bits >> 32) * self.threshold.len() as u64) >> 32) as usize;
        if bits & 0xffff_ffff < self.threshold[slot] { slot } else { self.other[slot] as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_kept() {
        let weighted = Weighted::new(&[1.0, 0.0, 7.0, 2.0]);
        let mut rng = stream(3, Purpose::File, 0);
        let mut seen = [0_i64; 4];
        for _ in 0..100_000 {
            seen[weighted.pick(&mut rng)] += 1;
        }
        assert_eq!(seen[1], 0);
        for (got, want) in [(seen[0], 10_000), (seen[2], 70_000), (seen[3], 20_000)] {
            assert!((got - want).abs() < 700, "{seen:?}");
        }
    }

    #[test]
    fn streams_and_texts_depend_on_their_key() {
        let first = |seed, index| stream(seed, Purpose::File, index).next_u64();
        assert_eq!(first(1, 1), first(1, 1));
        assert_ne!(first(1, 1), first(1, 2));
        assert_ne!(first(1, 1), first(2, 1));
        assert_eq!(hex(5, 40).len(), 40);
        assert_eq!(guid(5).len(), 36);
    }
}
