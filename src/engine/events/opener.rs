//! Reads one piece of a file: first which rows may matter, then the wanted columns of those rows.
//!
//! The first pass touches only the addresses (where a filter asks for membership) and the times (where a bound of the
//! period cuts a row group). The second pass knows the rows, and reads of the other columns only the pages that hold them.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, UInt32Array, new_null_array};
use arrow::compute::take;
use arrow::datatypes::{DataType, SchemaRef, TimestampMicrosecondType};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use datafusion::physical_expr_adapter::{PhysicalExprAdapter, PhysicalExprAdapterFactory as _};
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, RowFilter, RowSelection, RowSelector,
};
use parquet::arrow::async_reader::{ParquetRecordBatchStream, ParquetRecordBatchStreamBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use super::adapter::EventExprAdapterFactory;
use super::asked::Kept;
use super::fault::ReadFault;
use super::ids::Rows;
use super::probe::Probe;
use super::scan::{EventPiece, ScanSpec};
use super::tally::ScanTally;
use super::text;
use crate::model::Micros;
use crate::sources::telemetry::{Content, DataFile, Origin, StoreReader, columns};

/// Batches of fewer rows are copied into exactly the memory that they take.
const SPARSE_ROWS: usize = 2048;

type PieceStream = BoxStream<'static, Result<RecordBatch>>;
type ParquetStream = ParquetRecordBatchStream<StoreReader>;

/// Opens pieces of files for one partition.
#[derive(Clone)]
pub(super) struct EventOpener {
    pub(super) spec: Arc<ScanSpec>,
    pub(super) table: SchemaRef,
    /// The question that the filters ask of addresses alone.
    pub(super) probe: Option<Probe>,
    /// The other filters, over the table's columns.
    pub(super) filters: Vec<Arc<dyn PhysicalExpr>>,
    pub(super) projection: ProjectionExprs,
    pub(super) batch_rows: usize,
    pub(super) kept: Kept,
}

impl FileOpener for EventOpener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        let piece = file
            .extension::<EventPiece>()
            .cloned()
            .ok_or_else(|| DataFusionError::Internal("a file of the event table carries no piece".to_owned()))?;
        let opener = self.clone();
        Ok(Box::pin(async move {
            let name = piece.file.display.clone();
            let tally = Arc::clone(&opener.spec.tally);
            let keep_going = opener.spec.keep_going();
            let done = piece.size;
            let read = AssertUnwindSafe(opener.read(piece)).catch_unwind().await;
            let stream = match read.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))) {
                Ok(stream) => stream,
                Err(error) => futures::stream::once(async move { Err(error) }).boxed(),
            };
            Ok(watch(stream, name, tally, keep_going, done))
        }))
    }
}

/// Names the file in errors; where the user asked to go on, an error ends only this file and is remembered.
fn watch(stream: PieceStream, name: String, tally: Arc<ScanTally>, keep_going: bool, size: u64) -> PieceStream {
    let at_end = Arc::clone(&tally);
    let caught =
        AssertUnwindSafe(stream).catch_unwind().map(|item| item.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))));
    let watched = caught.filter_map(move |result| {
        let result = match result {
            Err(error) if !ReadFault::is_of_file(&error) => Some(Err(error)),
            Err(error) if keep_going => {
                tally.fault(&name, ReadFault::reason_of(&error));
                None
            }
            Err(error) => Some(Err(ReadFault::new(&name, &error).into())),
            Ok(batch) if batch.num_rows() == 0 => None,
            Ok(batch) => Some(Ok(batch)),
        };
        futures::future::ready(result)
    });
    let end = futures::stream::once(async move {
        at_end.size_done.fetch_add(size, Ordering::Relaxed);
        at_end.pieces_done.fetch_add(1, Ordering::Relaxed);
    });
    watched.chain(end.filter_map(|()| futures::future::ready(None))).boxed()
}

impl EventOpener {
    async fn read(self, piece: EventPiece) -> Result<PieceStream> {
        let metadata = match &piece.file.content {
            Content::Parquet(metadata) => Arc::clone(metadata),
            Content::Text(export) => return text::read(self, &piece.file, export),
        };
        let reader = self.reader(&piece.file);
        let wanted = self.sift(&piece, &metadata, reader.clone()).await?;
        if wanted.is_empty() {
            return Ok(futures::stream::empty().boxed());
        }
        let sparse = wanted.iter().any(|(_, rows)| rows.is_some());
        self.fetch(&piece.file, &metadata, reader, wanted, sparse).await
    }

