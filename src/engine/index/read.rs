//! Opens an index and reads parts of it, each checked before it is used. The whole file is never asked for.

use std::fmt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::directory::{self, Block, Checked, DirectoryKey};
use super::key::{Key, Names};
use super::layout::{Description, END_BYTES, HEAD_BYTES, Section, check_head, read_end};
use super::unusable::{Part, Unusable};
use super::wire::checksum;

/// Ranges of an index that lie nearer to each other than this are read together.
const NEAR_BYTES: u64 = 8 << 10;

/// Where an index file lies.
#[async_trait]
pub trait ReadRanges: fmt::Debug + Send + Sync {
    /// The file's size. An error of kind `NotFound` says that there is none.
    async fn size(&self) -> io::Result<u64>;

    /// The bytes of ranges inside the file that ascend by their starts and may overlap.
    async fn read(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>>;

    /// How many last bytes to read at once. Where a round trip is dear, the size of a usual index.
    fn first_bytes(&self) -> u64 {
        32 << 10
    }
}

/// An index that was read already.
#[async_trait]
impl ReadRanges for Bytes {
    async fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    async fn read(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Self>> {
        let slice = |range: &Range<u64>| {
            let (from, to) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
            (from <= to && to <= self.len()).then(|| self.slice(from..to))
        };
        ranges.iter().map(|range| slice(range).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())).collect()
    }
}

/// The directories of one segment.
#[derive(Debug)]
pub(super) struct Directories {
    pub(super) v4: Vec<Block<u32>>,
    pub(super) v6: Vec<Block<u128>>,
    pub(super) names: Vec<Block<Box<str>>>,
}

/// The index of one file, as far as it must be read before it is asked.
#[derive(Debug)]
pub struct Index {
    source: Arc<dyn ReadRanges>,
    /// The file's last bytes, and where they begin.
    tail: (u64, Bytes),
    pub(super) description: Description,
    /// One for each segment.
    pub(super) directories: Vec<Directories>,
}

impl Index {
    /// Opens the index of a file that is in the state `key`.
    ///
    /// # Errors
    /// Why the index is not used.
    pub async fn open(source: Arc<dyn ReadRanges>, key: &Key) -> Result<Self, Unusable> {
        let size = source.size().await?;
        let mut index = Self::describe(source, size).await?;
        index.description.key.check(key)?;
        index.read_directories().await?;
        Ok(index)
    }

    async fn describe(source: Arc<dyn ReadRanges>, size: u64) -> Result<Self, Unusable> {
        let tail_start = size.saturating_sub(source.first_bytes().max(END_BYTES));
        let read = source.read(&[0..HEAD_BYTES.min(size), tail_start..size]).await?;
        let [head, tail] = read.as_slice() else { return Err(Unusable::Unread("too few ranges".to_owned())) };
        check_head(head)?;
        let end = tail.get(tail.len().saturating_sub(END_BYTES as usize)..).unwrap_or_default();
        let place = read_end(end, size)?;
        let nothing =
            Description { key: Key::default(), names: Names::default(), row_groups: vec![], segments: vec![] };
        let mut index =
            Self { source, tail: (tail_start, tail.clone()), description: nothing, directories: Vec::new() };
        let bytes = index.fetch(&[&place], Part::Description).await?;
        let bytes = bytes.first().map(Bytes::as_ref).unwrap_or_default();
        index.description = Description::read(bytes, place.range.start).ok_or(Unusable::Corrupt(Part::Description))?;
        Ok(index)
    }

    async fn read_directories(&mut self) -> Result<(), Unusable> {
        let sections = self.description.segments.iter().flat_map(|segment| [&segment.v4, &segment.v6, &segment.names]);
        let places: Vec<Checked> = sections.map(Section::directory_place).collect();
        let read = self.fetch(&places.iter().collect::<Vec<_>>(), Part::Directory).await?;
        let triples = self.description.segments.iter().zip(read.chunks_exact(3));
        let directories = triples.map(|(segment, bytes)| {
            let [v4, v6, names] = bytes else { return None };
            Some(Directories {
                v4: directory(&segment.v4, v4)?,
                v6: directory(&segment.v6, v6)?,
                names: directory(&segment.names, names)?,
            })
        });
        self.directories = directories.collect::<Option<_>>().ok_or(Unusable::Corrupt(Part::Directory))?;
        Ok(())
    }

