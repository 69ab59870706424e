//! Indexes that lie in a bucket: the same answers, whatever becomes of them on the way.

use coldtrail_servers::{Fault, Faults, Rule};

use super::{S3, ask, demo, hunt};
use crate::runner::Run;

const EVENTS: &str = "s3://telemetry/archives/log_analytics_job";
const INDEX: &str = "s3://telemetry/index/";

fn index(more: &[&str]) -> Run {
    Run::new(&["index", "--events", EVENTS, "--index", INDEX, "--retries", "0"]).and(more)
}

#[test]
fn an_index_in_a_bucket_answers_for_files_in_a_bucket() {
    let s3 = S3::with(&["archives/log_analytics_job"]);
    let without = ask(&hunt(&[EVENTS]), &s3.variables()).expect(0).json();
    let told = ask(&index(&[]), &s3.variables()).expect(0);
    assert!(told.stderr.contains("indexed in s3://telemetry/index/"), "{}", told.stderr);
    let again = ask(&index(&[]), &s3.variables()).expect(0);
    assert!(again.stderr.contains("0 files of 0 rows indexed"), "{}", again.stderr);
    let with = ask(&hunt(&[EVENTS]).and(&["--index", INDEX]), &s3.variables()).expect(0).json();
    assert_eq!(with["findings"], without["findings"]);
    let used = &with["coverage"]["reads"]["index"];
    assert!(used["used"].as_u64().unwrap() > 0 && used["ignored"].as_array().unwrap().is_empty(), "{used}");
}

#[test]
fn an_index_that_cannot_be_read_is_passed_over() {
    let s3 = S3::with(&["archives/log_analytics_job"]);
    ask(&index(&[]), &s3.variables()).expect(0);
    let without = ask(&hunt(&[EVENTS]), &s3.variables()).expect(0).json();
    for fault in [Fault::SlowDown, Fault::Reset, Fault::CutAfter(10), Fault::Shorten(20)] {
        let (_proxy, variables) = s3.behind(Faults::rules([Rule::new(fault).suffix(".ctindex")]));
        let run = hunt(&[EVENTS]).and(&["--index", INDEX, "--retries", "0"]);
        let answer = ask(&run, &variables).expect(0);
        let report = answer.json();
        assert_eq!(report["findings"], without["findings"]);
        let used = &report["coverage"]["reads"]["index"];
        assert!(used["used"] == 0 && !used["ignored"].as_array().unwrap().is_empty(), "{used}");
    }
}

#[test]
fn an_index_on_disk_serves_files_in_a_bucket() {
    let s3 = S3::with(&["demo"]);
    let folder = tempfile::TempDir::new().unwrap();
    let place = folder.path().to_str().unwrap();
    let made = Run::new(&["index", "--events", "s3://telemetry/demo/events", "--index", place]);
    ask(&made, &s3.variables()).expect(0);
    let without = ask(&demo("s3://telemetry/demo"), &s3.variables()).expect(0).json();
    let with = ask(&demo("s3://telemetry/demo").and(&["--index", place]), &s3.variables()).expect(0).json();
    assert_eq!(with["findings"], without["findings"]);
    assert!(with["coverage"]["reads"]["index"]["used"].as_u64().unwrap() > 0);
}
