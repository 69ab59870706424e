//! The table `ThreatIndicators`: laid out batch by batch when a query reads it, since most hunts never do and five million
//! rows of text would be held twice.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;

use super::lists::IntelBook;
use super::rows;

/// Rows of one batch.
const BATCH_ROWS: usize = 8192;

/// The table over the run's indicators.
pub(super) fn table(book: &Arc<IntelBook>) -> Result<Arc<dyn TableProvider>> {
    let rows = Rows { book: Arc::clone(book), schema: rows::indicator_schema() };
    Ok(Arc::new(StreamingTable::try_new(rows::indicator_schema(), vec![Arc::new(rows)])?))
}

#[derive(Debug)]
struct Rows {
    book: Arc<IntelBook>,
    schema: SchemaRef,
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let book = Arc::clone(&self.book);
        let count = u32::try_from(book.indicators().len()).unwrap_or(u32::MAX);
        let batches = (0..count).step_by(BATCH_ROWS).map(move |start| {
            let end = start.saturating_add(u32::try_from(BATCH_ROWS).unwrap_or(u32::MAX)).min(count);
            let positions: Vec<u32> = (start..end).collect();
            Ok(rows::indicator_rows(&book, &positions)?)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(batches)))
    }
}
