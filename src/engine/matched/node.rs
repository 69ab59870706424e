//! The operator in a logical plan: all columns in, the same columns out.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::common::{DFSchemaRef, Result, internal_err};
use datafusion::logical_expr::{Expr, LogicalPlan, UserDefinedLogicalNodeCore};

use super::key::KEY;
use super::{Copies, MatchTally, Spool, Width};

/// Matched events without copies.
#[derive(Debug, Clone)]
pub(super) struct Matched {
    pub(super) input: LogicalPlan,
    pub(super) copies: Copies,
    pub(super) width: Width,
    pub(super) tally: Arc<MatchTally>,
    pub(super) spool: Option<Arc<Spool>>,
}

/// Two nodes are equal when they do the same to the same input; what they count into is no part of the plan.
impl PartialEq for Matched {
    fn eq(&self, other: &Self) -> bool {
        self.input == other.input && self.copies == other.copies && self.width == other.width
    }
}

impl Eq for Matched {}

impl PartialOrd for Matched {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl Hash for Matched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for Matched {
    fn name(&self) -> &'static str {
        "Matched"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        self.input.schema()
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matched: copies={:?}", self.copies)
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        if self.width == Width::Whole {
            return None;
        }
        let schema = self.input.schema();
        let key = KEY.iter().filter_map(|name| schema.index_of_column_by_name(None, name));
        let mut needed: Vec<usize> = output_columns.iter().copied().chain(key).collect();
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }

    fn with_exprs_and_inputs(&self, _exprs: Vec<Expr>, mut inputs: Vec<LogicalPlan>) -> Result<Self> {
        match (inputs.pop(), inputs.is_empty()) {
            (Some(input), true) => Ok(Self { input, ..self.clone() }),
            _ => internal_err!("Matched has one input"),
        }
    }
}
