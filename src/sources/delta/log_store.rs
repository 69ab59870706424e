//! A table's folder as a store of its own, for reading only.
//!
//! The reader of the log builds paths by joining URLs, expects listings in order and wraps a store's error until only
//! its text is left. Here paths are plain, listings are sorted, a file is asked for once, and the first error of the
//! store is kept whole for the caller, who can explain it.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::held::Held;
use super::versions::{self, Present};

/// The folder.
pub(super) struct LogFiles {
    inner: Arc<dyn ObjectStore>,
    root: Path,
    hint: Hint,
    noticed: Arc<Mutex<Noticed>>,
}

/// Whether the log's reader sees the file that names the last checkpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Shown,
    Hidden,
}

/// The file that names the last checkpoint. It saves listing the commits before, and nothing depends on it.
const HINT: &str = "_last_checkpoint";

/// What the log's reader would pass over or take apart.
#[derive(Default)]
struct Noticed {
    failure: Option<Error>,
    held: Held,
    listed: Present,
    empty_commits: Vec<u64>,
}

impl LogFiles {
    /// The folder `root` of a store.
    pub(super) fn new(inner: Arc<dyn ObjectStore>, root: Path) -> Self {
        Self { inner, root, hint: Hint::Shown, noticed: Arc::default() }
    }

    /// The same folder without the hint, for a hint that names what is not there.
    pub(super) fn without_hint(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), root: self.root.clone(), hint: Hint::Hidden, noticed: Arc::default() }
    }

    /// The first error of the store that is not just a missing object.
    pub(super) fn failure(&self) -> Option<Error> {
        self.noticed().failure.take()
    }

    /// A commit of no bytes that a version needs. A writer that was cut off leaves one, and it reads as "no change".
    pub(super) fn empty_commit(&self, version: u64) -> Option<u64> {
        let noticed = self.noticed();
        let needed = noticed.listed.needed(version);
        noticed.empty_commits.iter().copied().find(|commit| needed.contains(commit))
    }

    fn noticed(&self) -> MutexGuard<'_, Noticed> {
        self.noticed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn full(&self, below: &Path) -> Path {
        self.root.parts().chain(below.parts()).collect()
    }

    async fn got(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if self.hint == Hint::Hidden && location.filename() == Some(HINT) {
            return Err(Error::NotFound { path: location.to_string(), source: "not asked for".into() });
        }
        if options.head || is_conditional(&options) {
            return self.asked(location, options).await;
        }
        let range = options.range.clone();
        let piece = |noticed: &Noticed| noticed.held.piece(location, range.as_ref());
        let (held, wants) = {
            let noticed = self.noticed();
            (piece(&noticed), noticed.held.wants(location))
        };
        if let Some(held) = held {
            return Ok(answer(held));
        }
        if !wants {
            return self.asked(location, options).await;
        }
        let whole = self.asked(location, GetOptions::default()).await?;
        let (meta, content) = (whole.meta.clone(), whole.bytes().await?);
        let held = {
            let mut noticed = self.noticed();
            noticed.held.keep(location, meta, content);
            piece(&noticed)
        };
        match held {
            Some(held) => Ok(answer(held)),
            // A range that the file does not have.
            None => self.asked(location, options).await,
        }
    }

    /// What the store answers, whole at once: an answer that breaks off is then an error of this call too.
    async fn asked(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let head = options.head;
        let given = self.inner.get_opts(&self.full(location), options).await?;
        let meta = ObjectMeta { location: location.clone(), ..given.meta.clone() };
        let range = given.range.clone();
        let bytes = if head { Bytes::new() } else { given.bytes().await? };
        Ok(answer((meta, range, bytes)))
    }

    fn listed(&self, prefix: Option<&Path>, offset: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let prefix = prefix.map_or_else(|| self.root.clone(), |prefix| self.full(prefix));
        let entries = match offset {
            Some(offset) => self.inner.list_with_offset(Some(&prefix), &self.full(offset)),
            None => self.inner.list(Some(&prefix)),
        };
        let (root, noticed) = (self.root.clone(), Arc::clone(&self.noticed));
        let sorted = async move {
            let mut entries: Vec<ObjectMeta> = match entries.try_collect().await {
                Ok(entries) => entries,
                // A folder that is not there holds nothing, as in a bucket.
                Err(Error::NotFound { .. }) => Vec::new(),
                Err(error) => return stream::iter(vec![Err(noted(&noticed, error))]),
            };
            for entry in &mut entries {
                entry.location = below(&root, &entry.location);
            }
            entries.sort_by(|a, b| a.location.cmp(&b.location));
            let mut noticed = noticed.lock().unwrap_or_else(PoisonError::into_inner);
            for entry in &entries {
                let name = entry.location.filename().unwrap_or_default();
                noticed.held.listed(&entry.location, entry.size);
                noticed.listed.add(name);
                noticed.empty_commits.extend(versions::of_commit(name).filter(|_| entry.size == 0));
            }
            stream::iter(entries.into_iter().map(Ok).collect::<Vec<_>>())
        };
        stream::once(sorted).flatten().boxed()
    }
}

fn is_conditional(options: &GetOptions) -> bool {
    options.if_match.is_some()
        || options.if_none_match.is_some()
        || options.if_modified_since.is_some()
        || options.if_unmodified_since.is_some()
        || options.version.is_some()
}

fn answer((meta, range, bytes): (ObjectMeta, Range<u64>, Bytes)) -> GetResult {
    let payload = GetResultPayload::Stream(stream::once(async move { Ok(bytes) }).boxed());
    GetResult { payload, meta, range, attributes: Attributes::default() }
}

/// A path of the store as one of the folder.
fn below(root: &Path, path: &Path) -> Path {
    path.prefix_match(root).map_or_else(|| path.clone(), Iterator::collect)
}

/// Keeps an error and returns what is left of it: its text.
fn noted(noticed: &Mutex<Noticed>, error: Error) -> Error {
    if matches!(error, Error::NotFound { .. }) {
        return error;
    }
    let text = error.to_string();
    noticed.lock().unwrap_or_else(PoisonError::into_inner).failure.get_or_insert(error);
    Error::Generic { store: "delta", source: text.into() }
}

fn reads_only(operation: &str) -> Error {
    Error::NotImplemented { operation: operation.into(), implementer: "a table's log, which is only read".into() }
}

impl fmt::Debug for LogFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogFiles").field("root", &self.root).finish_non_exhaustive()
    }
}

impl fmt::Display for LogFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table at {}", self.root)
    }
}

#[async_trait]
impl ObjectStore for LogFiles {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.got(location, options).await.map_err(|error| noted(&self.noticed, error))
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(prefix, None)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.listed(prefix, Some(offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let prefix = prefix.map_or_else(|| self.root.clone(), |prefix| self.full(prefix));
        let mut found = self.inner.list_with_delimiter(Some(&prefix)).await.map_err(|e| noted(&self.noticed, e))?;
        found.common_prefixes = found.common_prefixes.iter().map(|path| below(&self.root, path)).collect();
        for entry in &mut found.objects {
            entry.location = below(&self.root, &entry.location);
        }
        Ok(found)
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(reads_only("put"))
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(reads_only("put_multipart"))
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        stream::iter([Err(reads_only("delete"))]).boxed()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(reads_only("copy"))
    }
}
