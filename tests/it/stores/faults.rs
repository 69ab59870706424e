//! Faults on the way: the result is the one from disk, or the run fails; a short answer never comes.

use coldtrail_servers::{Fault, Faults, Kind, Rule};

use super::{Answer, S3, ask, hunt, on_disk, same, settled};
use crate::runner::Run;

/// A few files of every form: documents, Parquet, CSV, gzip, zstd.
const FOLDERS: [&str; 5] =
    ["archives/graph_api", "archives/cribl_parquet", "archives/portal_csv", "archives/vector", "archives/ndjson_zst"];

/// A hunt over all of them in one place.
fn few(place: &str) -> Run {
    let sources = FOLDERS.map(|folder| format!("{place}/{folder}"));
    hunt(&sources.each_ref().map(String::as_str))
}

/// Equal to the hunt on disk, or exit 3 with one error and no report.
#[track_caller]
fn equal_or_loud(answer: &Answer, expected: &str, what: &str) -> bool {
    if answer.code == Some(0) {
        let stored = settled(&answer.stdout, "s3://telemetry", "testdata");
        assert!(stored == expected, "{what}: a report that is not the one from disk: {stored}");
        return true;
    }
    assert_eq!(answer.code, Some(3), "{what}: {}", answer.stderr);
    assert!(answer.stdout.is_empty(), "{what}: a failed run reported: {}", answer.stdout);
    assert!(
        answer.stderr.starts_with("error: ") && answer.stderr.contains("s3://telemetry"),
        "{what}: {}",
        answer.stderr
    );
    assert!(!answer.stderr.contains("panicked"), "{what}: {}", answer.stderr);
    false
}

