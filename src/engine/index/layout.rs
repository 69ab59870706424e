//! The ends of an index file and its description: everything that must be read before a question can be asked.

use std::ops::Range;

use super::directory::Checked;
use super::key::{Key, Names};
use super::unusable::{Part, Unusable};
use super::wire::{Cursor, checksum, put_number};

/// The format that this version reads and writes.
pub(super) const VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"CTINDEX\n";
const MAGIC_END: [u8; 8] = *b"\nXEDNITC";

/// Bytes of the magic and the version at the start.
pub(super) const HEAD_BYTES: u64 = 12;
/// Bytes of the last record: length and checksum of the description, the file's size, the version, the checksum of these,
/// the magic.
pub(super) const END_BYTES: u64 = 8 + 4 + 8 + 4 + 4 + 8;

/// Rows that a segment can number.
pub(super) const SEGMENT_ROWS_MAX: u64 = 1 << 32;

/// The parts of one kind of key in a segment.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Section {
    /// Distinct keys.
    pub(super) keys: u64,
    pub(super) key_bytes: Range<u64>,
    pub(super) row_bytes: Range<u64>,
    pub(super) directory: Range<u64>,
    pub(super) directory_checksum: u32,
}

/// A stretch of a file's rows that was sorted in one go. Two segments may number the same rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    /// The row group whose first row has number 0.
    pub(super) base: u64,
    /// Numbers are below this.
    pub(super) span: u64,
    pub(super) v4: Section,
    pub(super) v6: Section,
    pub(super) names: Section,
    /// Rows whose text is no address: how many, and the list.
    pub(super) unreadable: (u32, Checked),
}

/// What an index file says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Description {
    pub(super) key: Key,
    pub(super) names: Names,
    /// Rows of each row group.
    pub(super) row_groups: Vec<u64>,
    pub(super) segments: Vec<Segment>,
}

pub(super) fn head() -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out
}

/// Checks the first bytes of a file.
pub(super) fn check_head(bytes: &[u8]) -> Result<(), Unusable> {
    let start = bytes.get(..MAGIC.len().min(bytes.len())).unwrap_or_default();
    if !MAGIC.starts_with(start) {
        return Err(Unusable::Foreign);
    }
    let mut cursor = Cursor::new(bytes.get(MAGIC.len()..).unwrap_or_default());
    match cursor.u32() {
        None => Err(Unusable::Partial),
        Some(VERSION) => Ok(()),
        Some(other) => Err(Unusable::Version(other)),
    }
}

/// The description with the last record, for a file that has so many bytes before them.
pub(super) fn close(description: &Description, before: u64) -> Vec<u8> {
    let mut out = Vec::new();
    description.put(&mut out);
    seal(out, before)
}

/// The last record behind the bytes of a description.
pub(super) fn seal(mut out: Vec<u8>, before: u64) -> Vec<u8> {
    let (length, sum) = (out.len() as u64, checksum(&out));
    let mut end = length.to_le_bytes().to_vec();
    end.extend_from_slice(&sum.to_le_bytes());
    end.extend_from_slice(&(before + length + END_BYTES).to_le_bytes());
    end.extend_from_slice(&VERSION.to_le_bytes());
    end.extend_from_slice(&checksum(&end).to_le_bytes());
    end.extend_from_slice(&MAGIC_END);
    out.extend_from_slice(&end);
    out
}

/// Where the description of a file of this size lies, by its last bytes.
pub(super) fn read_end(end: &[u8], size: u64) -> Result<Checked, Unusable> {
    let (record, magic) = end.split_at_checked(END_BYTES as usize - MAGIC_END.len()).ok_or(Unusable::Partial)?;
    if magic != MAGIC_END {
        return Err(Unusable::Partial);
    }
    let read = || {
        let (stated, sum) = record.split_at_checked(record.len() - 4)?;
        let mut cursor = Cursor::new(stated);
        let (length, description, whole) = (cursor.u64()?, cursor.u32()?, cursor.u64()?);
        (Cursor::new(sum).u32()? == checksum(stated)).then_some((length, description, whole))
    };
    let (length, sum, whole) = read().ok_or(Unusable::Corrupt(Part::End))?;
    if whole != size {
        return Err(Unusable::Partial);
    }
    let to = size.checked_sub(END_BYTES).ok_or(Unusable::Partial)?;
    let from = to.checked_sub(length).filter(|from| *from >= HEAD_BYTES).ok_or(Unusable::Corrupt(Part::End))?;
    Ok(Checked { range: from..to, checksum: sum })
}

