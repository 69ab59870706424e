//! The pages of a chunk, one after the other, by their headers alone.

use std::ops::Range;

use parquet::basic::{Compression, Encoding};

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::chunk::Shape;
use super::header::{PageHeader, PageKind};

/// No page is larger when decompressed. Writers make pages of a megabyte, and dictionaries of some.
const PAGE_BYTES_MAX: u64 = 256 << 20;

/// A header and where its page lies in the chunk's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageAt {
    pub(super) header: PageHeader,
    /// Where the header starts.
    pub(super) start: usize,
    /// Where the body starts.
    pub(super) body: usize,
}

impl PageAt {
    /// Where the body lies.
    pub(super) const fn range(&self) -> Range<usize> {
        self.body..self.body + self.header.compressed
    }

    /// Whether the page is the dictionary.
    pub(super) fn is_dictionary(&self) -> bool {
        self.header.kind == PageKind::Dictionary
    }

    /// Whether the values are numbers into the dictionary.
    pub(super) const fn points_into_dictionary(&self) -> bool {
        matches!(self.header.encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
    }
}

/// Walks over the pages until all rows are accounted for.
pub(super) struct Walk<'a> {
    bytes: &'a [u8],
    shape: Shape,
    at: usize,
    rows: u32,
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Dictionary,
    Data,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(bytes: &'a [u8], shape: Shape) -> Self {
        Self { bytes, shape, at: 0, rows: 0, seen: Seen::Nothing }
    }

    /// The next page, a dictionary before any data page; `None` once the data pages hold all rows.
    pub(super) fn next_page(&mut self) -> Checked<Option<PageAt>> {
        while self.rows < self.shape.rows {
            let page = self.read()?;
            self.at = page.range().end;
            match page.header.kind {
                PageKind::Index => continue,
                PageKind::Dictionary if self.seen != Seen::Nothing => {
                    return Err(Beyond::Damaged("a dictionary behind other pages"));
                }
                PageKind::Dictionary => self.seen = Seen::Dictionary,
                PageKind::DataV1 | PageKind::DataV2 { .. } => {
                    self.seen = Seen::Data;
                    let rows = self.rows.checked_add(page.header.values).filter(|rows| *rows <= self.shape.rows);
                    self.rows = rows.or_damaged("pages hold more values than the row group has rows")?;
                }
            }
            return Ok(Some(page));
        }
        Ok(None)
    }

    fn read(&self) -> Checked<PageAt> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty());
        let rest = rest.or_damaged("pages hold fewer values than the row group has rows")?;
        let (header, length) = match PageHeader::read(rest) {
            Err(_) if self.at == 0 && looks_encrypted(rest) => return Err(Beyond::Encrypted),
            read => read?,
        };
        let body = self.at + length;
        if header.compressed > self.bytes.len() - body {
            return Err(Beyond::Damaged("a page reaches beyond its chunk"));
        }
        let size = header.uncompressed as u64;
        if size > self.shape.uncompressed {
            return Err(Beyond::Damaged("a page is larger than its chunk"));
        }
        if size > PAGE_BYTES_MAX {
            return Err(Beyond::Size { what: "bytes of a page", size, limit: PAGE_BYTES_MAX });
        }
        if size > most_from(self.shape.codec, header.compressed as u64) {
            return Err(Beyond::Damaged("a page claims more than its codec can pack"));
        }
        Ok(PageAt { header, start: self.at, body })
    }
}

/// What so many packed bytes can hold at most, so that a small file cannot ask for large buffers. zstd and brotli know
/// no bound; there the chunk's size in the footer is one.
const fn most_from(codec: Compression, packed: u64) -> u64 {
    match codec {
        Compression::UNCOMPRESSED => packed,
        Compression::SNAPPY => packed.saturating_mul(64),
        Compression::LZ4 | Compression::LZ4_RAW => packed.saturating_mul(256),
        Compression::GZIP(_) => packed.saturating_mul(1100),
        _ => u64::MAX,
    }
}

/// An encrypted module opens with its length in four bytes; a page header never does, since its third byte is a number.
fn looks_encrypted(bytes: &[u8]) -> bool {
    bytes.first_chunk::<4>().map(|length| u32::from_le_bytes(*length)).is_some_and(|length| {
        (28..0x1_0000).contains(&length) && usize::try_from(length).is_ok_and(|length| length + 4 <= bytes.len())
    })
}
