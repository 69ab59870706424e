//! The texts of a few rows of a chunk, from the pages that hold them.
//!
//! A hunt wants one row of ten thousand, and a page of command lines is a megabyte when decompressed. Codecs can be read from
//! the front only, but Snappy and zstd need not be read to their end: a page is decompressed as far as its last wanted row
//! is likely to lie, and whole where that was too short. Of its texts those in front of a wanted one are stepped over.

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::file::metadata::ColumnChunkMetaData;

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::chunk::{Chunk, Shape};
use super::inflate::{BUFFER_BYTES_KEPT, Inflater};
use super::scan::levels_of;
use super::walk::{PageAt, Walk};
use super::{plain, unpack};

/// What a page is decompressed beyond the place at which the last wanted row is expected, in bytes and as a part of the way
/// there: texts differ in length, and what Snappy copies in one go is whole or not there.
const SPARE_BYTES: usize = 24 << 10;
const SPARE_PART: usize = 16;

/// A page, and where the page index places it.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The number of its first row in the row group.
    pub first_row: u32,
    /// The page with its header.
    pub bytes: Bytes,
}

/// A chunk of which some pages are at hand.
#[derive(Debug, Clone)]
pub struct SomePages<'a> {
    /// The footer's words.
    pub meta: &'a ColumnChunkMetaData,
    /// The rows of its row group.
    pub rows: u64,
    /// The dictionary page with its header.
    pub dictionary: Option<Bytes>,
    /// Pages in order.
    pub pages: Vec<Placed>,
}

/// Picks from chunk after chunk with the same buffers.
#[derive(Default)]
pub struct Picker {
    inflater: Inflater,
    /// The dictionary's texts one behind the other, and where each begins: no more memory than the page has.
    dictionary: Vec<u8>,
    entries: Vec<u32>,
    /// Of the page at hand: for each wanted row which of its values that is, none for a null; and then where each lies.
    values: Vec<Option<u32>>,
    places: Vec<(usize, usize)>,
}

impl Picker {
    /// Tells the texts of some rows, which ascend and lie in the pages at hand, in their order; `None` for a null.
    ///
    /// # Errors
    /// `Beyond` where the ordinary reader must take over; what was told before that counts for nothing.
    pub fn pick(
        &mut self,
        chunk: &SomePages<'_>,
        mut rows: &[u32],
        told: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), Beyond> {
        self.entries.clear();
        let mut has_dictionary = false;
        for placed in &chunk.pages {
            let one = Chunk { meta: chunk.meta, rows: chunk.rows, bytes: placed.bytes.clone() };
            let shape = one.shape()?;
            let page = Walk::new(&one.bytes, shape).next_page()?.or_damaged("an empty page")?;
            let end = placed.first_row.saturating_add(page.header.values);
            let (here, after) = rows.split_at(rows.partition_point(|row| *row < end));
            rows = after;
            if page.is_dictionary() || here.first().is_some_and(|row| *row < placed.first_row) {
                return Err(Beyond::Damaged("a page lies elsewhere than the page index says"));
            }
            if page.points_into_dictionary() && !has_dictionary {
                let bytes = chunk.dictionary.clone().or_damaged("numbers without a dictionary")?;
                self.read_dictionary(&Chunk { bytes, ..one.clone() }, shape)?;
                has_dictionary = true;
            }
            let here = here.iter().map(|row| row - placed.first_row);
            self.pick_page(&one, shape, &page, here, told)?;
        }
        self.rest();
        if rows.is_empty() { Ok(()) } else { Err(Beyond::Damaged("rows behind the last page")) }
    }

    /// Gives back what only an unusual chunk needed.
    fn rest(&mut self) {
        self.inflater.rest();
        if self.dictionary.capacity() > BUFFER_BYTES_KEPT {
            (self.dictionary, self.entries) = (Vec::new(), Vec::new());
        }
    }

    fn read_dictionary(&mut self, chunk: &Chunk<'_>, shape: Shape) -> Checked<()> {
        let page = Walk::new(&chunk.bytes, shape).next_page()?.filter(PageAt::is_dictionary);
        let page = page.or_damaged("numbers without a dictionary")?;
        if !matches!(page.header.encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
            return Err(Beyond::Encoding(page.header.encoding));
        }
        let body = self.inflater.body(chunk, shape, &page)?;
        self.dictionary.clear();
        self.dictionary.extend_from_slice(body.values);
        let mut walk = plain::Walk::new(&self.dictionary);
        for _ in 0..page.header.values {
            self.entries.push(walk.at());
            walk.next_text()?;
        }
        Ok(())
    }

    /// Tells the texts of rows that are counted from the page's first.
    fn pick_page(
        &mut self,
        chunk: &Chunk<'_>,
        shape: Shape,
        page: &PageAt,
        rows: impl Iterator<Item = u32> + Clone,
        told: &mut dyn FnMut(Option<&[u8]>),
    ) -> Checked<()> {
        let Some(last) = rows.clone().last() else { return Ok(()) };
        let size = page.header.uncompressed;
        for front in [expected(page, last), size] {
            let body = self.inflater.front(chunk, shape, page, front)?;
            let is_whole = body.is_whole(page);
            let (levels, values) = match levels_of(body, page, shape) {
                Err(Beyond::Damaged(_)) if !is_whole => continue,
                read => read?,
            };
            self.values.clear();
            levels.values_of(rows.clone(), |value| self.values.push(value))?;
            let wanted = self.values.iter().flatten().copied();
            self.places.clear();
            let found = if page.points_into_dictionary() {
                let place = |number| self.places.push(entry(&self.dictionary, &self.entries, number));
                unpack::pick(values, levels.values(), wanted, place)
            } else if page.header.encoding == Encoding::PLAIN {
                plain::pick(values, levels.values(), wanted, |place| self.places.push(place))
            } else {
                return Err(Beyond::Encoding(page.header.encoding));
            };
            match found {
                Err(Beyond::Damaged(_)) if !is_whole => continue,
                found => found?,
            }
            let texts = if page.points_into_dictionary() { self.dictionary.as_slice() } else { values };
            let mut places = self.places.iter();
            for value in &self.values {
                let place = value.and_then(|_| places.next());
                let text = place.and_then(|(start, end)| texts.get(*start..*end));
                if value.is_some() && text.is_none() {
                    return Err(Beyond::Damaged("a number without a dictionary entry"));
                }
                told(text);
            }
            return Ok(());
        }
        Err(Beyond::Damaged("fewer texts than values"))
    }
}

/// How much of a page should be enough for a row, and for those before it. The numbers of a dictionary are few bytes, and have
/// no place that could be guessed.
fn expected(page: &PageAt, row: u32) -> usize {
    let size = page.header.uncompressed;
    if page.points_into_dictionary() {
        return size;
    }
    let part = size as u64 * (u64::from(row) + 1) / u64::from(page.header.values.max(1));
    let part = usize::try_from(part).unwrap_or(size);
    (part + part / SPARE_PART + SPARE_BYTES).min(size)
}

/// Where a dictionary's text lies; nowhere if it has none of this number.
fn entry(dictionary: &[u8], entries: &[u32], number: u32) -> (usize, usize) {
    const NOWHERE: (usize, usize) = (usize::MAX, usize::MAX);
    let start = usize::try_from(number).ok().and_then(|at| entries.get(at));
    start.and_then(|start| plain::Walk::from(dictionary, *start).next_text().ok()).unwrap_or(NOWHERE)
}
