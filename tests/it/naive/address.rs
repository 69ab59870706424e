//! Addresses and prefixes by std and ipnet: what is one, what it covers, and which prefixes no list may bring in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The ranges that lists are refused for (DESIGN §3.3).
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

/// The address that telemetry means: blanks and zone are dropped, IPv4-mapped IPv6 is IPv4, and nothing else is helped.
pub(crate) fn canonical(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    if !text.contains(':') {
        return text.parse::<Ipv4Addr>().ok().map(IpAddr::V4);
    }
    let address = text.split('%').next().unwrap_or_default();
    address.parse::<Ipv6Addr>().ok().map(|v6| IpAddr::V6(v6).to_canonical())
}

/// An entry of a list, or `None` when it is junk or refused.
pub(crate) fn listed(text: &str) -> Option<IpNet> {
    let net = prefix(text)?;
    let narrowest = if net.addr().is_ipv4() { 8 } else { 16 };
    if net.prefix_len() < narrowest {
        return None;
    }
    for refused in REFUSED {
        let refused: IpNet = refused.parse().unwrap();
        if refused.contains(&net.network()) || net.contains(&refused.network()) {
            return None;
        }
    }
    Some(net)
}

fn prefix(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let Some((address, length)) = text.split_once('/') else {
        return canonical(text).map(IpNet::from);
    };
    let address: IpAddr = address.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
    let length = if mapped { length.checked_sub(96)? } else { length };
    IpNet::new(address.to_canonical(), length).ok().map(|net| net.trunc())
}

#[test]
fn one_address_has_many_spellings() {
    for text in ["192.0.2.7", "\t192.0.2.7 ", "::ffff:192.0.2.7", "::FFFF:C000:0207", "::ffff:192.0.2.7%eth0"] {
        assert_eq!(canonical(text).unwrap().to_string(), "192.0.2.7", "{text}");
    }
    assert_eq!(canonical("2001:DB8:0:0:0:0:0:1%7").unwrap().to_string(), "2001:db8::1");
    assert_eq!(canonical("::192.0.2.7").unwrap().to_string(), "::c000:207");
    for text in ["", "-", "192.0.2.7:443", "[2001:db8::1]", "192.0.2.07", "localhost"] {
        assert_eq!(canonical(text), None, "{text}");
    }
}

#[test]
fn lists_are_refused_what_covers_private_space() {
    assert_eq!(listed("198.51.100.7/24").unwrap().to_string(), "198.51.100.0/24");
    assert_eq!(listed("::ffff:198.51.100.7/120").unwrap().to_string(), "198.51.100.0/24");
    for text in [
        "10.0.0.5",
        "0.0.0.0/0",
        "192.0.0.0/7",
        "192.168.0.0/15",
        "::/0",
        "::ffff:0:0/90",
        "fd00::1",
        "1.2.3.4/33",
        "x",
    ] {
        assert_eq!(listed(text), None, "{text}");
    }
}
