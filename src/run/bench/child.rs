//! A run that another process measures: it hunts, and says what it read and what it took.

use std::io;

use sha2::{Digest as _, Sha256};

use super::process::Said;
use crate::cli::{BenchConfig, Child, RunConfig};
use crate::model::bench::BenchArchive;
use crate::model::coverage::Coverage;
use crate::run::interrupt::Guard;
use crate::run::{Console, Outcome, RunError, query};

/// Hunts, and writes one line of JSON.
pub(super) async fn run(
    config: RunConfig,
    bench: BenchConfig,
    child: Child,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    let config = RunConfig { quiet: true, progress: false, ..config };
    let (coverage, report) = tokio::select! {
        measured = query::measured(config, bench.hunt, child.counts_pages, &guard) => measured?,
        () = nobody_waits() => return Ok(Outcome::Interrupted),
    };
    let said = Said { peak_mib: peak_mib(), cpu_seconds: cpu_seconds(), ..said(&coverage, &report) };
    let line = serde_json::to_string(&said).map_err(|error| RunError::System(error.to_string()))?;
    let target = || "stdout".to_owned();
    console
        .with_stdout(|out| writeln!(out, "{line}"))
        .map_err(|error| RunError::Output { target: target(), error: error.into() })?;
    Ok(Outcome::Done)
}

/// Until the process that measures has ended, in whatever way: it holds the other end of stdin.
async fn nobody_waits() {
    let (ends, ended) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        // Reading fails where there is no stdin, which ends it, too.
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(ends);
    });
    // The sender goes without a word.
    let _ = ended.await;
}

fn said(coverage: &Coverage, report: &[u8]) -> Said {
    let reads = &coverage.reads;
    let tor = coverage.tor.as_ref().map(|tor| format!("{} addresses and prefixes of Tor lists", tor.entries));
    let intel = coverage.intel.as_ref().map(|intel| format!("{} indicators", intel.usable));
    let lists: Vec<String> = tor.into_iter().chain(intel).collect();
    Said {
        result: Sha256::digest(report).iter().map(|byte| format!("{byte:02x}")).collect(),
        findings: coverage.funnel.findings,
        archive: BenchArchive {
            sources: Vec::new(),
            files: coverage.files.read,
            bytes: coverage.files.found_bytes,
            rows: coverage.funnel.events_in_period,
            row_groups: reads.row_groups,
        },
        lists: lists.join(", "),
        bytes: reads.bytes,
        row_groups: reads.row_groups - reads.row_groups_outside_period - untouched(coverage),
        pages: reads.pages,
        rows_decoded: reads.rows_decoded,
        ..Said::default()
    }
}

/// Row groups of which an index says that nothing is wanted: nothing of them is read.
fn untouched(coverage: &Coverage) -> u64 {
    let reads = &coverage.reads;
    let indexed: u64 = reads.ways.iter().filter(|way| way.way == "index").map(|way| way.row_groups).sum();
    indexed.min(reads.row_groups_without_match)
}

/// The process's largest resident memory; only Linux tells.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Processor seconds of all threads; only Linux tells.
fn cpu_seconds() -> Option<f64> {
    /// What the kernel counts in, on every machine that Linux runs on today.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name may hold blanks; numbers follow its bracket. Fields 14 and 15 are user and system time.
    let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| numbers.get(at).and_then(|number| number.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}
