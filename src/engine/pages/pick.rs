//! The values of a few rows of a chunk, texts or numbers, from the pages that hold them.
//!
//! A hunt wants one row of ten thousand, and a page of command lines is a megabyte when decompressed. Codecs can be read from
//! the front only, but Snappy and zstd need not be read to their end: a page, or a dictionary, is decompressed as far as its
//! last wanted value is likely to lie, and whole where that was too short. Texts in front of a wanted one are stepped over.

use bytes::Bytes;
use parquet::basic::{Encoding, Type};
use parquet::file::metadata::ColumnChunkMetaData;

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::chunk::{Chunk, Shape};
use super::inflate::{BUFFER_BYTES_KEPT, Inflater};
use super::scan::levels_of;
use super::walk::{PageAt, Walk};
use super::{plain, unpack};

/// What texts are decompressed beyond the place at which the last wanted one is expected, in bytes and as a part of the way
/// there: they differ in length, and what Snappy copies in one go is whole or not there.
const SPARE_BYTES: usize = 24 << 10;
const SPARE_PART: usize = 16;
/// The same of numbers, which lie where they are expected: a bit of levels for each, and a copy of Snappy's.
const SPARE_BYTES_OF_NUMBERS: usize = 128;

const NO_ENTRY: Beyond = Beyond::Damaged("a number without a dictionary entry");

/// A page, and where the page index places it.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The number of its first row in the row group.
    pub first_row: u32,
    /// The page with its header. Where nobody else holds them, Snappy's bytes are not copied.
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

/// How the values of a column lie one behind the other.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// Each behind its length.
    Texts,
    /// Each as wide as all others, in bytes.
    Numbers(usize),
}

/// A page with some wanted rows.
struct Page<'a> {
    chunk: Chunk<'a>,
    at: PageAt,
    /// The wanted rows, counted as in the row group, and the one at which the page starts.
    rows: &'a [u32],
    first_row: u32,
}

/// Picks from chunk after chunk with the same buffers.
#[derive(Default)]
pub struct Picker {
    inflater: Inflater,
    /// Of a page: for each wanted row which of its values that is, none for a null; and then where each lies.
    values: Vec<Option<u32>>,
    places: Vec<(usize, usize)>,
    /// Of the pages that point into the dictionary: for each wanted row the number of its entry, none for a null.
    numbers: Vec<Option<u32>>,
    /// The front of the dictionary, and where each of its texts begins: no more memory than the page has.
    dictionary: Vec<u8>,
    entries: Vec<u32>,
}

impl Picker {
    /// Tells the values of some rows, which ascend and lie in the pages at hand, in their order; `None` for a null. A text is its
    /// bytes, and a number of 32 or 64 bits, too, the lowest first.
    ///
    /// # Errors
    /// `Beyond` where the ordinary reader must take over; what was told before that counts for nothing.
    pub fn pick(
        &mut self,
        chunk: SomePages<'_>,
        rows: &[u32],
        told: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), Beyond> {
        let SomePages { meta, rows: all, dictionary, pages } = chunk;
        let of = |bytes| Chunk { meta, rows: all, bytes };
        let shape = of(Bytes::new()).flat()?;
        let kind = Values::of(meta.column_type())?;
        let pages = with_rows(pages, rows, shape, of)?;
        self.numbers.clear();
        for page in pages.iter().filter(|page| page.at.points_into_dictionary()) {
            self.read_numbers(page, shape)?;
        }
        if let Some(last) = self.numbers.iter().flatten().max() {
            let dictionary = of(dictionary.or_damaged("numbers without a dictionary")?);
            self.read_dictionary(dictionary, shape, kind, *last)?;
        }
        let mut numbers = 0;
        for page in pages {
            if page.at.points_into_dictionary() {
                let here = numbers..numbers + page.rows.len();
                numbers = here.end;
                for number in self.numbers.get(here).unwrap_or_default() {
                    told(number.map(|number| self.entry(kind, number)).transpose()?);
                }
            } else {
                self.pick_page(page, shape, kind, told)?;
            }
        }
        self.rest();
        Ok(())
    }

    /// Gives back what only an unusual chunk needed.
    fn rest(&mut self) {
        self.inflater.rest();
        if self.dictionary.capacity() > BUFFER_BYTES_KEPT {
            (self.dictionary, self.entries) = (Vec::new(), Vec::new());
        }
    }

    fn read_numbers(&mut self, page: &Page<'_>, shape: Shape) -> Checked<()> {
        let body = self.inflater.body(&page.chunk, shape, &page.at)?;
        let (levels, values) = levels_of(body, &page.at, shape)?;
        let before = self.numbers.len();
        levels.values_of(in_page(page.rows, page.first_row), |value| self.numbers.push(value))?;
        unpack::pick(values, levels.values(), self.numbers.iter_mut().skip(before).flatten())
    }

    /// Reads the dictionary up to one of its entries.
    fn read_dictionary(&mut self, mut chunk: Chunk<'_>, shape: Shape, kind: Values, last: u32) -> Checked<()> {
        let page = Walk::new(&chunk.bytes, shape).next_page()?.filter(PageAt::is_dictionary);
        let page = page.or_damaged("numbers without a dictionary")?;
        if !matches!(page.header.encoding, Encoding::PLAIN | Encoding::PLAIN_DICTIONARY) {
            return Err(Beyond::Encoding(page.header.encoding));
        }
        if last >= page.header.values {
            return Err(NO_ENTRY);
        }
        for front in [kind.expected(&page, last), page.header.uncompressed] {
            let body = self.inflater.front(&mut chunk, shape, &page, front)?;
            let is_whole = body.is_whole(&page);
            self.dictionary.clear();
            self.dictionary.extend_from_slice(body.values);
            match self.find_entries(kind, last) {
                Err(Beyond::Damaged(_)) if !is_whole => {}
                found => return found,
            }
        }
        Err(NO_ENTRY)
    }

