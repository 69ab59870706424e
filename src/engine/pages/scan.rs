//! A whole chunk: its dictionary, then page after page.

use parquet::basic::Encoding;

use super::beyond::{Beyond, Checked, OrDamaged as _};
use super::chunk::{Chunk, Shape};
use super::classify::all_other;
use super::dictionary::{self as entries, DictionaryVerdict, Reach};
use super::header::PageKind;
use super::inflate::{Body, Inflater};
use super::levels::{Hit, Levels};
use super::marks::Marks;
use super::spans::{self, Span};
use super::texts::Texts;
use super::walk::{PageAt, Walk};
use super::{Class, Classify, delta, plain, unpack};

/// As many hits as are remembered between pages without asking for memory again.
const HITS_KEPT: usize = 1 << 17;

/// The rows of interest of one chunk, and what finding them took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Listed rows, ascending and apart.
    pub listed: Vec<Span>,
    /// Rows whose text is no address, likewise.
    pub unreadable: Vec<Span>,
    /// The texts of the listed rows.
    pub listed_texts: Texts,
    /// How many rows `listed` covers.
    pub listed_rows: u64,
    /// How many rows `unreadable` covers.
    pub unreadable_rows: u64,
    /// Data pages.
    pub pages: u32,
    /// Those that point into the dictionary.
    pub dictionary_pages: u32,
    /// Those that hold texts of their own.
    pub plain_pages: u32,
    /// Those that could hold nothing of interest and were not decompressed.
    pub skipped_pages: u32,
    /// Bytes that pages had when decompressed.
    pub decompressed_bytes: u64,
    /// Texts that were classified.
    pub texts: u64,
    /// Dictionary numbers and texts of data pages that were looked at.
    pub values_decoded: u64,
}

/// Scans one chunk. Who scans many keeps a `Scanner`, which keeps its buffers.
///
/// # Errors
/// `Beyond` where the ordinary reader must take over.
pub fn scan(chunk: &Chunk<'_>, classify: &mut dyn Classify) -> Result<Scan, Beyond> {
    Scanner::default().scan(chunk, classify)
}

/// Classifies the dictionary of one chunk, of whose bytes the first page is enough.
///
/// # Errors
/// `Beyond` where the ordinary reader must take over.
pub fn dictionary(chunk: &Chunk<'_>, classify: &mut dyn Classify) -> Result<DictionaryVerdict, Beyond> {
    Scanner::default().dictionary(chunk, classify)
}

/// Scans chunk after chunk with the same buffers.
#[derive(Default)]
pub struct Scanner {
    inflater: Inflater,
    marks: Marks,
    hits: Vec<Hit>,
    numbers: Vec<u32>,
}

