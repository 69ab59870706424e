//! One query over one archive: tables and functions bound to the run's inputs, planned, run, and counted.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session as CatalogSession;
use datafusion::common::{DataFusionError, TableReference};
use datafusion::datasource::MemTable;
use datafusion::execution::SessionState;
use datafusion::execution::context::QueryPlanner;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::push_down_filter::PushDownFilter;
use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::physical_planner::{DefaultPhysicalPlanner, PhysicalPlanner as _};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt as _;

use super::error::EngineError;
use super::events::{EventTable, Lookup, ScanTally};
use super::functions;
use super::indicators;
use super::joins::JudgedPlanner;
use super::lists::{IntelBook, TorBook};
use super::matched::{self, Copies, CopiesDiffer, MatchTally, MatchedPlanner, Scope, Spool, Width};
use super::result;
use super::rows;
use super::statement::{self, Audience, Statement};
use crate::model::Period;
use crate::model::bad_input::OnBadInput;
use crate::model::strategy::Strategy;
use crate::sources::telemetry::Dataset;

/// The table of events.
pub(super) const EVENTS: &str = "DeviceNetworkEvents";
/// Consumers named when memory runs out.
const TOP_CONSUMERS: usize = 3;

/// What the tables are made of.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// The archive.
    pub dataset: Arc<Dataset>,
    /// The Tor lists.
    pub tor: Arc<TorBook>,
    /// The indicators.
    pub intel: Arc<IntelBook>,
    /// The period; rows outside it do not exist.
    pub period: Period,
    /// What becomes of a file that turns out to be damaged.
    pub on_bad: OnBadInput,
    /// Where operators put what does not fit into memory; `None` for the system's temporary folder.
    pub scratch: Option<PathBuf>,
    /// How listed rows are found.
    pub lookup: Lookup,
}

/// How a query runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Threads.
    pub threads: usize,
    /// Bytes that operators may hold; `None` for as many as they want.
    pub memory_bytes_max: Option<u64>,
    /// Most values in a set.
    pub set_limit: usize,
    /// Whether copies of an event are one.
    pub copies: Copies,
    /// Whether the matched events are kept for `--rows`.
    pub keep_matched: bool,
    /// How membership is planned; the scan is told by [`Lookup`].
    pub strategy: Strategy,
}

/// What a query gave.
#[derive(Debug)]
pub struct QueryResult {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows, in the query's order.
    pub batches: Vec<RecordBatch>,
    /// Events that the filter let through, and copies among them; `None` when the query matches no events.
    pub matched: Option<(u64, u64)>,
    /// What the matched events are, in words.
    pub matched_label: &'static str,
    /// Counters of the scan.
    pub tally: Arc<ScanTally>,
    /// The matched events, when they were kept.
    pub spool: Option<Arc<Spool>>,
}

/// How far a running query is.
#[derive(Debug, Clone)]
pub struct Progress {
    events: Arc<EventTable>,
}

impl Progress {
    /// Of a scan that no query made.
    pub(super) fn of(events: &Arc<EventTable>) -> Self {
        Self { events: Arc::clone(events) }
    }

    /// Bytes of files that are done, over bytes that a scan goes through.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        let done = self.events.tallies().iter().map(|tally| tally.size_done.load(Ordering::Relaxed)).max();
        (done.unwrap_or(0), self.events.size_to_read())
    }

    /// Pieces of files that are done, over all of them; a file of ordinary size is one piece.
    #[must_use]
    pub fn files(&self) -> (u64, u64) {
        let done = self.events.tallies().iter().map(|tally| tally.pieces_done.load(Ordering::Relaxed)).max();
        (done.unwrap_or(0), self.events.pieces_to_read())
    }
}

/// Tables, functions and settings of one query.
pub struct Session {
    context: SessionContext,
    events: Arc<EventTable>,
    options: Options,
}

impl Session {
    /// Binds everything to the run's inputs.
    ///
    /// # Errors
    /// When lists cannot be laid out as tables; never for what they hold.
    pub fn new(inputs: &Inputs, options: Options) -> Result<Self, EngineError> {
        Self::build(inputs, options).map_err(|error| EngineError::of_execution("session", &error))
    }

