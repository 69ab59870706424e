//! One conjunction of a pattern: what it demands together, and whether that is one observable.
//!
//! A case has a fixed size, however many conditions went into it, so that a long `AND` costs no memory. Two cases joined
//! by `AND` are one case; nothing here knows of `OR`.

use std::net::IpAddr;

use super::super::tally::OTHER_KIND;
use super::observables::{Observable, ObservableKind, SEVERAL};

/// Two values that cannot both hold.
const CONTRADICTION: &str = "pattern that contradicts itself";

/// What conditions say of one property.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Given<T> {
    #[default]
    Nothing,
    One(T),
    Several,
}

impl<T: Copy + PartialEq> Given<T> {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, given) | (given, Self::Nothing) => given,
            (Self::One(one), Self::One(two)) if one == two => self,
            _ => Self::Several,
        }
    }
}

/// An end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Destination,
    Source,
}

/// What is demanded of one end.
#[derive(Clone, Copy, Debug, Default)]
struct End<'p> {
    /// Values that read as an address or prefix.
    address: Given<&'p str>,
    /// Other values.
    name: Given<&'p str>,
    types: Types,
    port: Given<u16>,
}

/// The types that an end was said to have. MISP writes an address and a host name of one end, with both types.
#[derive(Clone, Copy, Debug, Default)]
struct Types {
    address: bool,
    domain: bool,
    other: bool,
}

/// Conditions that must hold together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Case<'p> {
    /// A condition that cannot be judged. The first decides.
    refused: Option<&'static str>,
    direct: Given<(ObservableKind, &'p str)>,
    destination: End<'p>,
    source: End<'p>,
    /// The address of the domain or URL.
    resolved: Given<&'p str>,
    /// Conditions on other objects, by the word for their kind.
    foreign: Given<&'static str>,
    no_port: bool,
}

/// What a case comes to.
pub(super) struct Settled {
    pub(super) observable: Observable,
    /// A port was demanded that is none.
    pub(super) no_port: bool,
}

impl<'p> Case<'p> {
    /// Cannot be judged.
    pub(super) fn refused(reason: &'static str) -> Self {
        Self { refused: Some(reason), ..Self::default() }
    }

    /// A condition on an object that no connection shows.
    pub(super) fn foreign(kind: &'static str) -> Self {
        Self { foreign: Given::One(kind), ..Self::default() }
    }

    /// The value of an address, domain or URL object.
    pub(super) fn value(kind: ObservableKind, value: &'p str) -> Self {
        Self { direct: Given::One((kind, value)), ..Self::default() }
    }

    /// The address of a domain or URL.
    pub(super) fn resolved(value: &'p str) -> Self {
        Self { resolved: Given::One(value), ..Self::default() }
    }

    /// A port; `None` is one that cannot be.
    pub(super) fn port(side: Side, port: Option<u16>) -> Self {
        let given = port.map_or(Given::Nothing, Given::One);
        Self { no_port: port.is_none(), ..Self::default() }.with(side, End { port: given, ..End::default() })
    }

    /// The value of an end.
    pub(super) fn end_value(side: Side, value: &'p str) -> Self {
        let given = Given::One(value);
        let end = if is_address(value) {
            End { address: given, ..End::default() }
        } else {
            End { name: given, ..End::default() }
        };
        Self::default().with(side, end)
    }

    /// The type of an end.
    pub(super) fn end_type(side: Side, name: &str) -> Self {
        let mut types = Types::default();
        match name {
            "ipv4-addr" | "ipv6-addr" => types.address = true,
            "domain-name" | "hostname" => types.domain = true,
            _ => types.other = true,
        }
        Self::default().with(side, End { types, ..End::default() })
    }

