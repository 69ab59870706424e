//! The conversion of what `bench` takes.

use std::ffi::OsString;

use super::args_bench::BenchArgs;
use super::args_shared::{OutputArgs, RunArgs};
use super::config::{HuntConfig, ListFormat};
use super::config_bench::{BenchConfig, Child};
use super::convert::Shared;
use super::error::CliError;
use super::outputs;
use super::surroundings::Surroundings;
use crate::model::Format;
use crate::model::strategy::Strategy;

/// Sets of a finding hold as many values as in a hunt without options.
const SET_LIMIT: u32 = 1000;

/// `bench`.
pub(super) fn bench(
    typed: BenchArgs,
    arguments: &[OsString],
    surroundings: &Surroundings,
) -> Result<BenchConfig, CliError> {
    let is_generated = typed.input.events.is_empty();
    if is_generated && !(typed.input.tor.is_empty() && typed.input.intel.is_empty()) {
        return Err(CliError::usage(
            "lists without telemetry: name the archive with --events, or leave --tor and --intel out to compare on generated \
             data with lists of its own"
                .to_owned(),
        ));
    }
    let files: Vec<outputs::Named<'_>> =
        [typed.json.as_deref().map(|path| ("--json", path)), typed.chart.as_deref().map(|path| ("--chart", path))]
            .into_iter()
            .flatten()
            .collect();
    outputs::check(&files, &[], &surroundings.cwd)?;
    let mut strategies = typed.strategies;
    if strategies.is_empty() {
        strategies = Strategy::ALL.into_iter().filter(|strategy| *strategy != Strategy::Auto).collect();
        strategies.insert(0, Strategy::Auto);
    }
    let mut seen = Vec::new();
    strategies.retain(|strategy| {
        !seen.contains(strategy) && {
            seen.push(*strategy);
            true
        }
    });
    let shared = Shared {
        input: typed.input,
        period: typed.period,
        matching: typed.matching,
        output: OutputArgs {
            format: Some(Format::Ndjson),
            output: None,
            coverage: None,
            exclude: None,
            set_limit: SET_LIMIT,
            fail_on: None,
        },
        run: RunArgs {
            threads: typed.threads,
            memory_limit: Some(typed.memory_limit),
            strategy: typed.child.unwrap_or_default(),
            index: typed.index,
        },
    };
    Ok(BenchConfig {
        hunt: HuntConfig {
            hunt: typed.which.hunt,
            hunts_dir: typed.which.hunts,
            params: typed.which.param,
            rows: None,
            query: shared.convert_any(None, surroundings)?,
        },
        strategies,
        repeat: usize::from(typed.repeat),
        generated_rows: typed.rows,
        give_up_seconds: u64::from(typed.give_up),
        format: typed.format.unwrap_or(if surroundings.stdout_is_terminal {
            ListFormat::Table
        } else {
            ListFormat::Ndjson
        }),
        json: typed.json,
        chart: typed.chart,
        child: typed.child.map(|strategy| Child { strategy, counts_pages: typed.child_counts }),
        program: surroundings.program.clone(),
        arguments: arguments.iter().skip(1).cloned().collect(),
    })
}