    fn build(inputs: &Inputs, options: Options) -> Result<Self, DataFusionError> {
        let context = SessionContext::new_with_state(state(options, inputs.scratch.as_ref())?);
        let events = EventTable::new(Arc::clone(&inputs.dataset), inputs.period, inputs.on_bad)
            .with_lookup(inputs.lookup.clone());
        let events = Arc::new(events);
        context.register_table(TableReference::bare(EVENTS), Arc::clone(&events) as _)?;
        let relays = rows::relay_rows(inputs.tor.intervals())?;
        let relays = MemTable::try_new(relays.schema(), vec![vec![relays]])?;
        context.register_table(TableReference::bare("TorRelays"), Arc::new(relays))?;
        context.register_table(TableReference::bare("ThreatIndicators"), indicators::table(&inputs.intel)?)?;
        functions::register(&context, &inputs.tor, &inputs.intel, options.set_limit);
        Ok(Self { context, events, options })
    }

    /// A view on the query's progress.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { events: Arc::clone(&self.events) }
    }

    /// The files that could not be read to the end, with the reason; none unless the inputs say to go on.
    #[must_use]
    pub fn faults(&self) -> BTreeMap<String, String> {
        self.events.tallies().iter().flat_map(|tally| tally.faults()).collect()
    }

    /// Plans the statement without running it.
    ///
    /// # Errors
    /// [`EngineError::Sql`] with the place of the fault.
    pub(super) async fn plan(
        &self,
        statement: &Statement,
    ) -> Result<(LogicalPlan, Arc<dyn ExecutionPlan>), EngineError> {
        let plan = statement.plan(&self.context.state()).await?;
        let physical = self.physical(statement, &plan).await?;
        Ok((plan, physical))
    }

    async fn physical(&self, statement: &Statement, plan: &LogicalPlan) -> Result<Arc<dyn ExecutionPlan>, EngineError> {
        let state = self.context.state();
        state.create_physical_plan(plan).await.map_err(|error| statement.sql_error(&error))
    }

    /// Runs the statement: over the columns that it needs, and over all of them where copies of an event differ in those.
    ///
    /// # Errors
    /// What the statement, a file or the machine's memory is at fault for.
    pub async fn run(&self, statement: &Statement) -> Result<QueryResult, EngineError> {
        if !self.options.keep_matched {
            match self.attempt(statement, Width::Needed).await? {
                Ok(result) => return Ok(result),
                Err(error) if CopiesDiffer::is(&error) => self.events.forget(),
                Err(error) => return Err(EngineError::of_execution(&statement.place, &error)),
            }
        }
        let done = self.attempt(statement, Width::Whole).await?;
        done.map_err(|error| EngineError::of_execution(&statement.place, &error))
    }

    /// The outer error is of the plan, the inner one of its execution.
    async fn attempt(
        &self,
        statement: &Statement,
        width: Width,
    ) -> Result<Result<QueryResult, DataFusionError>, EngineError> {
        let plan = statement.plan(&self.context.state()).await?;
        let tables = statement::tables_read(&plan).map_err(|error| statement.sql_error(&error))?;
        let tally = Arc::<MatchTally>::default();
        let spool = if self.options.keep_matched {
            let schema = self.events_schema();
            Some(Arc::new(Spool::create(&schema).map_err(|error| EngineError::Spool(std::io::Error::other(error)))?))
        } else {
            None
        };
        let scope = match statement.audience {
            Audience::Hunt => Scope::EveryScan,
            Audience::Query => Scope::MembershipOnly,
        };
        let plan =
            with_filters_at_their_tables(plan, &self.context.state()).map_err(|error| statement.sql_error(&error))?;
        let (plan, has_match) = matched::insert(
            plan,
            EVENTS,
            scope,
            (self.options.copies, width),
            self.options.strategy,
            &tally,
            spool.as_ref(),
        )
        .map_err(|error| statement.sql_error(&error))?;
        let physical = self.physical(statement, &plan).await?;
        let schema = result::outgoing(&physical.schema());
        let is_ordered = is_ordered(&plan);
        let collected = self.collect(physical, &schema).await;
        let ordered = collected
            .and_then(|batches| if is_ordered { Ok(batches) } else { Ok(result::in_order(batches, &schema)?) });
        let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        Ok(ordered.map(|batches| QueryResult {
            schema,
            batches,
            matched: has_match.then(|| (count(&tally.matched), count(&tally.copies))),
            matched_label: label(tables.contains("TorRelays"), tables.contains("ThreatIndicators"), &plan),
            tally: self.events.tally(),
            spool,
        }))
    }

    fn events_schema(&self) -> SchemaRef {
        use datafusion::catalog::TableProvider as _;
        self.events.schema()
    }

    async fn collect(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        schema: &SchemaRef,
    ) -> Result<Vec<RecordBatch>, DataFusionError> {
        let stream = execute_stream(plan, self.context.task_ctx())?;
        stream
            .map_ok(|batch| result::bring_out(&batch, schema).map_err(DataFusionError::from))
            .try_collect::<Vec<_>>()
            .await?
            .into_iter()
            .collect()
    }
}

