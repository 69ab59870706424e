//! One synthetic event as plain numbers. Everything that a row says follows from these and from the [`World`], so a
//! copied row is a copied event.

use super::addresses::Relays;
use super::devices::Devices;
use super::exits::Exits;
use super::programs::Programs;
use super::services::Services;
use crate::model::Address;
use crate::model::synthesis::SynthConfig;

/// What all files of an archive share.
#[derive(Debug)]
pub(super) struct World {
    pub(super) relays: Relays,
    /// Whom the hits go to, where a history was wished for.
    pub(super) exits: Option<Exits>,
    pub(super) services: Services,
    pub(super) devices: Devices,
    pub(super) programs: Programs,
}

impl World {
    pub(super) fn new(config: &SynthConfig) -> Self {
        let seed = config.seed;
        let exits = config.tor_history_hours.map(|_| Exits::new(config));
        let relays = match &exits {
            Some(exits) => Relays::listed(seed, exits.last_list(seed), exits.all()),
            None => Relays::new(seed),
        };
        let services = Services::new(seed, &relays);
        Self { relays, exits, services, devices: Devices::new(seed, config.devices), programs: Programs::new(seed) }
    }
}

/// ActionType.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    ConnectionSuccess,
    ConnectionFailed,
    ConnectionRequest,
    ConnectionSuccessAggregatedReport,
    ConnectionFailedAggregatedReport,
    ConnectionAttempt,
    ConnectionAcknowledged,
    ConnectionFound,
    InboundConnectionAccepted,
    InboundConnectionAttempt,
    InboundConnectionAcknowledged,
    ListeningConnectionCreated,
    DnsConnectionInspected,
    HttpConnectionInspected,
    SslConnectionInspected,
    SshConnectionInspected,
    SmtpConnectionInspected,
    IcmpConnectionInspected,
    NtlmAuthenticationInspected,
    NetworkSignatureInspected,
}

impl Action {
    /// In the order of their numbers.
    pub(super) const ALL: [Self; 20] = [
        Self::ConnectionSuccess,
        Self::ConnectionFailed,
        Self::ConnectionRequest,
        Self::ConnectionSuccessAggregatedReport,
        Self::ConnectionFailedAggregatedReport,
        Self::ConnectionAttempt,
        Self::ConnectionAcknowledged,
        Self::ConnectionFound,
        Self::InboundConnectionAccepted,
        Self::InboundConnectionAttempt,
        Self::InboundConnectionAcknowledged,
        Self::ListeningConnectionCreated,
        Self::DnsConnectionInspected,
        Self::HttpConnectionInspected,
        Self::SslConnectionInspected,
        Self::SshConnectionInspected,
        Self::SmtpConnectionInspected,
        Self::IcmpConnectionInspected,
        Self::NtlmAuthenticationInspected,
        Self::NetworkSignatureInspected,
    ];

    /// Whether the sensor looked into the packets; it then knows no process and no type of address.
    pub(super) const fn is_inspected(self) -> bool {
        self as u8 >= Self::DnsConnectionInspected as u8
    }

    /// Whether the event is a single packet, which has no process either.
    pub(super) const fn is_packet(self) -> bool {
        matches!(
            self,
            Self::ConnectionAttempt
                | Self::ConnectionAcknowledged
                | Self::InboundConnectionAttempt
                | Self::InboundConnectionAcknowledged
        )
    }

    /// Whether the peer opened the connection.
    pub(super) const fn is_inbound(self) -> bool {
        matches!(self, Self::InboundConnectionAccepted | Self::InboundConnectionAttempt)
    }
}

/// RemoteIP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Peer {
    /// Null.
    Nobody,
    /// The empty text.
    Empty,
    /// An address of a well-known service.
    Service(u32),
    /// Any other.
    Address(Address),
}

/// The process behind an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Process {
    /// A version of a program.
    pub(super) version: u32,
    pub(super) command: u32,
    pub(super) account: u32,
    /// Tells the processes of one program on one device apart.
    pub(super) instance: u8,
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Event {
    pub(super) micros: i64,
    pub(super) device: u32,
    pub(super) action: Action,
    pub(super) peer: Peer,
    /// Whether an IPv4 peer is written `::ffff:a.b.c.d`.
    pub(super) mapped: bool,
    /// Names the peer.
    pub(super) service: Option<u32>,
    pub(super) remote_port: Option<u16>,
    pub(super) local_port: Option<u16>,
    pub(super) process: Option<Process>,
    pub(super) report_id: i64,
    /// What else varies.
    pub(super) salt: u64,
}

impl Event {
    /// The peer's address, if there is one.
    pub(super) fn peer_address(&self, services: &Services) -> Option<Address> {
        match self.peer {
            Peer::Nobody | Peer::Empty => None,
            Peer::Service(index) => Some(services.addresses[index as usize]),
            Peer::Address(address) => Some(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_listed_in_the_order_of_their_numbers() {
        assert!(Action::ALL.iter().enumerate().all(|(i, action)| *action as usize == i));
        assert!(!Action::ListeningConnectionCreated.is_inspected());
        assert!(Action::NetworkSignatureInspected.is_inspected());
    }
}
