//! Numbers of few bits, the lowest bit first: the codes of which key and row blocks are made.
//!
//! Gaps between sorted numbers that lie at random have a geometric distribution, for which Rice's code is within a few
//! hundredths of a bit of the best.

/// The most bits that one look at the bytes yields wherever it begins.
const LOOK_BITS: u32 = 56;

/// Writes bits.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    /// Bits in `held`, fewer than eight between calls.
    count: u32,
}

impl BitWriter {
    /// Begins behind bytes that are there already.
    pub(super) const fn after(bytes: Vec<u8>) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    /// The lowest bits of a value, at most 56; higher ones must be zero.
    pub(super) fn put(&mut self, value: u64, bits: u32) {
        self.held |= value << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// As many lowest bits of a wide value.
    pub(super) fn put_wide(&mut self, value: u128, bits: u32) {
        let mut done = 0;
        while done < bits {
            let step = (bits - done).min(32);
            let piece = (value >> done) as u64 & low_bits(step);
            self.put(piece, step);
            done += step;
        }
    }

    /// So many zeros and a one.
    pub(super) fn put_unary(&mut self, mut zeros: u64) {
        while zeros >= 32 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1 << zeros, zeros as u32 + 1);
    }

    /// Rice's code: the upper bits in unary, `low` lower ones as they are; `low` is at most 32.
    pub(super) fn put_rice(&mut self, value: u64, low: u32) {
        self.put_unary(value >> low);
        self.put_lower(value, low);
    }

    /// So many lowest bits of a value that may have higher ones; at most 56.
    pub(super) fn put_lower(&mut self, value: u64, bits: u32) {
        self.put(value & low_bits(bits), bits);
    }

    /// Elias's gamma code of a number that is not zero.
    pub(super) fn put_gamma(&mut self, value: u32) {
        let length = value.max(1).ilog2();
        self.put_unary(u64::from(length));
        self.put_lower(u64::from(value), length);
    }

    /// The bytes; what is left of the last one is zero.
    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        self.bytes
    }
}

/// The first 64 bits, zeros where there are no more.
#[inline]
pub(super) fn first_word(bytes: &[u8]) -> u64 {
    match bytes.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

const fn low_bits(bits: u32) -> u64 {
    (1 << bits) - 1
}

/// Reads bits; `None` where there are no more.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: usize,
    /// In bits.
    end: usize,
}

impl<'a> BitReader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, end: bytes.len().saturating_mul(8) }
    }

    /// The next 56 bits, zeros behind the end.
    #[inline]
    fn look(&self) -> u64 {
        self.at(self.at, LOOK_BITS)
    }

    /// At most 56 bits from anywhere, zeros behind the end.
    #[inline]
    pub(super) fn at(&self, from: usize, bits: u32) -> u64 {
        first_word(self.bytes.get(from / 8..).unwrap_or_default()) >> (from % 8) & low_bits(bits)
    }

    #[inline]
    fn skip(&mut self, bits: u32) -> Option<()> {
        self.at += bits as usize;
        (self.at <= self.end).then_some(())
    }

    /// At most 56 bits.
    #[inline]
    pub(super) fn take(&mut self, bits: u32) -> Option<u64> {
        let value = self.look() & low_bits(bits);
        self.skip(bits)?;
        Some(value)
    }

    /// At most 128 bits.
    #[inline]
    pub(super) fn take_wide(&mut self, bits: u32) -> Option<u128> {
        let rest = self.bytes.get(self.at / 8..).unwrap_or_default();
        let (Some(wide), Some(behind)) = (rest.first_chunk(), rest.get(16)) else { return self.take_pieces(bits) };
        let shift = self.at % 8;
        let word = u128::from_le_bytes(*wide) >> shift | u128::from(*behind) << (127 - shift) << 1;
        self.skip(bits)?;
        Some(word & u128::MAX.checked_shr(u128::BITS - bits).unwrap_or(0))
    }

    /// As many, also near the end.
    fn take_pieces(&mut self, bits: u32) -> Option<u128> {
        let mut value = 0;
        let mut done = 0;
        while done < bits {
            let step = (bits - done).min(LOOK_BITS);
            value |= u128::from(self.take(step)?) << done;
            done += step;
        }
        Some(value)
    }

    fn take_unary(&mut self) -> Option<u64> {
        let mut zeros = 0u64;
        loop {
            let here = self.look().trailing_zeros();
            if here < LOOK_BITS {
                self.skip(here + 1)?;
                return Some(zeros + u64::from(here));
            }
            self.skip(LOOK_BITS)?;
            zeros += u64::from(LOOK_BITS);
        }
    }

    /// `low` is at most 32.
    #[inline(always)]
    pub(super) fn take_rice(&mut self, low: u32) -> Option<u64> {
        let word = self.look();
        let zeros = word.trailing_zeros();
        let bits = zeros + 1 + low;
        if bits <= LOOK_BITS {
            self.skip(bits)?;
            return Some(u64::from(zeros) << low | word >> (zeros + 1) & low_bits(low));
        }
        self.take_long_rice(low)
    }

    #[cold]
    fn take_long_rice(&mut self, low: u32) -> Option<u64> {
        let upper = self.take_unary().filter(|upper| *upper <= u64::MAX >> low)?;
        Some(upper << low | self.take(low)?)
    }

    pub(super) fn take_gamma(&mut self) -> Option<u32> {
        let length = u32::try_from(self.take_unary()?).ok().filter(|length| *length < 32)?;
        u32::try_from(1 << length | self.take(length)?).ok()
    }

    /// Whether nothing but the zeros of the last byte is left.
    pub(super) fn is_done(&self) -> bool {
        self.end.saturating_sub(self.at) < 8 && self.look() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_put_is_taken(values in prop::collection::vec((any::<u32>(), 0u32..=32, any::<u128>(), 0u32..=128), 0..40)) {
            let mut writer = BitWriter::default();
            let cut = |value: u128, bits: u32| if bits == 128 { value } else { value & ((1 << bits) - 1) };
            for (value, low, wide, bits) in &values {
                // A long unary part is legal but slow to test.
                let low = (*low).max(16);
                writer.put_rice(u64::from(*value), low);
                writer.put_gamma((*value).max(1));
                writer.put_wide(cut(*wide, *bits), *bits);
            }
            let bytes = writer.finish();
            let mut reader = BitReader::new(&bytes);
            for (value, low, wide, bits) in &values {
                prop_assert_eq!(reader.take_rice((*low).max(16)), Some(u64::from(*value)));
                prop_assert_eq!(reader.take_gamma(), Some((*value).max(1)));
                prop_assert_eq!(reader.take_wide(*bits), Some(cut(*wide, *bits)));
            }
            prop_assert!(reader.is_done());
            prop_assert_eq!(reader.take(8), None);
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200), low in 0u32..=32) {
            let mut reader = BitReader::new(&bytes);
            let mut steps = 0;
            while reader.take_rice(low).and_then(|_| reader.take_gamma()).and_then(|_| reader.take(9)).is_some() {
                steps += 1;
            }
            prop_assert!(steps <= bytes.len() * 8);
        }
    }
}
