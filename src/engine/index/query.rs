//! The questions: in which rows does anything wanted occur?
//!
//! Both sides are sorted, so a block of keys is read only where something wanted lies between its ends, and in it the walk
//! skips on whichever side is denser. Rows are read only of blocks with a wanted key.

use super::directory::{Block, Checked};
use super::hits::Hits;
use super::key::Names;
use super::key_blocks::{AddressKey, decode_names};
use super::layout::Segment;
use super::read::Index;
use super::row_blocks::read_rows;
use super::unusable::{Part, Stale, Unusable};
use super::wanted::{FamilySet, Wanted};

/// A block with the positions of its wanted keys.
type Found<'a, K> = (&'a Block<K>, Vec<usize>);

impl Index {
    /// The rows that have a wanted address: all of them, and no other.
    ///
    /// # Errors
    /// When what must be read of the index is damaged.
    pub async fn rows_of_addresses(&self, wanted: &dyn Wanted) -> Result<Hits, Unusable> {
        let mut hits = Hits::default();
        let set = wanted.set();
        for (segment, directories) in self.description.segments.iter().zip(&self.directories) {
            let mut rows = Vec::new();
            let v4 = self.wanted_keys(&directories.v4, set.map(|set| &set.v4), wanted).await?;
            self.add_rows(segment, &v4, &mut rows).await?;
            let v6 = self.wanted_keys(&directories.v6, set.map(|set| &set.v6), wanted).await?;
            self.add_rows(segment, &v6, &mut rows).await?;
            hits.add(rows, base(segment), self.row_groups());
        }
        Ok(hits)
    }

    /// The rows that have a name for which `lists` answers yes. It is asked once for each distinct name of a segment, and
    /// has to say yes for subdomains of what is wanted and for the hosts of wanted URLs
    /// ([`host_of_url_key`](super::host_of_url_key)), whose rows have to be looked at.
    ///
    /// # Errors
    /// When what must be read of the index is damaged, or the index does not hold the names of all columns that are
    /// `asked` for.
    pub async fn rows_of_names(&self, asked: Names, lists: &(dyn Fn(&str) -> bool + Sync)) -> Result<Hits, Unusable> {
        if !self.names().hold(asked) {
            return Err(Unusable::Stale(Stale::Names));
        }
        let mut hits = Hits::default();
        for (segment, directories) in self.description.segments.iter().zip(&self.directories) {
            let places: Vec<&Checked> = directories.names.iter().map(|block| &block.keys).collect();
            let mut found: Vec<Found<'_, Box<str>>> = Vec::new();
            for (block, bytes) in directories.names.iter().zip(self.fetch(&places, Part::Keys).await?) {
                let mut positions = Vec::new();
                let add = |at: usize, name: &str| {
                    if lists(name) {
                        positions.push(at)
                    }
                };
                decode_names(&bytes, &block.first, block.count, add).ok_or(Unusable::Corrupt(Part::Keys))?;
                found.push((block, positions));
            }
            found.retain(|(_, positions)| !positions.is_empty());
            let mut rows = Vec::new();
            self.add_rows(segment, &found, &mut rows).await?;
            hits.add(rows, base(segment), self.row_groups());
        }
        Ok(hits)
    }

    /// The rows whose RemoteIP is text that is no address.
    ///
    /// # Errors
    /// When what must be read of the index is damaged.
    pub async fn unreadable(&self) -> Result<Hits, Unusable> {
        let mut hits = Hits::default();
        for segment in &self.description.segments {
            let (count, place) = &segment.unreadable;
            if *count == 0 {
                continue;
            }
            let mut rows = Vec::new();
            let read = self.fetch(&[place], Part::Rows).await?;
            let bytes = read.first().map(|bytes| bytes.as_ref()).unwrap_or_default();
            let right = read_rows(bytes, segment.span, 1, &[0], &mut rows).filter(|()| rows.len() == *count as usize);
            right.ok_or(Unusable::Corrupt(Part::Rows))?;
            hits.add(rows, base(segment), self.row_groups());
        }
        Ok(hits)
    }

    async fn wanted_keys<'a, K: AddressKey>(
        &self,
        blocks: &'a [Block<K>],
        set: Option<&FamilySet<K>>,
        wanted: &dyn Wanted,
    ) -> Result<Vec<Found<'a, K>>, Unusable> {
        let ends = blocks.iter().skip(1).map(|next| next.first).chain([K::LAST]);
        let mut ahead = set.map(FamilySet::walk);
        let may_hold = |(block, end): (&'a Block<K>, K)| {
            ahead.as_mut().is_none_or(|ahead| ahead.holds_any(block.first, end)).then_some(block)
        };
        let asked: Vec<&Block<K>> = blocks.iter().zip(ends).filter_map(may_hold).collect();
        let places: Vec<&Checked> = asked.iter().map(|block| &block.keys).collect();
        let read = self.fetch(&places, Part::Keys).await?;
        let mut walk = set.map(FamilySet::walk);
        let mut keys = Vec::new();
        let mut found = Vec::new();
        for (block, bytes) in asked.into_iter().zip(read) {
            let positions = match &mut walk {
                Some(walk) => K::find(&bytes, block.first, block.count, walk, &mut keys),
                None => K::decode(&bytes, block.first, block.count, &mut keys).map(|()| {
                    let listed = keys.iter().enumerate().filter(|(_, key)| wanted.lists(key.address()));
                    listed.map(|(at, _)| at).collect()
                }),
            };
            let positions = positions.ok_or(Unusable::Corrupt(Part::Keys))?;
            if !positions.is_empty() {
                found.push((block, positions));
            }
        }
        Ok(found)
    }

    async fn add_rows<K>(
        &self,
        segment: &Segment,
        found: &[Found<'_, K>],
        rows: &mut Vec<u32>,
    ) -> Result<(), Unusable> {
        let places: Vec<&Checked> = found.iter().map(|(block, _)| &block.rows).collect();
        for ((block, positions), bytes) in found.iter().zip(self.fetch(&places, Part::Rows).await?) {
            read_rows(&bytes, segment.span, block.count, positions, rows).ok_or(Unusable::Corrupt(Part::Rows))?;
        }
        Ok(())
    }
}

fn base(segment: &Segment) -> usize {
    usize::try_from(segment.base).unwrap_or(usize::MAX)
}