/// Whether the query itself says in which order its rows come. A LIMIT without an order has chosen its rows already, and
/// EXPLAIN is read from the top.
fn is_ordered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) | LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => true,
        LogicalPlan::Projection(projection) => is_ordered(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_ordered(&alias.input),
        LogicalPlan::Limit(limit) => is_ordered(&limit.input),
        _ => false,
    }
}

/// Filters down to the tables that they stand on, so that only matched events are compared, however the query is written.
fn with_filters_at_their_tables(plan: LogicalPlan, state: &SessionState) -> Result<LogicalPlan, DataFusionError> {
    let plan = state.analyzer().execute_and_check(plan, state.config_options(), |_, _| {})?;
    let rules: Vec<Arc<dyn OptimizerRule + Send + Sync>> = vec![Arc::new(PushDownFilter::new())];
    Optimizer::with_rules(rules).optimize(plan, state, |_, _| {})
}

/// The funnel's word for matched events.
fn label(tor: bool, intel: bool, plan: &LogicalPlan) -> &'static str {
    let text = plan.display_indent().to_string();
    // A join that a strategy puts first leaves the question behind it.
    let asks = |name: &str| ["Filter", "Judged"].iter().any(|node| text.contains(&format!("{node}: {name}")));
    match (tor && (asks("tor_match") || text.contains("IN (<subquery>)")), intel && asks("intel_match")) {
        (true, _) => "on the Tor list",
        (false, true) => "on an indicator",
        (false, false) => "matched by the filter",
    }
}

/// A state without tables and functions of a run.
pub(super) fn plain_state(threads: usize) -> Result<SessionState, DataFusionError> {
    let options = Options { threads, set_limit: 1, copies: Copies::Keep, ..Options::default() };
    state(options, None)
}

fn state(options: Options, scratch: Option<&PathBuf>) -> Result<SessionState, DataFusionError> {
    let mut config = SessionConfig::new().with_target_partitions(options.threads).with_information_schema(true);
    let settings = config.options_mut();
    settings.sql_parser.enable_ident_normalization = false;
    settings.sql_parser.collect_spans = true;
    // Results must not depend on where a row was read.
    settings.optimizer.repartition_file_scans = false;
    settings.execution.parquet.pushdown_filters = true;
    settings.optimizer.prefer_hash_join = options.strategy != Strategy::SortMerge;
    if options.strategy == Strategy::SemiJoinStatic {
        settings.optimizer.enable_dynamic_filter_pushdown = false;
        settings.optimizer.enable_join_dynamic_filter_pushdown = false;
    }
    let mut runtime = RuntimeEnvBuilder::new();
    if let Some(scratch) = scratch {
        // DataFusion makes a folder that is missing, which must not bring back one that an interrupted run took away.
        runtime = runtime.with_temp_file_path(scratch.join("spilled"));
    }
    if let Some(bytes) = options.memory_bytes_max {
        let pool = FairSpillPool::new(usize::try_from(bytes).unwrap_or(usize::MAX));
        let top = std::num::NonZeroUsize::new(TOP_CONSUMERS).unwrap_or(std::num::NonZeroUsize::MIN);
        runtime = runtime.with_memory_pool(Arc::new(TrackConsumersPool::new(pool, top)));
    }
    Ok(SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime.build_arc()?)
        .with_default_features()
        .with_query_planner(Arc::new(Planner))
        .build())
}

/// DataFusion's planner, with coldtrail's operator.
#[derive(Debug)]
struct Planner;

#[async_trait::async_trait]
impl QueryPlanner for Planner {
    async fn create_physical_plan(
        &self,
        plan: &LogicalPlan,
        session: &dyn CatalogSession,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let planner =
            DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(MatchedPlanner), Arc::new(JudgedPlanner)]);
        planner.create_physical_plan(plan, session).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_folder_that_was_taken_away_stays_away() {
        let base = tempfile::tempdir().unwrap();
        let scratch = base.path().join("scratch");
        assert!(state(Options::default(), Some(&scratch)).is_err());
        assert!(!scratch.exists());
        std::fs::create_dir(&scratch).unwrap();
        assert!(state(Options::default(), Some(&scratch)).is_ok());
    }
}
