//! A bucket is read as a folder is: the same findings, the same coverage, whatever its keys are called.

use coldtrail_servers::{Access, Faults, Policy};
use serde_json::{Value, json};

use super::{S3, ask, demo, hunt, same, with, without};
use crate::runner::Run;

#[test]
fn the_demo_is_hunted_in_a_bucket_as_on_disk() {
    let s3 = S3::with(&["demo"]);
    let stored = ask(&demo("s3://telemetry/demo"), &s3.variables()).expect(0);
    same(&stored, "s3://telemetry", &demo("testdata/demo"), "demo");
    let report = stored.json();
    assert!(report["coverage"]["reads"]["requests"].as_u64().unwrap() > 20, "{}", report["coverage"]["reads"]);
    assert!(report["coverage"]["reads"]["remote_bytes"].as_u64().unwrap() > 10_000);
    // Only the lists, or only the events.
    let lists = Run::new(&["hunt", "--format", "json", "--quiet", "--events", "testdata/demo/events"]);
    let lists = lists.and(&["--tor", "s3://telemetry/demo/tor-history/", "--intel", "s3://telemetry/demo/intel"]);
    assert_eq!(ask(&lists, &s3.variables()).expect(0).json()["findings"], report["findings"]);
    let place = |place: &str| ["events", "tor-history", "intel"].map(|part| format!("{place}/{part}"));
    let [events, tor, intel] = place("s3://telemetry/demo");
    let lines = Run::new(&["hunt", "--quiet", "--events", &events, "--tor", &tor, "--intel", &intel]);
    // An indicator's source is a path.
    let stored = ask(&lines, &s3.variables()).expect(0).stdout.replace("s3://telemetry", "testdata");
    assert_eq!(stored, Run::demo(&["--quiet"]).go().expect(0).text());
}

