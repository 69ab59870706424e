//! `coldtrail bench`: one hunt by each strategy, every run a process of its own, the results compared byte for byte.
//!
//! Strategies take turns, so that a busy minute of the machine hits all of them. One run of each comes before: it warms the page
//! cache, counts what is not measured, and says whether the strategy can answer this hunt at all.

mod child;
mod process;
mod rows;

use std::path::PathBuf;

use tempfile::TempDir;

use self::process::{Asked, Ended, Said};
use self::rows::Runs;
use super::interrupt::Guard;
use super::progress::Counter;
use super::{Console, Outcome, RunError, access, hunts, index, output};
use crate::cli::{self, Archive, BenchConfig, IndexConfig, ListFormat, RunConfig};
use crate::hunt;
use crate::model::bench::{BENCH_VERSION, BenchArchive, BenchReport};
use crate::model::strategy::Strategy;
use crate::model::synthesis::SynthConfig;
use crate::report::{self, ReportError, Style};
use crate::sources::store::redact;
use crate::synth;

/// Compares, and tells; or is one run of a comparison that another process makes.
pub(super) async fn run(
    config: RunConfig,
    bench: BenchConfig,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    if let Some(child) = bench.child {
        return child::run(config, bench, child, console, guard).await;
    }
    let bench = Bench::prepare(config, bench, &guard).await?;
    let (config, asked) = (bench.config.clone(), bench.asked.clone());
    // Waiting for processes must not keep Ctrl+C waiting.
    let work = tokio::task::spawn_blocking(move || bench.compare());
    let report = work.await.unwrap_or_else(|error| Err(RunError::System(format!("internal error: {error}"))))?;
    if let Some(path) = &asked.json {
        output::write_file(path, &config.cwd, &guard, |out| report::bench_json(&report, out))?;
    }
    if let Some(path) = &asked.chart {
        output::write_file(path, &config.cwd, &guard, |out| report::bench_chart(&report, out))?;
    }
    let style = Style { width: config.width, color: config.color.report };
    console
        .with_stdout(|out| match asked.format {
            ListFormat::Table => report::bench_table(&report, style, out),
            _ => report::bench_json(&report, out),
        })
        .map_err(|error: ReportError| RunError::Output { target: "stdout".to_owned(), error })?;
    if report.agrees() {
        Ok(Outcome::Done)
    } else {
        Err(RunError::System("the strategies do not give the same result; please report it with the table".to_owned()))
    }
}

/// A comparison with everything that it needs at hand.
struct Bench {
    config: RunConfig,
    asked: BenchConfig,
    /// What runs are told beside what was typed.
    inputs: Vec<String>,
    /// The index that was built for the comparison.
    index: Option<PathBuf>,
    is_generated: bool,
    /// Holds what was made for the comparison, and goes with it.
    scratch: TempDir,
}

impl Bench {
    /// Generates the archive where none was named, and builds an index where one is needed and none was named.
    async fn prepare(config: RunConfig, asked: BenchConfig, guard: &Guard) -> Result<Self, RunError> {
        let all = hunts::all(&config, asked.hunt.hunts_dir.as_ref())?;
        let found = hunt::find(&all, &asked.hunt.hunt)?;
        hunt::bind(found, &asked.hunt.params)?;
        let is_generated = asked.hunt.query.inputs.events.is_empty();
        if !is_generated {
            cli::require_tor(&found.id, &found.tables, &asked.hunt.query.inputs.tor)?;
        }
        let scratch = guard
            .folder(|| tempfile::Builder::new().prefix("coldtrail-bench-").tempdir())
            .map_err(|error| RunError::System(format!("the temporary folder cannot be used: {error}; set TMPDIR")))?;
        let mut bench = Self { config, asked, inputs: Vec::new(), index: None, is_generated, scratch };
        if is_generated {
            bench.generate()?;
        }
        if bench.asked.strategies.contains(&Strategy::Index) && bench.asked.hunt.query.limits.index.is_none() {
            bench.build_index(guard).await?;
        }
        Ok(bench)
    }

