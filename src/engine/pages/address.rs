//! `Address::parse` for texts that come by the million.
//!
//! The forms in which addresses are nearly always written are read here; every other text goes to `Address::parse`, which
//! decides what is an address and what is not.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::dotted::dotted;
use crate::model::Address;

/// The address that a text is; `None` for a text that is none, or that is not UTF-8.
#[must_use]
#[inline]
pub fn address(text: &[u8]) -> Option<Address> {
    match dotted(text) {
        Some(v4) => Some(v4.into()),
        None => otherwise(text),
    }
}

fn otherwise(text: &[u8]) -> Option<Address> {
    if let Some(v6) = groups(text) {
        return Some(v6.into());
    }
    if let Some(v4) = text.strip_prefix(b"::ffff:").and_then(dotted) {
        return Some(Ipv4Addr::into(v4));
    }
    if text.is_empty() { None } else { Address::parse(std::str::from_utf8(text).ok()?) }
}

/// Groups of hexadecimal digits between colons, and nothing else.
fn groups(text: &[u8]) -> Option<Ipv6Addr> {
    if text.len() > 39 {
        return None;
    }
    // What stands before and behind the double colon, and how many groups that is.
    let (mut bits, mut count) = (0_u128, 0_u32);
    let mut head: Option<(u128, u32)> = None;
    let (mut group, mut digits) = (0_u32, 0_u32);
    for (at, byte) in text.iter().enumerate() {
        if *byte == b':' {
            if digits > 0 {
                (bits, count) = (bits << 16 | u128::from(group), count + 1);
                (group, digits) = (0, 0);
                continue;
            }
            // The second colon of the only double one, or the first character of the text.
            let is_second = at > 0 && text.get(at - 1) == Some(&b':');
            if is_second && head.is_none() {
                (head, bits, count) = (Some((bits, count)), 0, 0);
            } else if at > 0 || text.get(1) != Some(&b':') {
                return None;
            }
            continue;
        }
        group = group << 4 | hex(*byte)?;
        digits += 1;
        if digits > 4 {
            return None;
        }
    }
    if digits > 0 {
        (bits, count) = (bits << 16 | u128::from(group), count + 1);
    } else if !text.ends_with(b"::") {
        return None;
    }
    let bits = match head {
        None if count == 8 => bits,
        // At least one group is left out; whether it may be exactly one is left to the other reader.
        Some((head, before)) if before + count < 7 => bits | head.checked_shl(16 * (8 - before)).unwrap_or(0),
        _ => return None,
    };
    Some(Ipv6Addr::from_bits(bits))
}

#[inline]
const fn hex(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as u32),
        b'a'..=b'f' => Some((byte - b'a' + 10) as u32),
        b'A'..=b'F' => Some((byte - b'A' + 10) as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_at_the_edges() {
        for text in [
            "::",
            "::1",
            "1::",
            ":",
            ":::",
            "::1::",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "1::2:3:4:5:6:7",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            ":1",
            "1:",
            "1:2:",
            ":1::2",
            "12345::",
            "::12345",
            "g::",
            "fe80::1%eth0",
            " ::1",
            "::ffff:1.2.3.4",
            "::FFFF:1.2.3.4",
            "::ffff:102:304",
            "2001:DB8::A",
            "",
            " ",
            "1.2.3.4",
            "1::2:",
            "::1:",
        ] {
            assert_eq!(address(text.as_bytes()), Address::parse(text), "{text}");
        }
        assert_eq!(address(&[0xff; 8]), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_model(text in "[0-9a-fA-F:]{0,24}", colons in "[0-9a-f]{0,4}(::?[0-9a-f]{0,5}){0,8}", odd in "[:.%0-9a-g ]{0,12}") {
            for text in [text, colons, odd] {
                prop_assert_eq!(address(text.as_bytes()), Address::parse(&text), "{}", text);
            }
        }

        #[test]
        fn agrees_on_addresses_as_they_are_written(bits: u128, zeros: u128, low: u32) {
            for bits in [bits, bits & zeros & (zeros << 64), u128::from(low), 0xffff_0000_0000 | u128::from(low)] {
                let text = Ipv6Addr::from_bits(bits).to_string();
                for text in [text.to_uppercase(), text] {
                    prop_assert_eq!(address(text.as_bytes()), Address::parse(&text), "{}", text);
                }
            }
        }
    }
}
