//! DataFusion's view of a scan: takes projections whole, and filters as hints.
//!
//! Every filter is reported as not handled, so that it stays above the scan: a reader that drops in silence what one
//! file's columns cannot answer would lose or invent findings.

use std::fmt::{self, Formatter};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::Result;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::physical_plan::{FileOpener, FileScanConfig, FileSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::DisplayFormatType;
use datafusion::physical_plan::filter_pushdown::{FilterPushdownPropagation, PushedDown};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use object_store::ObjectStore;

use super::asked::Kept;
use super::opener::EventOpener;
use super::probe::Probe;
use super::scan::ScanSpec;

/// A scan of the event table.
#[derive(Clone)]
pub(super) struct EventSource {
    spec: Arc<ScanSpec>,
    table: TableSchema,
    projection: ProjectionExprs,
    filters: Vec<Arc<dyn PhysicalExpr>>,
    batch_rows: usize,
    metrics: ExecutionPlanMetricsSet,
}

impl EventSource {
    pub(super) fn new(spec: Arc<ScanSpec>, schema: SchemaRef) -> Self {
        let all: Vec<usize> = (0..schema.fields().len()).collect();
        Self {
            spec,
            projection: ProjectionExprs::from_indices(&all, &schema),
            table: TableSchema::from(schema),
            filters: Vec::new(),
            batch_rows: 8192,
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// The filters' question about addresses, and the filters that ask something else.
    fn split(&self) -> (Option<Probe>, Vec<Arc<dyn PhysicalExpr>>) {
        let mut probes = Vec::new();
        let mut others = Vec::new();
        for filter in &self.filters {
            match Probe::of_filter(filter) {
                Some(probe) => probes.push(probe),
                None => others.push(Arc::clone(filter)),
            }
        }
        let probe = match probes.len() {
            0 => None,
            // Of one list more is known than of several.
            1 => probes.pop(),
            _ => Some(Probe::All(probes)),
        };
        (probe, others)
    }
}

impl FileSource for EventSource {
    fn create_file_opener(
        &self,
        _store: Arc<dyn ObjectStore>,
        _config: &FileScanConfig,
        _partition: usize,
    ) -> Result<Arc<dyn FileOpener>> {
        let (probe, filters) = self.split();
        Ok(Arc::new(EventOpener {
            spec: Arc::clone(&self.spec),
            table: Arc::clone(self.table.table_schema()),
            probe,
            filters,
            projection: self.projection.clone(),
            batch_rows: self.batch_rows,
            kept: Kept::default(),
        }))
    }

    fn table_schema(&self) -> &TableSchema {
        &self.table
    }

    fn with_batch_size(&self, batch_rows: usize) -> Arc<dyn FileSource> {
        Arc::new(Self { batch_rows, ..self.clone() })
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection)
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &'static str {
        "events"
    }

    fn fmt_extra(&self, _format: DisplayFormatType, f: &mut Formatter<'_>) -> fmt::Result {
        let (probe, others) = self.split();
        write!(f, ", probe={}, row_filters={}", if probe.is_some() { "addresses" } else { "none" }, others.len())
    }

    fn supports_repartitioning(&self) -> bool {
        false
    }

    fn try_pushdown_filters(
        &self,
        filters: Vec<Arc<dyn PhysicalExpr>>,
        _config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn FileSource>>> {
        let not_handled = vec![PushedDown::No; filters.len()];
        let mut source = self.clone();
        for filter in filters {
            if !source.filters.contains(&filter) {
                source.filters.push(filter);
            }
        }
        let source: Arc<dyn FileSource> = Arc::new(source);
        Ok(FilterPushdownPropagation::with_parent_pushdown_result(not_handled).with_updated_node(source))
    }

    fn try_pushdown_projection(&self, projection: &ProjectionExprs) -> Result<Option<Arc<dyn FileSource>>> {
        Ok(Some(Arc::new(Self { projection: self.projection.try_merge(projection)?, ..self.clone() })))
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        let mut recursion = TreeNodeRecursion::Continue;
        for expr in self.filters.iter().cloned().chain(self.projection.expr_iter()) {
            recursion = recursion.visit_sibling(|| f(&expr))?;
        }
        Ok(recursion)
    }
}