#[test]
fn every_kind_of_archive_is_read_in_a_bucket() {
    let kinds = ["streaming", "mixed", "tenzir_action", "log_analytics_job_hive", "cribl", "vector", "graph_api"];
    let folders: Vec<String> = kinds.iter().map(|kind| format!("archives/{kind}")).collect();
    let s3 = S3::with(&folders.iter().map(String::as_str).collect::<Vec<_>>());
    for folder in &folders {
        let stored = ask(&hunt(&[&format!("s3://telemetry/{folder}")]), &s3.variables());
        same(&stored, "s3://telemetry", &hunt(&[&format!("testdata/{folder}")]), folder);
    }
    let all: Vec<String> = folders.iter().map(|folder| format!("s3://telemetry/{folder}/")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let local: Vec<String> = folders.iter().map(|folder| format!("testdata/{folder}/")).collect();
    let local: Vec<&str> = local.iter().map(String::as_str).collect();
    same(&ask(&hunt(&all), &s3.variables()), "s3://telemetry", &hunt(&local), "all together");
    // Some in the bucket, some on disk.
    let both = hunt(&["s3://telemetry/archives/streaming", "testdata/archives/vector"]);
    let local = hunt(&["testdata/archives/streaming", "testdata/archives/vector"]);
    same(&ask(&both, &s3.variables()), "s3://telemetry", &local, "store and disk");
}

#[test]
fn patterns_choose_the_same_objects_as_files() {
    let s3 = S3::with(&[
        "archives/streaming",
        "archives/cribl",
        "archives/vector",
        "archives/portal_csv",
        "archives/portal_csv_bom",
    ]);
    for pattern in [
        "archives/streaming/**/PT1H.json",
        "archives/portal_csv*/*.csv",
        "archives/{cribl,vector}/**",
        "archives/streaming/**/d=1[78]/**",
        "archives/vector/date=2026-07-1?/*.gz",
        "archives/cribl/collector-1/defender_network/CriblOut-tW0kZb.1.json.gz",
        "archives/vector/",
        "archives/vector",
    ] {
        let stored = ask(&hunt(&[&format!("s3://telemetry/{pattern}")]), &s3.variables());
        let local = hunt(&[&format!("testdata/{pattern}")]);
        let (report, local) = (stored.json(), local.go().expect(0).json());
        assert_eq!(report["findings"], local["findings"], "{pattern}");
        for member in ["found", "read", "found_bytes"] {
            assert_eq!(
                report["coverage"]["files"][member], local["coverage"]["files"][member],
                "{member} of {pattern}"
            );
        }
        assert!(local["coverage"]["files"]["read"].as_u64().unwrap() > 0, "{pattern}");
    }
    let none = ask(&hunt(&["s3://telemetry/archives/*.nothing"]), &s3.variables());
    none.refused(&["s3://telemetry/archives/*.nothing"]);
}

/// One JSON line that is a hit on the archives' list.
fn event(n: usize) -> String {
    let event = json!({
        "Timestamp": format!("2026-07-18T{:02}:{:02}:{:02}Z", 10 + n / 3600, n / 60 % 60, n % 60),
        "DeviceId": "d1", "DeviceName": "wks-1.larchfield.example", "ReportId": n,
        "ActionType": "ConnectionSuccess", "RemoteIP": "198.51.100.7", "RemotePort": 443,
    });
    format!("{event}\n")
}

#[test]
fn a_listing_of_more_than_a_page_is_whole() {
    let s3 = S3::empty();
    for n in 0..1150 {
        s3.put(&format!("many/{:02}/{n}.json", n % 23), event(n));
    }
    let (proxy, variables) = s3.behind(Faults::default());
    let run = hunt(&["s3://telemetry/many"]);
    let report = ask(&run, &variables).expect(0).json();
    assert_eq!(report["coverage"]["files"]["read"], 1150);
    assert_eq!(report["findings"][0]["Count"], 1150);
    let counts = proxy.counts();
    assert!(counts.total.list >= 2, "{:?}", counts.total);
    // Its head, which says what it is, and its rest; keeping the heads would let memory grow with the archive.
    assert!(counts.total.requests() <= 2 * 1150 + 10, "{:?}", counts.total);
    let plan = Run::new(&["plan", "--format", "ndjson", "--quiet", "--events", "s3://telemetry/many"]);
    assert_eq!(ask(&plan, &variables).expect(0).json()["files"], 1150);
}

#[test]
fn keys_with_characters_that_mean_something_elsewhere() {
    let s3 = S3::empty();
    let keys = [
        "with blank/part 1.json",
        "per%20cent%/100%.json",
        "a=b/c=d.json",
        "größe/日本 语.json",
        "plus+plus/a+b.json",
        "hash#hash/a#b.json",
        "what/is?this.json",
        "and&more/a&b;c.json",
        "quote'd \"x\"/y.json",
        "at@home/~tilde$.json",
        "comma,colon:/(x)!.json",
    ];
    for (n, key) in keys.iter().enumerate() {
        s3.put(key, event(n));
    }
    for key in keys {
        let folder = format!("s3://telemetry/{}/", key.split('/').next().unwrap());
        for source in [folder, format!("s3://telemetry/{key}")] {
            let answer = ask(&hunt(&[&source]), &s3.variables());
            assert_eq!(answer.code, Some(0), "{source}: {}", answer.stderr);
            let report = answer.json();
            assert_eq!(report["coverage"]["files"]["read"], 1, "{source}");
            assert_eq!(report["findings"][0]["Count"], 1, "{source}");
        }
    }
    let report = ask(&hunt(&["s3://telemetry"]), &s3.variables()).expect(0).json();
    assert_eq!(report["findings"][0]["Count"], keys.len());
}

/// The bucket itself, one object, and what is not there.
#[test]
fn a_source_is_a_bucket_a_prefix_or_an_object() {
    let s3 = S3::empty();
    s3.put("a/one.json", event(1));
    s3.put("a/two.json", event(2));
    s3.put("ab/three.json", event(3));
    let count = |source: &str| {
        let report = ask(&hunt(&[source]), &s3.variables()).expect(0).json();
        report["findings"][0]["Count"].as_u64().unwrap()
    };
    assert_eq!(count("s3://telemetry"), 3);
    assert_eq!(count("s3://telemetry/"), 3);
    // A prefix is a folder, as on disk: `a` is not `ab`.
    assert_eq!(count("s3://telemetry/a"), 2);
    assert_eq!(count("s3://telemetry/a/"), 2);
    assert_eq!(count("s3://telemetry/a/two.json"), 1);
    assert_eq!(count("s3a://telemetry/a/two.json"), 1);
    for missing in ["s3://telemetry/nothing", "s3://telemetry/a/four.json", "s3://telemetry/b/"] {
        ask(&hunt(&[missing]), &s3.variables()).refused(&[missing]);
    }
    // Named twice is read once.
    let twice = ask(&hunt(&["s3://telemetry/a", "s3://telemetry/a/one.json"]), &s3.variables()).expect(0).json();
    assert_eq!(twice["coverage"]["files"]["read"], 2);
    assert_eq!(twice["findings"][0]["Count"], 2);
}

#[test]
fn two_buckets_of_one_store_do_not_collide() {
    let s3 = S3::empty();
    s3.server.create_bucket("second").unwrap();
    s3.put("e.json", event(1));
    s3.server.put("second", "e.json", event(2).as_bytes()).unwrap();
    let report = ask(&hunt(&["s3://telemetry/e.json", "s3://second/e.json"]), &s3.variables()).expect(0).json();
    assert_eq!(report["findings"][0]["Count"], 2);
    assert_eq!(report["findings"][0]["FirstSeen"], "2026-07-18T10:00:01.000000Z");
    assert_eq!(report["findings"][0]["LastSeen"], "2026-07-18T10:00:02.000000Z");
}

#[test]
fn a_public_bucket_needs_no_keys() {
    let s3 = S3::with(&["archives/plain"]);
    s3.server.set_policy(Policy { anonymous: Access::Allowed, ..Policy::default() });
    let keyless = without(s3.variables(), &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let run = hunt(&["s3://telemetry/archives/plain"]);
    let stored = ask(&run.clone().and(&["--anonymous"]), &keyless);
    same(&stored, "s3://telemetry", &hunt(&["testdata/archives/plain"]), "anonymous");
    // The flag is stronger than keys that are wrong, and so is the variable.
    let wrong = with(s3.variables(), "AWS_SECRET_ACCESS_KEY", "another");
    ask(&run.clone().and(&["--anonymous"]), &wrong).expect(0);
    ask(&run, &with(keyless.clone(), "AWS_SKIP_SIGNATURE", "true")).expect(0);
    // The flag for the address is stronger than the variable.
    let elsewhere = with(keyless, "AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    ask(&run.and(&["--anonymous", "--endpoint", &s3.server.endpoint()]), &elsewhere).expect(0);
    // A web address of one object is a file.
    let url = format!("{}/telemetry/archives/plain/events.parquet", s3.server.endpoint());
    let web = ask(&hunt(&[&url]), &[]).expect(0).json();
    let local = hunt(&["testdata/archives/plain"]).go().expect(0).json();
    assert_eq!(web["findings"], local["findings"]);
}

#[test]
fn a_plan_says_what_lies_there() {
    let s3 = S3::with(&["archives/streaming", "archives/spark"]);
    let ask_plan = |source: &str, more: &[&str]| {
        let run = Run::new(&["plan", "--format", "ndjson", "--quiet", "--events", source]).and(more);
        let local = source.replace("s3://telemetry", "testdata");
        let local = Run::new(&["plan", "--format", "ndjson", "--quiet", "--events", &local]).and(more);
        let stored = ask(&run, &s3.variables()).expect(0).stdout.replace("s3://telemetry", "testdata");
        let (mut stored, mut local): (Value, Value) =
            (serde_json::from_str(&stored).unwrap(), local.go().expect(0).json());
        assert!(stored["requests"].as_u64().unwrap() > 0);
        for plan in [&mut stored, &mut local] {
            plan.as_object_mut().unwrap().retain(|key, _| key != "requests" && key != "remote_bytes");
        }
        assert_eq!(stored, local, "{source}");
        stored
    };
    let plan = ask_plan("s3://telemetry/archives/streaming", &[]);
    assert_eq!((&plan["files"], plan["days"].as_array().unwrap().len()), (&json!(17), 3));
    let plan = ask_plan("s3://telemetry/archives/spark", &["--footers"]);
    assert_eq!(plan["footers"]["rows"], 26, "{plan}");
    ask_plan("s3://telemetry/archives/streaming", &["--from", "2026-07-19T12:00:00Z"]);
}

/// Findings and coverage do not depend on threads, there too.
#[test]
fn threads_change_nothing() {
    let s3 = S3::with(&["archives/mixed"]);
    let report = |threads: &str| {
        let run = hunt(&["s3://telemetry/archives/mixed"]).and(&["--threads", threads]);
        super::settled(&ask(&run, &s3.variables()).expect(0).stdout, "", "")
    };
    assert_eq!(report("1"), report("5"));
}
