//! What a hunt wants to find in indexes: single addresses and ranges that can be listed in order, or a question that only
//! answers for one address at a time.

use super::key_blocks::AddressKey;
use crate::model::{Address, Prefix};

/// What a hunt wants.
pub trait Wanted: Sync {
    /// Whether the address is wanted.
    fn lists(&self, address: Address) -> bool;

    /// Everything that is wanted, in order, if it can be listed; it then decides alone. Without it every distinct address of
    /// an index is asked for.
    fn set(&self) -> Option<&AddressSet> {
        None
    }
}

/// Addresses and ranges in order, by family.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AddressSet {
    pub(super) v4: FamilySet<u32>,
    pub(super) v6: FamilySet<u128>,
}

/// Addresses and ranges of one family; no address lies in a range, and ranges neither overlap nor touch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FamilySet<K> {
    singles: Vec<K>,
    ranges: Vec<(K, K)>,
}

impl<K> Default for FamilySet<K> {
    fn default() -> Self {
        Self { singles: Vec::new(), ranges: Vec::new() }
    }
}

const V4_FIRST: u128 = 0xffff_0000_0000;
const V4_LAST: u128 = 0xffff_ffff_ffff;

impl AddressSet {
    /// The addresses of some prefixes, in any order.
    #[must_use]
    pub fn of(prefixes: impl IntoIterator<Item = Prefix>) -> Self {
        let mut set = Self::default();
        for prefix in prefixes {
            let (first, last) = (prefix.first(), prefix.last());
            if first == last {
                match first.is_v4() {
                    true => set.v4.singles.push(first.bits() as u32),
                    false => set.v6.singles.push(first.bits()),
                }
                continue;
            }
            let (first, last) = (first.bits(), last.bits());
            // A wide IPv6 prefix may hold the mapped addresses, too.
            if first <= V4_LAST && last >= V4_FIRST {
                set.v4.ranges.push((first.max(V4_FIRST) as u32, last.min(V4_LAST) as u32));
            }
            if first < V4_FIRST || last > V4_LAST {
                set.v6.ranges.push((first, last));
            }
        }
        set.v4.settle();
        set.v6.settle();
        set
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

impl Wanted for AddressSet {
    fn lists(&self, address: Address) -> bool {
        match address.is_v4() {
            true => self.v4.walk().holds(address.bits() as u32),
            false => self.v6.walk().holds(address.bits()),
        }
    }

    fn set(&self) -> Option<&AddressSet> {
        Some(self)
    }
}

impl<K: AddressKey> FamilySet<K> {
    const fn is_empty(&self) -> bool {
        self.singles.is_empty() && self.ranges.is_empty()
    }

    fn settle(&mut self) {
        self.ranges.sort_unstable();
        let mut apart: Vec<(K, K)> = Vec::with_capacity(self.ranges.len());
        for (first, last) in self.ranges.drain(..) {
            match apart.last_mut().filter(|before| first <= before.1) {
                Some(before) => before.1 = before.1.max(last),
                None => apart.push((first, last)),
            }
        }
        self.ranges = apart;
        self.singles.sort_unstable();
        self.singles.dedup();
        self.singles.shrink_to_fit();
    }

    /// A walk along the set.
    pub(super) fn walk(&self) -> Walk<'_, K> {
        Walk { singles: &self.singles, ranges: &self.ranges }
    }
}

/// What of a family is left for keys that come in ascending order.
pub(super) struct Walk<'a, K> {
    singles: &'a [K],
    ranges: &'a [(K, K)],
}

