//! `DeviceNetworkEvents`: an archive as a table.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder};
use datafusion::datasource::source::DataSourceExec;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::indexed::FileIndex;
use super::rejects::Rejects;
use super::scan::{self, EventPiece, ScanSpec};
use super::source::EventSource;
use super::tally::ScanTally;
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::model::strategy::Strategy;
use crate::sources::Shelf;
use crate::sources::telemetry::Dataset;

/// Pieces of remote files that are read at a time.
const REMOTE_PIECES: usize = 16;

/// The events of a period of an archive. Rows outside the period do not exist in it.
#[derive(Debug)]
pub(crate) struct EventTable {
    dataset: Arc<Dataset>,
    period: Period,
    on_bad: OnBadInput,
    tallies: Mutex<Vec<Arc<ScanTally>>>,
    rejects: Option<Arc<dyn Rejects>>,
    lookup: Lookup,
}

/// How listed rows are found.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    /// The way.
    pub strategy: Strategy,
    /// Where indexes lie.
    pub index: Option<Shelf>,
    /// Whether pages are counted, which costs a look at each file's page index.
    pub counts_pages: bool,
}

impl EventTable {
    /// A table over the archive.
    pub(crate) fn new(dataset: Arc<Dataset>, period: Period, on_bad: OnBadInput) -> Self {
        Self { dataset, period, on_bad, tallies: Mutex::default(), rejects: None, lookup: Lookup::default() }
    }

    /// The same, with every record that is no event, and every event without a time in a text export, handed on.
    pub(crate) fn with_rejects(self, rejects: Arc<dyn Rejects>) -> Self {
        Self { rejects: Some(rejects), ..self }
    }

    /// The same, with the rows found in a way of the user's choice.
    pub(crate) fn with_lookup(self, lookup: Lookup) -> Self {
        Self { lookup, ..self }
    }

    /// Each piece with the index that its file may have.
    fn indexed(&self, pieces: &mut [EventPiece]) {
        let wanted = matches!(self.lookup.strategy, Strategy::Auto | Strategy::Index);
        let Some(shelf) = self.lookup.index.as_ref().filter(|_| wanted) else { return };
        for of_file in pieces.chunk_by_mut(|a, b| Arc::ptr_eq(&a.file, &b.file)) {
            let index = Arc::new(FileIndex::on(shelf.clone()));
            of_file.iter_mut().for_each(|piece| piece.index = Some(Arc::clone(&index)));
        }
    }

    /// The counters of the first scan that the query planned; further ones read the same rows again.
    pub(crate) fn tally(&self) -> Arc<ScanTally> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).first().cloned().unwrap_or_default()
    }

    /// Forgets the scans so far, whose query is begun anew.
    pub(crate) fn forget(&self) {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The counters of every scan, for faults and progress.
    pub(crate) fn tallies(&self) -> Vec<Arc<ScanTally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Pieces that a scan goes through, for the progress bar.
    pub(crate) fn pieces_to_read(&self) -> u64 {
        scan::pieces(&self.dataset, self.period).len() as u64
    }

    /// Bytes of files that a scan goes through, for the progress bar.
    pub(crate) fn size_to_read(&self) -> u64 {
        scan::pieces(&self.dataset, self.period).iter().map(|piece| piece.size).sum()
    }
}

#[async_trait]
impl TableProvider for EventTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.dataset.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let tally = Arc::<ScanTally>::default();
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&tally));
        let mut pieces = scan::pieces(&self.dataset, self.period);
        self.indexed(&mut pieces);
        if pieces.is_empty() {
            let schema = match projection {
                Some(projection) => Arc::new(self.dataset.schema.project(projection)?),
                None => self.schema(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let threads = state.config().target_partitions();
        // A partition reads one piece at a time. Behind a network most of that is waiting, so more of them are under way.
        let is_remote = pieces.iter().any(|piece| piece.file.object.is_remote());
        let partitions = if is_remote { threads.max(REMOTE_PIECES) } else { threads }.clamp(1, pieces.len());
        let mut groups: Vec<Vec<PartitionedFile>> = vec![Vec::new(); partitions];
        for (at, piece) in pieces.into_iter().enumerate() {
            let file = PartitionedFile::new(piece.file.display.clone(), piece.size).with_extension(piece);
            if let Some(group) = groups.get_mut(at % partitions) {
                group.push(file);
            }
        }
        let spec = ScanSpec {
            period: self.period,
            on_bad: self.on_bad,
            tally,
            strategy: self.lookup.strategy,
            has_index: self.lookup.index.is_some(),
            counts_pages: self.lookup.counts_pages,
            rejects: self.rejects.clone(),
        };
        let source = Arc::new(EventSource::new(Arc::new(spec), self.schema()));
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), source)
            .with_file_groups(groups.into_iter().map(FileGroup::new).collect())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
