//! The bytes of one file, as the Parquet reader asks for them: through the store, counted, with the footer already known.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

/// Bytes read from the end of a file at first: most footers fit.
const FOOTER_HINT_BYTES: usize = 64 * 1024;

/// Reads ranges of one file.
#[derive(Debug, Clone)]
pub struct StoreReader {
    store: Arc<dyn ObjectStore>,
    location: Path,
    size: u64,
    /// Bytes fetched, over all readers that share the counter.
    bytes: Arc<AtomicU64>,
}

impl StoreReader {
    /// A reader of the file of this size.
    #[must_use]
    pub const fn new(store: Arc<dyn ObjectStore>, location: Path, size: u64, bytes: Arc<AtomicU64>) -> Self {
        Self { store, location, size, bytes }
    }

    /// Reads the footer, without page index.
    ///
    /// # Errors
    /// What the store or the Parquet reader reports.
    pub async fn footer(&mut self) -> Result<Arc<ParquetMetaData>> {
        let size = self.size;
        let reader = ParquetMetaDataReader::new().with_prefetch_hint(Some(FOOTER_HINT_BYTES));
        Ok(Arc::new(reader.load_and_finish(self, size).await?))
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

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for StoreReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        async move {
            self.bytes.fetch_add(range.end.saturating_sub(range.start), Ordering::Relaxed);
            self.store.get_range(&self.location, range).await.map_err(external)
        }
        .boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move {
            let bytes: u64 = ranges.iter().map(|range| range.end.saturating_sub(range.start)).sum();
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
            self.store.get_ranges(&self.location, &ranges).await.map_err(external)
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
