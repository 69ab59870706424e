//! The operator: takes matched events sorted by key, and keeps the first of each run of copies.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{Distribution, LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{CardinalityEffect, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties,
};
use futures::StreamExt as _;

use super::differ::{CopiesDiffer, Neighbours};
use super::key::{Before, KeyReader};
use super::{Copies, Spool, Width};

/// Matched events, before and after.
#[derive(Debug, Default)]
pub(crate) struct MatchTally {
    /// Events that the hunt's filter let through.
    pub(crate) matched: AtomicU64,
    /// Copies removed.
    pub(crate) copies: AtomicU64,
}

/// What becomes of matched events.
#[derive(Debug, Clone)]
pub(super) struct Does {
    pub(super) copies: Copies,
    pub(super) width: Width,
    pub(super) tally: Arc<MatchTally>,
    pub(super) spool: Option<Arc<Spool>>,
}

/// Drops copies from a stream that is sorted by key and then by every column.
#[derive(Debug)]
pub(super) struct MatchedExec {
    input: Arc<dyn ExecutionPlan>,
    ordering: LexOrdering,
    does: Does,
    properties: Arc<PlanProperties>,
}

impl MatchedExec {
    pub(super) fn new(input: Arc<dyn ExecutionPlan>, ordering: LexOrdering, does: Does) -> Self {
        let properties = PlanProperties::new(
            input.equivalence_properties().clone(),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            input.boundedness(),
        );
        Self { input, ordering, does, properties: Arc::new(properties) }
    }
}

impl DisplayAs for MatchedExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MatchedExec: copies={:?}", self.does.copies)
    }
}

impl ExecutionPlan for MatchedExec {
    fn name(&self) -> &'static str {
        "MatchedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn required_input_distribution(&self) -> Vec<Distribution> {
        vec![Distribution::SinglePartition]
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![Some(self.ordering.clone().into())]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn cardinality_effect(&self) -> CardinalityEffect {
        CardinalityEffect::LowerEqual
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let mut recursion = TreeNodeRecursion::Continue;
        for sort in &self.ordering {
            recursion = recursion.visit_sibling(|| f(&sort.expr))?;
        }
        Ok(recursion)
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        let (Some(input), true) = (children.pop(), children.is_empty()) else {
            return internal_err!("MatchedExec has one input");
        };
        Ok(Arc::new(Self::new(input, self.ordering.clone(), self.does.clone())))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 || self.input.output_partitioning().partition_count() != 1 {
            return internal_err!("MatchedExec reads one partition");
        }
        let schema = self.schema();
        let keys = KeyReader::new(&schema)?;
        let mut first = First { keys, before: Before::default(), neighbours: Neighbours::default() };
        let Does { copies, width, tally, spool } = self.does.clone();
        let stream = self.input.execute(0, context)?.map(move |batch| {
            let batch = batch?;
            let matched = batch.num_rows();
            tally.matched.fetch_add(matched as u64, Ordering::Relaxed);
            let batch = match copies {
                Copies::Keep => batch,
                Copies::Remove => first.of_copies(&batch, width)?,
            };
            tally.copies.fetch_add((matched - batch.num_rows()) as u64, Ordering::Relaxed);
            if let Some(spool) = &spool {
                spool.write(&batch)?;
            }
            Ok(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }
}

/// Keeps the first of each run of copies.
struct First {
    keys: KeyReader,
    before: Before,
    neighbours: Neighbours,
}

impl First {
    fn of_copies(&mut self, batch: &RecordBatch, width: Width) -> Result<RecordBatch> {
        let keep = self.before.keep(&self.keys.keys(batch)?);
        if width == Width::Needed && self.neighbours.differ(batch, &keep)? {
            return Err(DataFusionError::External(Box::new(CopiesDiffer)));
        }
        Ok(filter_record_batch(batch, &BooleanArray::from(keep))?)
    }
}
