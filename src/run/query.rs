//! `coldtrail hunt` and `coldtrail sql`: inputs, query, counting, outputs.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use tempfile::TempDir;

use super::coverage::{self, Known};
use super::interrupt::Guard;
use super::progress::{Bar, Opening};
use super::rows::{self, Ids};
use super::{Console, Outcome, RunError, access, exclude, hunts, index, lists, output, red};
use crate::cli::{
    self, Command, Destination, Duplicates, HuntConfig, IntelMatch, IntelTor, QueryConfig, RowsOutput, RunConfig,
    SqlConfig,
};
use crate::engine::{
    Copies, Inputs, IntelBook, IntelRules, Lookup, Options, QueryResult, ScanTally, Session, Statement, TorBook,
    TorRules,
};
use crate::hunt;
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::{Coverage, HuntFacts, IntelFacts, Skipped};
use crate::model::relay::{RoleFilter, TorMatching};
use crate::model::strategy::Strategy;
use crate::model::{Format, Severity};
use crate::report::{self, ReportError, Style};
use crate::sources::exclude as exclusions;
use crate::sources::store::Stores;
use crate::sources::telemetry::{self, Dataset};
use crate::sources::tor::TorTable;
use crate::sources::{Reach, Shelf};

/// One query with everything that it is told.
struct Job {
    config: RunConfig,
    query: QueryConfig,
    statement: Statement,
    facts: HuntFacts,
    roles: RoleFilter,
    rows: Option<RowsOutput>,
    /// Whether pages are counted.
    counts_pages: bool,
    /// Whether the run is one of a comparison, which looks at the findings and at how they were read, and at no other count.
    is_measured: bool,
}

/// What a query came to.
struct Answered {
    result: QueryResult,
    /// The findings after exclusion.
    reported: Vec<arrow::array::RecordBatch>,
    coverage: Coverage,
    dataset: ManuallyDrop<Dataset>,
}

/// The run's small inputs, and what they are asked through.
struct Lists {
    tor: TorTable,
    tor_book: Arc<TorBook>,
    intel_book: Arc<IntelBook>,
    /// Absent when the run had no feed.
    intel_facts: Option<(IntelFacts, Vec<String>)>,
    /// Feeds that could not be read and were left out.
    skipped: Vec<Skipped>,
}

/// Threads that the command may use.
pub(super) fn threads(command: &Command) -> usize {
    match command {
        Command::Hunt(hunt) => hunt.query.limits.threads,
        Command::Sql(sql) => sql.query.limits.threads,
        Command::Convert(convert) => convert.threads,
        Command::Index(index) => index.threads,
        Command::Bench(bench) => bench.hunt.query.limits.threads,
        Command::Hunts(_) | Command::Generate(_) | Command::Tor(_) | Command::Intel(_) | Command::Plan(_) => 1,
    }
}

/// `coldtrail hunt`.
pub(super) async fn hunt(
    config: RunConfig,
    hunt: HuntConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    Job::of_hunt(config, hunt)?.run(&console, &guard).await
}

/// A hunt whose findings nobody reads: its coverage, and the findings as ndjson.
pub(super) async fn measured(
    config: RunConfig,
    hunt: HuntConfig,
    counts_pages: bool,
    guard: &Guard,
) -> Result<(Coverage, Vec<u8>), RunError> {
    let job = Job { counts_pages, is_measured: true, ..Job::of_hunt(config, hunt)? };
    let Answered { result, reported, coverage, .. } = job.answer(guard).await?;
    let mut bytes = Vec::new();
    let style = Style { width: job.config.width, color: false };
    report::write(Format::Ndjson, style, &result.schema, &reported, &coverage, &mut bytes)
        .map_err(|error| job.failed("the report", error))?;
    Ok((coverage, bytes))
}

/// `coldtrail sql`.
pub(super) async fn sql(
    config: RunConfig,
    sql: SqlConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    let facts = HuntFacts {
        id: "sql".to_owned(),
        title: "a query".to_owned(),
        blind_spots: Vec::new(),
        params: BTreeMap::new(),
    };
    let roles = sql.query.matching.tor_role.unwrap_or(RoleFilter::Any);
    let statement = Statement::of_query(&sql.sql);
    Job { config, query: sql.query, statement, facts, roles, rows: None, counts_pages: false, is_measured: false }
        .run(&console, &guard)
        .await
}