    fn find_entries(&mut self, kind: Values, last: u32) -> Checked<()> {
        self.entries.clear();
        match kind {
            Values::Numbers(_) => self.entry(kind, last).map(|_| ()),
            Values::Texts => {
                let mut walk = plain::Walk::new(&self.dictionary);
                for _ in 0..=last {
                    self.entries.push(walk.at());
                    walk.next_text()?;
                }
                Ok(())
            }
        }
    }

    /// An entry of the dictionary.
    fn entry(&self, kind: Values, number: u32) -> Checked<&[u8]> {
        let (start, end) = match kind {
            Values::Numbers(width) => place_of(number, width),
            Values::Texts => {
                let start = usize::try_from(number).ok().and_then(|number| self.entries.get(number)).ok_or(NO_ENTRY)?;
                plain::Walk::from(&self.dictionary, *start).next_text()?
            }
        };
        self.dictionary.get(start..end).ok_or(NO_ENTRY)
    }

    /// Tells the values of a page that holds them itself.
    fn pick_page(
        &mut self,
        page: Page<'_>,
        shape: Shape,
        kind: Values,
        told: &mut dyn FnMut(Option<&[u8]>),
    ) -> Checked<()> {
        let Page { mut chunk, at: page, rows, first_row } = page;
        let Some(last) = in_page(rows, first_row).last() else { return Ok(()) };
        if page.header.encoding != Encoding::PLAIN {
            return Err(Beyond::Encoding(page.header.encoding));
        }
        for front in [kind.expected(&page, last), page.header.uncompressed] {
            let body = self.inflater.front(&mut chunk, shape, &page, front)?;
            let is_whole = body.is_whole(&page);
            let (levels, values) = match levels_of(body, &page, shape) {
                Err(Beyond::Damaged(_)) if !is_whole => continue,
                read => read?,
            };
            self.values.clear();
            levels.values_of(in_page(rows, first_row), |value| self.values.push(value))?;
            let wanted = self.values.iter().flatten().copied();
            self.places.clear();
            match kind.places(values, levels.values(), wanted, |place| self.places.push(place)) {
                Err(Beyond::Damaged(_)) if !is_whole => continue,
                found => found?,
            }
            let mut places = self.places.iter();
            for value in &self.values {
                let place = value.and_then(|_| places.next());
                told(place.and_then(|(start, end)| values.get(*start..*end)));
            }
            return Ok(());
        }
        Err(Beyond::Damaged("fewer values than the page says"))
    }
}

impl Values {
    fn of(column: Type) -> Checked<Self> {
        match column {
            Type::BYTE_ARRAY => Ok(Self::Texts),
            Type::INT32 => Ok(Self::Numbers(4)),
            Type::INT64 => Ok(Self::Numbers(8)),
            other => Err(Beyond::Type(other)),
        }
    }

    /// How much of a page should be enough for one of its rows, and for those before it.
    fn expected(self, page: &PageAt, row: u32) -> usize {
        let (size, all) = (page.header.uncompressed, page.header.values.max(1));
        let front = match self {
            Self::Numbers(width) => place_of(row, width).1 + all as usize / 8 + SPARE_BYTES_OF_NUMBERS,
            Self::Texts => {
                let part = size as u64 * (u64::from(row) + 1) / u64::from(all);
                let part = usize::try_from(part).unwrap_or(size);
                part + part / SPARE_PART + SPARE_BYTES
            }
        };
        front.min(size)
    }

    /// Says of some of a page's `count` values, by numbers that ascend, where they begin and end.
    fn places(
        self,
        bytes: &[u8],
        count: u32,
        mut wanted: impl Iterator<Item = u32>,
        mut found: impl FnMut((usize, usize)),
    ) -> Checked<()> {
        let width = match self {
            Self::Texts => return plain::pick(bytes, count, wanted, found),
            Self::Numbers(width) => width,
        };
        wanted.try_for_each(|number| {
            let place = place_of(number, width);
            found(place);
            (place.1 <= bytes.len()).then_some(()).or_damaged("fewer values than the page says")
        })
    }
}

/// Where a number lies among those of its width.
const fn place_of(number: u32, width: usize) -> (usize, usize) {
    let start = number as usize * width;
    (start, start + width)
}

/// The pages that hold wanted rows, with these.
fn with_rows<'a>(
    pages: Vec<Placed>,
    mut rows: &'a [u32],
    shape: Shape,
    of: impl Fn(Bytes) -> Chunk<'a>,
) -> Checked<Vec<Page<'a>>> {
    let mut with_rows = Vec::with_capacity(pages.len());
    for Placed { first_row, bytes } in pages {
        let chunk = of(bytes);
        let at = Walk::new(&chunk.bytes, shape).next_page()?.or_damaged("an empty page")?;
        let end = first_row.saturating_add(at.header.values);
        let (here, after) = rows.split_at(rows.partition_point(|row| *row < end));
        rows = after;
        if at.is_dictionary() || here.first().is_some_and(|row| *row < first_row) {
            return Err(Beyond::Damaged("a page lies elsewhere than the page index says"));
        }
        with_rows.push(Page { chunk, at, rows: here, first_row });
    }
    if rows.is_empty() { Ok(with_rows) } else { Err(Beyond::Damaged("rows behind the last page")) }
}

/// Rows as counted from the first of their page.
fn in_page(rows: &[u32], first_row: u32) -> impl Iterator<Item = u32> {
    rows.iter().map(move |row| row - first_row)
}