    fn reader(&self, file: &DataFile) -> StoreReader {
        StoreReader::new(Arc::clone(&file.object), Arc::clone(&self.spec.tally.bytes))
    }

    /// Which rows lie in the period; `None` for a row without a time, which lies in none.
    pub(super) fn is_inside(&self, times: &ArrayRef) -> Vec<Option<bool>> {
        let times = times.as_primitive::<TimestampMicrosecondType>();
        times.iter().map(|time| time.map(|time| self.spec.period.contains(Micros(time)))).collect()
    }

    pub(super) fn times(&self, file: &DataFile, batch: &RecordBatch) -> Result<ArrayRef> {
        match file.shape.origins.get(columns::TIMESTAMP) {
            Some(Origin::Column { index, conversion }) => Ok(conversion.apply(column(batch, file, *index)?)?),
            _ => Err(DataFusionError::Internal("the file has no time column".to_owned())),
        }
    }

    /// A reader of some of the file's top-level columns.
    pub(super) fn stream(
        &self,
        file: &DataFile,
        reader: StoreReader,
        metadata: &Arc<ParquetMetaData>,
        roots: &[usize],
    ) -> Result<ParquetRecordBatchStreamBuilder<StoreReader>> {
        let options = ArrowReaderOptions::new().with_schema(Arc::clone(&file.shape.read_schema));
        let read = ArrowReaderMetadata::try_new(Arc::clone(metadata), options).map_err(parquet_error)?;
        let mask = ProjectionMask::roots(metadata.file_metadata().schema_descr(), roots.iter().copied());
        Ok(ParquetRecordBatchStreamBuilder::new_with_metadata(reader, read)
            .with_projection(mask)
            .with_batch_size(self.batch_rows))
    }

    /// The wanted columns of the wanted rows, in the table's types.
    async fn fetch(
        &self,
        file: &Arc<DataFile>,
        footer: &Arc<ParquetMetaData>,
        mut reader: StoreReader,
        wanted: Vec<(usize, Option<Rows>)>,
        sparse: bool,
    ) -> Result<PieceStream> {
        let factory = EventExprAdapterFactory { file: Arc::clone(file) };
        let adapter = factory.create(Arc::clone(&self.table), Arc::clone(&file.shape.read_schema))?;
        let exprs = self.projection.iter().map(|p| adapter.rewrite(Arc::clone(&p.expr))).collect::<Result<Vec<_>>>()?;
        let output = Arc::new(self.projection.project_schema(&self.table)?);
        let metadata =
            if sparse { reader.with_page_places(footer).await.map_err(parquet_error)? } else { Arc::clone(footer) };
        let roots = roots_of(&exprs);
        let mut picked = self.pick(file, &reader, &metadata, &wanted, &roots).await?;
        let others: Vec<usize> = roots.iter().copied().filter(|root| !picked.has(*root)).collect();
        let mut builder = self.stream(file, reader.clone(), &metadata, &others)?;
        // After a probe few rows are left, and the filter above the scan decides on them.
        if self.question().is_none() {
            builder = builder.with_row_filter(self.row_filter(&metadata, adapter.as_ref()));
        }
        if self.spec.counts_pages {
            self.count_fetched(&mut reader, &metadata, &wanted, &roots).await?;
        }
        let selection = selection_of(file, &wanted);
        builder = builder.with_row_groups(wanted.into_iter().map(|(group, _)| group).collect());
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let stream: ParquetStream = builder.build().map_err(parquet_error)?;
        let opener = self.clone();
        let file = Arc::clone(file);
        Ok(stream
            .map(move |batch| {
                let batch = picked.join(batch.map_err(parquet_error)?)?;
                ScanTally::add(&opener.spec.tally.rows_decoded, batch.num_rows());
                opener.count_unreadable(&file, &batch)?;
                project(&exprs, &output, &batch)
            })
            .boxed())
    }

    /// Counts the pages that hold wanted rows. Those of a join's filters are all pages of what it looks at first.
    async fn count_fetched(
        &self,
        reader: &mut StoreReader,
        metadata: &Arc<ParquetMetaData>,
        wanted: &[(usize, Option<Rows>)],
        roots: &[usize],
    ) -> Result<()> {
        let places = match metadata.offset_index() {
            Some(_) => Arc::clone(metadata),
            None => reader.with_page_places(metadata).await.map_err(parquet_error)?,
        };
        for (group, rows) in wanted {
            match rows {
                Some(rows) => self.spec.tally.selected_pages(&places, *group, roots, &rows.selection),
                None => self.spec.tally.whole_chunks(&places, *group, roots),
            }
        }
        Ok(())
    }