impl Job {
    fn of_hunt(config: RunConfig, hunt: HuntConfig) -> Result<Self, RunError> {
        let hunts = hunts::all(&config, hunt.hunts_dir.as_ref())?;
        let found = hunt::find(&hunts, &hunt.hunt)?;
        let mut params = hunt::bind(found, &hunt.params)?;
        let declared = hunt::tor_role(&params);
        if let Some(role) = hunt.query.matching.tor_role {
            for param in params.iter_mut().filter(|param| param.name == "tor_role") {
                param.value = hunt::ParamValue::String(role.as_str().to_owned());
            }
        }
        cli::require_tor(&found.id, &found.tables, &hunt.query.inputs.tor)?;
        let facts = HuntFacts {
            id: found.id.clone(),
            title: found.title.clone(),
            blind_spots: found.blind_spots.clone(),
            params: params.iter().map(|param| (param.name.clone(), param.value.to_string())).collect(),
        };
        let statement = Statement::of_hunt(found, &params);
        let roles = hunt.query.matching.tor_role.or(declared).unwrap_or(RoleFilter::Any);
        Ok(Self {
            config,
            query: hunt.query,
            statement,
            facts,
            roles,
            rows: hunt.rows,
            counts_pages: false,
            is_measured: false,
        })
    }

    async fn run(self, console: &Console, guard: &Guard) -> Result<Outcome, RunError> {
        let Answered { result, reported, coverage, dataset } = self.answer(guard).await?;
        if let (Some(output), Some(spool)) = (&self.rows, &result.spool) {
            rows::write(spool, &Ids::of(&result.batches), &dataset, output, &self.config.cwd, guard)?;
        }
        self.write(&result, &reported, &coverage, console, guard)?;
        if let Some(words) = coverage.reads.index.as_ref().and_then(index::passed_over).filter(|_| !self.config.quiet) {
            console.say(&words);
        }
        if !self.config.quiet && red::is_shown(&reported) {
            console.say(red::WARNING);
        }
        Ok(self.outcome(&coverage))
    }

    async fn answer(&self, guard: &Guard) -> Result<Answered, RunError> {
        let excluded = match &self.query.output.exclude {
            Some(file) => {
                Some((file.display().to_string(), exclusions::load(&file.display().to_string(), &self.config.cwd)?))
            }
            None => None,
        };
        let stores = access::stores(&self.config.access);
        // The process ends soon after an answer and gives all memory back at once: to free footers and indicators one by one
        // before is a twentieth of a hunt with an index, or with millions of indicators.
        let lists = ManuallyDrop::new(self.lists(&stores, guard)?);
        let inputs = &self.query.inputs;
        let opening = Opening::watch(self.config.progress && !self.config.quiet);
        let dataset = telemetry::open(telemetry::Request {
            sources: &inputs.events,
            base: &self.config.cwd,
            period: self.query.period,
            on_bad: inputs.on_bad_input,
            date_order: inputs.date_order,
            delta_version: inputs.delta_version,
            stores: &stores,
            has_index: self.query.limits.index.is_some(),
            progress: &|stage| opening.tell(stage),
        })
        .await?;
        drop(opening);
        let mut dataset = ManuallyDrop::new(dataset);
        let result = self.execute(&mut dataset, &lists, self.lookup(&stores)?, guard).await?;
        let (reported, exclusion) = match &excluded {
            Some((file, lines)) => {
                let (kept, facts) =
                    exclude::apply(&result.batches, lines, file).map_err(|e| self.failed("--exclude", e.into()))?;
                (kept, Some(facts))
            }
            None => (result.batches.clone(), None),
        };
        let coverage = coverage::assemble(Known {
            hunt: self.facts.clone(),
            dataset: &dataset,
            period: self.query.period,
            tor: (!inputs.tor.is_empty()).then_some((&lists.tor, &lists.tor_book)),
            intel: lists.intel_facts.clone(),
            skipped: &lists.skipped,
            result: &result,
            reported: &reported,
            exclusions: exclusion,
            limits: &self.query.limits,
            traffic: (stores.traffic().requests(), stores.traffic().bytes()),
        });
        Ok(Answered { result, reported, coverage, dataset })
    }

    fn lookup(&self, stores: &Stores) -> Result<Lookup, RunError> {
        let limits = &self.query.limits;
        let index = match &limits.index {
            Some(index) => Some(Shelf::named(index, &self.config.cwd, stores)?),
            None => None,
        };
        Ok(Lookup { strategy: limits.strategy, index, counts_pages: self.counts_pages })
    }

    fn failed(&self, target: &str, error: ReportError) -> RunError {
        RunError::Output { target: target.to_owned(), error }
    }

    fn lists(&self, stores: &Stores, guard: &Guard) -> Result<Lists, RunError> {
        let (inputs, matching) = (&self.query.inputs, &self.query.matching);
        let folder = || guard.folder(TempDir::new);
        let reach = Reach { base: &self.config.cwd, stores: Some(stores), folder: &folder };
        let tor = lists::tor(&inputs.tor, matching.tor_as_of, inputs.on_bad_input, reach)?;
        if matching.tor_match == TorMatching::AtEvent {
            coverage::require_dates(&tor)?;
        }
        let intel = lists::intel(&inputs.intel, matching.feeds, inputs.on_bad_input, reach)?;
        let tor_rules = TorRules { roles: self.roles, matching: matching.tor_match, tolerance: matching.tolerance };
        let rules = IntelRules {
            at_event: matching.intel_match == IntelMatch::AtEvent,
            grace: matching.intel_grace,
            keep_tor: matching.intel_tor == IntelTor::Keep,
            tlp_max: matching.tlp_max,
        };
        let intel_book = Arc::new(IntelBook::new(intel.indicators, rules));
        let facts = || coverage::intel_facts(&intel.facts, &intel_book, matching.tlp_max);
        let intel_facts = (!inputs.intel.is_empty()).then(facts);
        Ok(Lists {
            tor_book: Arc::new(TorBook::new(&tor.intervals, &tor.spans, tor_rules)),
            tor,
            intel_book,
            intel_facts,
            skipped: intel.skipped,
        })
    }

