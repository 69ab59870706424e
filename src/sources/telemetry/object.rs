//! One object of an archive: where its bytes are, and what it was when it was listed.
//!
//! Every read says which version it wants. An object that changed since it was listed is an error and never a mix of two
//! versions, and so is an answer that is shorter or longer than what was asked for.

//! One object of an archive: where its bytes are, and what it was when it was listed.
//!
//! Every read says which version it wants. An object that changed since it was listed is an error and never a mix of two
//! versions, and so is an answer that is shorter or longer than what was asked for.

use std::fs::File;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use thiserror::Error;

use crate::sources::shelf::read_range;
use crate::sources::store::{self, Changed, Doing, Place, Store};

/// One request of a stream over a whole object.
const STREAM_BYTES: u64 = 8 << 20;
/// Requests of such a stream that are under way at a time.
const STREAM_IN_FLIGHT: usize = 2;

/// Where an object is kept.
#[derive(Clone, Debug)]
pub enum Home {
    /// On a disk of this machine.
    Local(Arc<LocalFileSystem>),
    /// In a store behind a network: round trips are what costs.
    Remote(Arc<Store>, Arc<Place>),
}

/// One object.
#[derive(Clone, Debug)]
pub struct Object {
    /// Where it is kept.
    pub home: Home,
    /// Its place there.
    pub location: Path,
    /// Bytes, when it was listed.
    pub size: u64,
    /// The version, where the store tells one.
    pub etag: Option<String>,
}

/// Bytes that did not come.
#[derive(Debug, Error)]
#[error("{sentence}")]
pub struct ObjectError {
    /// Why, with the remedy.
    pub sentence: String,
}

impl ObjectError {
    /// Finds the error in a chain of causes.
    #[must_use]
    pub fn find<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
    }
}

impl Object {
    /// Whether each request is a round trip over a network.
    #[must_use]
    pub const fn is_remote(&self) -> bool {
        matches!(self.home, Home::Remote(..))
    }

    /// A name that says which object of all the world it is.
    #[must_use]
    pub fn identity(&self) -> String {
        match &self.home {
            Home::Local(_) => format!("file:///{}", self.location),
            Home::Remote(_, place) => format!("{}/{}", place.store_name(), self.location),
        }
    }

    /// Bytes of the version that was listed.
    ///
    /// # Errors
    /// One sentence: the store refuses or cannot be reached, the object is gone, changed or became shorter.
    pub async fn range(&self, range: Range<u64>) -> Result<Bytes, ObjectError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let bytes = match &self.home {
            Home::Local(disk) => disk.get_range(&self.location, range.clone()).await,
            Home::Remote(store, _) => store.get_range_of(&self.location, range.clone(), self.etag.as_deref()).await,
        };
        let bytes = bytes.map_err(|error| self.failed(&error))?;
        whole(&range, &bytes)?;
        Ok(bytes)
    }

    /// Several ranges; those that lie close together are one request to a remote store.
    ///
    /// # Errors
    /// As for [`Object::range`].
    pub async fn ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ObjectError> {
        let parts = match &self.home {
            // One open for all of them.
            Home::Local(disk) => disk.get_ranges(&self.location, ranges).await,
            Home::Remote(store, _) => store.get_ranges_of(&self.location, ranges, self.etag.as_deref()).await,
        };
        let parts = parts.map_err(|error| self.failed(&error))?;
        ranges.iter().zip(&parts).try_for_each(|(range, bytes)| whole(range, bytes))?;
        Ok(parts)
    }

    /// Where it lies on a disk.
    #[must_use]
    pub fn path(&self) -> Option<PathBuf> {
        match &self.home {
            Home::Local(disk) => disk.path_to_filesystem(&self.location).ok(),
            Home::Remote(..) => None,
        }
    }

    /// The same as [`Object::ranges`] on a disk: the file is opened once, and each range is one system call.
    ///
    /// # Errors
    /// As for [`Object::range`].
    pub fn ranges_of(
        &self,
        path: &FsPath,
        file: &OnceLock<File>,
        ranges: &[Range<u64>],
    ) -> Result<Vec<Bytes>, ObjectError> {
        let opened = match file.get() {
            Some(file) => Ok(file),
            None => File::open(path).map(|opened| file.get_or_init(|| opened)),
        };
        let read = opened.and_then(|file| ranges.iter().map(|range| read_range(file, range)).collect());
        read.map_err(|error| ObjectError {
            sentence: match error.kind() {
                ErrorKind::NotFound => "it is gone since it was listed; run again".to_owned(),
                ErrorKind::UnexpectedEof => "it is shorter than when it was listed; run again".to_owned(),
                _ => error.to_string(),
            },
        })
    }

    fn failed(&self, error: &object_store::Error) -> ObjectError {
        let sentence = match (&self.home, error) {
            (Home::Remote(_, place), _) => {
                let named = format!("{}: ", place.display(&self.location));
                let sentence = match Changed::find(error) {
                    Some(changed) => format!("it changed while it was read ({}); run again", changed.detail),
                    None => store::explain(error, place, Doing::Read).sentence,
                };
                sentence.strip_prefix(&named).map_or(sentence.clone(), str::to_owned)
            }
            (Home::Local(_), object_store::Error::NotFound { .. }) => {
                "it is gone since it was listed; run again".to_owned()
            }
            (Home::Local(_), error) => innermost(error),
        };
        ObjectError { sentence }
    }

    /// All bytes from an offset on, in order, with the next request under way while one is worked on.
    #[must_use]
    pub fn stream(self, from: u64) -> BoxStream<'static, Result<Bytes, ObjectError>> {
        let parts: Vec<Range<u64>> = (from..self.size)
            .step_by(usize::try_from(STREAM_BYTES).unwrap_or(usize::MAX))
            .map(|at| at..self.size.min(at + STREAM_BYTES))
            .collect();
        futures::stream::iter(parts)
            .map(move |part| {
                let object = self.clone();
                async move { object.range(part).await }
            })
            .buffered(STREAM_IN_FLIGHT)
            .boxed()
    }
}

