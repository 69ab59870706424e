//! An object that changes, shrinks or vanishes while it is read: an error that says so, never a mix of two states.

use std::sync::Arc;

use coldtrail_servers::{Fault, Faults, Rule};
use serde_json::json;

use super::{BUCKET, S3, ask, hunt};
use crate::runner::{Run, files_below};

/// JSON lines beyond what is looked at to tell a file's form, with this device in every line.
fn export(device: &str, events: usize) -> String {
    let event = |n: usize| {
        json!({
            "Timestamp": format!("2026-07-18T{:02}:{:02}:{:02}Z", 10 + n / 3600, n / 60 % 60, n % 60),
            "DeviceId": "d1", "DeviceName": device, "ReportId": n, "ActionType": "ConnectionSuccess",
            "RemoteIP": "198.51.100.7", "RemotePort": 443, "InitiatingProcessCommandLine": "x".repeat(300),
        })
    };
    (0..events).map(|n| format!("{}\n", event(n))).collect()
}

const KEY: &str = "live/e.json";

/// Runs while the nth read of the object is preceded by a change.
fn changed_at(
    s3: &S3,
    nth: u64,
    change: impl Fn(&coldtrail_servers::S3Server) + Send + Sync + 'static,
) -> super::Answer {
    let server = Arc::clone(&s3.server);
    let rule = Rule::new(Fault::call(move |_| change(&server))).reads().suffix("/e.json").nth(nth);
    let (proxy, variables) = s3.behind(Faults::rules([rule]));
    let answer = ask(&hunt(&["s3://telemetry/live"]).and(&["--retries", "2"]), &variables);
    assert_eq!(proxy.counts().total.faults, 1, "the change came: {}", answer.stderr);
    answer
}

#[test]
fn an_export_that_is_replaced_between_two_reads() {
    let s3 = S3::empty();
    let (before, after) = (export("before", 4000), export("after", 4000));
    assert!(before.len() > 1 << 20);
    for nth in [1, 2] {
        s3.put(KEY, &before);
        let after = after.clone();
        let answer = changed_at(&s3, nth, move |server| server.put(BUCKET, KEY, after.as_bytes()).unwrap());
        answer.refused(&["s3://telemetry/live/e.json", "changed"]);
    }
    s3.put(KEY, &before);
    let report = ask(&hunt(&["s3://telemetry/live"]), &s3.variables()).expect(0).json();
    assert_eq!(report["findings"][0]["Count"], 4000);
}

#[test]
fn an_export_that_shrinks_grows_or_vanishes_between_two_reads() {
    let s3 = S3::empty();
    let whole = export("device", 4000);
    for nth in [1, 2] {
        for length in [whole.len() / 2, 100, 0] {
            s3.put(KEY, &whole);
            let short = whole[..length].to_owned();
            let answer = changed_at(&s3, nth, move |server| server.put(BUCKET, KEY, short.as_bytes()).unwrap());
            answer.refused(&["s3://telemetry/live/e.json"]);
        }
        s3.put(KEY, &whole);
        let longer = format!("{whole}{}", export("later", 50));
        let answer = changed_at(&s3, nth, move |server| server.put(BUCKET, KEY, longer.as_bytes()).unwrap());
        // A blob that grew is another object; reading just its old part would be right too.
        if answer.code == Some(0) {
            assert_eq!(answer.json()["findings"][0]["Count"], 4000);
        } else {
            answer.refused(&["s3://telemetry/live/e.json", "changed"]);
        }
        s3.put(KEY, &whole);
        let answer = changed_at(&s3, nth, |server| server.remove(BUCKET, KEY).unwrap());
        answer.refused(&["s3://telemetry/live/e.json"]);
    }
}

/// One that vanishes is a bad input: the rest can be had.
#[test]
fn what_vanished_can_be_skipped() {
    let s3 = S3::empty();
    s3.put(KEY, export("gone", 10));
    s3.put("live/stays.json", export("stays", 10));
    let server = Arc::clone(&s3.server);
    let gone = Fault::call(move |_| server.remove(BUCKET, KEY).unwrap());
    let (_proxy, variables) = s3.behind(Faults::rules([Rule::new(gone).reads().suffix("/e.json").nth(1)]));
    let run = hunt(&["s3://telemetry/live"]).and(&["--on-bad-input", "skip"]);
    let report = ask(&run, &variables).expect(4).json();
    assert_eq!(report["findings"][0]["DeviceName"], "stays");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
    assert_eq!(report["coverage"]["files"]["skipped"][0]["path"], "s3://telemetry/live/e.json");
}

/// A footer of one state and columns of another would be garbage at best.
#[test]
fn a_parquet_file_that_is_replaced_after_its_footer() {
    let folder = tempfile::TempDir::new().unwrap();
    let archive = |seed: &str| {
        let path = folder.path().join(seed);
        let make = ["generate", "--rows", "30000", "--days", "1", "--hit-rate", "0.01", "--layout", "flat", "--quiet"];
        Run::new(&make).and(&["--seed", seed]).path("--output", &path).go().expect(0);
        let files = files_below(&path.join("events"));
        assert_eq!(files.len(), 1, "{files:?}");
        (std::fs::read(&files[0]).unwrap(), files_below(&path))
    };
    let ((before, made), (after, _)) = (archive("1"), archive("2"));
    let list = made.iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with("tor")).unwrap();
    let s3 = S3::empty();
    s3.put("live/e.parquet", &before);
    let run = Run::new(&["hunt", "--format", "json", "--quiet", "--retries", "2"]);
    let run = run.path("--tor", list).and(&["--events", "s3://telemetry/live"]);
    let (proxy, variables) = s3.behind(Faults::default());
    let report = ask(&run, &variables).expect(0).json();
    assert!(!report["findings"].as_array().unwrap().is_empty());
    let reads = proxy.counts().total.reads();
    for nth in 1..=reads {
        s3.put("live/e.parquet", &before);
        let (server, after) = (Arc::clone(&s3.server), after.clone());
        let swap = Fault::call(move |_| server.put(BUCKET, "live/e.parquet", &after).unwrap());
        let (proxy, variables) = s3.behind(Faults::rules([Rule::new(swap).reads().nth(nth)]));
        let answer = ask(&run, &variables);
        if proxy.counts().total.faults == 1 {
            answer.refused(&["s3://telemetry/live/e.parquet", "changed"]);
        }
    }
}
