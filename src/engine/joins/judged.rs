//! A hunt's question where it stays: a filter that is not moved below the join before it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchemaRef, Result, internal_err};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};

/// Rows for which the question is answered with yes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Hash)]
pub(super) struct Judged {
    pub(super) input: LogicalPlan,
    pub(super) question: Expr,
}

impl UserDefinedLogicalNodeCore for Judged {
    fn name(&self) -> &'static str {
        "Judged"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        vec![self.question.clone()]
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Judged: {}", self.question)
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let schema = self.input.schema();
        let asked = self.question.column_refs();
        let asked = asked.iter().filter_map(|column| schema.maybe_index_of_column(column));
        let mut needed: Vec<usize> = output_columns.iter().copied().chain(asked).collect();
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }

    fn with_exprs_and_inputs(&self, mut exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<Self> {
        match (exprs.pop(), inputs.pop()) {
            (Some(question), Some(input)) if exprs.is_empty() && inputs.is_empty() => Ok(Self { input, question }),
            _ => internal_err!("Judged has one question and one input"),
        }
    }
}

/// Plans [`Judged`] as an ordinary filter: by then nothing moves it any more.
#[derive(Debug, Default)]
pub(crate) struct JudgedPlanner;

#[async_trait]
impl ExtensionPlanner for JudgedPlanner {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(judged) = node.as_any().downcast_ref::<Judged>() else { return Ok(None) };
        let ([input], [logical]) = (inputs, logical) else { return internal_err!("Judged has one input") };
        let question = planner.create_physical_expr(&judged.question, logical.schema(), session, context)?;
        Ok(Some(Arc::new(FilterExec::try_new(question, Arc::clone(input))?)))
    }
}
