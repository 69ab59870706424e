//! Near which addresses a list holds anything: one look at a few kilobytes that stay in the processor's nearest memory.
//!
//! Most addresses of an archive lie in a /16 of IPv4 or a /32 of IPv6 of which the list holds nothing.

use super::Address;

/// A bit for each /16 of IPv4, and for each of some hashes of the /32s of IPv6.
#[derive(Clone, Debug)]
pub struct Blocks {
    v4: Vec<u64>,
    v6: Vec<u64>,
}

const V6_HASH_BITS: u32 = 14;
/// More /32s than this in one range, and every /32 counts as held.
const V6_MARKED_MAX: u128 = 1 << 12;

impl Default for Blocks {
    fn default() -> Self {
        Self { v4: vec![0; 1 << (16 - 6)], v6: vec![0; 1 << (V6_HASH_BITS - 6)] }
    }
}

impl Blocks {
    /// Marks the blocks of a range, given by its first and its last address.
    pub fn mark(&mut self, first: Address, last: Address) {
        const V4_FIRST: u128 = 0xffff << 32;
        const V4_LAST: u128 = V4_FIRST + 0xffff_ffff;
        let (first, last) = (first.bits(), last.bits());
        if first <= V4_LAST && last >= V4_FIRST {
            let block = |address: u128| (address.clamp(V4_FIRST, V4_LAST) - V4_FIRST) >> 16;
            for block in block(first)..=block(last) {
                set(&mut self.v4, block as u32);
            }
        }
        let (first, last) = (first >> 96, last >> 96);
        if last - first > V6_MARKED_MAX {
            self.v6.fill(u64::MAX);
            return;
        }
        for block in first..=last {
            set(&mut self.v6, hash(block as u32));
        }
    }

    /// Whether anything may be held at an address.
    #[must_use]
    #[inline]
    pub fn may_hold(&self, address: Address) -> bool {
        match address.is_v4() {
            true => self.may_hold_v4(address.bits() as u32 >> 16),
            false => self.may_hold_v6((address.bits() >> 96) as u32),
        }
    }

    /// Whether anything may be held in the /16 of IPv4 with these upper bits.
    #[must_use]
    #[inline]
    pub fn may_hold_v4(&self, upper: u32) -> bool {
        is_set(&self.v4, upper)
    }

    /// Whether anything may be held in the /32 of IPv6 with these upper bits.
    #[must_use]
    #[inline]
    pub fn may_hold_v6(&self, upper: u32) -> bool {
        is_set(&self.v6, hash(upper))
    }
}

#[inline]
const fn hash(upper: u32) -> u32 {
    upper.wrapping_mul(0x9e37_79b1) >> (32 - V6_HASH_BITS)
}

#[inline]
fn is_set(bits: &[u64], at: u32) -> bool {
    let word = usize::try_from(at >> 6).ok().and_then(|at| bits.get(at));
    word.is_none_or(|word| word >> (at & 63) & 1 == 1)
}

fn set(bits: &mut [u64], at: u32) {
    if let Some(word) = usize::try_from(at >> 6).ok().and_then(|at| bits.get_mut(at)) {
        *word |= 1 << (at & 63);
    }
}
