//! The dotted form of an IPv4 address, looked at sixteen bytes at a time.
//!
//! Nearly every text that is classified is one, and the classification is most of what a scan costs. Nothing else is
//! decided here: a text that is not exactly four decimal numbers may still be an address to `Address::parse`.

use std::net::Ipv4Addr;

use wide::i8x16;

/// What a byte is taken by to be the number that it shows.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// A text in dotted form, without leading zeros and without anything around it. Its numbers are read when asked for, since the
/// first two are enough for most.
#[derive(Debug, Clone, Copy)]
pub struct Dotted {
    /// The bytes, a digit as its value.
    low: u64,
    high: u64,
    /// A bit for each byte that a number ends before.
    ends: u32,
}

impl Dotted {
    /// The text, if it is one.
    #[must_use]
    #[inline]
    pub fn of(text: &[u8]) -> Option<Self> {
        let (low, high) = words(text)?;
        let bytes: i8x16 = bytemuck::cast([low.to_le(), high.to_le()]);
        // From here on a bit stands for a byte.
        let is = |byte: u8| bytes.simd_eq(i8x16::splat(byte.cast_signed())).to_bitmask();
        let over = |byte: u8| bytes.simd_gt(i8x16::splat(byte.cast_signed())).to_bitmask();
        let dots = is(b'.');
        let digits = over(b'/') & !over(b'9');
        let whole = (1 << text.len()) - 1;
        let (starts, ends) = (dots << 1 | 1, dots | 1 << text.len());
        let no_digit = starts & ends;
        let too_long = starts & !(ends >> 1 | ends >> 2 | ends >> 3);
        let leading_zero = starts & is(b'0') & !(ends >> 1);
        let three_digits = starts & !(ends >> 1 | ends >> 2);
        let over_five = over(b'5');
        let over_fifty_five = over_five >> 1 | is(b'5') >> 1 & over_five >> 2;
        let too_large = three_digits & (over(b'2') | is(b'2') & over_fifty_five);
        // Counting bits is slow where the machine's own instruction may not be used; taking away three is not.
        let third = dots & dots.wrapping_sub(1);
        let third = third & third.wrapping_sub(1);
        let is_three = third != 0 && third & (third - 1) == 0;
        let wrong = (dots | digits) ^ whole | no_digit | too_long | leading_zero | too_large;
        (is_three && wrong == 0).then_some(Self { low: low ^ ZEROS, high: high ^ ZEROS, ends })
    }

    /// The upper 16 bits of the address.
    #[must_use]
    #[inline]
    pub fn upper_half(self) -> u32 {
        // Two numbers and their dots are eight bytes at most.
        let end = self.ends.trailing_zeros();
        let second = (self.ends >> (end + 1)).trailing_zeros();
        number(self.low, end) << 8 | number(self.low >> (8 * (end + 1)), second)
    }

    /// The address.
    #[must_use]
    #[inline]
    pub fn address(self) -> Ipv4Addr {
        let (mut digits, mut ends) = (u128::from(self.low) | u128::from(self.high) << 64, self.ends);
        let mut address = 0;
        for _ in 0..4 {
            let end = ends.trailing_zeros();
            address = address << 8 | number(digits as u64, end);
            digits >>= 8 * (end + 1);
            ends >>= end + 1;
        }
        Ipv4Addr::from_bits(address)
    }
}

/// The number whose one to three digits end before a byte.
#[inline]
const fn number(digits: u64, end: u32) -> u32 {
    // The first digit lowest, and the last of them in the third byte.
    let three = (digits as u32) << (8 * (4 - end)) >> 8;
    three.wrapping_mul(0x64_0a_01) >> 16 & 0xff
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
        let dotted = Dotted::of(text)?;
        assert_eq!(dotted.upper_half(), dotted.address().to_bits() >> 16);
        Some(dotted.address())
    }

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
