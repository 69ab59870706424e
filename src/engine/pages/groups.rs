//! The plain form of an IPv6 address, groups of hexadecimal digits between colons, looked at sixteen bytes at a time.
//!
//! It is seen whether the text is an address, and its first 32 bits are read: by these nearly every list says that it holds
//! nothing near. What is not certain here may still be an address to `Address::parse`.

use wide::i8x16;

/// The longest text in plain form.
const LENGTH_MAX: usize = 39;

/// The first 32 bits of the IPv6 address that a text is. `None` says nothing: the text may be short, or written in another
/// way, or no address, or it may begin with zeros, as the ones that stand for IPv4 do.
#[must_use]
#[inline]
pub fn upper_of_v6(text: &[u8]) -> Option<u32> {
    let (first, last) = (text.first_chunk::<16>()?, text.last_chunk::<16>()?);
    if text.len() > LENGTH_MAX {
        return None;
    }
    // A bit stands for a byte. Where the parts overlap they say the same.
    let (mut colons, mut digits) = (0_u64, 0_u64);
    let mut look = |part: &[u8; 16], at: usize| {
        let (colon, digit) = classes(part);
        colons |= u64::from(colon) << at;
        digits |= u64::from(digit) << at;
    };
    look(first, 0);
    look(last, text.len() - 16);
    if let Some(middle) = text.get(16..).and_then(<[u8]>::first_chunk::<16>) {
        look(middle, 16);
    }
    let double = colons & colons >> 1;
    let five_digits = digits & digits >> 1 & digits >> 2 & digits >> 3 & digits >> 4;
    let at_an_end = colons & (1 | 1 << (text.len() - 1)) & !(double | double << 1);
    let is_plain = colons | digits == (1 << text.len()) - 1;
    if !is_plain || five_digits | at_an_end | double & double.wrapping_sub(1) != 0 {
        return None;
    }
    // Two groups or more are left out; whether it may be exactly one is left to the other reader.
    let is_complete = if double == 0 { colons.count_ones() == 7 } else { colons.count_ones() <= 6 };
    if !is_complete {
        return None;
    }
    let bytes = u128::from_le_bytes(*first);
    let end = colons.trailing_zeros();
    let second = (colons >> (end + 1)).trailing_zeros();
    let upper = group(bytes as u32, end) << 16 | group((bytes >> (8 * (end + 1))) as u32, second);
    (upper != 0).then_some(upper)
}

/// Which bytes are colons, and which hexadecimal digits.
#[inline]
fn classes(part: &[u8; 16]) -> (u32, u32) {
    let bytes: i8x16 = bytemuck::cast(*part);
    let within = |bytes: i8x16, before: u8, behind: u8| {
        bytes.simd_gt(i8x16::splat(before.cast_signed())) & bytes.simd_lt(i8x16::splat(behind.cast_signed()))
    };
    let small = bytes | i8x16::splat(0x20);
    let digits = within(bytes, b'/', b':') | within(small, b'`', b'g');
    (bytes.simd_eq(i8x16::splat(b':'.cast_signed())).to_bitmask(), digits.to_bitmask())
}

/// The number whose up to four hexadecimal digits come first in four bytes.
#[inline]
const fn group(bytes: u32, digits: u32) -> u32 {
    let four = (bytes as u64) << (8 * (4 - digits));
    // A letter's lower half counts from one, and it has the bit of 64.
    let values = (four as u32 & 0x0f0f_0f0f) + 9 * (four as u32 >> 6 & 0x0101_0101);
    let spread = values.swap_bytes();
    let pairs = (spread | spread >> 4) & 0x00ff_00ff;
    (pairs | pairs >> 8) & 0xffff
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::model::Address;

    /// What is said must be true; and of addresses as they are written it must be said.
    fn is_true(text: &str) -> bool {
        let said = upper_of_v6(text.as_bytes());
        said.is_none_or(|upper| Address::parse(text).is_some_and(|address| address.bits() >> 96 == u128::from(upper)))
    }

    #[test]
    fn texts_at_the_edges() {
        for text in [
            "2001:db8:1:2:3:4:5:6",
            "2001:db8:1:2:3:4:5:6:7",
            "2001:db8:1:2:3:4:5::",
            "2001:db8:1:2:3:4::",
            "2001::1:2:3:4:5:6",
            "2001::db8:1:2:3::4",
            "2001:db8:0001:0002:",
            ":2001:db8:0001::0002",
            "2001:db8:::1:2:3:4:5",
            "2001:db8:12345::1:22",
            "::ffff:192.0.2.1.1.1",
            "::ffff:c000:201:1:2:3",
            "0:0:0:0:0:ffff:c000:201",
            "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff",
            "2001:DB8:AAAA:BBBB:CCCC:DDDD:EEEE:FFFF",
            "2001:db8:aaaa:bbbb:cccc:dddd:eeee:fffff",
            "2001:db8:1:2:3:4:5:g",
            "fe80::1:2:3:4:5%eth0",
            "2001:db8:1:2::@1:2:3",
        ] {
            assert!(is_true(text), "{text}");
        }
        assert_eq!(upper_of_v6(b"2001:dB8:1:2:3:4:5:6"), Some(0x2001_0db8));
        assert_eq!(upper_of_v6(b"a::b:c:d:1234:5678"), Some(0x000a_0000));
        assert_eq!(upper_of_v6(b"0:1:0:0:0:ffff:c000:201"), Some(1));
    }

    proptest! {
        #[test]
        fn what_is_said_is_true(
            colons in "[0-9a-fA-F]{0,5}(::?[0-9a-f]{0,5}){0,9}",
            groups in "[0-9a-f]{1,4}(:[0-9a-f]{1,4}){2,6}::?[0-9a-f]{1,4}",
            odd in "[:.%0-9a-g ]{16,40}",
        ) {
            for text in [colons, groups, odd] {
                prop_assert!(is_true(&text), "{}", text);
            }
        }

        #[test]
        fn addresses_as_they_are_written_are_seen(bits: u128, zeros: u128) {
            for bits in [bits, bits & zeros & (zeros << 64)] {
                let text = Ipv6Addr::from_bits(bits | 1 << 100).to_string();
                for text in [text.to_uppercase(), text] {
                    prop_assert!(is_true(&text), "{}", text);
                    let groups = text.split(':').filter(|group| !group.is_empty()).count();
                    let is_sure = text.len() >= 16 && (groups == 8 || groups <= 6);
                    prop_assert!(!is_sure || upper_of_v6(text.as_bytes()).is_some(), "{}", text);
                }
            }
        }
    }
}
