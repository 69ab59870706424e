//! From an address to the entries of a list whose prefixes hold it.
//!
//! The prefixes are cut into disjoint segments once, so a lookup is one hash probe for listed hosts or one binary
//! search for ranges, whatever the lengths, and never a walk over the list.

use std::hash::BuildHasher as _;

use hashbrown::DefaultHashBuilder;

use super::blocks::Blocks;
use super::hashed::Hashed;
use super::{Address, Prefix};

/// First address, last address, entries.
type Segment = (u128, u128, Vec<u32>);

/// Entries by the addresses that they cover. Entry numbers are positions in the list that built the index.
#[derive(Clone, Debug, Default)]
pub struct PrefixIndex {
    /// Single addresses, as the list names them.
    hosts: Vec<u128>,
    /// Where the entries of each host begin in `entries`, and where the last ones end. One that the list names again has them
    /// where it stands first.
    starts: Vec<u32>,
    /// The entries of host after host, those of wider prefixes that cover it among them.
    entries: Vec<u32>,
    /// Positions in `hosts`, by address.
    by_address: Hashed,
    hasher: DefaultHashBuilder,
    segments: Segments,
    /// Most addresses of an archive lie in blocks in which nothing is listed.
    blocks: Blocks,
}

/// What ranges cover.
#[derive(Clone, Debug, Default)]
struct Segments {
    /// Disjoint and in ascending order.
    all: Vec<Segment>,
    /// For each /16 of IPv4 in turn, how many segments begin before it; empty when there is no segment. Most addresses of an
    /// archive are IPv4 and lie in a /16 in which nothing is listed.
    before: Vec<u32>,
}

/// The first address of mapped IPv4, and the addresses of a /16 in it, as a power of two.
const V4_FIRST: u128 = 0xffff << 32;
const V4_BLOCK_BITS: u32 = 16;
const V4_BLOCKS: u128 = 1 << 16;

impl PrefixIndex {
    /// Builds the index; entry `i` is the `i`-th prefix. Costs O(n log n) and one copy of an entry number for each
    /// level at which prefixes nest.
    #[must_use]
    pub fn new(prefixes: &[Prefix]) -> Self {
        Self::of(prefixes.iter().copied().map(Some))
    }

    /// The same for entries of which some cover no address.
    #[must_use]
    pub fn of(prefixes: impl Iterator<Item = Option<Prefix>>) -> Self {
        let mut ranges: Vec<(Prefix, u32)> = Vec::new();
        let mut hosts: Vec<(u128, u32)> = Vec::new();
        for (prefix, entry) in prefixes.zip(0u32..) {
            match prefix {
                Some(prefix) if prefix.is_host() => hosts.push((prefix.first().bits(), entry)),
                Some(prefix) => ranges.push((prefix, entry)),
                None => {}
            }
        }
        // Outer before inner: prefixes nest or are disjoint, so a stack of open ones cuts the space.
        ranges.sort_by_key(|(prefix, entry)| (prefix.first(), prefix.bits(), *entry));
        let mut index = Self { segments: Segments::cut(&ranges), ..Self::default() };
        index.add_hosts(&hosts);
        index.mark_blocks();
        index
    }

    fn mark_blocks(&mut self) {
        let hosts = self.hosts.iter().map(|host| (host, host));
        for (first, last) in hosts.chain(self.segments.all.iter().map(|(first, last, _)| (first, last))) {
            self.blocks.mark(Address::from_bits(*first), Address::from_bits(*last));
        }
    }

    /// Near which addresses anything is listed.
    #[must_use]
    pub const fn blocks(&self) -> &Blocks {
        &self.blocks
    }

    /// Takes hosts with their entries, in list order.
    fn add_hosts(&mut self, named: &[(u128, u32)]) {
        self.hosts = named.iter().map(|(host, _)| *host).collect();
        self.by_address = Hashed::of(self.hosts.iter().map(|host| self.hash(*host)).zip(0..));
        let mut placed: Vec<(u32, u32)> = (0..).zip(named.iter().map(|(_, entry)| *entry)).collect();
        self.join_repeated(&mut placed);
        let mut entries = placed.into_iter().peekable();
        for (at, host) in (0_u32..).zip(&self.hosts) {
            let start = self.entries.len();
            self.starts.push(narrow(start));
            while let Some((_, entry)) = entries.next_if(|(of, _)| *of == at) {
                self.entries.push(entry);
            }
            let covering = self.segments.of(*host);
            if let ([_, ..], Some([_, ..])) = (covering, self.entries.get(start..)) {
                self.entries.extend_from_slice(covering);
                if let Some(own) = self.entries.get_mut(start..) {
                    own.sort_unstable();
                }
            }
        }
        self.starts.push(narrow(self.entries.len()));
    }

    /// Gives the entries of a host that the list names again to where it stands first.
    fn join_repeated(&self, placed: &mut [(u32, u32)]) {
        let host = |at: u32| usize::try_from(at).ok().and_then(|at| self.hosts.get(at));
        for run in self.by_address.shared() {
            let mut run: Vec<(Option<&u128>, u32)> = run.map(|at| (host(at), at)).collect();
            run.sort_unstable();
            for repeated in run.chunk_by(|(a, _), (b, _)| a == b) {
                let Some((_, first)) = repeated.first() else { continue };
                for (_, at) in repeated {
                    if let Some((of, _)) = usize::try_from(*at).ok().and_then(|at| placed.get_mut(at)) {
                        *of = *first;
                    }
                }
            }
        }
        placed.sort_unstable();
    }

    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    fn hash(&self, host: u128) -> u32 {
        self.hasher.hash_one(host) as u32
    }

