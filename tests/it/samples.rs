//! Real files, where a folder of them is at hand (`COLDTRAIL_SAMPLES`): lists and feeds are read, merged and counted right,
//! and what this version does not read is refused by name and never read in part.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::runner::{Run, files_below};

/// The folder, or a word that there is none.
fn samples(part: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("COLDTRAIL_SAMPLES") else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return None;
    };
    let folder = Path::new(&folder).join(part);
    assert!(folder.is_dir(), "COLDTRAIL_SAMPLES has no folder {part}");
    Some(folder)
}

/// The distinct addresses of a list, by a reading of its own: the lines that are one.
fn addresses(list: &Path) -> usize {
    let text = fs::read_to_string(list).unwrap();
    let parsed =
        text.lines().filter_map(|line| line.trim().parse::<IpAddr>().ok()).map(|address| address.to_canonical());
    parsed.collect::<BTreeSet<IpAddr>>().len()
}

fn hunt(flag: &str, file: &Path) -> Run {
    let run = Run::new(&["hunt", "--events", "testdata/demo/events", "--format", "json"]);
    let run = if flag == "--tor" { run } else { run.and(&["--tor", "testdata/demo/tor-history"]) };
    run.path(flag, file)
}

#[track_caller]
fn counted(list: &Path) {
    let expected = addresses(list);
    assert!(expected > 50, "{}: too short to be a list", list.display());
    let report = hunt("--tor", list).go().expect(0).json();
    let source = &report["coverage"]["tor"]["sources"][0];
    assert_eq!(source["addresses"], expected, "{}", list.display());
    assert_eq!(source["refused"].as_array().unwrap().len(), 0, "{}: {source}", list.display());
    assert_eq!(report["findings"].as_array().unwrap().len(), 0, "the demo's addresses are nobody's");
}

#[test]
fn one_column_lists_are_counted_right() {
    let Some(folder) = samples("tor-lists") else { return };
    counted(&folder.join("only_tor_exit_nodes_IP_list.csv"));
    counted(&folder.join("only_tor_guard_nodes_IP_list.csv"));
}

#[test]
fn every_list_of_the_history_is_counted_right() {
    let Some(folder) = samples("tor-history") else { return };
    let lists = files_below(&folder);
    assert!(lists.len() > 10);
    lists.iter().for_each(|list| counted(list));
}

/// A history given whole is one list: nothing is lost between its files.
#[test]
fn a_whole_history_is_the_union_of_its_lists() {
    let Some(folder) = samples("tor-history") else { return };
    let mut all = BTreeSet::new();
    for list in files_below(&folder) {
        let text = fs::read_to_string(list).unwrap();
        all.extend(
            text.lines().filter_map(|line| line.trim().parse::<IpAddr>().ok()).map(|address| address.to_canonical()),
        );
    }
    let report = hunt("--tor", &folder).go().expect(0).json();
    assert_eq!(report["coverage"]["tor"]["entries"], all.len());
}

/// Refused by name, with the way out, and without a report.
#[track_caller]
fn refused(flag: &str, file: &Path, words: &[&str]) {
    let ran = hunt(flag, file).go().expect(3);
    assert!(ran.stdout.is_empty(), "{}", ran.text());
    for word in words.iter().chain(&[&*file.display().to_string()]) {
        assert!(ran.stderr.contains(word), "no {word:?} in: {}", ran.stderr);
    }
}

/// Every real list can be hunted with and merged, and what was merged is the same list again.
#[test]
fn every_real_list_is_read_and_merged() {
    let Some(folder) = samples("tor-lists") else { return };
    let merged = TempDir::new().unwrap();
    for file in files_below(&folder) {
        let built = merged.path().join("built.parquet");
        let name = file.display().to_string();
        let ran = Run::new(&["tor", "build", "--tor", &name, "--output", built.to_str().unwrap()]).go().expect(0);
        assert!(ran.stderr.contains(" interval"), "{name}: {}", ran.stderr);
        let count = |tor: &Path| hunt("--tor", tor).go().expect(0).json();
        let (list, again) = (count(&file), count(&built));
        assert_eq!(list["coverage"]["tor"]["entries"], again["coverage"]["tor"]["entries"], "{name}");
        assert!(list["coverage"]["tor"]["entries"].as_u64().unwrap() > 0, "{name}");
        assert_eq!(list["findings"], again["findings"], "{name}");
    }
}

#[test]
fn the_real_history_is_one_small_file() {
    let Some(folder) = samples("tor-history") else { return };
    let merged = TempDir::new().unwrap();
    let built = merged.path().join("built.parquet");
    let source = format!("exit={}", folder.display());
    Run::new(&["tor", "build", "--tor", &source, "--output", built.to_str().unwrap()]).go().expect(0);
    assert!(built.metadata().unwrap().len() < 1 << 20);
    let answer = |address: &str, at: &str| {
        let list = built.display().to_string();
        let ran = Run::new(&["tor", "show", address, "--at", at, "--tor", &list]).go().expect(0);
        ran.lines()[0]["Answer"].as_str().unwrap().to_owned()
    };
    assert_eq!(answer("185.220.101.33", "2025-06-10"), "yes");
    assert_eq!(answer("::ffff:185.220.101.33", "2024-01-01"), "no data");
    assert_eq!(answer("192.0.2.1", "2025-06-10"), "no");
}

#[test]
fn every_real_feed_is_merged_but_a_mapping_is_none() {
    let Some(folder) = samples("stix") else { return };
    let file = folder.join("mispstix_attribute_mapping_network_stix21.json");
    refused("--intel", &file, &["no known kind"]);
    let Some(folder) = samples("misp") else { return };
    let merged = TempDir::new().unwrap();
    let built = merged.path().join("built.parquet");
    let feed = folder.display().to_string();
    Run::new(&["intel", "build", "--intel", &feed, "--output", built.to_str().unwrap()]).go().expect(0);
    let usable = |source: &Path| {
        let ran = hunt("--intel", source).go().expect(0).json();
        ran["coverage"]["intel"]["usable"].as_u64().unwrap()
    };
    assert_eq!((usable(&folder), usable(&built)), (363, 363));
}

#[test]
fn real_telemetry_is_read_to_its_last_record() {
    let Some(folder) = samples("mde") else { return };
    // Counted by hand: 17 lines, one line, and 8 rows below a header.
    for (file, events) in [("streaming_devicenetworkevents.ndjson", 17), ("portal_export.csv", 8), ("", 26)] {
        let query = "SELECT count(*) AS Events, count(Timestamp) AS Timed FROM DeviceNetworkEvents";
        let ran = Run::new(&["sql", query, "--format", "ndjson"]).path("--events", &folder.join(file)).go().expect(0);
        assert_eq!(
            String::from_utf8_lossy(&ran.stdout).trim(),
            format!("{{\"Events\":{events},\"Timed\":{events}}}"),
            "{file}"
        );
    }
}