    /// Filters that this file's columns can answer. What cannot be answered here is answered above the scan.
    fn row_filter(&self, metadata: &ParquetMetaData, adapter: &dyn PhysicalExprAdapter) -> RowFilter {
        let descr = metadata.file_metadata().schema_descr();
        // The first filter looks at all rows, the others at what it lets through.
        let mut uncounted = Some(Arc::clone(&self.spec.tally));
        let predicates = self.filters.iter().filter_map(|filter| {
            let filter = adapter.rewrite(Arc::clone(filter)).ok()?;
            let roots = roots_of(std::slice::from_ref(&filter));
            if roots.is_empty() {
                return None;
            }
            let mask = ProjectionMask::roots(descr, roots);
            let tally = uncounted.take();
            let answer = move |batch: RecordBatch| -> Result<BooleanArray> {
                let filter = reassign_expr_columns(Arc::clone(&filter), batch.schema_ref())?;
                let answers = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
                Ok(answers.as_boolean().clone())
            };
            // What cannot be answered here is answered above the scan, where its error is the query's and not the file's.
            let predicate = ArrowPredicateFn::new(mask, move |batch: RecordBatch| {
                let rows = batch.num_rows();
                tally.iter().for_each(|tally| ScanTally::add(&tally.rows_decoded, rows));
                Ok(answer(batch).unwrap_or_else(|_| BooleanArray::from(vec![true; rows])))
            });
            Some(Box::new(predicate) as Box<dyn parquet::arrow::arrow_reader::ArrowPredicate>)
        });
        RowFilter::new(predicates.collect())
    }
}

/// The address of a file whose path says it, or none, for so many rows.
pub(super) fn same_address(file: &DataFile, rows: usize) -> Result<ArrayRef> {
    match file.shape.origins.get(columns::REMOTE_IP) {
        Some(Origin::Path(address)) => Ok(take(address, &UInt32Array::from(vec![0; rows]), None)?),
        _ => Ok(new_null_array(&DataType::Utf8, rows)),
    }
}

/// A column of a batch that holds only some of the file's columns.
pub(super) fn column<'a>(batch: &'a RecordBatch, file: &DataFile, index: usize) -> Result<&'a ArrayRef> {
    let name = file.shape.read_schema.field(index).name();
    batch.column_by_name(name).ok_or_else(|| DataFusionError::Internal(format!("column {name} was not read")))
}

pub(super) fn roots_of(exprs: &[Arc<dyn PhysicalExpr>]) -> Vec<usize> {
    let mut roots: Vec<usize> = exprs.iter().flat_map(collect_columns).map(|column| column.index()).collect();
    roots.sort_unstable();
    roots.dedup();
    roots
}

fn selection_of(file: &DataFile, wanted: &[(usize, Option<Rows>)]) -> Option<RowSelection> {
    if wanted.iter().all(|(_, rows)| rows.is_none()) {
        return None;
    }
    let mut selectors: Vec<RowSelector> = Vec::new();
    for (group, rows) in wanted {
        match rows {
            Some(rows) => selectors.extend(rows.selection.iter().copied()),
            None => {
                let rows = file.row_groups.get(*group).map_or(0, |g| usize::try_from(g.rows).unwrap_or(0));
                selectors.push(RowSelector::select(rows));
            }
        }
    }
    Some(RowSelection::from(selectors))
}

pub(super) fn project(exprs: &[Arc<dyn PhysicalExpr>], output: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let columns = exprs
        .iter()
        .map(|expr| reassign_expr_columns(Arc::clone(expr), batch.schema_ref())?.evaluate(batch)?.into_array(rows))
        .map(|column| if rows < SPARSE_ROWS { exact(&column?) } else { column })
        .collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(output), columns, &options)?)
}

/// The column in no more memory than its rows take: the reader makes room for a whole batch, however few it reads.
fn exact(column: &ArrayRef) -> Result<ArrayRef> {
    let all = UInt32Array::from_iter_values(0..u32::try_from(column.len()).unwrap_or(u32::MAX));
    Ok(take(column, &all, None)?)
}

/// The Parquet reader panics on some damaged pages; for the user that is a damaged file like any other.
fn panicked(panic: &(dyn std::any::Any + Send)) -> DataFusionError {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    parquet_error(ParquetError::General(text.unwrap_or("the reader gave up").to_owned()))
}

pub(super) fn parquet_error(error: ParquetError) -> DataFusionError {
    DataFusionError::ParquetError(Box::new(error))
}
