//! Blocks of rows: for each key of a key block the rows in which it occurs, as numbers inside a segment.
//!
//! How often a key occurs tells how far apart its rows lie on average, so the parameter of the code needs no room: a key
//! that occurs once costs the bits of one row number, one that fills the segment little more than a bit a row.

use super::bits::{BitReader, BitWriter};

/// The natural logarithm of 2 in 256ths: the mean gap times this is the best parameter, as a power of two.
const LN_2: u64 = 177;

/// The lower bits of the code for so many rows among `span`.
fn low_bits(span: u64, count: u32) -> u32 {
    let gap = span.saturating_mul(LN_2) / 256 / u64::from(count.max(1));
    gap.max(1).ilog2().min(32)
}

/// Writes the rows of key after key.
pub(super) struct RowWriter {
    bits: BitWriter,
    span: u64,
}

impl RowWriter {
    pub(super) fn new(span: u64) -> Self {
        Self { bits: BitWriter::default(), span }
    }

    /// The rows of one key, ascending, at least one.
    pub(super) fn put(&mut self, rows: impl ExactSizeIterator<Item = u32>) {
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let low = low_bits(self.span, count);
        self.bits.put_gamma(count);
        let mut next = 0u64;
        for row in rows.map(u64::from) {
            self.bits.put_rice(row - next, low);
            next = row + 1;
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bits.finish()
    }
}

/// Appends the rows of some keys of a block of `count` keys; `wanted` holds their positions, ascending. `None` when the
/// block is damaged. Never appends more rows than the block has bits.
pub(super) fn read_rows(block: &[u8], span: u64, count: usize, wanted: &[usize], out: &mut Vec<u32>) -> Option<()> {
    let mut reader = BitReader::new(block);
    let mut wanted = wanted.iter().copied().peekable();
    for key in 0..count {
        // What follows the last wanted key is left alone.
        if wanted.peek().is_none() {
            return Some(());
        }
        let is_wanted = wanted.next_if_eq(&key).is_some();
        let rows = reader.take_gamma()?;
        let low = low_bits(span, rows);
        let mut next = 0u64;
        for _ in 0..rows {
            let row = next.checked_add(reader.take_rice(low)?).filter(|row| *row < span)?;
            if is_wanted {
                out.push(u32::try_from(row).ok()?);
            }
            next = row + 1;
        }
    }
    reader.is_done().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn the_rows_of_any_keys_come_back(
            keys in prop::collection::vec((prop::collection::btree_set(0u32..500, 1..60), any::<bool>()), 0..40),
            more in 0u64..1_000_000,
        ) {
            let span = 500 + more;
            let mut writer = RowWriter::new(span);
            let rows: Vec<Vec<u32>> = keys.iter().map(|(rows, _)| rows.iter().copied().collect()).collect();
            rows.iter().for_each(|rows| writer.put(rows.iter().copied()));
            let block = writer.finish();
            let wanted: Vec<usize> = keys.iter().enumerate().filter(|(_, (_, wanted))| *wanted).map(|(at, _)| at).collect();
            let want: Vec<u32> = wanted.iter().flat_map(|at| rows[*at].clone()).collect();
            let mut out = Vec::new();
            prop_assert_eq!(read_rows(&block, span, keys.len(), &wanted, &mut out), Some(()));
            prop_assert_eq!(out, want);
        }

        #[test]
        fn any_bytes_are_rows_in_the_segment_or_nothing(bytes in prop::collection::vec(any::<u8>(), 0..64), span in 0u64..1 << 32, count in 0usize..300) {
            let wanted: Vec<usize> = (0..count).collect();
            let mut out = Vec::new();
            let _ = read_rows(&bytes, span, count, &wanted, &mut out);
            prop_assert!(out.len() <= bytes.len() * 8);
            prop_assert!(out.iter().all(|row| u64::from(*row) < span));
        }
    }

    #[test]
    fn a_key_in_every_row_costs_a_bit_a_row() {
        let mut writer = RowWriter::new(100_000);
        writer.put((0..100_000u32).collect::<BTreeSet<_>>().into_iter());
        assert!(writer.finish().len() < 100_000 / 8 + 16);
    }
}
