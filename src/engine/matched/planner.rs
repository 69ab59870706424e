//! From the logical operator to the physical one, with the order that it needs of its input.

use std::sync::Arc;

use arrow::compute::SortOptions;
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{Result, internal_err};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

use super::exec::{Does, MatchedExec};
use super::key::KEY;
use super::millis;
use super::node::Matched;

/// Plans [`Matched`].
#[derive(Debug, Default)]
pub(crate) struct MatchedPlanner;

#[async_trait]
impl ExtensionPlanner for MatchedPlanner {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _logical: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(matched) = node.as_any().downcast_ref::<Matched>() else { return Ok(None) };
        let [input] = inputs else { return internal_err!("Matched has one input") };
        let ordering = ordering(input)?;
        let (tally, spool) = (Arc::clone(&matched.tally), matched.spool.clone());
        let does = Does { copies: matched.copies, width: matched.width, tally, spool };
        Ok(Some(Arc::new(MatchedExec::new(Arc::clone(input), ordering, does))))
    }
}

/// By key, then by every column that is read in the table's order, nulls last: of copies the first is kept, whatever file
/// it came from.
///
/// The key's time is cut to milliseconds, so that copies whose microseconds differ need not be neighbours in an order by
/// microseconds; within one millisecond the other key columns come first.
fn ordering(input: &Arc<dyn ExecutionPlan>) -> Result<LexOrdering> {
    let schema = input.schema();
    let options = SortOptions { descending: false, nulls_first: false };
    let mut sort = Vec::new();
    for name in KEY {
        let at = schema.index_of(name)?;
        let column: Arc<dyn datafusion::physical_expr::PhysicalExpr> = Arc::new(Column::new(name, at));
        let expr = if name == "Timestamp" { millis::cut(column) } else { column };
        sort.push(PhysicalSortExpr::new(expr, options));
    }
    for (at, field) in schema.fields().iter().enumerate() {
        let column = Arc::new(Column::new(field.name(), at));
        sort.push(PhysicalSortExpr::new(column, options));
    }
    match LexOrdering::new(sort) {
        Some(ordering) => Ok(ordering),
        None => internal_err!("an order has columns"),
    }
}