    /// The entries that cover the address, in list order; empty when none does.
    #[must_use]
    pub fn lookup(&self, address: Address) -> &[u32] {
        if !self.blocks.may_hold(address) {
            return &[];
        }
        let bits = address.bits();
        let is_it = |at: &u32| usize::try_from(*at).is_ok_and(|at| self.hosts.get(at) == Some(&bits));
        match self.by_address.with(self.hash(bits)).find(is_it) {
            Some(at) => self.of_host(at).unwrap_or_default(),
            None => self.segments.of(bits),
        }
    }

    fn of_host(&self, at: u32) -> Option<&[u32]> {
        let at = usize::try_from(at).ok()?;
        let (start, end) = (*self.starts.get(at)?, *self.starts.get(at + 1)?);
        self.entries.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// Whether no entry covers anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.segments.all.is_empty()
    }
}

impl Segments {
    fn cut(ranges: &[(Prefix, u32)]) -> Self {
        let all = cut(ranges);
        let begins_before = |address: u128| all.partition_point(|(first, _, _)| *first < address);
        let block = |at: u128| narrow(begins_before(V4_FIRST + (at << V4_BLOCK_BITS)));
        let before = if all.is_empty() { Vec::new() } else { (0..=V4_BLOCKS).map(block).collect() };
        Self { all, before }
    }

    /// The entries of the segment that holds an address.
    fn of(&self, address: u128) -> &[u32] {
        let (skipped, segments) = self.candidates(address);
        let after = skipped + segments.partition_point(|(first, _, _)| *first <= address);
        match after.checked_sub(1).and_then(|at| self.all.get(at)) {
            Some((_, last, entries)) if address <= *last => entries,
            _ => &[],
        }
    }

    /// The segments that begin in the address's own /16, with the number of those before them; all, outside of IPv4.
    fn candidates(&self, address: u128) -> (usize, &[Segment]) {
        let block = address.checked_sub(V4_FIRST).and_then(|offset| usize::try_from(offset >> V4_BLOCK_BITS).ok());
        let bound = |at: usize| self.before.get(at).and_then(|count| usize::try_from(*count).ok());
        let bounds = block.and_then(|block| Some((bound(block)?, bound(block + 1)?)));
        match bounds.and_then(|(start, end)| Some((start, self.all.get(start..end)?))) {
            Some(own) => own,
            None => (0, &self.all),
        }
    }
}

/// A position as four bytes.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn cut(ranges: &[(Prefix, u32)]) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut open: Vec<(u128, u32)> = Vec::new();
    // The first address that no segment covers yet; none behind the last address of all.
    let mut next = Some(0u128);
    for (prefix, entry) in ranges {
        let first = prefix.first().bits();
        close_until(&mut segments, &mut open, &mut next, Some(first));
        if let (Some(next), Some(last)) = (next, first.checked_sub(1)) {
            emit(&mut segments, &open, next, last, next <= last);
        }
        next = Some(first);
        open.push((prefix.last().bits(), *entry));
    }
    close_until(&mut segments, &mut open, &mut next, None);
    segments
}

/// Ends every open range whose last address comes before `first`, or all of them.
fn close_until(segments: &mut Vec<Segment>, open: &mut Vec<(u128, u32)>, next: &mut Option<u128>, first: Option<u128>) {
    while let Some((last, _)) = open.last().copied() {
        if first.is_some_and(|first| last >= first) {
            break;
        }
        if let Some(from) = *next {
            emit(segments, open, from, last, from <= last);
            *next = last.checked_add(1).map(|after| after.max(from));
        }
        open.pop();
    }
}

fn emit(segments: &mut Vec<Segment>, open: &[(u128, u32)], first: u128, last: u128, any: bool) {
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

    #[test]
    fn prefixes_that_end_where_all_addresses_end() {
        let prefixes = ["8000::/1", "8000::/1", "ffff::/16"].map(|text| Prefix::parse(text).unwrap());
        let index = PrefixIndex::new(&prefixes);
        let last = Address::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").unwrap();
        assert_eq!(index.lookup(last), [0, 1, 2]);
        assert_eq!(index.lookup(Address::parse("8000::").unwrap()), [0, 1]);
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

    /// Prefixes of any length all over IPv4 and beside it, so that they cross and fill blocks.
    fn any_prefix() -> impl Strategy<Value = Prefix> {
        let v4 = (any::<u32>(), 97u8..=128)
            .prop_map(|(low, bits)| Prefix::covering(Address::from(std::net::Ipv4Addr::from(low & 0xc0a8_03ff)), bits));
        let v6 =
            (any::<u128>(), 1u8..=128).prop_map(|(bits, length)| Prefix::covering(Address::from_bits(bits), length));
        prop_oneof![4 => v4, 1 => v6]
    }

    proptest! {
        #[test]
        fn blocks_hide_nothing(prefixes in prop::collection::vec(any_prefix(), 0..24)) {
            let index = PrefixIndex::new(&prefixes);
            let edges = prefixes.iter().flat_map(|prefix| {
                let (first, last) = (prefix.first().bits(), prefix.last().bits());
                [first, last, first.wrapping_sub(1), last.wrapping_add(1), first ^ 0x1_0000]
            });
            for address in edges.map(Address::from_bits) {
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
