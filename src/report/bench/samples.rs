//! A comparison as a machine with two processors gives it.

use crate::model::bench::{BENCH_VERSION, BenchArchive, BenchReport, BenchRow};

/// Everything ran and agrees, except that there is no index.
pub(super) fn report() -> BenchReport {
    let mut index = row("index", 0.0);
    index.not_run =
        Some("no index of these files was given; write one with coldtrail index and name it with --index".to_owned());
    index.seconds.clear();
    index.median_seconds = None;
    index.against_fastest = None;
    let scanning = |word, seconds, rows_decoded| BenchRow { bytes: 190_000_000, rows_decoded, ..row(word, seconds) };
    BenchReport {
        bench_version: BENCH_VERSION,
        tool: "coldtrail 0.1.0".to_owned(),
        threads: 2,
        hunt: "tor-traffic".to_owned(),
        archive: BenchArchive {
            sources: vec!["archive/events/**/*.parquet".to_owned()],
            files: 90,
            bytes: 1_634_000_000,
            rows: 22_500_000,
            row_groups: 180,
        },
        lists: "5,403 addresses and 12 prefixes of Tor lists".to_owned(),
        findings: 23,
        repeat: 5,
        strategies: vec![
            row("in-list", 12.914),
            row("semi-join", 8.043),
            row("semi-join-static", 8.871),
            row("sort-merge", 31.602),
            row("set-function", 0.912),
            scanning("dictionary", 0.5432, 6_103_250),
            scanning("id-scan", 0.3528, 9_120),
            BenchRow { peak_mib: Some(287.3), ..scanning("auto", 0.3461, 9_120) },
            index,
        ],
    }
}

fn row(word: &str, seconds: f64) -> BenchRow {
    BenchRow {
        strategy: word.to_owned(),
        not_run: None,
        seconds: vec![seconds * 0.97, seconds, seconds * 1.08],
        median_seconds: Some(seconds),
        against_fastest: Some(seconds / 0.3461),
        median_cpu_seconds: Some(seconds * 1.9),
        bytes: 1_634_000_000,
        row_groups: 180,
        pages: Some(12_640),
        rows_decoded: 22_500_000,
        peak_mib: Some(1_204.0),
        findings: 23,
        same_result: true,
    }
}
