//! The events of one file, one after the other: ordinary ones by plausible shares, hits where they were placed, and
//! now and then a second delivery of an earlier one.

use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;

use super::catalogue::Identity;
use super::clock::Clock;
use super::devices::{BuiltIn, Devices, Platform};
use super::event::{Action, Event, Peer, Process, World};
use super::exits::Standing;
use super::hits::Hit;
use super::programs::Programs;
use super::random::Weighted;
use crate::model::Address;

/// Of 1,000 rows, those that repeat an earlier one, as retries of an export do.
const COPIES: u32 = 5;
/// How many rows back a copy may lie.
const RECENT: usize = 64;

/// Shares of each ActionType on a client, a Windows server and a Linux server, in the order of [`Action::ALL`].
const SHARES: [[u16; 3]; 20] = [
    [620, 420, 0],
    [70, 30, 40],
    [0, 0, 600],
    [25, 10, 0],
    [5, 2, 0],
    [40, 40, 40],
    [15, 15, 15],
    [10, 10, 10],
    [25, 250, 120],
    [5, 20, 20],
    [3, 4, 4],
    [15, 10, 10],
    [60, 60, 50],
    [25, 25, 25],
    [55, 45, 40],
    [1, 2, 10],
    [1, 4, 2],
    [8, 8, 8],
    [4, 20, 0],
    [6, 6, 3],
];

/// An endless supply of events for one file.
#[derive(Debug)]
pub(super) struct Draw<'a> {
    world: &'a World,
    clock: Clock,
    rng: ChaCha8Rng,
    actions: [Weighted; 3],
    hits: std::iter::Peekable<std::slice::Iter<'a, Hit>>,
    last_hit: Option<Event>,
    recent: Vec<Event>,
    row: u64,
}

impl<'a> Draw<'a> {
    /// `hits` in the order of rows.
    pub(super) fn new(world: &'a World, clock: Clock, rng: ChaCha8Rng, hits: &'a [Hit]) -> Self {
        let of = |platform: usize| Weighted::new(&SHARES.map(|share| f64::from(share[platform])));
        let (actions, hits) = ([of(0), of(1), of(2)], hits.iter().peekable());
        Self { world, clock, rng, actions, hits, last_hit: None, recent: Vec::with_capacity(RECENT), row: 0 }
    }

    /// The event of the next row.
    pub(super) fn next_event(&mut self) -> Event {
        let row = self.row;
        self.row += 1;
        if let Some(hit) = self.hits.next_if(|hit| hit.row == row) {
            let event = self.last_hit.filter(|_| hit.copy).unwrap_or_else(|| self.hit(*hit, row));
            self.last_hit = Some(event);
            return event;
        }
        if self.rng.random_range(0..1_000) < COPIES && !self.recent.is_empty() {
            return self.recent[self.rng.random_range(0..self.recent.len())];
        }
        let event = self.ordinary(row);
        if self.recent.len() < RECENT {
            self.recent.push(event);
        } else {
            self.recent[row as usize % RECENT] = event;
        }
        event
    }

    fn ordinary(&mut self, row: u64) -> Event {
        let device = self.world.devices.pick(&mut self.rng);
        let platform = self.world.devices.platform(device);
        let action = Action::ALL[self.actions[platform as usize].pick(&mut self.rng)];
        let mut event = self.blank(row, device, action);
        match action {
            Action::ListeningConnectionCreated => {
                event.local_port = Some(service_port(event.salt >> 8));
                event.peer = if event.salt & 1 == 0 { Peer::Nobody } else { Peer::Empty };
            }
            Action::DnsConnectionInspected => self.dial_resolver(&mut event),
            action if action.is_inbound() => self.answer_peer(&mut event),
            _ => self.dial_peer(&mut event),
        }
        if action == Action::IcmpConnectionInspected {
            (event.remote_port, event.local_port) = (None, None);
        }
        if action.is_inspected() && event.salt % 64 == 9 {
            (event.peer, event.service) = (Peer::Empty, None);
        }
        if !action.is_inspected() && !action.is_packet() {
            let programs = &self.world.programs;
            let version = match action {
                Action::InboundConnectionAccepted | Action::ListeningConnectionCreated => {
                    programs.pick_serving(platform, &mut self.rng)
                }
                _ => programs.pick(platform, &mut self.rng),
            };
            event.process = Some(self.process(device, version));
            event.mapped = event.salt.is_multiple_of(90);
        }
        event
    }

    /// An event without peer and process.
    fn blank(&mut self, row: u64, device: usize, action: Action) -> Event {
        Event {
            micros: self.clock.time(row, &mut self.rng),
            device: device as u32,
            action,
            peer: Peer::Nobody,
            mapped: false,
            service: None,
            remote_port: None,
            local_port: Some(self.rng.random_range(49_152..=65_535)),
            process: None,
            report_id: self.rng.random_range(1..40_000_000_000),
            salt: self.rng.next_u64(),
        }
    }

