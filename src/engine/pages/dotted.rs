//! The dotted form of an IPv4 address, read in words instead of byte by byte.
//!
//! Nearly every text that is classified is one, and the classification is most of what a scan costs. Nothing else is
//! decided here: a text that is not exactly four decimal numbers may still be an address to `Address::parse`.

use std::net::Ipv4Addr;

const DOTS: u64 = 0x2e2e_2e2e_2e2e_2e2e;
const ZEROS: u64 = 0x3030_3030_3030_3030;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// The address that the text is in dotted form, without leading zeros and without anything around it.
#[must_use]
#[inline]
pub(super) fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let (low, high) = words(text)?;
    if (low | high) & TOPS != 0 {
        return None;
    }
    // All bytes are below 128 now, so that no sum carries into the next byte. From here on a bit stands for a byte.
    let dots = top_bits(zero_bytes(low ^ DOTS)) | top_bits(zero_bytes(high ^ DOTS)) << 8;
    let (low, high) = (low ^ ZEROS, high ^ ZEROS);
    let others = top_bits(not_digits(low)) | top_bits(not_digits(high)) << 8;
    let zeros = top_bits(zero_bytes(low)) | top_bits(zero_bytes(high)) << 8;
    let behind = 0xffff << text.len() & 0xffff;
    let (starts, ends) = (dots << 1 | 1, dots | 1 << text.len());
    let no_digit = starts & ends;
    let too_long = starts & !(ends >> 1 | ends >> 2 | ends >> 3);
    let leading_zero = starts & zeros & !(ends >> 1);
    // Counting bits is slow where the machine's own instruction may not be used; taking away three is not.
    let third = dots & dots.wrapping_sub(1);
    let third = third & third.wrapping_sub(1);
    let is_three = third != 0 && third & (third - 1) == 0;
    if others != dots | behind || !is_three || no_digit | too_long | leading_zero != 0 {
        return None;
    }
    octets(u128::from(low) | u128::from(high) << 64, ends).map(Ipv4Addr::from_bits)
}

/// The four numbers whose digits end before the bits of `ends`, each one to three digits long.
#[inline]
fn octets(digits: u128, mut ends: u32) -> Option<u32> {
    let (mut start, mut address, mut is_small) = (0, 0, true);
    for _ in 0..4 {
        let end = ends.trailing_zeros();
        ends &= ends.wrapping_sub(1);
        // Three digits, the first of them lowest and the last of them in the third byte.
        let three = ((digits >> (8 * start)) as u32) << (8 * (4 + start - end)) >> 8;
        // As text, three digits order as the number does.
        is_small &= three.swap_bytes() >> 8 <= 0x02_05_05;
        address = address << 8 | (three.wrapping_mul(0x64_0a_01) >> 16 & 0xff);
        start = end + 1;
    }
    is_small.then_some(address)
}

/// The text as sixteen bytes, with zeros behind its end; `None` for a text of impossible length.
#[inline]
fn words(text: &[u8]) -> Option<(u64, u64)> {
    match text.len() {
        9..=15 => {
            let low = u64::from_le_bytes(*text.first_chunk()?);
            let last = u64::from_le_bytes(*text.last_chunk()?);
            Some((low, last >> (8 * (16 - text.len()))))
        }
        8 => Some((u64::from_le_bytes(*text.first_chunk()?), 0)),
        7 => {
            let low = u32::from_le_bytes(*text.first_chunk()?);
            let last = u32::from_le_bytes(*text.last_chunk()?);
            Some((u64::from(low) | u64::from(last >> 8) << 32, 0))
        }
        _ => None,
    }
}

/// The top bit of each byte that is zero.
#[inline]
const fn zero_bytes(word: u64) -> u64 {
    !(word + (TOPS - 0x0101_0101_0101_0101)) & TOPS
}

/// The top bit of each byte over nine.
#[inline]
const fn not_digits(word: u64) -> u64 {
    (word + 0x7676_7676_7676_7676) & TOPS
}

/// The top bits of eight bytes, side by side.
#[inline]
const fn top_bits(word: u64) -> u32 {
    (((word >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_std(text: &[u8]) -> Option<Ipv4Addr> {
        std::str::from_utf8(text).ok()?.parse().ok()
    }

    #[test]
    fn texts_at_the_edges() {
        for text in [
            "0.0.0.0",
            "255.255.255.255",
            "1.2.3.4",
            "10.0.0.1",
            "256.1.1.1",
            "1.2.3",
            "1..2.3",
            ".1.2.3.4",
            "1.2.3.4.",
            "01.2.3.4",
            "1.2.3.04",
            "00.0.0.0",
            "1.2.3.4 ",
            "1234.1.1.1",
            "1.2.3.1234",
            "1.2.3.\u{e9}",
            "::1.2.3",
            "1/2.3.4.5",
            "1.2.3.4:5",
            "...1234",
            "1.2.3.4.5.6.7.8",
            "",
        ] {
            assert_eq!(dotted(text.as_bytes()), by_std(text.as_bytes()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_std_on_anything_dotted(text in "[0-9.]{0,17}", near in "[0-9]{1,3}(\\.[0-9]{1,3}){3}", bits: u32) {
            let exact = Ipv4Addr::from_bits(bits).to_string();
            for text in [text, near, exact] {
                prop_assert_eq!(dotted(text.as_bytes()), by_std(text.as_bytes()), "{}", text);
            }
        }

        #[test]
        fn agrees_with_std_on_a_changed_byte(bits: u32, at in 0..15_usize, byte: u8) {
            let mut text = Ipv4Addr::from_bits(bits).to_string().into_bytes();
            let length = text.len();
            text[at % length] = byte;
            prop_assert_eq!(dotted(&text), by_std(&text));
        }
    }
}
