//! The files of a log that were read, kept while it is replayed.
//!
//! The log's reader goes through a log twice, first for the protocol and then for the files, and asks for a checkpoint
//! in many small pieces. Over a network each question costs a round trip, and these files never change.

use std::collections::BTreeMap;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetRange, ObjectMeta};

/// The largest file that is fetched whole when a piece is asked for.
const WHOLE_BYTES_MAX: u64 = 8 << 20;

/// What is kept of one log; beyond it, files are read again.
const HELD_BYTES_MAX: u64 = 64 << 20;

/// Files by their paths.
#[derive(Default)]
pub(super) struct Held {
    files: BTreeMap<Path, (ObjectMeta, Bytes)>,
    sizes: BTreeMap<Path, u64>,
    bytes: u64,
}

impl Held {
    /// A listed file.
    pub(super) fn listed(&mut self, path: &Path, size: u64) {
        self.sizes.insert(path.clone(), size);
    }

    /// Whether a file should be fetched whole whatever piece is asked for.
    pub(super) fn wants(&self, path: &Path) -> bool {
        self.sizes.get(path).is_some_and(|size| *size <= WHOLE_BYTES_MAX && self.bytes + size <= HELD_BYTES_MAX)
    }

    /// Keeps a whole file.
    pub(super) fn keep(&mut self, path: &Path, meta: ObjectMeta, content: Bytes) {
        self.bytes += content.len() as u64;
        self.files.insert(path.clone(), (meta, content));
    }

    /// A piece of a file that is kept. `None` too for a range that the file does not have: the store shall say so.
    pub(super) fn piece(
        &self,
        path: &Path,
        range: Option<&GetRange>,
    ) -> Option<(ObjectMeta, std::ops::Range<u64>, Bytes)> {
        let (meta, content) = self.files.get(path)?;
        let whole = 0..content.len() as u64;
        let range = range.map_or(Some(whole), |range| range.as_range(content.len() as u64).ok())?;
        let piece = content.slice(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?);
        Some((meta.clone(), range, piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_kept_file_are_those_that_the_store_would_give() {
        let path = Path::from("_delta_log/a");
        let mut held = Held::default();
        held.listed(&path, 6);
        held.listed(&Path::from("big"), WHOLE_BYTES_MAX + 1);
        assert!(held.wants(&path) && !held.wants(&Path::from("big")) && !held.wants(&Path::from("unlisted")));
        let last_modified = chrono::DateTime::UNIX_EPOCH;
        let meta = ObjectMeta { location: path.clone(), last_modified, size: 6, e_tag: None, version: None };
        held.keep(&path, meta, Bytes::from_static(b"abcdef"));
        let piece = |range: Option<GetRange>| held.piece(&path, range.as_ref()).map(|(_, range, bytes)| (range, bytes));
        assert_eq!(piece(None), Some((0..6, Bytes::from_static(b"abcdef"))));
        assert_eq!(piece(Some(GetRange::Suffix(2))), Some((4..6, Bytes::from_static(b"ef"))));
        assert_eq!(piece(Some(GetRange::Bounded(1..3))), Some((1..3, Bytes::from_static(b"bc"))));
        assert_eq!(piece(Some(GetRange::Bounded(9..12))), None);
    }
}
