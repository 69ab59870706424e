//! Delta tables, whose folders also hold rows that were deleted or replaced: with the cargo feature `delta` a table is what
//! its log says, without it a table is refused. Nothing in between.
//!
//! Their form is the business of the unit tests beside the reader of the log; here the program is run.
#![cfg(test)]

#[cfg(feature = "delta")]
mod converted;
#[cfg(not(feature = "delta"))]
mod refused;
#[cfg(feature = "delta")]
mod tables;

use crate::runner::{Ran, Run};

/// The tables of the repository.
#[cfg(feature = "delta")]
const WHOLE: [&str; 2] = ["testdata/delta/updated", "testdata/delta/partitioned"];

/// A hunt for the relays of the archives' list, in lines.
fn hunt(source: &str) -> Run {
    Run::new(&["hunt", "--quiet", "--format", "ndjson", "--tor", "testdata/archives/tor.txt", "--events", source])
}

/// Exit 3, no report, and one sentence with these words.
#[track_caller]
fn is_refused(run: &Run, words: &[&str]) {
    let ran: Ran = run.go().expect(3);
    assert!(ran.stdout.is_empty(), "a refused run reported: {}", ran.text());
    assert!(ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    assert_eq!(ran.stderr.trim_end().lines().count(), 1, "one sentence: {}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in: {}", ran.stderr);
    }
}

/// A table somewhere below what is named would be read as plain files, so nothing is read, with the feature or without.
#[test]
fn a_folder_or_pattern_above_tables_is_refused() {
    for source in ["testdata/delta", "testdata/delta/*/*.parquet", "testdata/delta/**/*.parquet"] {
        is_refused(&hunt(source), &["testdata/delta/", "_delta_log", "feature delta"]);
    }
}