    fn with(self, side: Side, end: End<'p>) -> Self {
        match side {
            Side::Destination => Self { destination: end, ..self },
            Side::Source => Self { source: end, ..self },
        }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            refused: self.refused.or(other.refused),
            direct: self.direct.and(other.direct),
            destination: self.destination.and(other.destination),
            source: self.source.and(other.source),
            resolved: self.resolved.and(other.resolved),
            foreign: self.foreign.and(other.foreign),
            no_port: self.no_port || other.no_port,
        }
    }

    /// The one observable, or why there is none.
    pub(super) fn settle(self) -> Result<Settled, &'static str> {
        if let Some(reason) = self.refused {
            return Err(reason);
        }
        let direct = match self.direct {
            Given::Nothing => None,
            Given::One((kind, value)) => Some(Claim { kind, value, also: None, side: None }),
            Given::Several => return Err(SEVERAL),
        };
        let (destination, source) = (self.destination.claim(Side::Destination)?, self.source.claim(Side::Source)?);
        let mut claims = [direct, destination, source].into_iter().flatten();
        let claim = match (claims.next(), self.foreign) {
            (Some(claim), Given::Nothing) => claim,
            (None, Given::One(kind)) if self.resolved == Given::Nothing => return Err(kind),
            (None, Given::Nothing) => return self.bare_address(),
            _ => return Err(SEVERAL),
        };
        if claims.next().is_some() {
            return Err(SEVERAL);
        }
        self.finish(claim)
    }

    /// Nothing but the address of some domain: connections to it are what such a domain leads to.
    fn bare_address(self) -> Result<Settled, &'static str> {
        match self.resolved {
            Given::One(value) => {
                let claim = Claim { kind: ObservableKind::Address, value, also: None, side: None };
                Self { resolved: Given::Nothing, ..self }.finish(claim)
            }
            Given::Several => Err(SEVERAL),
            Given::Nothing => Err(OTHER_KIND),
        }
    }

    fn finish(self, claim: Claim<'p>) -> Result<Settled, &'static str> {
        let also = match (claim.kind, claim.also, self.resolved) {
            (_, also, Given::Nothing) => also,
            (ObservableKind::Domain | ObservableKind::Url, None, Given::One(address)) => Some(address),
            (_, Some(also), Given::One(address)) if also == address => Some(also),
            _ => return Err(SEVERAL),
        };
        let port = match (claim.side, self.destination.port) {
            (Some(Side::Destination), port) => port,
            (Some(Side::Source), _) | (None, Given::Nothing) => self.source.port,
            (None, port) => port,
        };
        let port = match port {
            Given::Nothing => None,
            Given::One(port) => Some(port),
            Given::Several => return Err(CONTRADICTION),
        };
        let (value, also_address) = (claim.value.to_string(), also.map(str::to_string));
        let observable = Observable { kind: claim.kind, value, port, also_address };
        Ok(Settled { observable, no_port: self.no_port && port.is_none() })
    }
}

/// What one object claims to be.
struct Claim<'p> {
    kind: ObservableKind,
    value: &'p str,
    also: Option<&'p str>,
    /// The end that it is, if the pattern says.
    side: Option<Side>,
}

impl<'p> End<'p> {
    fn and(self, other: Self) -> Self {
        Self {
            address: self.address.and(other.address),
            name: self.name.and(other.name),
            types: Types {
                address: self.types.address || other.types.address,
                domain: self.types.domain || other.types.domain,
                other: self.types.other || other.types.other,
            },
            port: self.port.and(other.port),
        }
    }

    /// An address says so itself; of anything else the type decides, and junk is left to whoever judges values.
    fn claim(self, side: Side) -> Result<Option<Claim<'p>>, &'static str> {
        let claim = |kind, value, also| Ok(Some(Claim { kind, value, also, side: Some(side) }));
        match (self.name, self.address) {
            (Given::Nothing, Given::Nothing) => Ok(None),
            (Given::Nothing, Given::One(value)) => claim(ObservableKind::Address, value, None),
            (Given::One(_), _) if self.types.other => Err(OTHER_KIND),
            (Given::One(value), Given::Nothing) if self.types.address && !self.types.domain => {
                claim(ObservableKind::Address, value, None)
            }
            (Given::One(value), Given::Nothing) => claim(ObservableKind::Domain, value, None),
            (Given::One(value), Given::One(address)) => claim(ObservableKind::Domain, value, Some(address)),
            _ => Err(SEVERAL),
        }
    }
}

fn is_address(value: &str) -> bool {
    let value = value.trim();
    value.split_once('/').map_or(value, |(address, _)| address).parse::<IpAddr>().is_ok()
}
