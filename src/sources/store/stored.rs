//! A store with what the run needs around it: counted requests, bounded repetition, and no mixed answers.
//!
//! object_store repeats a request by itself (5xx, 429, 408, failed connections, and for reads resets and timeouts). Two
//! things it leaves open are closed here: an answer that ends early or late is never taken for the whole, and an object
//! can be demanded in the state in which it was listed, even from servers that ignore `If-Match` when reading.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetRange, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

use super::body::{self, Body};
use super::changed::Changed;
use super::etag;
use super::options::StoreOptions;
use super::ranges;
use super::traffic::Traffic;

/// Where requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counting {
    /// As they leave the process.
    OnTheWire,
    /// Per call, for stores without a network.
    PerCall,
}

/// One bucket.
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    traffic: Arc<Traffic>,
    counting: Counting,
    name: String,
    coalesce_bytes: u64,
    parallel: usize,
    retries: usize,
}

impl Store {
    /// A store that is not reached over a network, such as one in memory: one request is counted per call.
    #[must_use]
    pub fn new(inner: Arc<dyn ObjectStore>, traffic: &Arc<Traffic>, options: &StoreOptions) -> Self {
        let name = inner.to_string();
        Self { counting: Counting::PerCall, ..Self::on_the_network(inner, traffic, options, name) }
    }

    /// A store whose client counts requests itself.
    pub(super) fn on_the_network(
        inner: Arc<dyn ObjectStore>,
        traffic: &Arc<Traffic>,
        options: &StoreOptions,
        name: String,
    ) -> Self {
        Self {
            inner,
            traffic: Arc::clone(traffic),
            counting: Counting::OnTheWire,
            name,
            coalesce_bytes: options.coalesce_bytes,
            parallel: options.parallel.max(1),
            retries: options.retries,
        }
    }

    /// What was asked of all of the run's stores so far.
    #[must_use]
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Requests that one reader of this store may have in flight.
    #[must_use]
    pub fn parallel(&self) -> usize {
        self.parallel
    }

    pub(super) fn retries(&self) -> usize {
        self.retries
    }

    /// A range of an object, which must still have this ETag.
    ///
    /// # Errors
    /// As the store says; a [`Changed`] is in the chain if the object is another one, and an answer of another length
    /// than the range is an error too.
    pub async fn get_range_of(&self, path: &Path, range: Range<u64>, etag: Option<&str>) -> Result<Bytes> {
        if range.start >= range.end {
            return Ok(Bytes::new());
        }
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        self.get_of(path, options, etag).await?.bytes().await
    }

    /// Ranges of an object, which must still have this ETag. Ranges that lie close together are one request; the bytes
    /// come back in the order of the ranges.
    ///
    /// # Errors
    /// As for [`Store::get_range_of`].
    pub async fn get_ranges_of(&self, path: &Path, ranges: &[Range<u64>], etag: Option<&str>) -> Result<Vec<Bytes>> {
        let merged = ranges::merged(ranges, self.coalesce_bytes);
        let fetched: Vec<(Range<u64>, Bytes)> = futures::stream::iter(merged)
            .map(|range| async move {
                Ok::<_, object_store::Error>((range.clone(), self.get_range_of(path, range, etag).await?))
            })
            .buffered(self.parallel)
            .try_collect()
            .await?;
        let missing = || body::wrong_length(path, "a range is missing from the answer");
        ranges.iter().map(|range| ranges::cut(&fetched, range).ok_or_else(missing)).collect()
    }

    /// An object or a part of it, which must still have this ETag.
    ///
    /// # Errors
    /// As for [`Store::get_range_of`].
    pub async fn get_of(&self, path: &Path, mut options: GetOptions, etag: Option<&str>) -> Result<GetResult> {
        if let Some(tag) = etag {
            options.if_match = etag::to_send(tag, self.counting == Counting::OnTheWire);
        }
        self.count();
        let answer = self.inner.get_opts(path, options.clone()).await;
        let answer = answer.map_err(|error| if etag.is_some() { changed(path, error) } else { error })?;
        etag::check(path, etag, answer.meta.e_tag.as_deref())?;
        Ok(if options.head { answer } else { self.watched(path, options, answer) })
    }

    /// An object's size, time and ETag.
    ///
    /// # Errors
    /// As the store says.
    pub async fn head_of(&self, path: &Path) -> Result<ObjectMeta> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        Ok(self.get_of(path, options, None).await?.meta)
    }

    fn count(&self) {
        if self.counting == Counting::PerCall {
            self.traffic.request();
        }
    }

    /// The answer with its body counted, checked and, where the object is surely the same, taken up again.
    fn watched(&self, path: &Path, options: GetOptions, answer: GetResult) -> GetResult {
        let GetResult { payload, meta, range, attributes } = answer;
        let payload = match payload {
            GetResultPayload::Stream(stream) => {
                let body = Body {
                    inner: Arc::clone(&self.inner),
                    traffic: Arc::clone(&self.traffic),
                    counting: self.counting,
                    path: path.clone(),
                    options,
                    etag: meta.e_tag.clone(),
                    left: range.clone(),
                    retries: self.retries,
                    failures: 0,
                };
                GetResultPayload::Stream(body.watch(stream))
            }
            other => {
                self.traffic.received(usize::try_from(range.end - range.start).unwrap_or(usize::MAX));
                other
            }
        };
        GetResult { payload, meta, range, attributes }
    }
}

/// An error of a demanding read that can only mean another state of the object.
fn changed(path: &Path, error: object_store::Error) -> object_store::Error {
    let text = error.to_string();
    let detail = if matches!(error, object_store::Error::Precondition { .. }) {
        "its ETag is another one now"
    } else if text.contains("status code: 416") || text.contains("Wanted range starting at") {
        "it is shorter now"
    } else if text.contains("Requested ") && text.contains(", got ") {
        "its length is another one now"
    } else {
        return error;
    };
    Changed::new(path, detail).into_store()
}

impl fmt::Debug for Store {
    /// Without the inner store, which shows credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[async_trait]
impl ObjectStore for Store {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.count();
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.count();
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        // `*` and lists of tags are conditions that only the store can judge.
        let demanded = options.if_match.clone().filter(|tag| tag != "*" && !tag.contains(','));
        self.get_of(location, options, demanded.as_deref()).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.get_ranges_of(location, ranges, None).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.count();
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.count();
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.count();
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.count();
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.count();
        self.inner.copy_opts(from, to, options).await
    }
}