    /// Six of ten connections go to a well-known service, the rest to servers inside and to the long tail.
    fn dial_peer(&mut self, event: &mut Event) {
        match self.rng.random_range(0..100) {
            0..62 => {
                let endpoint = self.world.services.pick(&mut self.rng);
                event.peer = Peer::Service(endpoint.address);
                event.service = Some(endpoint.service);
                event.remote_port = Some(endpoint.port);
            }
            62..82 => {
                event.peer = Peer::Address(self.inside());
                event.remote_port = Some(service_port(event.salt >> 8));
            }
            _ => {
                event.peer = Peer::Address(self.world.relays.tail(&mut self.rng));
                event.remote_port = Some(if event.salt & 0xf00 == 0 { (event.salt >> 16) as u16 | 0x400 } else { 443 });
            }
        }
    }

    fn dial_resolver(&mut self, event: &mut Event) {
        event.peer = Peer::Address(inside_server(u32::from(event.salt & 7 == 0)));
        event.remote_port = Some(53);
        event.service = Some(self.world.services.pick(&mut self.rng).service);
    }

    /// The peer's port is one of the moment; the device's is the one that it serves on.
    fn answer_peer(&mut self, event: &mut Event) {
        let outside = self.rng.random_range(0..100) < 15;
        event.peer = Peer::Address(if outside { self.world.relays.tail(&mut self.rng) } else { self.inside() });
        event.remote_port = event.local_port;
        event.local_port = Some(if outside { 443 } else { service_port(event.salt >> 8) });
    }

    fn inside(&mut self) -> Address {
        if self.rng.random_range(0..2) == 0 {
            inside_server(self.rng.random_range(0..18))
        } else {
            Devices::local_address(self.world.devices.pick(&mut self.rng))
        }
    }

    fn process(&mut self, device: usize, version: usize) -> Process {
        let devices = &self.world.devices;
        let account = match Programs::identity(version) {
            Identity::User => device,
            Identity::System => devices.built_in(BuiltIn::System),
            Identity::Root => devices.built_in(BuiltIn::Root),
            Identity::NetworkService if self.rng.random_range(0..4) == 0 => devices.built_in(BuiltIn::LocalService),
            Identity::NetworkService => devices.built_in(BuiltIn::NetworkService),
        };
        Process {
            version: version as u32,
            command: self.world.programs.pick_command(version, &mut self.rng) as u32,
            account: account as u32,
            instance: self.rng.random_range(0..4),
        }
    }

    /// Mostly a client that dials relays; every fifth circle is inbound, from exits to a service of the device.
    fn hit(&mut self, hit: Hit, row: u64) -> Event {
        let device = self.windows_device(hit.device);
        let inbound = hit.circle.is_multiple_of(5);
        let action = match self.rng.random_range(0..100) {
            0..6 => Action::SslConnectionInspected,
            6..9 => Action::NetworkSignatureInspected,
            9..12 => Action::ConnectionAttempt,
            _ if inbound => Action::InboundConnectionAccepted,
            12..22 => Action::ConnectionFailed,
            _ => Action::ConnectionSuccess,
        };
        let mut event = self.blank(row, device, action);
        event.peer = Peer::Address(self.tor_peer(hit.circle, event.micros));
        event.remote_port = Some([443, 9001, 443, 80, 9030][self.rng.random_range(0..5)]);
        if action.is_inbound() {
            (event.remote_port, event.local_port) = (event.local_port, Some(443));
        }
        if !action.is_inspected() && !action.is_packet() {
            let programs = &self.world.programs;
            let version = if action.is_inbound() {
                programs.pick_serving(Platform::Server, &mut self.rng)
            } else {
                programs.pick_suspicious(hit.circle, &mut self.rng)
            };
            event.process = Some(self.process(device, version));
            event.mapped = event.salt.is_multiple_of(20);
        }
        event
    }

    /// The device of this number or the next one that runs Windows; device 0 does.
    fn windows_device(&self, number: u64) -> usize {
        let devices = &self.world.devices;
        let first = (number % devices.len() as u64) as usize;
        (first..devices.len()).find(|&d| devices.platform(d) != Platform::Linux).unwrap_or(0)
    }

    /// With a history, any address of it, an exit at the time or none; else a relay of the circle.
    fn tor_peer(&mut self, circle: u64, micros: i64) -> Address {
        let Some(exits) = &self.world.exits else { return self.relay(circle) };
        let standing = if self.rng.random_range(0..2) == 0 { Standing::Exit } else { Standing::NoExit };
        exits.pick(micros, standing, &mut self.rng)
    }

    /// One of the circle's four relays; half of the circles talk to relays that indicators name.
    fn relay(&mut self, circle: u64) -> Address {
        let list = self.world.relays.list();
        let among = if circle & 1 == 0 { super::lists::INDICATED_RELAYS } else { list.len() };
        let member = super::random::mix(circle ^ u64::from(self.rng.random_range(0_u8..4)));
        list[(member % among as u64) as usize]
    }
}

/// Domain controllers, file and application servers.
fn inside_server(number: u32) -> Address {
    std::net::Ipv4Addr::new(10, 16, 0, 2 + number as u8).into()
}

/// A port that servers inside listen on.
fn service_port(n: u64) -> u16 {
    [445, 389, 88, 135, 443, 3389, 5985, 1433, 22, 8080][(n % 10) as usize]
}