fn whole(range: &Range<u64>, bytes: &Bytes) -> Result<(), ObjectError> {
    let (asked, got) = (range.end.saturating_sub(range.start), bytes.len() as u64);
    if got == asked {
        return Ok(());
    }
    let sentence =
        format!("it is shorter than when it was listed ({got} bytes came where {asked} were asked for); run again");
    Err(ObjectError { sentence })
}

/// The cause that says something.
fn innermost(error: &object_store::Error) -> String {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use object_store::{ObjectStore, PutPayload};

    use super::*;
    use crate::sources::store::StoreOptions;

    async fn stored(text: &'static str) -> (Arc<InMemory>, Object) {
        let memory = Arc::new(InMemory::new());
        let location = Path::from("a b/c=d/e.json");
        let etag = memory.put(&location, PutPayload::from_static(text.as_bytes())).await.unwrap().e_tag;
        let options = StoreOptions::default();
        let place = Place::parse("s3://bucket/a b/", &options).unwrap().unwrap();
        let store = Store::new(Arc::clone(&memory) as Arc<dyn ObjectStore>, &Arc::default(), &options);
        let home = Home::Remote(Arc::new(store), Arc::new(place));
        (memory, Object { home, location, size: text.len() as u64, etag })
    }

    #[tokio::test]
    async fn ranges_and_the_whole_are_the_listed_version() {
        let (_, object) = stored("0123456789").await;
        assert_eq!(object.range(2..5).await.unwrap(), "234");
        assert_eq!(object.ranges(&[0..1, 4..6, 9..10]).await.unwrap(), ["0", "45", "9"]);
        let all: Vec<Bytes> = object.clone().stream(3).map(Result::unwrap).collect().await;
        assert_eq!(all.concat(), b"3456789");
        assert_eq!(object.range(3..3).await.unwrap(), "");
    }

    #[tokio::test]
    async fn another_version_is_an_error_and_never_a_mix() {
        let (memory, object) = stored("0123456789").await;
        memory.put(&object.location, PutPayload::from_static(b"abcdefghij")).await.unwrap();
        assert!(object.range(0..2).await.unwrap_err().to_string().contains("changed while it was read"));
    }

    #[tokio::test]
    async fn a_shorter_object_is_an_error() {
        let (memory, object) = stored("0123456789").await;
        let object = Object { etag: None, ..object };
        memory.put(&object.location, PutPayload::from_static(b"0123")).await.unwrap();
        object.range(2..8).await.unwrap_err();
        object.ranges(&[0..1, 5..8]).await.unwrap_err();
    }

    #[tokio::test]
    async fn one_that_is_gone_says_so() {
        let (memory, object) = stored("0123456789").await;
        memory.delete(&object.location).await.unwrap();
        let error = object.range(0..2).await.unwrap_err().to_string();
        assert!(!error.contains("s3://bucket/a b/c=d/e.json: "), "{error}");
    }
}
