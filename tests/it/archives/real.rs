//! Real exports, where a folder of them is at hand (`COLDTRAIL_SAMPLES`): counted by a reading of the test's own.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Run, files_below, json_lines};

/// The folder, or a word that there is none.
fn samples() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("COLDTRAIL_SAMPLES") else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return None;
    };
    let folder = PathBuf::from(folder).join("mde");
    assert!(folder.is_dir(), "COLDTRAIL_SAMPLES has no folder mde");
    Some(folder)
}

/// The events of one file, as plain JSON and CSV readers see them.
fn events(file: &std::path::Path) -> Vec<Value> {
    if file.extension().is_some_and(|ending| ending == "csv") {
        let mut reader = csv::Reader::from_path(file).unwrap();
        let header = reader.headers().unwrap().clone();
        let object = |record: csv::StringRecord| {
            let fields = header.iter().zip(record.iter()).filter(|(_, value)| !value.is_empty());
            Value::Object(fields.map(|(key, value)| (key.to_owned(), Value::from(value))).collect())
        };
        return reader.records().map(|record| object(record.unwrap())).collect();
    }
    json_lines(&fs::read_to_string(file).unwrap()).into_iter().map(|line| line["properties"].clone()).collect()
}

fn text(event: &Value, key: &str) -> String {
    event[key].as_str().unwrap_or_default().to_owned()
}

/// Every address that is one, with how often it occurs.
fn addresses(events: &[Value]) -> std::collections::BTreeMap<String, u64> {
    let mut counts = std::collections::BTreeMap::new();
    for event in events {
        if let Ok(address) = text(event, "RemoteIP").parse::<std::net::IpAddr>() {
            *counts.entry(address.to_string()).or_default() += 1;
        }
    }
    counts
}

#[test]
fn every_real_export_is_counted_right() {
    let Some(folder) = samples() else { return };
    let files = files_below(&folder);
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        let events = events(file);
        let query = "SELECT DeviceName, ActionType, RemoteIP, Timestamp, RemotePort, ReportId FROM DeviceNetworkEvents";
        let rows = Run::new(&["sql", query, "--quiet"]).path("--events", file).go().expect(0).lines();
        assert_eq!(rows.len(), events.len(), "{}", file.display());
        let counted = |rows: &[Value], key: &str| {
            let mut values: Vec<String> = rows.iter().map(|row| text(row, key)).collect();
            values.sort();
            values
        };
        for key in ["DeviceName", "ActionType"] {
            assert_eq!(counted(&rows, key), counted(&events, key), "{key} of {}", file.display());
        }
        assert_eq!(addresses(&rows), addresses(&events), "{}", file.display());
        // Cut to microseconds: what is written must begin with what is read.
        let mut read: Vec<String> = counted(&rows, "Timestamp");
        let mut written: Vec<String> = counted(&events, "Timestamp");
        read.iter_mut().chain(&mut written).for_each(|time| time.truncate("2023-07-19T12:17:42".len()));
        assert_eq!(read, written, "{}", file.display());
    }
}

#[test]
fn every_real_export_is_hunted_right() {
    let Some(folder) = samples() else { return };
    let all: Vec<Value> = files_below(&folder).iter().flat_map(|file| events(file)).collect();
    let counts = addresses(&all);
    let made = TempDir::new().unwrap();
    let list = made.path().join("tor.txt");
    // A private or loopback address is refused in a list, as is one that is no relay's.
    let public = |address: &str| {
        let address: std::net::IpAddr = address.parse().unwrap();
        match address {
            std::net::IpAddr::V4(v4) => !v4.is_private() && !v4.is_loopback(),
            std::net::IpAddr::V6(_) => true,
        }
    };
    let listed: Vec<&String> = counts.keys().filter(|address| public(address)).collect();
    assert!(listed.len() > 5);
    fs::write(&list, listed.iter().map(|address| format!("{address}\n")).collect::<String>()).unwrap();
    let run = Run::new(&["hunt", "--format", "json", "--quiet", "--keep-duplicates"]);
    let report = run.path("--tor", &list).path("--events", &folder).go().expect(0).json();
    let coverage = &report["coverage"];
    assert_eq!(coverage["funnel"]["events_in_files"], all.len() as u64);
    assert_eq!(coverage["files"]["records_rejected"], 0);
    assert_eq!(coverage["files"]["read"], 3);
    let mut found = std::collections::BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        *found.entry(text(finding, "RemoteIP")).or_insert(0) += finding["Count"].as_u64().unwrap();
    }
    let expected = counts.iter().filter(|(address, _)| public(address)).map(|(a, n)| (a.clone(), *n)).collect();
    assert_eq!(found, expected);
}
