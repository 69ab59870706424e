//! `Address::parse` for texts that come by the million.
//!
//! The forms in which addresses are nearly always written are read here; every other text goes to `Address::parse`, which
//! decides what is an address and what is not.

use std::net::Ipv6Addr;

use super::dotted::Dotted;
use crate::model::Address;

/// The address that a text is; `None` for a text that is none, or that is not UTF-8.
#[must_use]
#[inline]
pub fn address(text: &[u8]) -> Option<Address> {
    match Dotted::of(text) {
        Some(v4) => Some(v4.address().into()),
        None => otherwise(text),
    }
}

fn otherwise(text: &[u8]) -> Option<Address> {
    if let Some(v4) = text.strip_prefix(b"::ffff:").and_then(Dotted::of) {
        return Some(v4.address().into());
    }
    if let Some(v6) = groups(text) {
        return Some(v6.into());
    }
    if text.is_empty() { None } else { Address::parse(std::str::from_utf8(text).ok()?) }
}

/// Groups of hexadecimal digits between colons, and nothing else. How long the groups are cannot be foreseen, so no branch
/// depends on it.
fn groups(text: &[u8]) -> Option<Ipv6Addr> {
    if text.len() > 39 {
        return None;
    }
    let mut parts = [0_u16; 16];
    // The part that is being read, its value, and how many digits it has.
    let (mut at, mut value, mut digits) = (0_usize, 0_u32, 0_u32);
    let (mut empty, mut last_empty, mut longest, mut codes) = (0_u32, 0_usize, 0_u32, 0_u8);
    for byte in text {
        let code = *CODES.get(usize::from(*byte))?;
        codes |= code;
        let is_colon = code == COLON;
        let is_empty = is_colon & (digits == 0);
        empty += u32::from(is_empty);
        last_empty = if is_empty { at } else { last_empty };
        let next = value << 4 | u32::from(code);
        if let Some(part) = parts.get_mut(at) {
            *part = (if is_colon { value } else { next }) as u16;
        }
        at += usize::from(is_colon);
        value = if is_colon { 0 } else { next };
        digits = if is_colon { 0 } else { digits + 1 };
        longest = longest.max(digits);
    }
    if codes >= NEITHER || longest > 4 || at > 8 {
        return None;
    }
    let (first, last) = (text.starts_with(b"::"), text.ends_with(b"::"));
    // The parts before the double colon and those behind it.
    let (head, tail) = match empty + u32::from(digits == 0) {
        0 if at == 7 => (8, 8),
        1 if last_empty > 0 && digits > 0 => (last_empty, last_empty + 1),
        2 if first && digits > 0 && last_empty == 1 => (0, 2),
        2 if last && at > 1 => (at - 1, at + 1),
        // What is no address, and the address of nothing but a double colon.
        _ => return None,
    };
    let join = |parts: &[u16]| parts.iter().fold(0_u128, |bits, part| bits << 16 | u128::from(*part));
    let (before, behind) = (parts.get(..head)?, parts.get(tail..(at + 1).max(tail))?);
    // Two groups at least are left out; whether it may be exactly one is left to the other reader.
    if before.len() < 8 && before.len() + behind.len() > 6 {
        return None;
    }
    let head_bits = join(before).checked_shl(16 * u32::try_from(8 - before.len()).ok()?).unwrap_or(0);
    Some(Ipv6Addr::from_bits(head_bits | join(behind)))
}

/// What a colon is among `CODES`.
const COLON: u8 = 16;

/// What a byte is that is neither a colon nor a hexadecimal digit.
const NEITHER: u8 = 64;

/// The value of each byte that is a hexadecimal digit.
const CODES: [u8; 256] = {
    let mut codes = [NEITHER; 256];
    let mut digit = 0;
    while digit < 16 {
        codes[b"0123456789abcdef"[digit] as usize] = digit as u8;
        codes[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    codes[b':' as usize] = COLON;
    codes
};

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
            "1:2:3:4:5:6:7::8",
            "::1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8::",
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
