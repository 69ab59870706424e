//! The directory of a segment's blocks: the first key of each, and where its keys and its rows lie.

use std::ops::Range;

use super::key_blocks::{AddressKey, BLOCK_KEYS};
use super::wire::{Cursor, put_number};

/// A key as a directory has it.
pub(super) trait DirectoryKey: Ord + Sized {
    fn take(from: &mut Cursor<'_>) -> Option<Self>;
}

impl<K: AddressKey> DirectoryKey for K {
    fn take(from: &mut Cursor<'_>) -> Option<Self> {
        K::take_first(from)
    }
}

impl DirectoryKey for Box<str> {
    fn take(from: &mut Cursor<'_>) -> Option<Self> {
        from.text().map(Self::from)
    }
}

/// Bytes of the file with their checksum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Checked {
    pub(super) range: Range<u64>,
    pub(super) checksum: u32,
}

/// One block of keys with its block of rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Block<K> {
    pub(super) first: K,
    pub(super) count: usize,
    pub(super) keys: Checked,
    pub(super) rows: Checked,
}

/// What a directory says of one block behind its first key: lengths and checksums.
pub(super) fn put_block(out: &mut Vec<u8>, keys: (usize, u32), rows: (usize, u32)) {
    for (length, checksum) in [keys, rows] {
        put_number(out, length as u64);
        out.extend_from_slice(&checksum.to_le_bytes());
    }
}

/// Reads the directory of so many keys whose blocks lie in these two ranges; `None` when it is damaged.
pub(super) fn read<K: DirectoryKey>(
    bytes: &[u8],
    keys: u64,
    key_bytes: &Range<u64>,
    row_bytes: &Range<u64>,
) -> Option<Vec<Block<K>>> {
    let mut cursor = Cursor::new(bytes);
    let mut blocks: Vec<Block<K>> = Vec::new();
    let (mut keys_at, mut rows_at) = (key_bytes.start, row_bytes.start);
    let mut left = keys;
    while left > 0 {
        let first = K::take(&mut cursor)?;
        if blocks.last().is_some_and(|before| before.first >= first) {
            return None;
        }
        let count = left.min(BLOCK_KEYS as u64);
        left -= count;
        let keys = checked(&mut cursor, &mut keys_at, key_bytes.end)?;
        let rows = checked(&mut cursor, &mut rows_at, row_bytes.end)?;
        blocks.push(Block { first, count: usize::try_from(count).ok()?, keys, rows });
    }
    let is_whole = cursor.left() == 0 && keys_at == key_bytes.end && rows_at == row_bytes.end;
    is_whole.then_some(blocks)
}

fn checked(cursor: &mut Cursor<'_>, at: &mut u64, end: u64) -> Option<Checked> {
    let to = at.checked_add(cursor.number()?).filter(|to| *to <= end)?;
    let range = *at..to;
    *at = to;
    Some(Checked { range, checksum: cursor.u32()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory_of(firsts: [u32; 2]) -> Vec<u8> {
        let mut out = Vec::new();
        for (first, keys, rows) in [(firsts[0], (10, 1), (20, 2)), (firsts[1], (3, 3), (4, 4))] {
            first.put_first(&mut out);
            put_block(&mut out, keys, rows);
        }
        out
    }

    fn directory() -> Vec<u8> {
        directory_of([5, 900])
    }

    #[test]
    fn blocks_follow_each_other() {
        let blocks = read::<u32>(&directory(), 300, &(16..29), &(29..53)).unwrap();
        let seen: Vec<_> =
            blocks.iter().map(|b| (b.first, b.count, b.keys.range.clone(), b.rows.range.clone())).collect();
        assert_eq!(seen, [(5, 256, 16..26, 29..49), (900, 44, 26..29, 49..53)]);
    }

    #[test]
    fn what_does_not_add_up_is_no_directory() {
        let good = directory();
        assert!(read::<u32>(&good, 256, &(16..29), &(29..53)).is_none(), "a block too many");
        assert!(read::<u32>(&good, 600, &(16..29), &(29..53)).is_none(), "a block too few");
        assert!(read::<u32>(&good, 300, &(16..28), &(29..53)).is_none(), "keys beyond their part");
        assert!(read::<u32>(&good, 300, &(16..29), &(29..54)).is_none(), "rows that nobody leads to");
        assert!(read::<u32>(&good, u64::MAX, &(16..29), &(29..53)).is_none(), "more keys than bytes");
        let order = directory_of([900, 900]);
        assert!(read::<u32>(&order, 300, &(16..29), &(29..53)).is_none(), "out of order");
    }
}
