//! The well-known peers: few of them carry most of the traffic.

use rand::{Rng, RngCore};

use super::addresses::Relays;
use super::pool::Pool;
use super::random::{Purpose, Weighted, stream};
use crate::model::Address;

/// Services that the estate talks to.
const SERVICES: usize = 3_000;

/// Host names, ports and addresses of all services; a service is its number, the busiest first.
#[derive(Debug)]
pub(super) struct Services {
    busy: Weighted,
    pub(super) hosts: Pool,
    ports: Vec<u16>,
    /// First address of each service, and one past the last.
    addresses_from: Vec<usize>,
    pub(super) addresses: Vec<Address>,
    /// The same as text.
    pub(super) address_texts: Pool,
}

/// A service at one of its addresses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) service: u32,
    /// Into [`Services::addresses`].
    pub(super) address: u32,
    pub(super) port: u16,
}

impl Services {
    pub(super) fn new(seed: u64, relays: &Relays) -> Self {
        let mut rng = stream(seed, Purpose::Services, 0);
        let (mut hosts, mut ports, mut addresses, mut from) = (Vec::new(), Vec::new(), Vec::new(), vec![0]);
        for index in 0..SERVICES {
            hosts.push(host(index, rng.next_u64()));
            ports.push(port(index));
            // Services lie apart from the tail, whose numbers stay below 2^20.
            let number = (1 << 20) + index as u64 * 16;
            addresses.extend((0..rng.random_range(1..=6)).map(|i| relays.ordinary_v4(number + i)));
            if rng.random_range(0..100) < 35 {
                addresses.extend((8..8 + rng.random_range(1..=2)).map(|i| relays.ordinary_v6(number + i)));
            }
            from.push(addresses.len());
        }
        Self {
            busy: Weighted::zipf(SERVICES, 4.0),
            hosts: Pool::new(hosts),
            ports,
            addresses_from: from,
            address_texts: Pool::new(addresses.iter().map(ToString::to_string)),
            addresses,
        }
    }

    /// A service, the busy ones far more often.
    pub(super) fn pick(&self, rng: &mut impl RngCore) -> Endpoint {
        let service = self.busy.pick(rng);
        let address = rng.random_range(self.addresses_from[service]..self.addresses_from[service + 1]);
        Endpoint { service: service as u32, address: address as u32, port: self.ports[service] }
    }

    /// The first address of a service.
    pub(super) fn first_address(&self, service: usize) -> Address {
        self.addresses[self.addresses_from[service]]
    }
}

fn host(index: usize, n: u64) -> String {
    const ROLE: [&str; 12] =
        ["api", "cdn", "edge", "login", "telemetry", "update", "mail", "files", "img", "static", "sync", "rtc"];
    const VENDOR: [&str; 8] = ["northwind", "fabric", "acorn", "bluepeak", "lumen", "tideway", "granite", "orchard"];
    let (role, vendor) = (ROLE[(n % 12) as usize], VENDOR[(n / 12 % 8) as usize]);
    format!("{role}-{index}.{vendor}{}.example", n / 96 % 90)
}

/// Nearly all is HTTPS.
const fn port(index: usize) -> u16 {
    match index % 50 {
        7 | 19 | 33 => 80,
        11 => 53,
        23 => 123,
        37 => 993,
        41 => 8443,
        45 => 5228,
        _ => 443,
    }
}
