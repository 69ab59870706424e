//! A place for small files beside an archive: a directory, or a prefix in an object store. Archives are often read-only, so what is
//! made of them lies elsewhere.
//!
//! Names are flat and chosen by whoever keeps something here. A file appears whole or not at all.

use std::fmt;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use object_store::path::Path as ObjectPath;

use super::SourceError;
use super::store::{self, Place, Store, Stores, Upload};

/// A directory or a prefix.
#[derive(Clone, Debug)]
pub enum Shelf {
    /// A directory of this machine.
    Folder(PathBuf),
    /// A prefix in an object store.
    Remote(Arc<Store>, Arc<Place>),
}

impl Shelf {
    /// Finds out what was named; nothing is made or asked.
    ///
    /// # Errors
    /// A URL that cannot be read, or a store that lacks what it needs.
    pub fn named(typed: &str, base: &Path, stores: &Stores) -> Result<Self, SourceError> {
        match Place::parse(typed, stores.options())? {
            Some(place) => Ok(Self::Remote(stores.get(&place)?, Arc::new(place))),
            None => Ok(Self::Folder(base.join(typed.strip_prefix("file://").unwrap_or(typed)))),
        }
    }

    /// Makes the directory; a prefix needs none.
    ///
    /// # Errors
    /// What the system reports.
    pub fn make(&self) -> io::Result<()> {
        match self {
            Self::Folder(folder) => std::fs::create_dir_all(folder),
            Self::Remote(..) => Ok(()),
        }
    }

    /// A folder for files that are not finished, from which they can be kept here: a hidden one in the directory itself, or anywhere
    /// where files are sent. It goes when it is dropped.
    ///
    /// # Errors
    /// What the system reports.
    pub fn workshop(&self) -> io::Result<tempfile::TempDir> {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix(".coldtrail-");
        match self {
            Self::Folder(folder) => builder.tempdir_in(folder),
            Self::Remote(..) => builder.tempdir(),
        }
    }

    /// A file in a workshop.
    ///
    /// # Errors
    /// What the system reports.
    pub fn workpiece(workshop: &Path) -> io::Result<tempfile::NamedTempFile> {
        let mut builder = tempfile::Builder::new();
        // Whoever may read the directory may read what is kept in it.
        #[cfg(unix)]
        let all = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666);
        #[cfg(unix)]
        builder.permissions(all);
        builder.tempfile_in(workshop)
    }

    /// Keeps a finished file under a name; a file that had the name is replaced.
    ///
    /// # Errors
    /// One sentence of the system or the store.
    pub async fn keep(&self, file: tempfile::NamedTempFile, name: &str) -> Result<(), SourceError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                let kept = file.persist(&path).map(drop);
                kept.map_err(|error| SourceError::Refused(format!("{}: {}", path.display(), error.error)))
            }
            Self::Remote(store, place) => {
                Upload::of(file.path()).send(store, place, &key(place, name)).await?;
                Ok(())
            }
        }
    }

    /// A file that may be here.
    #[must_use]
    pub fn item(&self, name: &str) -> ShelfItem {
        ShelfItem { shelf: self.clone(), name: name.to_owned(), file: OnceLock::new() }
    }
}

fn key(place: &Place, name: &str) -> ObjectPath {
    ObjectPath::from_iter(place.prefix().parts().map(|part| part.as_ref().to_owned()).chain([name.to_owned()]))
}

/// One file of a shelf, opened when it is first asked.
pub struct ShelfItem {
    shelf: Shelf,
    name: String,
    file: OnceLock<std::fs::File>,
}

impl fmt::Debug for ShelfItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShelfItem").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ShelfItem {
    /// Whether each request is a round trip.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self.shelf, Shelf::Remote(..))
    }

    /// Its size in bytes.
    ///
    /// # Errors
    /// `NotFound` where it is not there.
    pub async fn size(&self) -> io::Result<u64> {
        match &self.shelf {
            Shelf::Folder(folder) => Ok(self.open(folder)?.metadata()?.len()),
            Shelf::Remote(store, place) => {
                let head = store.head_of(&key(place, &self.name)).await;
                Ok(head.map_err(|error| of_store(&error, place))?.size)
            }
        }
    }

    /// The bytes of ranges.
    ///
    /// # Errors
    /// `UnexpectedEof` where the file is shorter; what the system or the store reports.
    pub async fn read(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>> {
        match &self.shelf {
            Shelf::Folder(folder) => {
                let file = self.open(folder)?;
                ranges.iter().map(|range| read_range(file, range)).collect()
            }
            Shelf::Remote(store, place) => {
                let read = store.get_ranges_of(&key(place, &self.name), ranges, None).await;
                read.map_err(|error| of_store(&error, place))
            }
        }
    }

    fn open(&self, folder: &Path) -> io::Result<&std::fs::File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = std::fs::File::open(folder.join(&self.name))?;
        Ok(self.file.get_or_init(|| file))
    }
}

fn of_store(error: &object_store::Error, place: &Place) -> io::Error {
    let kind = match error {
        object_store::Error::NotFound { .. } => ErrorKind::NotFound,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, store::explain(error, place, store::Doing::Read).sentence)
}

/// Bytes of a local file, which others may read at the same time.
///
/// # Errors
/// `UnexpectedEof` where the file is shorter; what the system reports.
pub(crate) fn read_range(file: &std::fs::File, range: &Range<u64>) -> io::Result<Bytes> {
    let too_large = || io::Error::new(ErrorKind::InvalidInput, "a range is too large");
    let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(|_| too_large())?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| too_large())?;
    fill(file, &mut bytes, length, range.start)?;
    Ok(bytes.into())
}

/// Reads as many bytes into memory that was never written, not even with zeros: a hunt reads gigabytes.
#[cfg(unix)]
fn fill(file: &std::fs::File, bytes: &mut Vec<u8>, length: usize, start: u64) -> io::Result<()> {
    use rustix::buffer::spare_capacity;
    while bytes.len() < length {
        let at = start.saturating_add(bytes.len() as u64);
        if rustix::io::retry_on_intr(|| rustix::io::pread(file, spare_capacity(bytes), at))? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
    // The allocator may have given more room than was asked for.
    bytes.truncate(length);
    Ok(())
}

#[cfg(windows)]
fn fill(file: &std::fs::File, bytes: &mut Vec<u8>, length: usize, mut at: u64) -> io::Result<()> {
    bytes.resize(length, 0);
    let mut bytes = bytes.as_mut_slice();
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = bytes.get_mut(read..).unwrap_or_default();
                at += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::store::StoreOptions;

    #[tokio::test]
    async fn a_file_is_kept_whole_and_read_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let stores = Stores::new(StoreOptions::default());
        let shelf = Shelf::named("made/here", folder.path(), &stores).unwrap();
        assert_eq!(shelf.item("one").size().await.unwrap_err().kind(), ErrorKind::NotFound);
        shelf.make().unwrap();
        let workshop = shelf.workshop().unwrap();
        let file = Shelf::workpiece(workshop.path()).unwrap();
        std::fs::write(file.path(), "0123456789").unwrap();
        shelf.keep(file, "one").await.unwrap();
        let item = shelf.item("one");
        assert_eq!(item.size().await.unwrap(), 10);
        assert_eq!(item.read(&[0..2, 5..10]).await.unwrap(), ["01", "56789"]);
        assert_eq!(item.read(&[0..1, 8..11]).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
