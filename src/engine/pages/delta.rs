//! Texts whose lengths, or whose common beginnings, are written as differences.

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::thrift::varint;

/// Writers use 128 or 256 values per block. A larger block could claim values that no byte stands for.
const BLOCK_VALUES_MAX: u64 = 1 << 16;

/// Texts are rebuilt one after the other; a small page whose texts share a long beginning could ask for any amount.
const TEXT_BYTES_MAX: u64 = 1 << 30;

/// Hands over each of `count` texts of a DELTA_LENGTH_BYTE_ARRAY page.
pub(super) fn each_by_length(bytes: &[u8], count: u32, mut text: impl FnMut(u32, &[u8])) -> Checked<()> {
    let mut lengths = Differences::read(bytes, count)?;
    let mut rest = lengths.behind()?;
    for at in 0..count {
        let (one, tail) = rest.split_at_checked(lengths.next_length()?).or_damaged("a text reaches beyond its page")?;
        text(at, one);
        rest = tail;
    }
    Ok(())
}

/// Hands over each of `count` texts of a DELTA_BYTE_ARRAY page.
pub(super) fn each_by_prefix(bytes: &[u8], count: u32, mut text: impl FnMut(u32, &[u8])) -> Checked<()> {
    let mut prefixes = Differences::read(bytes, count)?;
    let mut suffixes = Differences::read(prefixes.behind()?, count)?;
    let mut rest = suffixes.behind()?;
    let (mut one, mut bytes_made) = (Vec::new(), 0_u64);
    for at in 0..count {
        let prefix = prefixes.next_length()?;
        if prefix > one.len() {
            return Err(Beyond::Damaged("a text shares more than the text before it has"));
        }
        let length = suffixes.next_length()?;
        let (suffix, tail) = rest.split_at_checked(length).or_damaged("a text reaches beyond its page")?;
        one.truncate(prefix);
        one.extend_from_slice(suffix);
        rest = tail;
        bytes_made += one.len() as u64;
        if bytes_made > TEXT_BYTES_MAX {
            return Err(Beyond::Size { what: "bytes of a page's texts", size: bytes_made, limit: TEXT_BYTES_MAX });
        }
        text(at, &one);
    }
    Ok(())
}

/// Numbers as DELTA_BINARY_PACKED has them: the first one, then blocks of differences in smaller blocks of one width each.
#[derive(Debug, Clone)]
struct Differences<'a> {
    rest: &'a [u8],
    smaller_blocks: usize,
    per_smaller_block: u32,
    value: i64,
    /// Numbers not handed over yet, the current one among them.
    left: u32,
    least: i64,
    /// The widths of the smaller blocks that are still to come in this block.
    widths: &'a [u8],
    width: u8,
    packed: &'a [u8],
    /// Which number of the current smaller block comes next.
    at: u32,
}

impl<'a> Differences<'a> {
    fn read(mut rest: &'a [u8], count: u32) -> Checked<Self> {
        let mut number = || varint(&mut rest).or_damaged("differences end early");
        let (block, smaller, total, first) = (number()?, number()?, number()?, number()?);
        if total != u64::from(count) {
            return Err(Beyond::Damaged("as many lengths as values are expected"));
        }
        if block == 0 || block > BLOCK_VALUES_MAX || smaller == 0 || block % smaller != 0 || (block / smaller) % 32 != 0
        {
            return Err(Beyond::Damaged("blocks of differences have no plausible size"));
        }
        let per_smaller_block = u32::try_from(block / smaller).or_damaged("a block of differences is too large")?;
        Ok(Self {
            rest,
            smaller_blocks: usize::try_from(smaller).or_damaged("a block of differences is too large")?,
            per_smaller_block,
            value: zigzag(first),
            left: count,
            least: 0,
            widths: &[],
            width: 0,
            packed: &[],
            at: per_smaller_block,
        })
    }

    /// What follows the numbers.
    fn behind(&self) -> Checked<&'a [u8]> {
        let mut walker = self.clone();
        let mut left = walker.left.saturating_sub(1);
        while left > 0 {
            walker.open()?;
            left = left.saturating_sub(walker.per_smaller_block);
        }
        Ok(walker.rest)
    }

    /// The next number, which is a length.
    fn next_length(&mut self) -> Checked<usize> {
        self.left = self.left.checked_sub(1).or_damaged("fewer lengths than values")?;
        let value = self.value;
        if self.left > 0 {
            if self.at == self.per_smaller_block {
                self.open()?;
            }
            let difference = self.least.checked_add(self.difference());
            self.value = difference.and_then(|d| value.checked_add(d)).or_damaged("lengths overflow")?;
            self.at += 1;
        }
        i32::try_from(value).ok().and_then(|value| usize::try_from(value).ok()).or_damaged("a negative length")
    }

    /// Opens the next smaller block.
    fn open(&mut self) -> Checked<()> {
        if self.widths.is_empty() {
            self.least = zigzag(varint(&mut self.rest).or_damaged("differences end early")?);
            let halves = self.rest.split_at_checked(self.smaller_blocks);
            (self.widths, self.rest) = halves.or_damaged("differences end early")?;
        }
        let (width, widths) = self.widths.split_first().or_damaged("differences end early")?;
        (self.width, self.widths) = (*width, widths);
        if self.width > 32 {
            return Err(Beyond::Damaged("a bit width over 32"));
        }
        let bytes = usize::from(self.width) * (self.per_smaller_block as usize / 8);
        (self.packed, self.rest) = self.rest.split_at_checked(bytes).or_damaged("differences end early")?;
        self.at = 0;
        Ok(())
    }

    /// The packed number at the current place.
    fn difference(&self) -> i64 {
        let bit = self.at as usize * usize::from(self.width);
        let tail = self.packed.get(bit / 8..).unwrap_or_default();
        let word = tail.first_chunk::<8>().map_or_else(
            || tail.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
            |word| u64::from_le_bytes(*word),
        );
        ((word >> (bit % 8)) & ((1 << self.width) - 1)).cast_signed()
    }
}

const fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One block of four times 32, the first of which has one difference of two bits over a least one of -1.
    #[test]
    fn differences_by_hand() {
        let bytes = [0x80, 1, 4, 3, 10, 1, 2, 0, 0, 0, 0b1101, 0, 0, 0, 0, 0, 0, 0, b'x'];
        let mut lengths = Differences::read(&bytes, 3).unwrap();
        assert_eq!(lengths.behind().unwrap(), b"x");
        let all: Vec<usize> = (0..3).map(|_| lengths.next_length().unwrap()).collect();
        assert_eq!(all, [5, 5, 7]);
        assert!(lengths.next_length().is_err());
    }

    #[test]
    fn a_block_of_no_bytes_cannot_claim_a_thousand_million_values() {
        let mut bytes = vec![0x80, 0x80, 0x80, 0x80, 4, 1];
        bytes.extend([0x80, 0x80, 0x80, 0x80, 4, 0, 0, 0]);
        assert!(Differences::read(&bytes, 1 << 30).is_err());
    }
}
