//! One IP address, compared as 128 bits and never as text.
//!
//! The rules are those of DESIGN §3.2: the text is trimmed, a zone id is dropped, IPv4-mapped IPv6 becomes IPv4, and
//! nothing else does (`::a.b.c.d`, 6to4, Teredo and NAT64 stay IPv6). Ports, brackets and leading zeros make no address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The upper 96 bits of every IPv4 address in the 128-bit space: `::ffff:0:0/96`.
const MAPPED: u128 = 0xffff_0000_0000;
const MAPPED_MASK: u128 = !0xffff_ffff;

/// An IPv4 or IPv6 address as one 128-bit number; IPv4 lives in `::ffff:0:0/96`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(u128);

impl Address {
    /// Reads telemetry text; `None` when it is no address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(v4) = Ipv4Addr::from_str(text) {
            return Some(v4.into());
        }
        if !text.contains(':') {
            return None;
        }
        let bare = match text.split_once('%') {
            Some((address, zone)) if !zone.is_empty() => address,
            Some(_) => return None,
            None => text,
        };
        Ipv6Addr::from_str(bare).ok().map(Self::from)
    }

    /// The number whose order and prefixes the address has.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// The address with this number.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Whether the address is IPv4 (written dotted).
    #[must_use]
    pub const fn is_v4(self) -> bool {
        self.0 & MAPPED_MASK == MAPPED
    }
}

impl From<Ipv4Addr> for Address {
    fn from(v4: Ipv4Addr) -> Self {
        Self(MAPPED | u128::from(v4.to_bits()))
    }
}

impl From<Ipv6Addr> for Address {
    fn from(v6: Ipv6Addr) -> Self {
        Self(v6.to_bits())
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        let v6 = Ipv6Addr::from_bits(address.0);
        v6.to_ipv4_mapped().map_or(Self::V6(v6), Self::V4)
    }
}

/// Canonical text: IPv4 dotted, IPv6 per RFC 5952 (which std writes).
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> Option<String> {
        Address::parse(text).map(|a| a.to_string())
    }

    #[test]
    fn one_address_has_one_text() {
        for (text, want) in [
            ("192.0.2.7", "192.0.2.7"),
            ("  192.0.2.7\t", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("::FFFF:C000:207", "192.0.2.7"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("::192.0.2.7", "::c000:207"),
            ("64:ff9b::192.0.2.7", "64:ff9b::c000:207"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_only_resembles_an_address_is_none() {
        for text in
            ["", "-", "192.0.2.7:443", "[2001:db8::1]", "192.0.2.07", "1.2.3", "1.2.3.4%eth0", "fe80::1%", "host"]
        {
            assert_eq!(canonical(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_identity(bits: u128, mapped: u32) {
            for address in [Address::from_bits(bits), Address::from(Ipv4Addr::from_bits(mapped))] {
                prop_assert_eq!(Address::parse(&address.to_string()), Some(address));
            }
        }
    }
}
