//! The conversion of what `plan`, `convert` and `index` take, and of how stores are reached.

use super::args_archives::{ArchiveArgs, ConvertArgs, IndexArgs, PlanArgs};
use super::args_shared::PeriodArgs;
use super::args_stores::StoreArgs;
use super::config::ListFormat;
use super::config_archives::{Access, Archive, ConvertConfig, IndexConfig, PlanConfig, Secrets};
use super::error::CliError;
use super::surroundings::Surroundings;
use super::{convert, lists};

/// How stores are reached: what was typed, and the providers' variables.
pub(super) fn access(typed: &StoreArgs, surroundings: &Surroundings) -> Access {
    Access {
        environment: Secrets(surroundings.stores.clone()),
        home: surroundings.home.clone(),
        retries: usize::from(typed.retries),
        timeout_seconds: u64::from(typed.timeout),
        anonymous: typed.anonymous,
        endpoint: typed.endpoint.clone(),
    }
}

fn archive(typed: ArchiveArgs, example: &str) -> Result<Archive, CliError> {
    if typed.events.is_empty() {
        return Err(CliError::usage(format!(
            "no telemetry: name a file, a directory, a pattern or a URL with --events, for example\n  {example}"
        )));
    }
    let on_bad_input = lists::on_bad_input(typed.reading.on_bad_input);
    let (date_order, delta_version) = (typed.reading.date_order, typed.reading.delta_version);
    Ok(Archive { events: typed.events, date_order, delta_version, on_bad_input })
}

/// `plan`.
pub(super) fn plan(typed: PlanArgs, surroundings: &Surroundings) -> Result<PlanConfig, CliError> {
    Ok(PlanConfig {
        hunt: typed.hunt,
        hunts_dir: typed.hunts,
        archive: archive(typed.archive, "coldtrail plan --events s3://telemetry/defender/ --from 90d")?,
        period: convert::period(&typed.period, surroundings)?,
        footers: typed.footers,
        index: typed.index,
        format: typed.format.unwrap_or(if surroundings.stdout_is_terminal {
            ListFormat::Table
        } else {
            ListFormat::Ndjson
        }),
    })
}

/// `convert`.
pub(super) fn convert(typed: ConvertArgs, surroundings: &Surroundings) -> Result<ConvertConfig, CliError> {
    let is_url = typed.output.contains("://");
    if !is_url && surroundings.cwd.join(&typed.output).is_file() {
        return Err(CliError::usage(format!("--output {} is a file; name a directory", typed.output)));
    }
    let archive = archive(typed.archive, "coldtrail convert --events exports/ --output archive/")?;
    let inside = |events: &str| !is_url && !events.contains("://") && is_inside(&typed.output, events, surroundings);
    if let Some(events) = archive.events.iter().find(|events| **events == typed.output || inside(events)) {
        return Err(CliError::usage(format!(
            "--output {} lies in --events {events}: the next run would read what this one wrote; name another directory",
            typed.output
        )));
    }
    Ok(ConvertConfig {
        archive,
        period: convert::period(&PeriodArgs { from: typed.period.from, to: typed.period.to }, surroundings)?,
        output: typed.output,
        threads: typed.threads.map_or(surroundings.cores.max(1), usize::from),
        index: typed.index,
        memory_bytes_max: typed.memory_limit,
    })
}

/// `index`.
pub(super) fn index(typed: IndexArgs, surroundings: &Surroundings) -> Result<IndexConfig, CliError> {
    if !typed.index.contains("://") && surroundings.cwd.join(&typed.index).is_file() {
        return Err(CliError::usage(format!("--index {} is a file; name a directory", typed.index)));
    }
    Ok(IndexConfig {
        archive: archive(typed.archive, "coldtrail index --events archive/ --index archive-index/")?,
        period: convert::period(&PeriodArgs { from: typed.period.from, to: typed.period.to }, surroundings)?,
        index: typed.index,
        threads: typed.threads.map_or(surroundings.cores.max(1), usize::from),
    })
}

fn is_inside(output: &str, events: &str, surroundings: &Surroundings) -> bool {
    let real = |path: &str| std::fs::canonicalize(surroundings.cwd.join(path)).ok();
    let events = real(events);
    // An output that does not exist yet lies where its nearest folder that exists does.
    let mut output = surroundings.cwd.join(output);
    loop {
        match (std::fs::canonicalize(&output).ok(), &events) {
            (Some(output), Some(events)) => return output.starts_with(events),
            (_, None) => return false,
            (None, _) if !output.pop() => return false,
            (None, _) => {}
        }
    }
}