impl Scanner {
    /// What the dictionary page says. A chunk without one has no entries.
    ///
    /// # Errors
    /// `Beyond` where the ordinary reader must take over.
    pub fn dictionary<C>(&mut self, chunk: &Chunk<'_>, classify: &mut C) -> Result<DictionaryVerdict, Beyond>
    where
        C: Classify + ?Sized,
    {
        let shape = chunk.shape()?;
        self.marks.clear();
        let first = Walk::new(&chunk.bytes, shape).next_page()?;
        let reach = match first {
            Some(page) if page.is_dictionary() => {
                self.read_dictionary(chunk, shape, &page, classify)?;
                entries::reach(chunk.meta, &chunk.bytes, shape)?
            }
            Some(_) => Reach::SomeRows,
            None => Reach::AllRows,
        };
        self.rest();
        let (listed, unreadable) = (self.marks.listed_entries(), self.marks.unreadable_entries());
        Ok(DictionaryVerdict { entries: self.marks.entries(), listed, unreadable, reach })
    }

    /// The rows of interest. `classify` is asked once per dictionary entry, and per row only where rows hold their own text.
    ///
    /// # Errors
    /// `Beyond` where the ordinary reader must take over; rows found before that count for nothing.
    pub fn scan<C>(&mut self, chunk: &Chunk<'_>, classify: &mut C) -> Result<Scan, Beyond>
    where
        C: Classify + ?Sized,
    {
        let shape = chunk.shape()?;
        let mut found = Scan::default();
        let mut has_dictionary = false;
        self.marks.clear();
        let mut walk = Walk::new(&chunk.bytes, shape);
        let mut first_row = 0;
        while let Some(page) = walk.next_page()? {
            if page.is_dictionary() {
                has_dictionary = true;
                self.read_dictionary(chunk, shape, &page, classify)?;
                found.decompressed_bytes += page.header.uncompressed as u64;
                found.texts += u64::from(page.header.values);
                continue;
            }
            found.pages += 1;
            if page.points_into_dictionary() {
                found.dictionary_pages += 1;
            } else {
                found.plain_pages += 1;
            }
            if page.points_into_dictionary() && has_dictionary && self.marks.is_barren() {
                found.skipped_pages += 1;
            } else {
                self.read_page(chunk, shape, &page, first_row, classify, &mut found)?;
            }
            first_row += page.header.values;
        }
        self.rest();
        Ok(found)
    }

    /// Gives back what only an unusual chunk needed.
    fn rest(&mut self) {
        self.inflater.rest();
        if self.hits.capacity() > HITS_KEPT {
            (self.hits, self.numbers) = (Vec::new(), Vec::new());
        }
    }

    fn read_dictionary<C>(&mut self, chunk: &Chunk<'_>, shape: Shape, page: &PageAt, classify: &mut C) -> Checked<()>
    where
        C: Classify + ?Sized,
    {
        let body = self.inflater.body(chunk, shape, page)?;
        entries::classify(body, page, &mut self.marks, classify)
    }

    fn read_page<C>(
        &mut self,
        chunk: &Chunk<'_>,
        shape: Shape,
        page: &PageAt,
        first_row: u32,
        classify: &mut C,
        found: &mut Scan,
    ) -> Checked<()>
    where
        C: Classify + ?Sized,
    {
        let body = self.inflater.body(chunk, shape, page)?;
        let (levels, values) = levels_of(body, page, shape)?;
        let count = levels.values();
        found.decompressed_bytes += page.header.uncompressed as u64;
        found.values_decoded += u64::from(count);
        let hits = &mut self.hits;
        hits.clear();
        if page.points_into_dictionary() {
            unpack::find(values, count, &self.marks, hits)?;
            if found.listed_texts.are_kept() {
                let listed = || hits.iter().filter(|hit| hit.class == Class::Listed);
                self.numbers.clear();
                self.numbers.extend(listed().map(|hit| hit.at));
                unpack::pick(values, count, self.numbers.iter_mut())?;
                for (hit, number) in listed().zip(&self.numbers) {
                    found.listed_texts.push(self.marks.text(*number), hit.count);
                }
            }
        } else {
            found.texts += u64::from(count);
            let mut note = |at, text: &[u8], class| {
                if class != Class::Other {
                    hits.push(Hit { at, count: 1, class });
                }
                if class == Class::Listed {
                    found.listed_texts.push(Some(text), 1);
                }
            };
            match page.header.encoding {
                _ if count == 0 => {}
                Encoding::PLAIN => plain::classify(values, count, classify, |first, texts, classes| {
                    if !all_other(classes) {
                        let all = (first..).zip(texts).zip(classes);
                        all.for_each(|((at, text), class)| note(at, text, *class));
                    }
                })?,
                Encoding::DELTA_LENGTH_BYTE_ARRAY => {
                    delta::each_by_length(values, count, |at, text| note(at, text, classify.one(text)))?
                }
                Encoding::DELTA_BYTE_ARRAY => {
                    delta::each_by_prefix(values, count, |at, text| note(at, text, classify.one(text)))?
                }
                other => return Err(Beyond::Encoding(other)),
            }
        }
        levels.place(&self.hits, |row, rows, class| {
            let (spans, counted) = match class {
                Class::Listed => (&mut found.listed, &mut found.listed_rows),
                Class::Unreadable => (&mut found.unreadable, &mut found.unreadable_rows),
                Class::Other => return,
            };
            spans::push(spans, first_row + row, rows);
            *counted += u64::from(rows);
        })
    }
}

/// A page's levels, and where its values start.
pub(super) fn levels_of<'a>(body: Body<'a>, page: &PageAt, shape: Shape) -> Checked<(Levels<'a>, &'a [u8])> {
    let rows = page.header.values;
    let (levels, values, nulls) = match (page.header.kind, shape.optional) {
        (PageKind::DataV2 { nulls, .. }, true) => (body.levels, body.values, Some(nulls)),
        (PageKind::DataV2 { nulls: 0, levels: 0, .. }, false) => return Ok((Levels::Full { rows }, body.values)),
        (PageKind::DataV2 { .. }, false) => return Err(Beyond::Damaged("nulls in a column that has none")),
        (_, false) => return Ok((Levels::Full { rows }, body.values)),
        (_, true) => {
            let (length, rest) = body.values.split_first_chunk::<4>().or_damaged("a page without its levels")?;
            let length = u32::from_le_bytes(*length) as usize;
            let (levels, values) = rest.split_at_checked(length).or_damaged("levels are longer than their page")?;
            (levels, values, None)
        }
    };
    let levels = Levels::read(levels, rows)?;
    if nulls.is_some_and(|nulls| rows - nulls != levels.values()) {
        return Err(Beyond::Damaged("a page has not as many nulls as its header says"));
    }
    Ok((levels, values))
}
