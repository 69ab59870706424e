//! What is asked of a store, as the proxy sees it: folders outside the period never, a footer once, and what coverage says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use coldtrail_servers::{Fault, Faults, Rule};

use super::{S3, ask, demo, hunt};

/// A rule that writes down every request as `kind path?query`.
fn written_down() -> (Faults, Arc<Mutex<Vec<String>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = seen.clone();
    let note = Fault::call(move |request| {
        let query = request.query.replace("%2F", "/").replace("%3D", "=").replace("%3d", "=");
        notes.lock().unwrap().push(format!("{:?} {}?{query}", request.kind, request.path));
    });
    (Faults::rules([Rule::new(note)]), seen)
}

#[test]
fn folders_outside_the_period_are_never_asked_for() {
    let s3 = S3::with(&["archives/streaming", "archives/log_analytics_job_hive", "archives/bare_dates"]);
    let stream = "insights-logs-advancedhunting-devicenetworkevents/tenantId=00000000-aaaa-4bbb-8ccc-0000000000a1";
    for (kind, far) in [
        ("streaming", [format!("{stream}/y=2025/m=01/d=19"), format!("{stream}/y=2026/m=11/d=19")]),
        ("bare_dates", ["2025/01/19".to_owned(), "2026/11/19".to_owned()]),
    ] {
        for folder in &far {
            for hour in 0..4 {
                s3.put(&format!("archives/{kind}/{folder}/{hour:02}/broken.parquet"), "no Parquet");
            }
        }
        let (faults, seen) = written_down();
        let (_proxy, variables) = s3.behind(faults);
        let run = hunt(&[&format!("s3://telemetry/archives/{kind}")]);
        let run = run.and(&["--from", "2026-07-17", "--to", "2026-07-19"]);
        let report = ask(&run, &variables).expect(0).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), 8, "{kind}");
        let seen = seen.lock().unwrap();
        assert!(!seen.is_empty());
        for folder in &far {
            let (above, _) = folder.rsplit_once('/').unwrap();
            let (above, month) = above.rsplit_once('/').unwrap();
            let inside: Vec<&String> = seen.iter().filter(|one| one.contains(&format!("{above}/{month}"))).collect();
            assert!(inside.is_empty(), "{kind}: {folder} was asked for: {inside:?}");
        }
    }
    // Hive folders below hours: what is near is listed, what is far is not opened.
    let (faults, seen) = written_down();
    let (_proxy, variables) = s3.behind(faults);
    let run = hunt(&["s3://telemetry/archives/log_analytics_job_hive"]).and(&["--from", "2026-07-22"]);
    ask(&run, &variables).expect(0);
    let opened: Vec<String> =
        seen.lock().unwrap().iter().filter(|one| one.contains("day=17") || one.contains("Range")).cloned().collect();
    assert!(opened.is_empty(), "{opened:?}");
}

/// One footer a file and the columns that a hunt needs, and coverage tells what it cost. Copies count as events here: those of
/// the demo differ, for which a hunt reads a second time.
#[test]
fn coverage_tells_what_was_asked() {
    let s3 = S3::with(&["demo"]);
    let (proxy, variables) = s3.behind(Faults::default());
    let report = ask(&demo("s3://telemetry/demo").and(&["--keep-duplicates"]), &variables).expect(0).json();
    let (counts, reads) = (proxy.counts(), &report["coverage"]["reads"]);
    assert_eq!(reads["requests"], counts.total.requests(), "{:?}", counts.total);
    // Listings are answered in bytes too, which are no telemetry.
    let told = reads["remote_bytes"].as_u64().unwrap();
    assert!(told <= counts.total.bytes_down, "{told} of {:?}", counts.total);
    let objects: u64 = counts.objects.iter().filter(|(path, _)| *path != "/telemetry").map(|(_, t)| t.bytes_down).sum();
    assert_eq!(told, objects);
    assert_eq!(counts.total.refused, 0, "{:?}", counts.total);
    for (path, tally) in counts.objects.iter().filter(|(path, _)| path.ends_with(".parquet")) {
        assert!(tally.reads() + tally.head <= 4, "{path}: {tally:?}");
    }
}

/// Round trips are the cost: files are opened side by side, and a hunt writes nothing.
#[test]
fn many_files_are_asked_for_at_the_same_time() {
    let s3 = S3::with(&["archives/spark"]);
    let (proxy, variables) = s3.behind(Faults { delay: Duration::from_millis(30), ..Faults::default() });
    ask(&hunt(&["s3://telemetry/archives/spark"]), &variables).expect(0);
    let counts = proxy.counts();
    assert!(counts.concurrent_max >= 4, "one request after the other: {counts:?}");
    assert_eq!(counts.total.put + counts.total.delete, 0, "{:?}", counts.total);
}
