//! `convert` from and to stores: the same files as on disk, or none under a name that a hunt would read.

use std::fs;
use std::path::{Path, PathBuf};

use coldtrail_servers::{Access, Fault, Faults, Kind, Policy, Rule};
use tempfile::TempDir;

use super::azure::{azurite, connected};
use super::{BUCKET, S3, ask, hunt};
use crate::runner::{Run, files_below};

fn convert(source: &str, output: &str) -> Run {
    Run::new(&["convert", "--events", source, "--output", output, "--retries", "3"])
}

/// The Parquet files below a folder, with their bytes.
fn parquet(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = files_below(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "parquet"));
    files.map(|path| (path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

/// The mixed archive, converted on disk.
fn on_disk() -> Vec<(PathBuf, Vec<u8>)> {
    let folder = TempDir::new().unwrap();
    convert("testdata/archives/mixed", folder.path().to_str().unwrap()).go().expect(0);
    let files = parquet(folder.path());
    assert_eq!(files.len(), 3);
    files
}

#[track_caller]
fn hunted(source: &str, variables: &super::Variables) {
    let report = ask(&hunt(&[source]), variables).expect(0).json();
    let local = hunt(&["testdata/archives/mixed"]).go().expect(0).json();
    assert_eq!(report["findings"], local["findings"], "{source}");
    assert_eq!(report["coverage"]["funnel"]["events_in_files"], 25, "{source}");
}

#[test]
fn a_bucket_is_converted_to_disk_and_disk_to_a_bucket() {
    let s3 = S3::with(&["archives/mixed"]);
    let variables = s3.variables();
    let expected = on_disk();
    let folder = TempDir::new().unwrap();
    let here = folder.path().to_str().unwrap();
    let sum = "26 records in = 25 events + 1 cop";
    for (source, output) in [
        ("s3://telemetry/archives/mixed", here),
        ("testdata/archives/mixed", "s3://telemetry/from-disk"),
        ("s3://telemetry/archives/mixed", "s3://telemetry/deep/er/"),
    ] {
        let answer = ask(&convert(source, output), &variables).expect(0);
        assert!(answer.stderr.contains(sum), "{source} to {output}: {}", answer.stderr);
        let written = match output.strip_prefix("s3://telemetry/") {
            Some(prefix) => parquet(&s3.server.bucket_folder(BUCKET).join(prefix)),
            None => parquet(folder.path()),
        };
        assert!(written == expected, "{source} to {output}: other files than on disk");
        hunted(output, &variables);
    }
    // Again: nothing is new, and nothing is written twice.
    let again = ask(&convert("s3://telemetry/archives/mixed", "s3://telemetry/deep/er/"), &variables).expect(0);
    assert!(again.stderr.contains("0 records in"), "{}", again.stderr);
    assert!(parquet(&s3.server.bucket_folder(BUCKET).join("deep/er")) == expected);
    // One more object is all that a later run takes.
    let more = fs::read(crate::runner::root().join("testdata/bad/csv_header_twice.csv")).unwrap();
    s3.put("archives/mixed/later.csv", more);
    let later = ask(&convert("s3://telemetry/archives/mixed", "s3://telemetry/deep/er/"), &variables).expect(0);
    assert!(later.stderr.contains("4 records in = 4 events"), "{}", later.stderr);
}

#[test]
fn a_container_is_converted_to_another() {
    let Some(azurite) = azurite(&["archives/mixed"]) else { return };
    azurite.create_container("ready").unwrap();
    let variables = connected(&azurite);
    let answer = ask(&convert("az://telemetry/archives/mixed", "az://ready/network"), &variables).expect(0);
    assert!(answer.stderr.contains("26 records in = 25 events + 1 cop"), "{}", answer.stderr);
    hunted("az://ready/network", &variables);
    let again = ask(&convert("az://telemetry/archives/mixed", "az://ready/network"), &variables).expect(0);
    assert!(again.stderr.contains("0 records in"), "{}", again.stderr);
}

#[test]
fn a_bucket_that_may_not_be_written_is_refused() {
    let s3 = S3::with(&["archives/plain"]);
    s3.server.set_policy(Policy { write: Access::Forbidden, ..Policy::default() });
    let answer = ask(&convert("s3://telemetry/archives/plain", "s3://telemetry/out"), &s3.variables());
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert!(
        answer.stderr.contains("s3:PutObject") && answer.stderr.contains("s3://telemetry/out"),
        "{}",
        answer.stderr
    );
    assert!(!answer.stderr.contains("records in ="), "{}", answer.stderr);
    s3.server.set_policy(Policy::default());
    let answer = ask(&convert("s3://telemetry/archives/plain", "s3://nowhere/out"), &s3.variables());
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert!(answer.stderr.contains("no bucket nowhere"), "{}", answer.stderr);
}

/// Faults on the way out: whole files and the right sum, or an error and no file that a hunt would take for whole.
#[test]
fn faults_while_writing() {
    let s3 = S3::with(&["archives/mixed"]);
    let expected = on_disk();
    for (n, (fault, must)) in
        [(Fault::SlowDown, true), (Fault::Reset, true), (Fault::InternalError, true), (Fault::ResetAfter(0), false)]
            .into_iter()
            .enumerate()
    {
        let rule = Rule::new(fault.clone()).kinds(&[Kind::Put]).first_of_each(1);
        let (proxy, variables) = s3.behind(Faults::rules([rule]));
        let output = format!("s3://telemetry/out-{n}");
        let answer = ask(&convert("s3://telemetry/archives/mixed", &output), &variables);
        assert!(proxy.counts().total.faults > 0, "{fault:?}");
        let written = parquet(&s3.server.bucket_folder(BUCKET).join(format!("out-{n}")));
        if answer.code == Some(0) {
            assert!(written == expected, "{fault:?}: other files than on disk");
        } else {
            assert!(!must, "{fault:?}: {}", answer.stderr);
            assert_eq!(answer.code, Some(3), "{fault:?}: {}", answer.stderr);
            assert!(written.iter().all(|file| expected.contains(file)), "{fault:?}: half a file");
        }
        // Whatever happened, the next run ends the work.
        ask(&convert("s3://telemetry/archives/mixed", &output), &s3.variables()).expect(0);
        hunted(&output, &s3.variables());
    }
}
