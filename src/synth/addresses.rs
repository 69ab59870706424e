//! The relays of the synthetic Tor list, and ordinary addresses that are never on it.
//!
//! All are drawn at random from public space. They say nothing about whoever uses the real address.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use rand::{Rng, RngCore};

use super::random::{Purpose, mix, stream};
use crate::model::Address;

/// Relays on the list, a little more than the exits that Tor had in recent years.
const RELAYS: usize = 2_000;
/// Of a hundred relays, those with an IPv6 address.
const V6_PERCENT: u32 = 37;
/// Addresses that ordinary events outside the well-known services draw from.
const TAIL: u64 = 1 << 18;

/// The Tor list.
#[derive(Debug)]
pub(super) struct Relays {
    list: Vec<Address>,
    members: HashSet<Address>,
    seed: u64,
}

impl Relays {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = stream(seed, Purpose::Relays, 0);
        let (mut list, mut members) = (Vec::with_capacity(RELAYS), HashSet::with_capacity(RELAYS));
        while list.len() < RELAYS {
            let address = if rng.random_range(0..100) < V6_PERCENT {
                Address::from(public_v6(rng.next_u64()))
            } else {
                Address::from(public_v4(rng.next_u64()))
            };
            if members.insert(address) {
                list.push(address);
            }
        }
        Self { list, members, seed }
    }

    /// This list, and all addresses that ordinary events must not touch, whether they are on it or not.
    pub(super) fn listed(seed: u64, list: Vec<Address>, members: impl Iterator<Item = Address>) -> Self {
        Self { list, members: members.collect(), seed }
    }

    /// In the order of the list.
    pub(super) fn list(&self) -> &[Address] {
        &self.list
    }

    /// An address that the list does not hold; the same number always gives the same address.
    pub(super) fn ordinary_v4(&self, number: u64) -> Address {
        self.outside(number, |n| public_v4(n).into())
    }

    /// As [`Relays::ordinary_v4`].
    pub(super) fn ordinary_v6(&self, number: u64) -> Address {
        self.outside(number, |n| public_v6(n).into())
    }

    /// One of the long tail, some far more often than others.
    pub(super) fn tail(&self, rng: &mut impl RngCore) -> Address {
        let share = f64::from(rng.next_u32()) / 4_294_967_296.0;
        self.tail_member((share * share * TAIL as f64) as u64)
    }

    /// The tail's member of this rank; the low ranks are the busy ones.
    pub(super) fn tail_member(&self, rank: u64) -> Address {
        if mix(rank) % 100 < 8 { self.ordinary_v6(rank) } else { self.ordinary_v4(rank) }
    }

    fn outside(&self, number: u64, address: impl Fn(u64) -> Address) -> Address {
        let mut n = mix(number ^ mix(self.seed));
        loop {
            let candidate = address(n);
            if !self.members.contains(&candidate) {
                return candidate;
            }
            n = mix(n);
        }
    }
}

/// A public IPv4 address: none of the private, shared, documentation, test, loopback and multicast ranges.
pub(super) fn public_v4(number: u64) -> Ipv4Addr {
    let mut n = number;
    loop {
        let address = Ipv4Addr::from_bits(n as u32);
        let [a, b, c, _] = address.octets();
        let special = matches!(
            (a, b, c),
            (0 | 10 | 127 | 224.., ..)
                | (100, 64..=127, _)
                | (169, 254, _)
                | (172, 16..=31, _)
                | (192, 168, _)
                | (192, 0, 0 | 2)
                | (192, 88, 99)
                | (198, 18 | 19, _)
                | (198, 51, 100)
                | (203, 0, 113)
        );
        if !special {
            return address;
        }
        n = mix(n);
    }
}

/// An address in one of the blocks that the registries hand out, most of them short when written.
pub(super) fn public_v6(number: u64) -> Ipv6Addr {
    const BLOCKS: [u16; 6] = [0x2001, 0x2400, 0x2600, 0x2a00, 0x2a01, 0x2a0b];
    let n = mix(number ^ 6);
    let block = BLOCKS[(n % 6) as usize];
    // The second group begins at 0x1000: 2001:db8 and 2001:0 (documentation, Teredo) lie below.
    let second = 0x1000 | (n >> 8) as u16;
    let last = if n & (1 << 60) == 0 { [0, 0, 0, (n >> 44) as u16 & 0xfff] } else { groups(mix(n)) };
    Ipv6Addr::new(block, second, (n >> 24) as u16, (n >> 40) as u16 & 0xff, last[0], last[1], last[2], last[3])
}

const fn groups(n: u64) -> [u16; 4] {
    [n as u16, (n >> 16) as u16, (n >> 32) as u16, (n >> 48) as u16]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prefix::{Prefix, PrivateRanges};

    #[test]
    fn relays_are_usable_and_ordinary_addresses_are_none() {
        let relays = Relays::new(7);
        let v6 = relays.list().iter().filter(|a| !a.is_v4()).count();
        assert!((640..840).contains(&v6), "{v6}");
        for address in relays.list() {
            assert!(Prefix::parse_listed(&address.to_string(), PrivateRanges::Refuse).is_ok(), "{address}");
        }
        for n in 0..50_000 {
            for address in [relays.ordinary_v4(n), relays.ordinary_v6(n), relays.tail_member(n)] {
                assert!(!relays.members.contains(&address), "{address}");
            }
        }
    }

    #[test]
    fn a_collision_with_the_list_is_stepped_over() {
        let mut relays = Relays::new(7);
        let before = relays.ordinary_v4(1);
        relays.members.insert(before);
        assert_ne!(relays.ordinary_v4(1), before);
    }
}
