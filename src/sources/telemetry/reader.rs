//! The bytes of one file, as the Parquet reader asks for them: through the store, counted, with the footer already known.

use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{FooterTail, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use super::object::Object;

/// Bytes read from the end of a file at first: most footers fit.
const FOOTER_HINT_BYTES: usize = 64 * 1024;

/// Reads ranges of one file.
#[derive(Debug, Clone)]
pub struct StoreReader {
    object: Arc<Object>,
    /// Ranges that were fetched ahead, by their start.
    ahead: Arc<Vec<(u64, Bytes)>>,
    /// The file, once it was opened on a disk.
    file: Arc<OnceLock<File>>,
    /// Bytes fetched, over all readers that share the counter.
    bytes: Arc<AtomicU64>,
}

impl StoreReader {
    /// A reader of the object.
    #[must_use]
    pub fn new(object: Arc<Object>, bytes: Arc<AtomicU64>) -> Self {
        Self { object, ahead: Arc::default(), file: Arc::default(), bytes }
    }

    /// Whether each request is a round trip.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        self.object.is_remote()
    }

    /// Fetches ranges before they are asked for, where each request is a round trip. On a disk nothing is gained.
    ///
    /// # Errors
    /// What the store reports.
    pub async fn fetch_ahead(&mut self, ranges: &[Range<u64>]) -> Result<()> {
        if self.object.is_remote() && ranges.len() > 1 {
            let parts = self.fetch(ranges).await?;
            self.ahead = Arc::new(ranges.iter().map(|range| range.start).zip(parts).collect());
        }
        Ok(())
    }

    async fn fetch(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let bytes: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let fetched = match self.object.path() {
            Some(path) => self.object.ranges_of(&path, &self.file, ranges),
            None => self.object.ranges(ranges).await,
        };
        fetched.map_err(|error| ParquetError::External(Box::new(error)))
    }

    /// The range, if it was fetched ahead.
    fn held(&self, range: &Range<u64>) -> Option<Bytes> {
        self.ahead.iter().find_map(|(start, bytes)| {
            let from = usize::try_from(range.start.checked_sub(*start)?).ok()?;
            let to = usize::try_from(range.end.checked_sub(*start)?).ok()?;
            (to <= bytes.len()).then(|| bytes.slice(from..to))
        })
    }

    /// Reads the footer, without page index.
    ///
    /// # Errors
    /// What the store or the Parquet reader reports.
    pub async fn footer(&mut self) -> Result<Arc<ParquetMetaData>> {
        let size = self.object.size;
        let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER_HINT_BYTES));
        Ok(Arc::new(reader.load_and_finish(self, size).await?))
    }

    /// The footer's own bytes, without its length and the magic behind it.
    ///
    /// # Errors
    /// What the store reports, or that this is no footer.
    pub async fn footer_bytes(&self) -> Result<Bytes> {
        const END: u64 = 8;
        let size = self.object.size;
        let start = size.saturating_sub(FOOTER_HINT_BYTES as u64);
        let last = self.fetch(std::slice::from_ref(&(start..size))).await?.pop().unwrap_or_default();
        let end = last.len().saturating_sub(END as usize);
        let tail: &[u8; END as usize] = last
            .get(end..)
            .and_then(|tail| tail.try_into().ok())
            .ok_or_else(|| ParquetError::EOF("the file ends before its footer".to_owned()))?;
        let length = FooterTail::try_new(tail)?.metadata_length();
        if let Some(footer) = end.checked_sub(length).and_then(|from| last.get(from..end)) {
            return Ok(last.slice_ref(footer));
        }
        let from = (size - END).checked_sub(length as u64);
        let from = from.ok_or_else(|| ParquetError::EOF("the footer is longer than the file".to_owned()))?;
        Ok(self.fetch(std::slice::from_ref(&(from..size - END))).await?.pop().unwrap_or_default())
    }

    /// The footer with the places of pages, so that only pages with wanted rows are read; the footer itself where the file
    /// has no page index.
    ///
    /// # Errors
    /// What the store or the Parquet reader reports.
    pub async fn with_page_places(&mut self, footer: &ParquetMetaData) -> Result<Arc<ParquetMetaData>> {
        let mut reader = ParquetMetaDataReader::new_with_metadata(footer.clone())
            .with_column_index_policy(PageIndexPolicy::Skip)
            .with_offset_index_policy(PageIndexPolicy::Optional);
        reader.load_page_index(self).await?;
        Ok(Arc::new(reader.finish()?))
    }
}

impl AsyncFileReader for StoreReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            if let Some(held) = self.held(&range) {
                return Ok(held);
            }
            Ok(self.fetch(std::slice::from_ref(&range)).await?.pop().unwrap_or_default())
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move {
            match ranges.iter().map(|range| self.held(range)).collect::<Option<Vec<Bytes>>>() {
                Some(held) => Ok(held),
                None => self.fetch(&ranges).await,
            }
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        self.footer().boxed()
    }
}
