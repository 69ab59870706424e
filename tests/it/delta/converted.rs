//! `convert` from a table: its rows at a version, and later what it gained since.

use std::path::Path;

use tempfile::TempDir;

use super::{WHOLE, hunt, is_refused};
use crate::runner::{Run, leftovers};

fn convert(table: &str, output: &Path) -> Run {
    Run::new(&["convert", "--events", table]).path("--output", output)
}

#[track_caller]
fn is_whole(output: &Path) {
    let ran = hunt(output.to_str().unwrap()).go().expect(0);
    assert_eq!(ran.text(), hunt("testdata/archives/plain").go().expect(0).text());
    assert!(leftovers(output).is_empty());
}

#[test]
fn a_table_is_converted_as_its_log_says() {
    for table in WHOLE {
        let output = TempDir::new().unwrap();
        let ran = convert(table, output.path()).go().expect(0);
        assert!(ran.stderr.contains("26 records in = 25 events + 1 copy + 0 rejects"), "{table}: {}", ran.stderr);
        is_whole(output.path());
        let again = convert(table, output.path()).go().expect(0);
        assert!(again.stderr.contains("0 records in = "), "{table}: {}", again.stderr);
        is_whole(output.path());
    }
}

/// A later version has files that hold old rows again (`OPTIMIZE`); they are copies.
#[test]
fn a_later_version_adds_what_is_new() {
    let output = TempDir::new().unwrap();
    let first = convert(WHOLE[0], output.path()).and(&["--delta-version", "2"]).go().expect(0);
    assert!(first.stderr.contains("19 records in = 18 events + 1 copy + 0 rejects"), "{}", first.stderr);
    let later = convert(WHOLE[0], output.path()).go().expect(0);
    assert!(later.stderr.contains("20 records in = 7 events + 13 copies + 0 rejects"), "{}", later.stderr);
    is_whole(output.path());
}

#[test]
fn a_table_that_cannot_be_read_is_not_converted() {
    for (table, words) in [("testdata/delta/deleted", "deletion vector"), ("testdata/delta/damaged", "log is damaged")]
    {
        let output = TempDir::new().unwrap();
        is_refused(&convert(table, output.path()).and(&["--quiet"]), &[table, words]);
        let read = convert(table, output.path()).and(&["--delta-version", "0"]).go().expect(0);
        assert!(read.stderr.contains("13 records in = 12 events + 1 copy + 0 rejects"), "{table}: {}", read.stderr);
    }
}