impl Description {
    fn put(&self, out: &mut Vec<u8>) {
        self.key.put(out);
        out.push(self.names.to_byte());
        put_number(out, self.row_groups.len() as u64);
        self.row_groups.iter().for_each(|rows| put_number(out, *rows));
        put_number(out, self.segments.len() as u64);
        for segment in &self.segments {
            put_number(out, segment.base);
            put_number(out, segment.span);
            for section in [&segment.v4, &segment.v6, &segment.names] {
                section.put(out);
            }
            put_number(out, u64::from(segment.unreadable.0));
            put_number(out, length(&segment.unreadable.1.range));
            out.extend_from_slice(&segment.unreadable.1.checksum.to_le_bytes());
        }
    }

    /// Reads a description that begins `end` bytes into its file, so that the parts must end there; `None` when it is
    /// damaged.
    pub(super) fn read(bytes: &[u8], end: u64) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let key = Key::take(&mut cursor)?;
        let names = Names::of_byte(cursor.u8()?)?;
        let count = cursor.length()?;
        let row_groups: Vec<u64> = (0..count).map(|_| cursor.number()).collect::<Option<_>>()?;
        let all = row_groups.iter().try_fold(0u64, |sum, rows| sum.checked_add(*rows))?;
        let before = row_groups.iter().scan(0, |before, rows| Some(std::mem::replace(before, *before + rows)));
        let rows_from: Vec<u64> = before.map(|before| all - before).collect();
        let count = cursor.length()?;
        let mut at = HEAD_BYTES;
        let segments: Vec<Segment> =
            (0..count).map(|_| Segment::take(&mut cursor, &mut at, &rows_from)).collect::<Option<_>>()?;
        (cursor.left() == 0 && at == end).then_some(Self { key, names, row_groups, segments })
    }
}

impl Segment {
    /// `rows_from` holds for each row group the rows from its first one to the last one of the file.
    fn take(cursor: &mut Cursor<'_>, at: &mut u64, rows_from: &[u64]) -> Option<Self> {
        let base = cursor.number()?;
        let rows = *rows_from.get(usize::try_from(base).ok()?)?;
        let span = cursor.number().filter(|span| *span <= rows.min(SEGMENT_ROWS_MAX))?;
        let (v4, v6) = (Section::take(cursor, at)?, Section::take(cursor, at)?);
        let names = Section::take(cursor, at)?;
        let count = u32::try_from(cursor.number()?).ok()?;
        let range = take_range(cursor, at)?;
        Some(Self { base, span, v4, v6, names, unreadable: (count, Checked { range, checksum: cursor.u32()? }) })
    }
}

impl Section {
    pub(super) fn directory_place(&self) -> Checked {
        Checked { range: self.directory.clone(), checksum: self.directory_checksum }
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_number(out, self.keys);
        for range in [&self.key_bytes, &self.row_bytes, &self.directory] {
            put_number(out, length(range));
        }
        out.extend_from_slice(&self.directory_checksum.to_le_bytes());
    }

    fn take(cursor: &mut Cursor<'_>, at: &mut u64) -> Option<Self> {
        let keys = cursor.number()?;
        let (key_bytes, row_bytes) = (take_range(cursor, at)?, take_range(cursor, at)?);
        let directory = take_range(cursor, at)?;
        Some(Self { keys, key_bytes, row_bytes, directory, directory_checksum: cursor.u32()? })
    }
}

const fn length(range: &Range<u64>) -> u64 {
    range.end.saturating_sub(range.start)
}

fn take_range(cursor: &mut Cursor<'_>, at: &mut u64) -> Option<Range<u64>> {
    let from = *at;
    *at = from.checked_add(cursor.number()?)?;
    Some(from..*at)
}