/// What passes when it is asked again.
fn passing() -> [(&'static str, Fault); 6] {
    [
        ("503", Fault::SlowDown),
        ("500", Fault::InternalError),
        ("429", Fault::TooManyRequests),
        ("reset", Fault::Reset),
        ("reset within a body", Fault::ResetAfter(900)),
        ("a body that is cut", Fault::CutAfter(900)),
    ]
}

#[test]
fn what_fails_now_and_then_is_asked_again() {
    let s3 = S3::with(&FOLDERS);
    let local = few("testdata");
    for (what, fault) in passing() {
        let (proxy, variables) = s3.behind(Faults::rules([Rule::new(fault).every(3)]));
        let stored = ask(&few("s3://telemetry"), &variables);
        same(&stored, "s3://telemetry", &local, what);
        assert!(proxy.counts().total.faults > 5, "{what}: {:?}", proxy.counts().total);
    }
}

/// The same requests fail in every run of a seed; what comes of it may differ, and must be right.
#[test]
fn a_sweep_of_seeds_and_faults() {
    let s3 = S3::with(&FOLDERS);
    let expected = on_disk(&few("testdata"));
    let kinds = passing().into_iter().chain([
        ("an answer that is called shorter", Fault::Shorten(400)),
        ("an answer of nothing", Fault::Shorten(0)),
    ]);
    let (mut right, mut loud, mut faults) = (0, 0, 0);
    for (what, fault) in kinds {
        for seed in [7, 2026] {
            let (proxy, variables) = s3.behind(Faults::rules([Rule::new(fault.clone()).seeded(seed, 300)]));
            let answer = ask(&few("s3://telemetry").and(&["--retries", "2"]), &variables);
            let is_right = equal_or_loud(&answer, &expected, &format!("{what}, seed {seed}"));
            *(if is_right { &mut right } else { &mut loud }) += 1;
            faults += proxy.counts().total.faults;
        }
    }
    assert!(right > 0, "nothing got through: {loud} failed");
    assert!(faults > 50, "{faults} faults in all");
}

/// Parquet is read in ranges, many of one file.
#[test]
fn a_sweep_over_parquet() {
    let s3 = S3::with(&["archives/spark"]);
    let (source, local) = ("s3://telemetry/archives/spark", "testdata/archives/spark");
    let expected = on_disk(&hunt(&[local]));
    let kinds = [Fault::Shorten(7), Fault::Shorten(2000), Fault::CutAfter(2000), Fault::ResetAfter(1)];
    for (n, fault) in kinds.into_iter().enumerate() {
        let rule = Rule::new(fault.clone()).kinds(&[Kind::RangeGet, Kind::Get]).seeded(n as u64, 250);
        let (proxy, variables) = s3.behind(Faults::rules([rule]));
        let answer = ask(&hunt(&[source]).and(&["--retries", "2"]), &variables);
        equal_or_loud(&answer, &expected, &format!("{fault:?}"));
        assert!(proxy.counts().total.faults > 0, "{fault:?}");
    }
}

/// Without end: an error after the bounded number of attempts, with the remedy.
#[test]
fn what_fails_always_is_an_error() {
    let s3 = S3::with(&["archives/vector"]);
    let source = "s3://telemetry/archives/vector";
    for (fault, words) in [
        (Fault::SlowDown, "--retries"),
        (Fault::TooManyRequests, "--retries"),
        (Fault::InternalError, "again"),
        (Fault::Reset, "s3://telemetry/archives/vector"),
        (Fault::CutAfter(0), "s3://telemetry/archives/vector"),
        (Fault::Shorten(0), "s3://telemetry/archives/vector"),
    ] {
        for kinds in [&[Kind::List][..], &[Kind::Get, Kind::RangeGet]] {
            let (proxy, variables) = s3.behind(Faults::rules([Rule::new(fault.clone()).kinds(kinds)]));
            let answer = ask(&hunt(&[source]).and(&["--retries", "1", "--timeout", "5"]), &variables);
            assert_eq!(answer.code, Some(3), "{fault:?} {kinds:?}: {}{}", answer.stdout, answer.stderr);
            assert!(answer.stdout.is_empty(), "{fault:?}: {}", answer.stdout);
            assert!(answer.stderr.contains(words), "{fault:?} {kinds:?}: {}", answer.stderr);
            let faults = proxy.counts().total.faults;
            assert!((1..=8 * 4).contains(&faults), "{fault:?} {kinds:?}: {faults} attempts are not bounded");
        }
    }
}

/// Skipping is for inputs that are bad, and says so: nothing that a store could not give is passed over in silence.
#[test]
fn one_object_that_never_comes_can_be_skipped() {
    let s3 = S3::with(&["archives/vector"]);
    let bad = "1784419140-f5b2825b-2a33-42ba-a1f7-36ecec45f7e6.log.gz";
    let (_proxy, variables) = s3.behind(Faults::rules([Rule::new(Fault::InternalError).suffix(bad)]));
    let run = hunt(&["s3://telemetry/archives/vector"]).and(&["--retries", "1"]);
    let answer = ask(&run, &variables);
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert!(answer.stderr.contains(bad), "the sentence names the object: {}", answer.stderr);
    let report = ask(&run.and(&["--on-bad-input", "skip"]), &variables).expect(4).json();
    let skipped = &report["coverage"]["files"]["skipped"];
    assert!(skipped[0]["path"].as_str().unwrap().ends_with(bad), "{skipped}");
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

/// A list or a feed that is cut must never be taken for the whole list.
#[test]
fn lists_are_whole_or_the_run_fails() {
    let s3 = S3::with(&["demo", "archives/plain"]);
    let run = hunt(&["testdata/archives/plain"]);
    let expected = on_disk(&run);
    let stored = Run::new(&["hunt", "--format", "json", "--quiet", "--tor-as-of", "2026-07-18"]);
    let stored = stored.and(&["--tor", "s3://telemetry/archives/tor.txt", "--events", "testdata/archives/plain"]);
    for fault in [Fault::CutAfter(20), Fault::ResetAfter(20), Fault::Shorten(20), Fault::Shorten(0), Fault::SlowDown] {
        for rule in [Rule::new(fault.clone()).reads(), Rule::new(fault.clone()).reads().first_of_each(1)] {
            let (proxy, variables) = s3.behind(Faults::rules([rule]));
            let answer = ask(&stored.clone().and(&["--retries", "2"]), &variables);
            equal_or_loud(&answer, &expected, &format!("{fault:?}"));
            assert!(proxy.counts().total.faults > 0, "{fault:?}");
        }
    }
}
