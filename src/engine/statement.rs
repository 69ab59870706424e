//! One SQL statement with the place where it stands, and from text to a plan over the run's tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::common::{DataFusionError, ParamValues, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::execution::context::SQLOptions;
use datafusion::logical_expr::{Expr, LogicalPlan};

use super::error::{EngineError, first_line};
use crate::hunt::{BoundParam, Hunt, ParamValue};

/// Who asks: a hunt counts events, a query looks at rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// A hunt.
    Hunt,
    /// `coldtrail sql`.
    Query,
}

/// A statement and where it stands.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The SQL.
    pub sql: String,
    /// The file, or `query`.
    pub place: String,
    /// The line of the file in which the SQL begins, from 1.
    pub first_line: usize,
    /// Values of `$name`.
    pub params: Vec<(String, ScalarValue)>,
    /// Who asks.
    pub audience: Audience,
}

impl Statement {
    /// A hunt with bound parameters.
    #[must_use]
    pub fn of_hunt(hunt: &Hunt, params: &[BoundParam]) -> Self {
        Self {
            sql: hunt.sql.clone(),
            place: hunt.path.clone(),
            first_line: hunt.sql_line,
            params: params.iter().map(|param| (param.name.clone(), scalar(&param.value))).collect(),
            audience: Audience::Hunt,
        }
    }

    /// A query as typed.
    #[must_use]
    pub fn of_query(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            place: "query".to_owned(),
            first_line: 1,
            params: Vec::new(),
            audience: Audience::Query,
        }
    }

    /// Parses and resolves the statement; only a query that reads is one.
    pub(super) async fn plan(&self, state: &SessionState) -> Result<LogicalPlan, EngineError> {
        let plan = state.create_logical_plan(&self.sql).await.map_err(|error| self.sql_error(&error))?;
        let reads_only = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        reads_only.verify_plan(&plan).map_err(|error| self.sql_error(&error))?;
        if matches!(plan, LogicalPlan::Copy(_)) {
            return Err(self.at_first_line("only a query that reads can run here; --output writes its result"));
        }
        let params = self.params.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        plan.with_param_values(ParamValues::Map(params)).map_err(|error| self.sql_error(&error))
    }

    /// An error with the token's line and column where DataFusion knows them, else with the statement's first line.
    pub(super) fn sql_error(&self, error: &DataFusionError) -> EngineError {
        let diagnostic = error.diagnostic();
        let message = match diagnostic {
            Some(diagnostic) if !diagnostic.message.is_empty() => {
                let help = diagnostic.helps.first().map(|help| format!("; {}", lower_first(&help.message)));
                format!("{}{}", lower_first(&diagnostic.message), help.unwrap_or_default())
            }
            _ => lower_first(&plain(error)),
        };
        let span = diagnostic.and_then(|diagnostic| diagnostic.span);
        let from_message = parser_position(&message);
        match span.map(|span| (span.start.line, span.start.column)).or(from_message) {
            Some((line, column)) => {
                let line = self.first_line + usize::try_from(line).unwrap_or(1).saturating_sub(1);
                let message = message.split(" at Line:").next().unwrap_or(&message).to_owned();
                EngineError::Sql { place: format!("{}:{line}:{column}", self.place), message }
            }
            None => self.at_first_line(&message),
        }
    }

    pub(super) fn at_first_line(&self, message: &str) -> EngineError {
        EngineError::Sql { place: format!("{}:{}", self.place, self.first_line), message: message.to_owned() }
    }
}

/// The tables that a plan reads, by scanning them or by asking a function that is bound to them.
pub(super) fn tables_read(plan: &LogicalPlan) -> Result<BTreeSet<String>, DataFusionError> {
    let mut tables = BTreeSet::new();
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            tables.insert(scan.table_name.table().to_owned());
        }
        plan.apply_expressions(|expr| {
            expr.apply(|expr| {
                let name = match expr {
                    Expr::ScalarFunction(function) => function.name(),
                    Expr::AggregateFunction(function) => function.func.name(),
                    _ => "",
                };
                match name {
                    "tor_match" | "tor_role_at" | "tor_summary" => tables.insert("TorRelays".to_owned()),
                    "intel_match" | "intel_summary" => tables.insert("ThreatIndicators".to_owned()),
                    _ => false,
                };
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(tables)
}

fn scalar(value: &ParamValue) -> ScalarValue {
    match value {
        ParamValue::String(text) => ScalarValue::Utf8(Some(text.clone())),
        ParamValue::Integer(number) => ScalarValue::Int64(Some(*number)),
        ParamValue::Number(number) => ScalarValue::Float64(Some(*number)),
        ParamValue::Boolean(truth) => ScalarValue::Boolean(Some(*truth)),
        ParamValue::Timestamp(time) => ScalarValue::TimestampMicrosecond(Some(time.0), Some(Arc::from("UTC"))),
    }
}

/// The message without the chain of layers that it passed.
fn plain(error: &DataFusionError) -> String {
    let text = error.find_root().strip_backtrace();
    let known = [
        "Error during planning: ",
        "Schema error: ",
        "SQL error: ",
        "This feature is not implemented: ",
        "Execution error: ",
    ];
    let text = known.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
    first_line(text.trim_start_matches("ParserError(\"").trim_end_matches("\")"))
}

/// The parser writes the position into its message: `… at Line: 3, Column: 7`.
fn parser_position(message: &str) -> Option<(u64, u64)> {
    let (_, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok();
    Some((digits(line)?, digits(column)?))
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // A name that begins a message keeps its case.
        Some(first) if chars.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}
