//! Blocks of sorted keys: what distinguishes each from the one before it. The first key of a block stands in the
//! directory, so one block is decoded alone.
//!
//! IPv4 addresses lie almost at random in their space and take Elias and Fano's code with the best parameter of the block:
//! the lower halves of all keys side by side, then the differences of their upper halves in unary. It costs half a bit a
//! key more than gaps in Rice's code, but where a key lies depends on no other, so that a hunt passes over keys by their
//! upper halves, a bit or two each. Gaps of IPv6 addresses span a hundred powers of two, so each is so many bits, and the
//! lengths of all come first; names share their beginnings.

use super::bits::{BitReader, BitWriter, first_word};
use super::wanted::Walk;
use super::wire::{Cursor, put_number};
use crate::model::Address;

/// Keys in a block; only the last block has fewer.
pub(super) const BLOCK_KEYS: usize = 256;

/// An address of one family, as its index has it.
pub(super) trait AddressKey: Copy + Ord + Send + Sync + 'static {
    /// The highest key.
    const LAST: Self;

    /// The address.
    fn address(self) -> Address;

    /// Appends the first key of a block to a directory.
    fn put_first(self, out: &mut Vec<u8>);

    /// Reads it.
    fn take_first(from: &mut Cursor<'_>) -> Option<Self>;

    /// The block of ascending keys, without the first.
    fn encode(keys: &[Self]) -> Vec<u8>;

    /// Reads so many keys, the first among them, into `out`; `None` when the block is damaged.
    fn decode(block: &[u8], first: Self, count: usize, out: &mut Vec<Self>) -> Option<()>;

    /// The positions of the wanted ones among so many keys, the first among them, all above those that the walk has seen;
    /// `None` when the block is damaged. `room` is room for keys.
    fn find(
        block: &[u8],
        first: Self,
        count: usize,
        walk: &mut Walk<'_, Self>,
        room: &mut Vec<Self>,
    ) -> Option<Vec<usize>> {
        Self::decode(block, first, count, room)?;
        Some(walk.wanted_among(room))
    }
}

/// IPv4, as the lower 32 bits.
impl AddressKey for u32 {
    const LAST: Self = Self::MAX;

    fn address(self) -> Address {
        std::net::Ipv4Addr::from_bits(self).into()
    }

    fn put_first(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn take_first(from: &mut Cursor<'_>) -> Option<Self> {
        from.u32()
    }

    fn encode(keys: &[Self]) -> Vec<u8> {
        let Some((first, others)) = keys.split_first() else { return Vec::new() };
        let behind: Vec<u64> = others.iter().map(|key| u64::from(key - first)).collect();
        let last = behind.last().copied().unwrap_or(0);
        let bits = |low: Self| u64::from(low) * behind.len() as u64 + (last >> low);
        let low = (0..=32).min_by_key(|low| bits(*low)).unwrap_or(0);
        let mut lower = BitWriter::after(vec![low as u8]);
        behind.iter().for_each(|key| lower.put_lower(*key, low));
        let mut upper = BitWriter::after(lower.finish());
        let before = [0].iter().chain(&behind);
        behind.iter().zip(before).for_each(|(key, before)| upper.put_unary((key >> low) - (before >> low)));
        upper.finish()
    }

    fn decode(block: &[u8], first: Self, count: usize, out: &mut Vec<Self>) -> Option<()> {
        out.clear();
        out.push(first);
        let halves = Halves::of(block, first, count)?;
        halves.each(0, |at, upper| {
            out.push(halves.key(at, upper)?);
            Some(0)
        })?;
        out.is_sorted_by(|a, b| a < b).then_some(())
    }

    fn find(
        block: &[u8],
        first: Self,
        count: usize,
        walk: &mut Walk<'_, Self>,
        _: &mut Vec<Self>,
    ) -> Option<Vec<usize>> {
        let halves = Halves::of(block, first, count)?;
        let mut found = Vec::new();
        if walk.holds(first) {
            found.push(0);
        }
        // No key with a lower upper half than that of the next wanted one is of interest.
        let upper_of = |key: Self| u64::from(key.saturating_sub(first)) >> halves.low;
        let next = |walk: &Walk<'_, Self>| walk.next().map_or(u64::MAX, upper_of);
        halves.each(next(walk), |at, upper| {
            if walk.holds(halves.key(at, upper)?) {
                found.push(at + 1);
            }
            Some(next(walk))
        })?;
        Some(found)
    }
}

/// A block of IPv4 keys behind the first one, of which each is a number of so many above it.
struct Halves<'a> {
    first: u32,
    /// Behind the first.
    count: usize,
    /// Bits of a lower half.
    low: u32,
    lower: BitReader<'a>,
    upper: &'a [u8],
}

