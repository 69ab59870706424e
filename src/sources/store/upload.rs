//! Writing and deleting objects.
//!
//! An object appears whole or not at all: a small one is one request, a large one is sent in parts that become an object
//! only when the last is there, and are thrown away when anything fails. A run that is killed can leave parts behind that
//! nobody sees; a rule of the bucket should remove those after a day.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path as LocalPath, PathBuf};

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore as _, ObjectStoreExt as _, PutPayload};

use super::StoreError;
use super::changed::Changed;
use super::explain::{Doing, explain};
use super::place::{Place, Scheme};
use super::stored::Store;

/// The length of a part; the shortest that S3 takes is 5 MiB.
const PART_BYTES: u64 = 8 << 20;
/// S3 takes 10,000 parts.
const PARTS_MAX: u64 = 9_000;
/// Parts on their way at the same time.
const PARALLEL: usize = 4;

/// Writes a small object, in place of one that may be there.
///
/// # Errors
/// The store refuses or cannot be reached, in one sentence.
pub async fn put(store: &Store, place: &Place, object: &Path, bytes: Bytes) -> Result<(), StoreError> {
    check(place)?;
    let put = store.put(object, PutPayload::from(bytes)).await;
    put.map(|_| ()).map_err(|error| failed(&error, place))
}

/// Deletes an object. One that is not there is no error.
///
/// # Errors
/// The store refuses or cannot be reached, in one sentence.
pub async fn delete(store: &Store, place: &Place, object: &Path) -> Result<(), StoreError> {
    check(place)?;
    match store.delete(object).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(failed(&error, place)),
    }
}

/// A local file on its way into a store.
#[derive(Clone, Debug)]
pub struct Upload {
    file: PathBuf,
    part_bytes: u64,
}

impl Upload {
    /// The file to store.
    #[must_use]
    pub fn of(file: &LocalPath) -> Self {
        Self { file: file.into(), part_bytes: PART_BYTES }
    }

    /// Sends parts of this length instead of 8 MiB; S3 takes none below 5 MiB but the last.
    #[must_use]
    pub fn with_part_bytes(self, part_bytes: u64) -> Self {
        Self { part_bytes: part_bytes.max(1), ..self }
    }

    /// Stores the file as `object`; returns its bytes.
    ///
    /// # Errors
    /// The file cannot be read or changes meanwhile, or the store refuses; no object is left behind then.
    pub async fn send(&self, store: &Store, place: &Place, object: &Path) -> Result<u64, StoreError> {
        check(place)?;
        let mut file = File::open(&self.file).map_err(|error| self.unread(error))?;
        let size = file.metadata().map_err(|error| self.unread(error))?.len();
        if size <= self.part_bytes {
            let (bytes, _) = self.read(file, size).await?;
            put(store, place, object, bytes).await?;
            return Ok(size);
        }
        let part_bytes = self.part_bytes.max(size.div_ceil(PARTS_MAX));
        let upload = store.put_multipart_opts(object, object_store::PutMultipartOptions::default()).await;
        let mut upload = upload.map_err(|error| failed(&error, place))?;
        let mut sent = 0;
        let outcome = async {
            let mut parts = FuturesUnordered::new();
            while sent < size {
                let bytes;
                (bytes, file) = self.read(file, part_bytes.min(size - sent)).await?;
                sent += bytes.len() as u64;
                parts.push(upload.put_part(PutPayload::from(bytes)));
                if parts.len() >= PARALLEL
                    && let Some(part) = parts.next().await
                {
                    part.map_err(|error| failed(&error, place))?;
                }
            }
            while let Some(part) = parts.next().await {
                part.map_err(|error| failed(&error, place))?;
            }
            self.unchanged(size)?;
            upload.complete().await.map_err(|error| failed(&error, place))
        };
        match outcome.await {
            Ok(_) => Ok(size),
            Err(error) => {
                abandon(upload.as_mut()).await;
                Err(error)
            }
        }
    }

    /// Reads the next bytes, exactly as many as wanted, away from the threads that wait for the network.
    async fn read(&self, mut file: File, length: u64) -> Result<(Bytes, File), StoreError> {
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
            let count = (&mut file).take(length).read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>((Bytes::from(bytes), file, count as u64))
        });
        let read = read.await.map_err(|error| self.unread(std::io::Error::other(error)))?;
        let (bytes, file, count) = read.map_err(|error| self.unread(error))?;
        if count == length { Ok((bytes, file)) } else { Err(self.changed()) }
    }

    fn unchanged(&self, size: u64) -> Result<(), StoreError> {
        let now = std::fs::metadata(&self.file).map_err(|error| self.unread(error))?.len();
        if now == size { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> StoreError {
        let path = self.file.display().to_string();
        StoreError::Changed(Changed { path, detail: "its length is another one now".into() })
    }

    fn unread(&self, source: std::io::Error) -> StoreError {
        StoreError::Local { path: self.file.display().to_string(), source }
    }
}

/// Throws the parts away. That this fails too says nothing new.
async fn abandon(upload: &mut dyn MultipartUpload) {
    upload.abort().await.ok();
}

fn check(place: &Place) -> Result<(), StoreError> {
    if place.scheme() == Scheme::Web {
        let reason = "a web server takes no output; name a local path, s3:// or az://";
        return Err(StoreError::Url { url: place.source().into(), reason: reason.into() });
    }
    Ok(())
}

fn failed(error: &object_store::Error, place: &Place) -> StoreError {
    StoreError::Failed(explain(error, place, Doing::Write))
}

#[cfg(test)]
mod tests;
