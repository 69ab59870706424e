//! The bytes of one file, as the Parquet reader asks for them: through the store, counted, with the footer already known.

use std::fs::File;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parquet::DecodeResult;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{
    FooterTail, PageIndexPolicy, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataPushDecoder,
    ParquetMetaDataReader,
};
use sha2::{Digest as _, Sha256};

use super::object::Object;

/// Bytes read at first from the end of a file behind a network: most footers fit.
const REMOTE_FOOTER_BYTES: u64 = 64 << 10;
/// Bytes read at first from the end of a file on a disk, where a second read is cheap: footers of a few row groups fit.
const LOCAL_FOOTER_BYTES: u64 = 32 << 10;

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

/// The end of a file that holds its footer.
#[derive(Debug)]
pub(super) struct FooterBytes {
    range: Range<u64>,
    bytes: Bytes,
}

impl FooterBytes {
    /// What the footer says, without page index.
    ///
    /// # Errors
    /// What the Parquet reader reports.
    pub(super) fn decode(&self, options: ParquetMetaDataOptions) -> Result<ParquetMetaData> {
        let mut decoder = ParquetMetaDataPushDecoder::try_new(self.range.end)?
            .with_page_index_policy(PageIndexPolicy::Skip)
            .with_metadata_options(Some(Arc::new(options)));
        decoder.push_range(self.range.clone(), self.bytes.clone())?;
        match decoder.try_decode()? {
            DecodeResult::Data(metadata) => Ok(metadata),
            _ => Err(ParquetError::EOF("the footer is not whole".to_owned())),
        }
    }

    /// The SHA-256 of the footer, without its length and the magic.
    pub(super) fn sha256(&self) -> [u8; 32] {
        const END: usize = 8;
        Sha256::digest(self.bytes.get(..self.bytes.len().saturating_sub(END)).unwrap_or_default()).into()
    }
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

    /// The footer's own bytes, with its length and the magic behind it.
    ///
    /// # Errors
    /// What the store reports, or that this is no footer.
    pub(super) async fn footer_bytes(&self) -> Result<FooterBytes> {
        let size = self.object.size;
        let first = if self.is_remote() { REMOTE_FOOTER_BYTES } else { LOCAL_FOOTER_BYTES };
        let start = size.saturating_sub(first);
        let last = self.fetch(std::slice::from_ref(&(start..size))).await?.pop().unwrap_or_default();
        let tail = last.last_chunk().ok_or_else(|| ParquetError::EOF("the file ends before its footer".to_owned()))?;
        let length = FooterTail::try_new(tail)?.metadata_length() as u64 + tail.len() as u64;
        let from = size.checked_sub(length);
        let from = from.ok_or_else(|| ParquetError::EOF("the footer is longer than the file".to_owned()))?;
        let held = usize::try_from(length).ok().and_then(|length| last.len().checked_sub(length));
        let bytes = match held {
            Some(at) => last.slice(at..),
            None => self.fetch(std::slice::from_ref(&(from..size))).await?.pop().unwrap_or_default(),
        };
        Ok(FooterBytes { range: from..size, bytes })
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
        async move { Ok(Arc::new(self.footer_bytes().await?.decode(ParquetMetaDataOptions::default())?)) }.boxed()
    }
}