    /// Which columns' names it holds.
    #[must_use]
    pub const fn names(&self) -> Names {
        self.description.names
    }

    /// The rows of each row group of the file.
    #[must_use]
    pub fn row_groups(&self) -> &[u64] {
        &self.description.row_groups
    }

    /// Distinct addresses and names, each as often as segments hold it.
    #[must_use]
    pub fn distinct(&self) -> (u64, u64) {
        let segments = self.description.segments.iter();
        segments.fold((0, 0), |(addresses, names), segment| {
            (addresses + segment.v4.keys + segment.v6.keys, names + segment.names.keys)
        })
    }

    /// Distinct keys and bytes of the parts of all segments, for whoever measures an index.
    #[must_use]
    pub fn part_bytes(&self) -> Vec<(&'static str, u64)> {
        let of = |section: &Section, names: [&'static str; 4]| {
            let bytes =
                [&section.key_bytes, &section.row_bytes, &section.directory].map(|range| range.end - range.start);
            let [keys, rows, directory] = bytes;
            names.into_iter().zip([section.keys, keys, rows, directory]).collect::<Vec<_>>()
        };
        let mut parts = Vec::new();
        for segment in &self.description.segments {
            parts.extend(of(&segment.v4, ["v4 addresses", "v4 address bytes", "v4 row bytes", "v4 directory bytes"]));
            parts.extend(of(&segment.v6, ["v6 addresses", "v6 address bytes", "v6 row bytes", "v6 directory bytes"]));
            parts.extend(of(&segment.names, ["names", "name bytes", "name row bytes", "name directory bytes"]));
            let unreadable = &segment.unreadable.1.range;
            parts.push(("unreadable bytes", unreadable.end - unreadable.start));
        }
        parts
    }

    /// Reads parts that follow each other in the file, and checks them.
    pub(super) async fn fetch(&self, places: &[&Checked], part: Part) -> Result<Vec<Bytes>, Unusable> {
        let missing = places.iter().map(|place| &place.range).filter(|range| range.start < self.tail.0);
        let runs = together(missing);
        let read = if runs.is_empty() { Vec::new() } else { self.source.read(&runs).await? };
        let mut held: Vec<(u64, Bytes)> = runs.iter().map(|run| run.start).zip(read).collect();
        held.push(self.tail.clone());
        let slice = |range: &Range<u64>| {
            let at = held.partition_point(|(start, _)| *start <= range.start).checked_sub(1)?;
            let (start, bytes) = held.get(at)?;
            let (from, to) = (usize::try_from(range.start - start).ok()?, usize::try_from(range.end - start).ok()?);
            (from <= to && to <= bytes.len()).then(|| bytes.slice(from..to))
        };
        let checked = |place: &&Checked| {
            let bytes = slice(&place.range).ok_or(Unusable::Partial)?;
            if checksum(&bytes) == place.checksum { Ok(bytes) } else { Err(Unusable::Corrupt(part)) }
        };
        places.iter().map(checked).collect()
    }
}

fn directory<K: DirectoryKey>(section: &Section, bytes: &[u8]) -> Option<Vec<Block<K>>> {
    directory::read(bytes, section.keys, &section.key_bytes, &section.row_bytes)
}

/// Ascending ranges, those that are near each other as one.
fn together<'a>(ranges: impl Iterator<Item = &'a Range<u64>>) -> Vec<Range<u64>> {
    ranges.fold(Vec::new(), |mut runs: Vec<Range<u64>>, range| {
        match runs.last_mut().filter(|last| range.start <= last.end.saturating_add(NEAR_BYTES)) {
            Some(last) => last.end = last.end.max(range.end),
            None => runs.push(range.clone()),
        }
        runs
    })
}