    fn generate(&mut self) -> Result<(), RunError> {
        let synthesis = SynthConfig {
            rows: self.asked.generated_rows,
            threads: self.asked.hunt.query.limits.threads,
            ..SynthConfig::default()
        };
        let out = self.scratch.path().join("generated");
        let bar = Counter::watch(self.config.progress, "generating", synthesis.rows);
        let made = synth::generate(&synthesis, &out, &mut |rows| bar.reach(rows))?;
        for (flag, path) in [("--events", made.events), ("--tor", made.tor_list), ("--intel", made.indicators)] {
            self.inputs.extend([flag.to_owned(), path.display().to_string()]);
        }
        Ok(())
    }

    async fn build_index(&mut self, guard: &Guard) -> Result<(), RunError> {
        let folder = self.scratch.path().join("index");
        let inputs = &self.asked.hunt.query.inputs;
        let events = match self.inputs.iter().position(|word| word == "--events") {
            Some(at) => self.inputs.get(at + 1).cloned().into_iter().collect(),
            None => inputs.events.clone(),
        };
        let wanted = IndexConfig {
            archive: Archive {
                events,
                date_order: inputs.date_order,
                delta_version: inputs.delta_version,
                on_bad_input: inputs.on_bad_input,
            },
            period: self.asked.hunt.query.period,
            index: folder.display().to_string(),
            threads: self.asked.hunt.query.limits.threads,
        };
        index::refresh(&self.config, &wanted, &access::stores(&self.config.access), guard).await?;
        self.index = Some(folder);
        Ok(())
    }

    fn compare(self) -> Result<BenchReport, RunError> {
        let Self { config, asked, .. } = &self;
        let bar = Counter::watch(config.progress, "comparing", (asked.strategies.len() * (asked.repeat + 1)) as u64);
        let mut runs: Vec<Runs> = asked.strategies.iter().map(|strategy| Runs::of(*strategy)).collect();
        for run in &mut runs {
            run.first(self.once(run.strategy, true)?);
            bar.advance();
        }
        for turn in 0..asked.repeat {
            let many = runs.len().max(1);
            for at in (0..many).map(|at| (at + turn) % many) {
                if let Some(run) = runs.get_mut(at).filter(|run| run.runs()) {
                    run.measured(self.once(run.strategy, false)?);
                }
                bar.advance();
            }
        }
        drop(bar);
        self.report(runs)
    }

    fn once(&self, strategy: Strategy, counts_pages: bool) -> Result<Ended, RunError> {
        let mut words: Vec<String> = self.inputs.clone();
        if let (Strategy::Index, Some(index)) = (strategy, &self.index) {
            words.extend(["--index".to_owned(), index.display().to_string()]);
        }
        words.extend(["--child".to_owned(), strategy.to_string()]);
        if counts_pages {
            words.push("--child-counts".to_owned());
        }
        let asked = Asked { program: &self.asked.program, typed: &self.asked.arguments, words: &words };
        asked.run(self.asked.give_up_seconds)
    }

    fn report(&self, runs: Vec<Runs>) -> Result<BenchReport, RunError> {
        let Some(said) = runs.iter().find_map(|run| run.said.clone()) else {
            let why = runs.iter().find_map(|run| run.not_run.clone()).unwrap_or_default();
            return Err(RunError::System(format!("no strategy answers this hunt: {why}")));
        };
        let Said { archive, lists, findings, .. } = said;
        let sources = if self.is_generated {
            vec!["generated".to_owned()]
        } else {
            self.asked.hunt.query.inputs.events.iter().map(|source| redact(source)).collect()
        };
        let limits = &self.asked.hunt.query.limits;
        Ok(BenchReport {
            bench_version: BENCH_VERSION,
            tool: format!("coldtrail {}", env!("CARGO_PKG_VERSION")),
            threads: limits.threads as u64,
            hunt: self.asked.hunt.hunt.clone(),
            archive: BenchArchive { sources, ..archive },
            lists,
            findings,
            repeat: self.asked.repeat as u64,
            strategies: rows::of(runs),
        })
    }
}
