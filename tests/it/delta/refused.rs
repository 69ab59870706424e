//! A build without the feature: nothing that looks at rows of a table's files, and each refusal names the remedy.

use tempfile::TempDir;

use super::{hunt, is_refused};
use crate::runner::{Run, files_below};

const TABLE: &str = "testdata/delta/updated";
const REMEDY: [&str; 3] = ["error: testdata/delta/updated: this is a Delta table", "feature delta", "plain Parquet"];

#[test]
fn a_table_is_refused_by_whoever_reads_telemetry() {
    is_refused(&hunt(TABLE), &REMEDY);
    is_refused(&hunt(&format!("{TABLE}/")), &["this is a Delta table", "feature delta"]);
    is_refused(&Run::new(&["plan", "--quiet", "--events", TABLE]), &REMEDY);
    is_refused(&Run::new(&["sql", "SELECT count(*) FROM DeviceNetworkEvents", "--quiet", "--events", TABLE]), &REMEDY);
    let output = TempDir::new().unwrap();
    is_refused(&Run::new(&["convert", "--quiet", "--events", TABLE]).path("--output", output.path()), &REMEDY);
    let written = files_below(output.path());
    assert!(!written.iter().any(|path| path.extension().is_some_and(|end| end == "parquet")), "{written:?}");
}

/// Skipping it would be a short answer.
#[test]
fn a_table_is_no_bad_input_to_be_skipped() {
    let run = hunt(TABLE).and(&["--events", "testdata/archives/plain", "--on-bad-input", "skip"]);
    is_refused(&run, &REMEDY);
}

#[test]
fn a_version_is_refused_whatever_is_read() {
    for source in [TABLE, "testdata/archives/plain"] {
        is_refused(&hunt(source).and(&["--delta-version", "0"]), &["reads no Delta tables", "--features delta"]);
    }
}

/// The flag can do nothing here, so help does not offer it.
#[test]
fn help_does_not_name_the_version() {
    let help = Run::new(&["hunt", "--help"]).go().expect(0);
    assert!(help.text().contains("--date-order") && !help.text().contains("--delta-version"), "{}", help.text());
}
