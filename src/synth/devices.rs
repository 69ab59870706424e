//! The devices that report, and the accounts that use them.

use std::net::{Ipv4Addr, Ipv6Addr};

use rand::RngCore;

use super::pool::Pool;
use super::random::{Purpose, Weighted, guid, hex, mix, stream};
use crate::model::Address;

/// What a device runs, which decides its programs and how its sensor words a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Platform {
    /// A Windows client: most devices.
    Client,
    /// A Windows server, which peers also connect to.
    Server,
    /// A Linux server.
    Linux,
}

/// An account that is the same on every device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BuiltIn {
    System,
    NetworkService,
    LocalService,
    Root,
}

/// Name, domain, SID.
const BUILT_IN: [(&str, &str, &str); 4] = [
    ("system", "nt authority", "S-1-5-18"),
    ("network service", "nt authority", "S-1-5-20"),
    ("local service", "nt authority", "S-1-5-19"),
    ("root", "", "S-1-5-18"),
];

const FIRST: [&str; 20] = [
    "anna", "ben", "carla", "david", "elif", "femi", "greta", "hiro", "ines", "jonas", "kaya", "liam", "mira", "noah",
    "olga", "pavel", "rosa", "sami", "tara", "yusuf",
];
const LAST: [&str; 20] = [
    "adler", "bauer", "costa", "dubois", "eriksen", "fischer", "garcia", "haddad", "ivanov", "jensen", "keller",
    "lopez", "moreau", "novak", "okafor", "petrov", "rossi", "silva", "tanaka", "weber",
];

/// All devices; a device is its number. Accounts are numbered too: the device's user has the device's number, the
/// built-in ones follow.
#[derive(Debug)]
pub(super) struct Devices {
    busy: Weighted,
    platforms: Vec<Platform>,
    pub(super) ids: Pool,
    pub(super) names: Pool,
    /// IPv4, then IPv6, then IPv4-mapped, each in the order of the devices.
    pub(super) local_ips: Pool,
    pub(super) account_names: Pool,
    pub(super) account_domains: Pool,
    pub(super) account_sids: Pool,
    pub(super) account_upns: Pool,
    pub(super) account_object_ids: Pool,
}

impl Devices {
    pub(super) fn new(seed: u64, count: u32) -> Self {
        let mut rng = stream(seed, Purpose::Devices, 0);
        let base = rng.next_u64();
        let count = count as usize;
        let platforms: Vec<_> = (0..count).map(|i| platform(i, base)).collect();
        let names = platforms.iter().enumerate().map(|(i, &platform)| name(i, platform));
        let v4: Vec<Ipv4Addr> = (0..count).map(local_v4).collect();
        let users: Vec<String> = (0..count).map(|i| user(i, base)).collect();
        let key = |i: usize| mix(base ^ i as u64);
        Self {
            busy: Weighted::zipf(count, 12.0),
            ids: Pool::new((0..count).map(|i| hex(key(i), 40))),
            names: Pool::new(names),
            local_ips: Pool::new(
                v4.iter()
                    .map(ToString::to_string)
                    .chain((0..count).map(|i| local_v6(i).to_string()))
                    .chain(v4.iter().map(|a| format!("::ffff:{a}"))),
            ),
            account_names: Pool::new(users.iter().map(String::as_str).chain(BUILT_IN.map(|b| b.0))),
            account_domains: Pool::new(users.iter().map(|_| "corp").chain(BUILT_IN.map(|b| b.1))),
            account_sids: Pool::new(
                (0..count)
                    .map(|i| format!("S-1-5-21-{}-{}-1203348871-{}", base as u32, (base >> 32) as u32, 1_100 + i))
                    .chain(BUILT_IN.map(|b| b.2.to_owned())),
            ),
            account_upns: Pool::new(users.iter().map(|u| format!("{u}@corp.example"))),
            account_object_ids: Pool::new((0..count).map(|i| guid(key(i) ^ 1))),
            platforms,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.platforms.len()
    }

    /// A device, the busy ones more often.
    pub(super) fn pick(&self, rng: &mut impl RngCore) -> usize {
        self.busy.pick(rng)
    }

    pub(super) fn platform(&self, device: usize) -> Platform {
        self.platforms[device]
    }

    /// The number of a built-in account.
    pub(super) fn built_in(&self, account: BuiltIn) -> usize {
        self.len() + account as usize
    }

    /// Whether the account has a UPN and an object id, and logs on to a session of its own.
    pub(super) fn is_user(&self, account: usize) -> bool {
        account < self.len()
    }

    /// The device's own IPv4 address.
    pub(super) fn local_address(device: usize) -> Address {
        local_v4(device).into()
    }
}

/// Of a hundred devices about eight are Windows servers and five run Linux; the first is a client in any case.
fn platform(index: usize, base: u64) -> Platform {
    match mix(base ^ (index as u64) << 8) % 100 {
        _ if index == 0 => Platform::Client,
        0..=7 => Platform::Server,
        8..=12 => Platform::Linux,
        _ => Platform::Client,
    }
}

fn name(index: usize, platform: Platform) -> String {
    let role = match platform {
        Platform::Client => "wks",
        Platform::Server => "srv",
        Platform::Linux => "lnx",
    };
    format!("{role}-{index:05}.corp.example")
}

fn user(index: usize, base: u64) -> String {
    let n = mix(base ^ (index as u64) << 24);
    format!("{}.{}{index}", FIRST[(n % 20) as usize], LAST[(n / 20 % 20) as usize])
}

/// 10.16.0.0 upwards, 200 devices in each subnet of 256.
fn local_v4(index: usize) -> Ipv4Addr {
    let (subnet, host) = (index / 200, index % 200 + 20);
    Ipv4Addr::new(10, 16 + (subnet >> 8) as u8, subnet as u8, host as u8)
}

fn local_v6(index: usize) -> Ipv6Addr {
    Ipv6Addr::new(0xfd00, 0x16, 0, (index >> 16) as u16, 0, 0, 0, index as u16 | 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_distinct_and_of_all_platforms() {
        let devices = Devices::new(1, 1_000);
        let distinct =
            |pool: &Pool| (0..1_000).map(|i| pool.get(i).to_owned()).collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(
            (distinct(&devices.ids), distinct(&devices.names), distinct(&devices.local_ips)),
            (1_000, 1_000, 1_000)
        );
        for platform in [Platform::Client, Platform::Server, Platform::Linux] {
            assert!(devices.platforms.contains(&platform));
        }
        assert_eq!(devices.account_names.get(devices.built_in(BuiltIn::Root)), "root");
    }
}
