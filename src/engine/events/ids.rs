//! The rows of a row group on a listed address, from the pages of RemoteIP themselves, without making a string.
//!
//! Where it does not apply (a bound of the period cuts the row group, names decide too, the column is none that the page
//! reader reads) the ordinary reader answers, and it has the last word on damage.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::StringArray;
use bytes::Bytes;
use datafusion::common::Result;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::arrow::async_reader::AsyncFileReader as _;
use parquet::basic::Type;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::page_index::offset_index::PageLocation;

use super::asked::{Answer, Kept, Named};
use super::opener::parquet_error;
use super::probe::Probe;
use super::tally::ScanTally;
use super::ways::Way;
use crate::engine::pages::{Beyond, Chunk, Scan, Span};
use crate::sources::telemetry::StoreReader;

/// The chunk of a column of texts in a row group, RemoteIP or one of names, as the page reader wants it.
pub(super) struct TextChunk {
    metadata: Arc<ParquetMetaData>,
    group: usize,
    leaf: usize,
}

impl TextChunk {
    /// The chunk of a top-level column; none where that is no flat column.
    pub(super) fn of(metadata: &Arc<ParquetMetaData>, group: usize, root: usize) -> Option<Self> {
        let descr = metadata.file_metadata().schema_descr();
        let mut leaves = (0..descr.num_columns()).filter(|leaf| descr.get_column_root_idx(*leaf) == root);
        let leaf = leaves.next()?;
        let is_flat = leaves.next().is_none() && group < metadata.num_row_groups();
        is_flat.then(|| Self { metadata: Arc::clone(metadata), group, leaf })
    }

    pub(super) fn column(&self) -> &ColumnChunkMetaData {
        self.metadata.row_group(self.group).column(self.leaf)
    }

    /// How the column is stored.
    pub(super) fn physical_type(&self) -> Type {
        self.column().column_type()
    }

    /// Where the chunk lies.
    pub(super) fn range(&self) -> Range<u64> {
        let (start, length) = self.column().byte_range();
        start..start.saturating_add(length)
    }

    /// Where its dictionary lies, if the footer says so and that every page points into it.
    pub(super) fn dictionary(&self) -> Option<Range<u64>> {
        use parquet::basic::Encoding::{PLAIN_DICTIONARY, RLE_DICTIONARY};
        let column = self.column();
        let mask = column.page_encoding_stats_mask()?;
        let all = mask.is_only(RLE_DICTIONARY) || mask.is_only(PLAIN_DICTIONARY);
        let from = u64::try_from(column.dictionary_page_offset()?).ok()?;
        let to = u64::try_from(column.data_page_offset()).ok()?;
        (all && from < to && to <= self.range().end).then_some(from..to)
    }

    /// The listed rows of the row group, from its pages.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn by_pages(
        &self,
        reader: &StoreReader,
        probe: &Probe,
        kept: &Kept,
        tally: &ScanTally,
    ) -> Result<Listed> {
        // Behind a network the dictionary alone may save fetching the rest.
        if reader.is_remote()
            && let found @ Listed::Rows(..) = self.by_dictionary(reader, probe, kept).await?
        {
            return Ok(found);
        }
        let bytes = reader.clone().get_bytes(self.range()).await.map_err(parquet_error)?;
        let scan = match kept.of(probe).scan(&self.chunk(bytes)) {
            Ok(scan) => scan,
            Err(why) => return Listed::beyond(&why),
        };
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        ScanTally::add(&tally.unreadable_addresses, count(scan.unreadable_rows));
        tally.scanned(&scan, self.column().dictionary_page_offset().is_some());
        let rows = Rows { selection: selection(&scan.listed, self.rows()), addresses: addresses(&scan) };
        Ok(Listed::Rows(rows, Way::Ids))
    }

    /// The rows of a chunk of texts that hold a listed name.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn named(
        &self,
        reader: &StoreReader,
        names: Named<'_>,
        tally: &ScanTally,
    ) -> Result<Answer<RowSelection>> {
        let bytes = reader.clone().get_bytes(self.range()).await.map_err(parquet_error)?;
        let scan = match names.scan(&self.chunk(bytes)) {
            Ok(scan) => scan,
            Err(why) => return Ok(Err(why)),
        };
        tally.scanned(&scan, self.column().dictionary_page_offset().is_some());
        Ok(Ok(selection(&scan.listed, self.rows())))
    }

    /// No rows, where every page points into the dictionary and that holds nothing of interest.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn by_dictionary(&self, reader: &StoreReader, probe: &Probe, kept: &Kept) -> Result<Listed> {
        let Some(dictionary) = self.dictionary() else {
            return Ok(Listed::Beyond("not every page points into the dictionary".to_owned()));
        };
        let bytes = reader.clone().get_bytes(dictionary).await.map_err(parquet_error)?;
        Ok(match kept.of(probe).dictionary(&self.chunk(bytes)) {
            Ok(verdict) if verdict.is_barren() => {
                Listed::Rows(Rows::from(RowSelection::from(Vec::<RowSelector>::new())), Way::Dictionary)
            }
            Ok(_) => Listed::Beyond("the dictionary holds a listed address or one that is none".to_owned()),
            Err(why) => Listed::beyond(&why)?,
        })
    }

    /// Where the page index places its data pages.
    pub(super) fn page_places(&self) -> Option<&[PageLocation]> {
        let places = self.metadata.offset_index()?.get(self.group)?.get(self.leaf)?;
        Some(places.page_locations())
    }

    /// The rows of its row group.
    pub(super) fn rows(&self) -> u64 {
        u64::try_from(self.metadata.row_group(self.group).num_rows()).unwrap_or(0)
    }

    fn chunk(&self, bytes: Bytes) -> Chunk<'_> {
        Chunk { meta: self.column(), rows: self.rows(), bytes }
    }
}

/// The wanted rows of a row group.
pub(super) struct Rows {
    pub(super) selection: RowSelection,
    /// Their addresses, where who found them has them at hand.
    pub(super) addresses: Option<StringArray>,
}

impl From<RowSelection> for Rows {
    fn from(selection: RowSelection) -> Self {
        Self { selection, addresses: None }
    }
}

/// What the page reader says of a row group.
pub(super) enum Listed {
    /// Its listed rows, and how they were found.
    Rows(Rows, Way),
    /// Why the ordinary reader must answer.
    Beyond(String),
}

impl Listed {
    /// The ordinary reader must answer, unless it cannot either and would not say why.
    ///
    /// # Errors
    /// The column is encrypted.
    pub(super) fn beyond(why: &Beyond) -> Result<Self> {
        match why {
            Beyond::Encrypted => Err(parquet_error(ParquetError::NYI(format!("{why}, and coldtrail has no keys")))),
            why => Ok(Self::Beyond(why.to_string())),
        }
    }
}

fn addresses(scan: &Scan) -> Option<StringArray> {
    scan.listed_texts.all()?.map(|text| std::str::from_utf8(text).map(Some)).collect::<Result<_, _>>().ok()
}

fn selection(listed: &[Span], rows: u64) -> RowSelection {
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let ranges = listed.iter().map(|span| at(span.start)..at(span.start) + at(span.rows));
    RowSelection::from_consecutive_ranges(ranges, usize::try_from(rows).unwrap_or(usize::MAX))
}
