//! A Tor relay's address over an interval of time: a row of the Tor table (DESIGN §3.3).

use std::fmt;
use std::str::FromStr;

use super::{Address, Micros, Prefix};

/// What a relay does in a circuit. A list that names no roles gives [`Role::Unspecified`], which every role filter accepts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// The last hop: what one sees inbound.
    Exit,
    /// The first hop: what a Tor client dials.
    Guard,
    /// A hop between.
    Middle,
    /// The source does not say.
    Unspecified,
}

impl Role {
    /// Every role, in the order of their words.
    pub const ALL: [Self; 4] = [Self::Exit, Self::Guard, Self::Middle, Self::Unspecified];

    /// The word in `TorRole`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Guard => "guard",
            Self::Middle => "middle",
            Self::Unspecified => "unspecified",
        }
    }
}

/// Reads the word as it is written, in small letters.
impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// The two kinds of address, whose coverage differs: most exit lists name no IPv6 at all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// Both, IPv4 first.
    pub const ALL: [Self; 2] = [Self::V4, Self::V6];

    /// The word in coverage.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// The family of an address.
    #[must_use]
    pub const fn of(address: Address) -> Self {
        if address.is_v4() { Self::V4 } else { Self::V6 }
    }
}

/// A stretch of time for which a dated source knows the relays of one role and family: from its first usable snapshot to
/// its last, without a gap between them (DESIGN §3.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CoverageSpan {
    /// The role, as the source states it.
    pub role: Role,
    /// The kind of address.
    pub family: Family,
    /// Time of the first snapshot.
    pub from: Micros,
    /// Time of the last one.
    pub to: Micros,
    /// The source, as the user named it.
    pub source: String,
}

/// How dates decide (`--tor-match`, DESIGN §3.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TorMatching {
    /// Where dated sources cover the event's time they alone decide; elsewhere any listed address matches and says so.
    #[default]
    Auto,
    /// Only within the tolerance of an interval.
    AtEvent,
    /// Any listed address.
    Loose,
}

impl TorMatching {
    /// The word of `--tor-match`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::AtEvent => "at-event",
            Self::Loose => "loose",
        }
    }
}

/// The roles that a hunt is about (`--tor-role`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoleFilter {
    /// Exits.
    Exit,
    /// Guards.
    Guard,
    /// Every relay.
    Any,
}

impl RoleFilter {
    /// Every filter, in the order of help texts.
    pub const ALL: [Self; 3] = [Self::Exit, Self::Guard, Self::Any];

    /// The word of `--tor-role` and of a hunt's `tor_role`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Guard => "guard",
            Self::Any => "any",
        }
    }

    /// Whether an interval of this role may match.
    #[must_use]
    pub const fn accepts(self, role: Role) -> bool {
        matches!(
            (self, role),
            (Self::Any, _) | (_, Role::Unspecified) | (Self::Exit, Role::Exit) | (Self::Guard, Role::Guard)
        )
    }
}

/// Reads the word as it is written, in small letters.
impl FromStr for RoleFilter {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == text).ok_or(())
    }
}

/// One address or prefix in one role, seen from and to. An undated list leaves both ends open (`None`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RelayInterval {
    /// What is covered.
    pub prefix: Prefix,
    /// What the relay does there.
    pub role: Role,
    /// First sighting.
    pub seen_from: Option<Micros>,
    /// Last sighting.
    pub seen_to: Option<Micros>,
    /// How the address was observed, such as `list`.
    pub observed_by: String,
    /// The OR port, when the source names it.
    pub port: Option<u16>,
    /// The list, as the user named it.
    pub source: String,
}

/// `exit 2026-03-01T00:00:00.000000Z to 2026-03-20T00:00:00.000000Z (list, snapshots/)`.
impl fmt::Display for RelayInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.role.as_str())?;
        if let Some(port) = self.port {
            write!(f, " port {port}")?;
        }
        match (self.seen_from, self.seen_to) {
            (Some(from), Some(to)) if from == to => write!(f, " {from}")?,
            (Some(from), Some(to)) => write!(f, " {from} to {to}")?,
            _ => write!(f, " undated")?,
        }
        write!(f, " ({}, {})", self.observed_by, self.source)
    }
}

/// How well an event agrees with the history, best first (`TorEvidence`, DESIGN §3.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Evidence {
    /// Inside an interval.
    Inside,
    /// Within the tolerance of one.
    WithinTolerance,
    /// Listed, but no snapshot lies near the event's time.
    NoCoverage,
    /// Listed in a source without dates.
    Undated,
}

impl Evidence {
    /// Best first.
    pub const ALL: [Self; 4] = [Self::Inside, Self::WithinTolerance, Self::NoCoverage, Self::Undated];

    /// The words in `TorEvidence`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::WithinTolerance => "within tolerance",
            Self::NoCoverage => "no coverage",
            Self::Undated => "undated",
        }
    }
}