    /// Runs the query; where the user asked to go on, again without the files that turned out to be damaged, so that a file
    /// counts whole or not at all.
    async fn execute(
        &self,
        dataset: &mut Dataset,
        lists: &Lists,
        lookup: Lookup,
        guard: &Guard,
    ) -> Result<QueryResult, RunError> {
        let (matching, limits) = (&self.query.matching, &self.query.limits);
        let options = Options {
            threads: limits.threads,
            memory_bytes_max: limits.memory_bytes_max,
            set_limit: limits.set_limit,
            copies: if matching.duplicates == Duplicates::Keep { Copies::Keep } else { Copies::Remove },
            keep_matched: self.rows.is_some(),
            strategy: limits.strategy,
        };
        let scratch = guard
            .folder(TempDir::new)
            .map_err(|error| RunError::System(format!("the temporary folder cannot be used: {error}; set TMPDIR")))?;
        loop {
            let inputs = Inputs {
                dataset: Arc::new(dataset.clone()),
                tor: Arc::clone(&lists.tor_book),
                intel: Arc::clone(&lists.intel_book),
                period: self.query.period,
                on_bad: self.query.inputs.on_bad_input,
                scratch: Some(scratch.path().to_owned()),
                lookup: lookup.clone(),
            };
            let session = Session::new(&inputs, options)?;
            let bar = (self.config.progress && !self.config.quiet).then(|| Bar::watch(session.progress()));
            let mut result = session.run(&self.statement).await?;
            drop(bar);
            let faults = session.faults();
            if faults.is_empty() || self.query.inputs.on_bad_input == OnBadInput::Fail {
                if limits.strategy.is_join() && !self.is_measured {
                    result.tally = self.counted(inputs, options, &result).await?;
                }
                return Ok(result);
            }
            dataset.files.retain(|file| !faults.contains_key(&file.display));
            dataset.skipped.extend(faults.into_iter().map(|(path, reason)| Skipped { path, reason }));
        }
    }

    /// What a join's coverage counts. A join may end before it has seen every event, and knows nothing of texts that are no
    /// address; so an ordinary scan counts those.
    async fn counted(
        &self,
        inputs: Inputs,
        options: Options,
        joined: &QueryResult,
    ) -> Result<Arc<ScanTally>, RunError> {
        let inputs = Inputs { lookup: Lookup::default(), ..inputs };
        let options = Options { strategy: Strategy::Auto, keep_matched: false, ..options };
        let counted = Session::new(&inputs, options)?.run(&self.statement).await?.tally;
        counted.read_like(&joined.tally);
        Ok(counted)
    }

    fn write(
        &self,
        result: &QueryResult,
        reported: &[arrow::array::RecordBatch],
        coverage: &Coverage,
        console: &Console,
        guard: &Guard,
    ) -> Result<(), RunError> {
        let output = &self.query.output;
        let style = Style { width: self.config.width, color: self.config.color.report };
        if let Some(path) = &output.coverage {
            output::write_file(path, &self.config.cwd, guard, |out| report::coverage_json(coverage, out))?;
        }
        match &output.destination {
            Destination::File(path) => output::write_file(path, &self.config.cwd, guard, |out| {
                report::write(output.format, style, &result.schema, reported, coverage, out)
            })?,
            Destination::Stdout => console
                .with_stdout(|out| report::write(output.format, style, &result.schema, reported, coverage, out))
                .map_err(|error| self.failed("stdout", error))?,
        }
        // The table says all of it itself, where it is seen.
        let said_already = output.format == Format::Table && output.destination == Destination::Stdout;
        if !self.config.quiet && !said_already {
            let style = Style { width: self.config.message_width, color: self.config.color.messages };
            console.with_stderr(|out| {
                let _ = report::summary(coverage, style, out);
            });
        }
        Ok(())
    }

    fn outcome(&self, coverage: &Coverage) -> Outcome {
        let reaches = |level: Severity| {
            let at_or_above = |name: &str| name.parse::<Severity>().is_ok_and(|found| found >= level);
            coverage.funnel.findings_by_level.iter().any(|counted| counted.count > 0 && at_or_above(&counted.name))
        };
        if self.query.output.fail_on.is_some_and(reaches) {
            Outcome::Findings
        } else if coverage.files.skipped.is_empty() {
            Outcome::Done
        } else {
            Outcome::Skipped
        }
    }
}
