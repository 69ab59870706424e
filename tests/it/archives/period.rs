//! `--from` and `--to`: folders far outside are not listed, and no row is lost to the name of a folder.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{TOR, counted, hunt, kind};
use crate::runner::{Run, copy_tree, root};

/// Kinds whose paths name dates: hive keys of several spellings, bare folders, names of files.
const DATED: [&str; 9] = [
    "streaming",
    "streaming_records",
    "log_analytics_rule",
    "log_analytics_job_hive",
    "bare_dates",
    "dates_in_names",
    "spark",
    "tenzir",
    "vector",
];

/// Periods whose ends fall between, on and far from the events.
const PERIODS: [(&str, &str); 4] = [
    ("2026-07-18", "2026-07-18"),
    ("2026-07-18T14:04:59Z", "2026-07-18T14:05:00Z"),
    ("2026-07-19T20:00:00Z", "2026-08-30"),
    ("2026-01-01", "2026-07-17T23:59:58Z"),
];

/// What must not depend on how rows outside the period were left out.
fn essence(report: &Value) -> Value {
    let funnel = &report["coverage"]["funnel"];
    let counts = ["events_in_period", "events_matched", "events_after_dedup"].map(|key| funnel[key].clone());
    serde_json::json!({ "findings": report["findings"], "counts": counts })
}

/// One file without any date in its path is filtered by row alone.
#[test]
fn a_period_finds_in_dated_folders_what_it_finds_by_row() {
    let mut wrong = Vec::new();
    for (from, to) in PERIODS {
        let period = ["--from", from, "--to", to];
        let by_row = essence(&hunt(&[&kind("plain")]).and(&period).go().expect(0).json());
        for name in DATED {
            let ran = hunt(&[&kind(name)]).and(&period).go();
            if ran.code != Some(0) || essence(&ran.json()) != by_row {
                wrong.push(format!("{name} from {from} to {to}: exit {:?} {}{}", ran.code, ran.text(), ran.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn garbage(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "text under a Parquet name\n").unwrap();
}

/// A broken file far outside is an error for a run that lists it, and nothing to one that does not.
#[test]
fn folders_far_outside_are_not_even_listed() {
    let stream = "insights-logs-advancedhunting-devicenetworkevents/tenantId=00000000-aaaa-4bbb-8ccc-0000000000a1";
    for (name, far) in [
        ("streaming", format!("{stream}/y=2025/m=01/d=19/h=18/m=00/PT1H.parquet")),
        ("streaming", format!("{stream}/y=2026/m=08/d=19/h=18/m=00/PT1H.parquet")),
        ("bare_dates", "2026/03/02/03/part.parquet".to_owned()),
        ("spark", "dt=2026-05-01/hour=14/part.parquet".to_owned()),
        ("vector", "date=2026-07-01/1.parquet".to_owned()),
        ("tenzir", "year=2024/month=7/day=18/x.parquet".to_owned()),
    ] {
        let folder = TempDir::new().unwrap();
        copy_tree(&kind(name), folder.path());
        garbage(&folder.path().join(&far));
        let archive = folder.path().display().to_string();
        let listed = hunt(&[&archive]).go().expect(3);
        assert!(listed.stderr.contains(far.rsplit('/').next().unwrap()), "{name}: {}", listed.stderr);
        let period = ["--from", "2026-07-17", "--to", "2026-07-19"];
        let report = hunt(&[&archive]).and(&period).go().expect(0).json();
        assert_eq!(report["findings"].as_array().unwrap().len(), 8, "{name}");
        let outside: u64 = counted(&report["coverage"]["files"]["ignored"])
            .iter()
            .filter(|(rule, _)| rule.contains("outside the period") && rule.contains("not listed"))
            .map(|(_, count)| count)
            .sum();
        assert!(
            outside >= 1,
            "{name}: coverage does not say that a folder was left out: {}",
            report["coverage"]["files"]
        );
    }
}

/// Which clock names a folder is not settled, so a folder next to the period is read.
#[test]
fn a_folder_next_to_the_period_is_read() {
    let folder = TempDir::new().unwrap();
    copy_tree("testdata/archives/plain", &folder.path().join("dt=2026-07-20"));
    let archive = folder.path().display().to_string();
    let report = hunt(&[&archive]).and(&["--from", "2026-07-18", "--to", "2026-07-18"]).go().expect(0).json();
    let by_row = hunt(&[&kind("plain")]).and(&["--from", "2026-07-18", "--to", "2026-07-18"]).go().expect(0).json();
    assert_eq!(essence(&report), essence(&by_row));
    assert!(report["findings"].as_array().unwrap().len() > 1);
}

/// A file's name may say when somebody exported the days before it.
#[test]
fn a_date_in_a_name_may_be_that_of_the_export() {
    let folder = TempDir::new().unwrap();
    let export = root().join(kind("portal_csv")).join("New query.csv");
    fs::copy(export, folder.path().join("export-2026-08-10.csv")).unwrap();
    let archive = folder.path().display().to_string();
    let report = hunt(&[&archive]).and(&["--to", "2026-07-19"]).go().expect(0).json();
    assert_eq!(report["findings"].as_array().unwrap().len(), 8);
}

/// What lies outside as a whole leaves zero findings with that reason, not an error.
#[test]
fn a_period_beside_the_archive_says_so() {
    let period = ["--from", "2027-01-01"];
    let report = hunt(&[&kind("streaming")]).and(&period).go().expect(0).json();
    assert_eq!(report["coverage"]["files"]["read"], 0);
    let spoken = Run::new(&["hunt", "--events", &kind("streaming")]).and(&TOR).and(&period).go().expect(0);
    assert!(spoken.stderr.contains("outside the period"), "{}", spoken.stderr);
}

/// `plan` counts the days that a hunt of this period would open.
#[test]
fn a_plan_of_a_period_names_only_its_days() {
    let plan = Run::new(&["plan", "--events", &kind("bare_dates"), "--from", "2026-07-22"]).go().expect(0).json();
    assert_eq!((&plan["files"], &plan["days"]), (&Value::from(0), &serde_json::json!([])));
    let plan = Run::new(&["plan", "--events", &kind("bare_dates")]).go().expect(0).json();
    assert_eq!(plan["files"], 18);
    let days: Vec<&str> = plan["days"].as_array().unwrap().iter().map(|day| day["date"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-07-17", "2026-07-18", "2026-07-19"]);
    assert_eq!(plan["first_file"]["error"], Value::Null);
}
