//! The rows of a row group on a listed address, from the pages of RemoteIP themselves, without making a string.
//!
//! Where it does not apply (a bound of the period cuts the row group, names decide too, the column is none that the page
//! reader reads) the ordinary reader answers, and it has the last word on damage.

use std::ops::Range;
use std::sync::Arc;

use datafusion::common::Result;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::arrow::async_reader::AsyncFileReader as _;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};

use super::opener::parquet_error;
use super::probe::Probe;
use super::tally::ScanTally;
use crate::engine::pages::{self, Chunk, Class, Scanner, Span};
use crate::sources::telemetry::StoreReader;

/// The chunk of RemoteIP in a row group, as the page reader wants it.
pub(super) struct AddressChunk {
    metadata: Arc<ParquetMetaData>,
    group: usize,
    leaf: usize,
}

impl AddressChunk {
    /// The chunk of a top-level column; none where that is no flat column.
    pub(super) fn of(metadata: &Arc<ParquetMetaData>, group: usize, root: usize) -> Option<Self> {
        let descr = metadata.file_metadata().schema_descr();
        let mut leaves = (0..descr.num_columns()).filter(|leaf| descr.get_column_root_idx(*leaf) == root);
        let leaf = leaves.next()?;
        let is_flat = leaves.next().is_none() && group < metadata.num_row_groups();
        is_flat.then(|| Self { metadata: Arc::clone(metadata), group, leaf })
    }

    fn column(&self) -> &ColumnChunkMetaData {
        self.metadata.row_group(self.group).column(self.leaf)
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

    /// The listed rows of the row group; `None` where the ordinary reader must answer.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn listed(
        &self,
        reader: &StoreReader,
        probe: &Probe,
        tally: &ScanTally,
    ) -> Result<Option<RowSelection>> {
        let rows = u64::try_from(self.metadata.row_group(self.group).num_rows()).unwrap_or(0);
        let mut reader = reader.clone();
        let mut asked = Asked { probe, is_text: true };
        if let Some(dictionary) = self.dictionary().filter(|_| reader.is_remote()) {
            let bytes = reader.get_bytes(dictionary).await.map_err(parquet_error)?;
            let chunk = Chunk { meta: self.column(), rows, bytes };
            let verdict = Scanner::default().dictionary(&chunk, &mut |text: &[u8]| asked.class(text));
            if asked.is_text && verdict.is_ok_and(|verdict| verdict.is_barren()) {
                return Ok(Some(RowSelection::from(Vec::<RowSelector>::new())));
            }
        }
        let bytes = reader.get_bytes(self.range()).await.map_err(parquet_error)?;
        let chunk = Chunk { meta: self.column(), rows, bytes };
        let scanned = Scanner::default().scan(&chunk, &mut |text: &[u8]| asked.class(text));
        let Some(scan) = scanned.ok().filter(|_| asked.is_text) else { return Ok(None) };
        ScanTally::add(&tally.unreadable_addresses, usize::try_from(scan.unreadable_rows).unwrap_or(usize::MAX));
        Ok(Some(selection(&scan.listed, rows)))
    }
}

/// The question, asked of single texts.
struct Asked<'a> {
    probe: &'a Probe,
    /// Whether every text so far was UTF-8; the ordinary reader knows what becomes of the others.
    is_text: bool,
}

impl Asked<'_> {
    fn class(&mut self, text: &[u8]) -> Class {
        if let Some(address) = pages::address(text) {
            return if self.probe.lists(address) { Class::Listed } else { Class::Other };
        }
        match std::str::from_utf8(text) {
            Ok(text) if text.trim().is_empty() => Class::Other,
            Ok(_) => Class::Unreadable,
            Err(_) => {
                self.is_text = false;
                Class::Other
            }
        }
    }
}

fn selection(listed: &[Span], rows: u64) -> RowSelection {
    let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let ranges = listed.iter().map(|span| at(span.start)..at(span.start) + at(span.rows));
    RowSelection::from_consecutive_ranges(ranges, usize::try_from(rows).unwrap_or(usize::MAX))
}
