//! From an address to the entries of a list whose prefixes hold it.
//!
//! The prefixes are cut into disjoint segments once, so a lookup is one hash probe for listed hosts or one binary
//! search for ranges, whatever the lengths, and never a walk over the list.

use std::collections::HashMap;

use super::{Address, Prefix};

/// Entries by the addresses that they cover. Entry numbers are positions in the list that built the index.
#[derive(Clone, Debug, Default)]
pub struct PrefixIndex {
    /// Single addresses that no wider prefix of the list covers.
    hosts: HashMap<u128, Vec<u32>>,
    /// Disjoint segments in ascending order: (first, last, entries).
    segments: Vec<(u128, u128, Vec<u32>)>,
}

impl PrefixIndex {
    /// Builds the index; entry `i` is the `i`-th prefix. Costs O(n log n) and one copy of an entry number for each
    /// level at which prefixes nest.
    #[must_use]
    pub fn new(prefixes: &[Prefix]) -> Self {
        let mut ranges: Vec<(Prefix, u32)> = Vec::new();
        let mut hosts: HashMap<u128, Vec<u32>> = HashMap::new();
        for (prefix, entry) in prefixes.iter().zip(0u32..) {
            if prefix.is_host() {
                hosts.entry(prefix.first().bits()).or_default().push(entry);
            } else {
                ranges.push((*prefix, entry));
            }
        }
        // Outer before inner: prefixes nest or are disjoint, so a stack of open ones cuts the space.
        ranges.sort_by_key(|(prefix, entry)| (prefix.first(), prefix.bits(), *entry));
        let segments = cut(&ranges);
        let mut index = Self { hosts: HashMap::new(), segments };
        index.hosts = hosts
            .into_iter()
            .map(|(address, mut entries)| {
                entries.extend_from_slice(index.in_segments(address));
                entries.sort_unstable();
                (address, entries)
            })
            .collect();
        index
    }

    /// The entries that cover the address, in list order; empty when none does.
    #[must_use]
    pub fn lookup(&self, address: Address) -> &[u32] {
        match self.hosts.get(&address.bits()) {
            Some(entries) => entries,
            None => self.in_segments(address.bits()),
        }
    }

    fn in_segments(&self, address: u128) -> &[u32] {
        let after = self.segments.partition_point(|(first, _, _)| *first <= address);
        match after.checked_sub(1).and_then(|at| self.segments.get(at)) {
            Some((_, last, entries)) if address <= *last => entries,
            _ => &[],
        }
    }

    /// Whether no entry covers anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.segments.is_empty()
    }
}

fn cut(ranges: &[(Prefix, u32)]) -> Vec<(u128, u128, Vec<u32>)> {
    let mut segments = Vec::new();
    let mut open: Vec<(u128, u32)> = Vec::new();
    let mut next = 0u128;
    for (prefix, entry) in ranges {
        let first = prefix.first().bits();
        close_until(&mut segments, &mut open, &mut next, Some(first));
        emit(&mut segments, &open, next, first.wrapping_sub(1), next < first);
        next = first;
        open.push((prefix.last().bits(), *entry));
    }
    close_until(&mut segments, &mut open, &mut next, None);
    segments
}

/// Ends every open range whose last address comes before `first`, or all of them.
fn close_until(
    segments: &mut Vec<(u128, u128, Vec<u32>)>,
    open: &mut Vec<(u128, u32)>,
    next: &mut u128,
    first: Option<u128>,
) {
    while let Some((last, _)) = open.last().copied() {
        if first.is_some_and(|first| last >= first) {
            break;
        }
        emit(segments, open, *next, last, *next <= last);
        *next = (*next).max(last.saturating_add(1));
        open.pop();
    }
}

fn emit(segments: &mut Vec<(u128, u128, Vec<u32>)>, open: &[(u128, u32)], first: u128, last: u128, any: bool) {
    if any && !open.is_empty() {
        let mut entries: Vec<u32> = open.iter().map(|(_, entry)| *entry).collect();
        entries.sort_unstable();
        segments.push((first, last, entries));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Prefixes in a space small enough that they nest, touch and repeat.
    fn small_prefix() -> impl Strategy<Value = Prefix> {
        (0u8..16, 120u8..=128).prop_map(|(low, bits)| {
            let text = format!("203.0.113.{}/{}", u32::from(low) * 16 + u32::from(low), bits - 96);
            Prefix::parse(&text).unwrap_or_else(|_| unreachable!("built as a prefix"))
        })
    }

    proptest! {
        #[test]
        fn lookup_agrees_with_a_scan_of_the_list(prefixes in prop::collection::vec(small_prefix(), 0..24)) {
            let index = PrefixIndex::new(&prefixes);
            for low in 0..=255u8 {
                let address = Address::from(std::net::Ipv4Addr::new(203, 0, 113, low));
                let scan: Vec<u32> = prefixes.iter().zip(0u32..).filter(|(p, _)| p.contains(address)).map(|(_, i)| i).collect();
                prop_assert_eq!(index.lookup(address), scan.as_slice());
            }
        }
    }

    #[test]
    fn the_ends_of_the_address_space_are_covered() {
        let widest: Vec<Prefix> = ["ff00::/8", "::/8"].iter().filter_map(|t| Prefix::parse(t).ok()).collect();
        let index = PrefixIndex::new(&widest);
        assert_eq!(index.lookup(Address::from_bits(u128::MAX)), &[0]);
        assert_eq!(index.lookup(Address::from_bits(0)), &[1]);
        assert!(index.lookup(Address::from_bits(1 << 125)).is_empty());
    }
}
