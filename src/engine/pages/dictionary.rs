//! What a chunk's dictionary alone says of its rows.

use parquet::basic::Encoding;
use parquet::file::metadata::ColumnChunkMetaData;

use super::beyond::{Beyond, Checked};
use super::chunk::Shape;
use super::inflate::Body;
use super::marks::Marks;
use super::walk::{PageAt, Walk};
use super::{Classify, plain};

/// What the dictionary page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DictionaryVerdict {
    /// Distinct texts; none where the chunk has no dictionary.
    pub entries: u32,
    /// Those that are listed.
    pub listed: u32,
    /// Those that are no address.
    pub unreadable: u32,
    /// For which rows the dictionary speaks.
    pub reach: Reach,
}

impl DictionaryVerdict {
    /// Whether no row of the chunk can be listed or unreadable.
    #[must_use]
    pub const fn is_barren(&self) -> bool {
        self.listed == 0 && self.unreadable == 0 && matches!(self.reach, Reach::AllRows)
    }
}

/// For which rows a dictionary speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Every data page points into it.
    AllRows,
    /// Some pages hold texts of their own.
    SomeRows,
    /// Neither the footer nor the bytes at hand tell.
    Unknown,
}

/// Classifies each entry once.
pub(super) fn classify<C>(body: Body<'_>, page: &PageAt, marks: &mut Marks, ask: &mut C) -> Checked<()>
where
    C: Classify + ?Sized,
{
    if !matches!(page.header.encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
        return Err(Beyond::Encoding(page.header.encoding));
    }
    plain::classify(body.values, page.header.values, ask, |_, texts, classes| marks.extend(texts, classes))
}

/// The reach of a dictionary. With the whole chunk at hand its page headers say it, else the footer may.
pub(super) fn reach(meta: &ColumnChunkMetaData, bytes: &[u8], shape: Shape) -> Checked<Reach> {
    if u64::try_from(meta.compressed_size()).is_ok_and(|size| size == bytes.len() as u64) {
        let mut walk = Walk::new(bytes, shape);
        let mut reach = Reach::AllRows;
        while let Some(page) = walk.next_page()? {
            if !page.is_dictionary() && !page.points_into_dictionary() {
                reach = Reach::SomeRows;
            }
        }
        return Ok(reach);
    }
    let in_dictionary = |encoding| matches!(encoding, Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY);
    if let Some(mask) = meta.page_encoding_stats_mask() {
        let mut named = mask.encodings().peekable();
        return Ok(match named.peek().is_some() {
            false => Reach::Unknown,
            true if named.all(in_dictionary) => Reach::AllRows,
            true => Reach::SomeRows,
        });
    }
    // Old writers name PLAIN_DICTIONARY for both kinds of page, and PLAIN only where a page is. Newer ones name PLAIN for
    // the dictionary itself, and then nothing follows.
    let mut others = meta.encodings().filter(|encoding| *encoding != Encoding::RLE).peekable();
    let is_old = others.peek().is_some() && others.all(|encoding| encoding == Encoding::PLAIN_DICTIONARY);
    Ok(if is_old { Reach::AllRows } else { Reach::Unknown })
}