impl<'a> Halves<'a> {
    fn of(block: &'a [u8], first: u32, count: usize) -> Option<Self> {
        let (low, bits) = block.split_first()?;
        let low = Some(u32::from(*low)).filter(|low| *low <= 32)?;
        let count = count.checked_sub(1)?;
        let (lower, upper) = bits.split_at_checked(count.checked_mul(low as usize)?.div_ceil(8))?;
        Some(Self { first, count, low, lower: BitReader::new(lower), upper })
    }

    /// Hands on the places and upper halves of those keys whose upper half is not below `next`, which each answer sets
    /// anew; `None` when the block has not just as many keys as it should have.
    #[inline]
    fn each(&self, mut next: u64, mut hand_on: impl FnMut(usize, u64) -> Option<u64>) -> Option<()> {
        let (mut at, mut end) = (0, 0);
        for (eight, from) in self.upper.chunks(8).zip((0u64..).step_by(64)) {
            let mut ones = first_word(eight);
            let behind = at + u64::from(ones.count_ones());
            end = from + u64::from(u64::BITS - ones.leading_zeros());
            // Each one stands for a key, and the zeros before it count up the key's upper half.
            while ones != 0 && end - behind >= next {
                let upper = from + u64::from(ones.trailing_zeros()) - at;
                ones &= ones - 1;
                if upper >= next {
                    next = hand_on(at as usize, upper)?;
                }
                at += 1;
            }
            at = behind;
        }
        (at == self.count as u64 && self.upper.len() as u64 == end.div_ceil(8)).then_some(())
    }

    /// The key at a place, with this upper half; `None` where it is no key of the family.
    #[inline]
    fn key(&self, at: usize, upper: u64) -> Option<u32> {
        let lower = self.lower.at(at * self.low as usize, self.low);
        let behind = upper.checked_mul(1 << self.low)? | lower;
        self.first.checked_add(u32::try_from(behind).ok()?)
    }
}

/// IPv6.
impl AddressKey for u128 {
    const LAST: Self = Self::MAX;

    fn address(self) -> Address {
        Address::from_bits(self)
    }

