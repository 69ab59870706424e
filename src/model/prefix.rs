//! A set of addresses that share their leading bits, and the prefixes that no list may bring in.
//!
//! `a.b.c.d/n` is kept as `::ffff:a.b.c.d/(96+n)`, so one comparison serves both families. Which prefixes are refused
//! is DESIGN §3.3: private, loopback, link-local and multicast space, and anything wider than /8 (IPv4) or /16 (IPv6),
//! because one bad line in a feed must not make every event a hit.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::Address;

/// A prefix in the 128-bit space of [`Address`]; host bits are always zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Prefix {
    first: u128,
    /// 0..=128, counted in the 128-bit space (an IPv4 /24 has 120).
    bits: u8,
}

/// Why an entry of a list is not used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    /// Neither an address nor a prefix.
    Junk,
    /// Overlaps private, loopback, link-local, unspecified or multicast space.
    Private,
    /// Wider than /8 (IPv4) or /16 (IPv6).
    TooWide,
}

impl Refusal {
    /// The words that reports use.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Junk => "not an address or prefix",
            Self::Private => "private, loopback, link-local or multicast range",
            Self::TooWide => "prefix wider than /8 (IPv4) or /16 (IPv6)",
        }
    }
}

/// Whether private ranges may be used (`--allow-private`, indicators only).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PrivateRanges {
    /// They are refused.
    #[default]
    Refuse,
    /// They are matched like any other.
    Allow,
}

/// DESIGN §3.3, first line to last.
const REFUSED: [&str; 12] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "fe80::/10",
    "fc00::/7",
    "ff00::/8",
];

impl Prefix {
    /// The prefix that holds one address.
    #[must_use]
    pub const fn host(address: Address) -> Self {
        Self { first: address.bits(), bits: 128 }
    }

    /// Reads an address or a prefix in CIDR notation; host bits are cleared. A mapped prefix shorter than /96 is junk.
    ///
    /// # Errors
    /// [`Refusal::Junk`] when the text is neither.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        let Some((address, length)) = text.split_once('/') else {
            return Address::parse(text).map(Self::host).ok_or(Refusal::Junk);
        };
        let address: IpAddr = address.parse().map_err(|_| Refusal::Junk)?;
        if length.is_empty() || length.len() > 3 || !length.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Refusal::Junk);
        }
        let length: u8 = length.parse().map_err(|_| Refusal::Junk)?;
        let net = IpNet::new(address, length).map_err(|_| Refusal::Junk)?;
        match net.addr() {
            IpAddr::V4(v4) => Ok(Self::masked(Address::from(v4), 96 + length)),
            IpAddr::V6(v6) if Address::from(v6).is_v4() && length < 96 => Err(Refusal::Junk),
            IpAddr::V6(v6) => Ok(Self::masked(Address::from(v6), length)),
        }
    }

    /// Reads an entry of a list and refuses what DESIGN §3.3 refuses.
    ///
    /// # Errors
    /// The reason why the entry must not be matched.
    pub fn parse_listed(text: &str, private: PrivateRanges) -> Result<Self, Refusal> {
        let prefix = Self::parse(text)?;
        prefix.check(private)?;
        Ok(prefix)
    }

    /// Refuses what DESIGN §3.3 refuses.
    ///
    /// # Errors
    /// The reason why the prefix must not be matched.
    pub fn check(self, private: PrivateRanges) -> Result<(), Refusal> {
        let width = if self.is_v4() { 96 + 8 } else { 16 };
        if self.bits < width {
            return Err(Refusal::TooWide);
        }
        if private == PrivateRanges::Refuse && refused().any(|range| range.overlaps(self)) {
            return Err(Refusal::Private);
        }
        Ok(())
    }

    /// The prefix of this length (in the 128-bit space, at most 128) that holds an address.
    #[must_use]
    pub const fn covering(address: Address, bits: u8) -> Self {
        let bits = if bits > 128 { 128 } else { bits };
        Self::masked(address, bits)
    }

    const fn masked(address: Address, bits: u8) -> Self {
        Self { first: address.bits() & mask(bits), bits }
    }

    /// The lowest address.
    #[must_use]
    pub const fn first(self) -> Address {
        Address::from_bits(self.first)
    }

    /// The highest address.
    #[must_use]
    pub const fn last(self) -> Address {
        Address::from_bits(self.first | !mask(self.bits))
    }

    /// Length in the 128-bit space: longer is more specific, across families.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }

    /// Whether it holds exactly one address.
    #[must_use]
    pub const fn is_host(self) -> bool {
        self.bits == 128
    }

    /// Whether it lies in IPv4.
    #[must_use]
    pub const fn is_v4(self) -> bool {
        self.bits >= 96 && self.first().is_v4()
    }

    /// Whether the address lies in it.
    #[must_use]
    pub const fn contains(self, address: Address) -> bool {
        address.bits() & mask(self.bits) == self.first
    }

    /// Whether any address lies in both.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.contains(other.first()) || other.contains(self.first())
    }
}

fn refused() -> impl Iterator<Item = Prefix> {
    use std::sync::LazyLock;
    static RANGES: LazyLock<Vec<Prefix>> =
        LazyLock::new(|| REFUSED.iter().filter_map(|r| Prefix::parse(r).ok()).collect());
    RANGES.iter().copied()
}

const fn mask(bits: u8) -> u128 {
    if bits == 0 { 0 } else { u128::MAX << (128 - bits) }
}

/// One address as the address, else CIDR notation of its own family.
impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.first();
        match (self.is_host(), self.is_v4()) {
            (true, _) => first.fmt(f),
            (false, true) => write!(f, "{first}/{}", self.bits - 96),
            (false, false) => write!(f, "{first}/{}", self.bits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Result<String, Refusal> {
        Prefix::parse_listed(text, PrivateRanges::Refuse).map(|p| p.to_string())
    }

    #[test]
    fn entries_of_both_families_are_read() {
        for (text, want) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
            ("2001:db8::5/32", "2001:db8::/32"),
            ("100.64.0.1", "100.64.0.1"),
        ] {
            assert_eq!(listed(text).as_deref(), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_no_list_may_bring_in_is_refused() {
        for text in REFUSED {
            assert!(listed(text).is_err(), "{text}");
        }
        for text in ["10.1.2.3", "172.31.255.255", "255.255.255.255", "239.0.0.1", "::1", "fd9f::1", "fe80::1"] {
            assert_eq!(listed(text), Err(Refusal::Private), "{text}");
        }
        for text in ["0.0.0.0/0", "64.0.0.0/7", "::/0", "2000::/15"] {
            assert_eq!(listed(text), Err(Refusal::TooWide), "{text}");
        }
        for text in ["", "dest_ip", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+8", "::ffff:1.2.3.4/95", "1.2.3.4:80"] {
            assert_eq!(listed(text), Err(Refusal::Junk), "{text}");
        }
    }

    #[test]
    fn private_ranges_can_be_admitted_but_width_cannot() {
        assert!(Prefix::parse_listed("10.0.0.0/8", PrivateRanges::Allow).is_ok());
        assert_eq!(Prefix::parse_listed("0.0.0.0/0", PrivateRanges::Allow), Err(Refusal::TooWide));
    }
}