impl<K: AddressKey> Walk<'_, K> {
    /// Leaves behind what lies below a key.
    fn advance(&mut self, key: K) {
        self.singles = skip(self.singles, |single| *single < key);
        self.ranges = skip(self.ranges, |range| range.1 < key);
    }

    /// Whether a key is wanted. Each key must be above the one before.
    pub(super) fn holds(&mut self, key: K) -> bool {
        self.advance(key);
        self.singles.first() == Some(&key) || self.ranges.first().is_some_and(|range| range.0 <= key)
    }

    /// No key below this one is wanted any more; `None` when none is at all.
    pub(super) fn next(&self) -> Option<K> {
        match (self.singles.first(), self.ranges.first()) {
            (Some(single), Some((first, _))) => Some(*single.min(first)),
            (Some(next), None) | (None, Some((next, _))) => Some(*next),
            (None, None) => None,
        }
    }

    /// The positions of the wanted ones among ascending keys, all above those that were asked before. Whichever side is denser
    /// is skipped along, so it costs what the sparser one weighs.
    pub(super) fn wanted_among(&mut self, keys: &[K]) -> Vec<usize> {
        let mut positions = Vec::new();
        let mut rest = keys;
        while let Some(key) = rest.first() {
            self.advance(*key);
            let Some(next) = self.next() else { break };
            if next <= *key {
                positions.push(keys.len() - rest.len());
                rest = rest.get(1..).unwrap_or_default();
            } else {
                rest = skip(rest, |key| *key < next);
            }
        }
        positions
    }

    /// Whether any key between these two, both included, is wanted. The first must be above every key that was asked before.
    pub(super) fn holds_any(&mut self, first: K, last: K) -> bool {
        self.advance(first);
        self.singles.first().is_some_and(|single| *single <= last)
            || self.ranges.first().is_some_and(|range| range.0 <= last)
    }
}

/// The slice behind the elements for which `is_before` holds, looked for in steps that double: near the front it costs as
/// little as a comparison, far from it a logarithm of the distance.
#[inline]
fn skip<T>(slice: &[T], is_before: impl Fn(&T) -> bool) -> &[T] {
    // Mostly none or one is.
    let [first, rest @ ..] = slice else { return slice };
    if !is_before(first) {
        return slice;
    }
    let Some(second) = rest.first() else { return rest };
    if is_before(second) { skip_far(rest, is_before) } else { rest }
}

fn skip_far<T>(slice: &[T], is_before: impl Fn(&T) -> bool) -> &[T] {
    let mut step = 1;
    let mut from = 0;
    while slice.get(from + step - 1).is_some_and(&is_before) {
        from += step;
        step *= 2;
    }
    let to = (from + step).min(slice.len());
    let within = slice.get(from..to).unwrap_or_default();
    slice.get(from + within.partition_point(is_before)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefix() -> impl Strategy<Value = Prefix> {
        let v4 = (any::<u32>(), 96u8..=128)
            .prop_map(|(low, bits)| Prefix::covering(std::net::Ipv4Addr::from(low & 0x0300_ffff).into(), bits));
        let v6 = (any::<u128>(), 0u8..=128, 0u32..128)
            .prop_map(|(bits, length, shift)| Prefix::covering(Address::from_bits(bits >> shift), length));
        prop_oneof![4 => v4, 1 => v6]
    }

    proptest! {
        #[test]
        fn a_set_holds_what_its_prefixes_hold(prefixes in prop::collection::vec(prefix(), 0..40)) {
            let set = AddressSet::of(prefixes.iter().copied());
            let edges = prefixes.iter().flat_map(|prefix| {
                let (first, last) = (prefix.first().bits(), prefix.last().bits());
                [first, last, first.wrapping_sub(1), last.wrapping_add(1), first ^ 1 << 20]
            });
            for address in edges.map(Address::from_bits) {
                let want = prefixes.iter().any(|prefix| prefix.contains(address));
                prop_assert_eq!(set.lists(address), want, "{}", address);
            }
        }

        #[test]
        fn a_walk_answers_as_the_set_does(prefixes in prop::collection::vec(prefix(), 0..40), keys in prop::collection::vec(any::<u32>(), 0..80)) {
            let set = AddressSet::of(prefixes);
            let keys: std::collections::BTreeSet<u32> = keys.iter().map(|key| key & 0x0300_ffff).collect();
            let keys: Vec<u32> = keys.into_iter().collect();
            let want: Vec<usize> = (0..keys.len()).filter(|at| set.lists(keys[*at].address())).collect();
            let (mut walk, (front, back)) = (set.v4.walk(), keys.split_at(keys.len() / 3));
            let mut found = walk.wanted_among(front);
            found.extend(walk.wanted_among(back).iter().map(|at| at + front.len()));
            prop_assert_eq!(found, want);
        }

        #[test]
        fn skipping_is_a_partition(mut values in prop::collection::vec(0u32..100, 0..60), pivot in 0u32..100) {
            values.sort_unstable();
            let at = values.partition_point(|value| *value < pivot);
            prop_assert_eq!(skip(&values, |value| *value < pivot), &values[at..]);
        }
    }
}