    fn put_first(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn take_first(from: &mut Cursor<'_>) -> Option<Self> {
        from.u128()
    }

    fn encode(keys: &[Self]) -> Vec<u8> {
        let gaps: Vec<Self> = pairs(keys).map(|(before, key)| key - before).collect();
        let lengths = || gaps.iter().map(|gap| gap.ilog2());
        let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        let width = Self::BITS - Self::from(most - least).leading_zeros();
        let mut writer = BitWriter::after(vec![least as u8, width as u8]);
        lengths().for_each(|length| writer.put(u64::from(length - least), width));
        let mut writer = BitWriter::after(writer.finish());
        gaps.iter().zip(lengths()).for_each(|(gap, length)| writer.put_wide(gap & !(1 << length), length));
        writer.finish()
    }

    fn decode(block: &[u8], first: Self, count: usize, out: &mut Vec<Self>) -> Option<()> {
        out.clear();
        out.push(first);
        let [least, width, bits @ ..] = block else { return None };
        if *width > 7 {
            return None;
        }
        let count = count.checked_sub(1)?;
        let (lengths, bits) = bits.split_at_checked(count.checked_mul(usize::from(*width))?.div_ceil(8))?;
        let (mut lengths, mut reader) = (BitReader::new(lengths), BitReader::new(bits));
        let mut key = first;
        for _ in 0..count {
            let length = u32::from(*least) + lengths.take(u32::from(*width))? as u32;
            let gap = 1u128.checked_shl(length)? | reader.take_wide(length)?;
            key = key.checked_add(gap)?;
            out.push(key);
        }
        (lengths.is_done() && reader.is_done()).then_some(())
    }
}

fn pairs<K: Copy>(keys: &[K]) -> impl Iterator<Item = (K, K)> {
    keys.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
}

/// The block of ascending names, without the first.
pub(super) fn encode_names(names: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (before, name) in pairs(names) {
        let shared = before.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let rest = name.as_bytes().get(shared..).unwrap_or_default();
        put_number(&mut out, shared as u64);
        put_number(&mut out, rest.len() as u64);
        out.extend_from_slice(rest);
    }
    out
}

/// Reads so many names, the first among them, one at a time with its position in the block: a block may stand for more text
/// than it has bytes. `None` when it is damaged.
pub(super) fn decode_names(block: &[u8], first: &str, count: usize, mut found: impl FnMut(usize, &str)) -> Option<()> {
    let mut cursor = Cursor::new(block);
    let mut name = first.as_bytes().to_vec();
    found(0, first);
    for at in 1..count {
        let shared = usize::try_from(cursor.number()?).ok()?;
        let length = cursor.length()?;
        let rest = cursor.bytes(length)?;
        // Ascending: longer than the name before, or greater where they part.
        match (name.get(shared), rest.first()) {
            (None, Some(_)) if shared == name.len() => {}
            (Some(old), Some(new)) if new > old => {}
            _ => return None,
        }
        name.truncate(shared);
        name.extend_from_slice(rest);
        found(at, std::str::from_utf8(&name).ok()?);
    }
    (cursor.left() == 0).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::index::wanted::{AddressSet, Wanted as _};
    use crate::model::Prefix;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn comes_back<K: AddressKey + std::fmt::Debug>(keys: &BTreeSet<K>) {
        let keys: Vec<K> = keys.iter().copied().take(BLOCK_KEYS).collect();
        let Some(first) = keys.first() else { return };
        let block = K::encode(&keys);
        let mut out = Vec::new();
        assert_eq!(K::decode(&block, *first, keys.len(), &mut out), Some(()));
        assert_eq!(out, keys);
        assert_eq!(K::decode(&block[..block.len() - 1], *first, keys.len(), &mut out), None);
    }

    proptest! {
        #[test]
        fn addresses_come_back(
            v4 in prop::collection::btree_set(prop_oneof![any::<u32>(), 0u32..300], 0..400),
            v6 in prop::collection::btree_set((any::<u128>(), 0u32..128).prop_map(|(bits, shift)| bits >> shift), 0..400),
        ) {
            comes_back(&v4);
            comes_back(&v6);
        }

        #[test]
        fn wanted_keys_are_found_among_the_others(
            keys in prop::collection::btree_set(prop_oneof![any::<u32>(), 0u32..300, 70_000u32..71_000], 1..=BLOCK_KEYS),
            near in prop::collection::vec((any::<prop::sample::Index>(), -2i64..=2, 96u8..=128), 0..40),
            far in prop::collection::vec((any::<u32>(), 96u8..=128), 0..5),
        ) {
            let keys: Vec<u32> = keys.into_iter().collect();
            let near = near.iter().map(|(at, by, length)| (u32::try_from(i64::from(*at.get(&keys)) + by).unwrap_or(0), *length));
            let set = AddressSet::of(near.chain(far).map(|(key, length)| Prefix::covering(key.address(), length)));
            let want: Vec<usize> = (0..keys.len()).filter(|at| set.lists(keys[*at].address())).collect();
            let (block, mut room) = (u32::encode(&keys), Vec::new());
            prop_assert_eq!(u32::find(&block, keys[0], keys.len(), &mut set.v4.walk(), &mut room), Some(want));
        }

        #[test]
        fn names_come_back(names in prop::collection::btree_set("[a-cü]{1,6}", 1..100)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let block = encode_names(&names);
            let mut out = Vec::new();
            let read = decode_names(&block, names[0], names.len(), |at, name| {
                assert_eq!(at, out.len());
                out.push(name.to_owned());
            });
            prop_assert_eq!(read, Some(()));
            prop_assert_eq!(out, names);
        }

        #[test]
        fn any_bytes_are_keys_in_order_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..64), count in 0usize..300) {
            let mut v4: Vec<u32> = Vec::new();
            if u32::decode(&bytes, 7, count, &mut v4).is_some() {
                prop_assert!(v4.is_sorted_by(|a, b| a < b));
            }
            let set = AddressSet::of([Prefix::covering(0u32.address(), 97)]);
            if let Some(found) = u32::find(&bytes, 7, count, &mut set.v4.walk(), &mut v4) {
                prop_assert!(found.iter().all(|at| *at < count));
            }
            let mut v6: Vec<u128> = Vec::new();
            if u128::decode(&bytes, 7, count, &mut v6).is_some() {
                prop_assert!(v6.is_sorted_by(|a, b| a < b));
            }
            let mut names = Vec::new();
            if decode_names(&bytes, "m", count, |_, name| names.push(name.to_owned())).is_some() {
                prop_assert!(names.is_sorted_by(|a, b| a < b));
            }
        }
    }

    #[test]
    fn the_ends_of_a_family_are_keys() {
        comes_back(&BTreeSet::from([0, u32::MAX]));
        comes_back(&BTreeSet::from([0, u128::MAX]));
        comes_back(&BTreeSet::from([u128::MAX - 1, u128::MAX]));
    }
}
