//! What a builder holds until it sorts and writes it: pairs of a key and a row, as small as they can be.

use std::hash::BuildHasher as _;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::directory::{Checked, put_block};
use super::key_blocks::{AddressKey as _, BLOCK_KEYS, encode_names};
use super::layout::{Section, Segment};
use super::row_blocks::RowWriter;
use super::wire::checksum;
use crate::model::Address;

/// A key with a row, ordered by both.
trait Pair: Copy + Ord {
    type Key: Copy + Eq;
    fn key(self) -> Self::Key;
    fn row(self) -> u32;
}

/// An IPv4 address or the number of a name in the upper half, a row in the lower.
impl Pair for u64 {
    type Key = u32;

    fn key(self) -> u32 {
        (self >> 32) as u32
    }

    fn row(self) -> u32 {
        self as u32
    }
}

impl Pair for (u128, u32) {
    type Key = u128;

    fn key(self) -> u128 {
        self.0
    }

    fn row(self) -> u32 {
        self.1
    }
}

const fn pair(key: u32, row: u32) -> u64 {
    (key as u64) << 32 | row as u64
}

/// The pairs of a segment. Rows are numbered from the first row of its first row group.
#[derive(Default)]
pub(super) struct Pending {
    v4: Vec<u64>,
    v6: Vec<(u128, u32)>,
    names: Vec<u64>,
    texts: Texts,
    unreadable: Vec<u32>,
    identity: Arc<()>,
}

/// The distinct names of a segment, by the order in which they came.
#[derive(Default)]
struct Texts {
    texts: Vec<Box<str>>,
    by_text: HashTable<u32>,
    hasher: DefaultHashBuilder,
    bytes: usize,
}

impl Texts {
    fn number(&mut self, text: &str) -> u32 {
        let (texts, hasher) = (&self.texts, &self.hasher);
        let of = |at: &u32| texts.get(*at as usize).map(|text| &**text);
        let hash = hasher.hash_one(Some(text));
        if let Some(at) = self.by_text.find(hash, |at| of(at) == Some(text)) {
            return *at;
        }
        let number = texts.len() as u32;
        self.by_text.insert_unique(hash, number, |at| hasher.hash_one(of(at)));
        self.texts.push(text.into());
        // With the pointer, the slot of the table and what an allocation costs beside its bytes.
        self.bytes += text.len() + 48;
        number
    }
}

impl Pending {
    pub(super) fn address(&mut self, address: Address, row: u32) {
        let bits = address.bits();
        if address.is_v4() {
            self.v4.push(pair(bits as u32, row));
        } else {
            self.v6.push((bits, row));
        }
    }

    pub(super) fn unreadable(&mut self, row: u32) {
        self.unreadable.push(row);
    }

    /// The number of a name, until the segment is written.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        self.texts.number(name)
    }

    pub(super) fn name(&mut self, number: u32, row: u32) {
        self.names.push(pair(number, row));
    }

    /// What no other segment has.
    pub(super) const fn identity(&self) -> &Arc<()> {
        &self.identity
    }

    /// Memory that the pairs take.
    pub(super) fn bytes(&self) -> usize {
        8 * (self.v4.len() + self.names.len()) + 32 * self.v6.len() + 4 * self.unreadable.len() + self.texts.bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes() == 0
    }

    /// Writes everything; `at` is how far the file is.
    pub(super) fn write(mut self, out: &mut impl Write, at: &mut u64, base: u64, span: u64) -> io::Result<Segment> {
        let mut parts = Parts { out, at, span };
        let v4 = parts.section(&mut self.v4, u32::encode, |key, out| key.put_first(out))?;
        let v6 = parts.section(&mut self.v6, u128::encode, |key, out| key.put_first(out))?;
        let names = parts.names(&self.texts.texts, self.names)?;
        self.unreadable.sort_unstable();
        self.unreadable.dedup();
        let mut rows = RowWriter::new(span);
        let count = self.unreadable.len() as u32;
        if count > 0 {
            rows.put(self.unreadable.into_iter());
        }
        let rows = rows.finish();
        let unreadable = (count, Checked { checksum: checksum(&rows), range: parts.write(&rows)? });
        Ok(Segment { base, span, v4, v6, names, unreadable })
    }
}

/// Writes the parts of a segment and counts where they lie.
struct Parts<'a, W> {
    out: &'a mut W,
    at: &'a mut u64,
    span: u64,
}

impl<W: Write> Parts<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<Range<u64>> {
        self.out.write_all(bytes)?;
        let from = *self.at;
        *self.at += bytes.len() as u64;
        Ok(from..*self.at)
    }

    /// Names become numbers in their own order first.
    fn names(&mut self, texts: &[Box<str>], mut pairs: Vec<u64>) -> io::Result<Section> {
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        let text = |number: u32| texts.get(number as usize).map_or("", |text| &**text);
        order.sort_unstable_by_key(|number| text(*number));
        let mut ranks = vec![0u32; texts.len()];
        for (number, rank) in order.iter().zip(0u32..) {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank;
            }
        }
        for one in &mut pairs {
            *one = pair(ranks.get(one.key() as usize).copied().unwrap_or(0), one.row());
        }
        let text_of = |rank: u32| order.get(rank as usize).map_or("", |number| text(*number));
        let encode = |ranks: &[u32]| encode_names(&ranks.iter().map(|rank| text_of(*rank)).collect::<Vec<_>>());
        self.section(&mut pairs, encode, |rank, out| super::wire::put_text(out, text_of(rank)))
    }

    fn section<P: Pair>(
        &mut self,
        pairs: &mut Vec<P>,
        encode: impl Fn(&[P::Key]) -> Vec<u8>,
        put_first: impl Fn(P::Key, &mut Vec<u8>),
    ) -> io::Result<Section> {
        pairs.sort_unstable();
        pairs.dedup();
        let by_key = || pairs.chunk_by(|a, b| a.key() == b.key());
        let mut section = Section { key_bytes: *self.at..*self.at, ..Section::default() };
        let mut firsts: Vec<(P::Key, (usize, u32))> = Vec::new();
        let mut keys = by_key().filter_map(|of_key| of_key.first()).map(|pair| pair.key());
        loop {
            let block: Vec<P::Key> = keys.by_ref().take(BLOCK_KEYS).collect();
            let Some(first) = block.first() else { break };
            let bytes = encode(&block);
            section.keys += block.len() as u64;
            section.key_bytes.end = self.write(&bytes)?.end;
            firsts.push((*first, (bytes.len(), checksum(&bytes))));
        }
        section.row_bytes = section.key_bytes.end..section.key_bytes.end;
        let mut directory = Vec::new();
        let mut rows = by_key();
        for (first, keys) in firsts {
            let mut writer = RowWriter::new(self.span);
            rows.by_ref().take(BLOCK_KEYS).for_each(|of_key| writer.put(of_key.iter().map(|pair| pair.row())));
            let bytes = writer.finish();
            section.row_bytes.end = self.write(&bytes)?.end;
            put_first(first, &mut directory);
            put_block(&mut directory, keys, (bytes.len(), checksum(&bytes)));
        }
        section.directory_checksum = checksum(&directory);
        section.directory = self.write(&directory)?;
        Ok(section)
    }
}
