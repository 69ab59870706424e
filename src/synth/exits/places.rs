//! Where synthetic exits live: IPv4 and IPv6, many of them in few networks, as large operators have it.

use std::collections::HashSet;

use rand::{Rng, RngCore};

use crate::model::Address;
use crate::synth::addresses::{public_v4, public_v6};

/// Of a hundred addresses, those of IPv6.
const V6_PERCENT: usize = 36;
/// Of [`ALL`] addresses, those in each of the ten largest networks: 45 % together.
const LARGE: [u32; 10] = [141, 118, 100, 97, 68, 20, 20, 20, 18, 17];
const ALL: u32 = 1_376;
/// Of a hundred of the other addresses, those that share their network with an earlier one.
const SHARED_PERCENT: u32 = 35;

/// Bits of an IPv4 host within its /24 and of an IPv6 host within its /48.
const HOST_BITS: (u32, u32) = (8, 80);
/// Hosts of a network that are tried before it counts as full.
const HOSTS_TRIED: usize = 32;

/// Hands out addresses, each once.
#[derive(Debug)]
pub(super) struct Places {
    v4: Networks,
    v6: Networks,
    taken: HashSet<Address>,
}

impl Places {
    pub(super) fn new(rng: &mut impl RngCore) -> Self {
        let v4 = Networks::new(rng, some_v4);
        Self { v4, v6: Networks::new(rng, some_v6), taken: HashSet::new() }
    }

    /// An address that nobody has.
    pub(super) fn next(&mut self, rng: &mut impl RngCore) -> Address {
        // Spread evenly over the population: the few addresses that stay for years would blur a random share.
        let is_v6 = self.taken.len() * V6_PERCENT % 100 < V6_PERCENT;
        loop {
            let network = if is_v6 { self.v6.network(rng, some_v6) } else { self.v4.network(rng, some_v4) };
            for _ in 0..HOSTS_TRIED {
                let (host, bits) = if is_v6 { (some_v6(rng), HOST_BITS.1) } else { (some_v4(rng), HOST_BITS.0) };
                let address = Address::from_bits(network >> bits << bits | host & ((1 << bits) - 1));
                if self.taken.insert(address) {
                    return address;
                }
            }
        }
    }
}

/// The networks of one family, each by one address in it.
#[derive(Debug)]
struct Networks {
    large: Vec<u128>,
    small: Vec<u128>,
}

impl Networks {
    fn new<R: RngCore>(rng: &mut R, mut some: impl FnMut(&mut R) -> u128) -> Self {
        Self { large: LARGE.iter().map(|_| some(rng)).collect(), small: Vec::new() }
    }

    fn network<R: RngCore>(&mut self, rng: &mut R, mut some: impl FnMut(&mut R) -> u128) -> u128 {
        let mut left = rng.random_range(0..ALL);
        for (network, share) in self.large.iter().zip(LARGE) {
            if left < share {
                return *network;
            }
            left -= share;
        }
        if !self.small.is_empty() && rng.random_range(0..100) < SHARED_PERCENT {
            return self.small[rng.random_range(0..self.small.len())];
        }
        let network = some(rng);
        self.small.push(network);
        network
    }
}

/// Nobody lives on the first and the last address of an IPv4 network.
fn some_v4<R: RngCore>(rng: &mut R) -> u128 {
    loop {
        let address = public_v4(rng.next_u64());
        if !matches!(address.octets()[3], 0 | 255) {
            return Address::from(address).bits();
        }
    }
}

fn some_v6<R: RngCore>(rng: &mut R) -> u128 {
    Address::from(public_v6(rng.next_u64())).bits()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::prefix::{Prefix, PrivateRanges};
    use crate::synth::random::{Purpose, stream};
    use std::collections::BTreeMap;

    #[test]
    fn addresses_are_public_and_crowded_in_few_networks() {
        let mut rng = stream(1, Purpose::Exits, 1);
        let mut places = Places::new(&mut rng);
        let drawn: Vec<Address> = (0..2_150).map(|_| places.next(&mut rng)).collect();
        let v4: Vec<&Address> = drawn.iter().filter(|a| a.is_v4()).collect();
        assert!((1_300..1_450).contains(&v4.len()), "{}", v4.len());
        let mut networks: BTreeMap<u128, usize> = BTreeMap::new();
        for address in &v4 {
            *networks.entry(address.bits() >> 8).or_default() += 1;
        }
        assert!((440..570).contains(&networks.len()), "{}", networks.len());
        let mut sizes: Vec<usize> = networks.into_values().collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        let largest: usize = sizes.iter().take(10).sum();
        assert!((v4.len() * 42 / 100..v4.len() * 50 / 100).contains(&largest), "{largest}");
        for address in drawn {
            assert!(Prefix::parse_listed(&address.to_string(), PrivateRanges::Refuse).is_ok(), "{address}");
        }
    }

    #[test]
    fn a_full_network_is_passed_over() {
        let mut rng = stream(1, Purpose::Exits, 1);
        let mut places = Places::new(&mut rng);
        for _ in 0..20_000 {
            places.next(&mut rng);
        }
        assert_eq!(places.taken.len(), 20_000);
    }
}
