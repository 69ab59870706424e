//! Real files, where a folder of them is at hand (`COLDTRAIL_SAMPLES`): every one-column Tor list hunts and is counted
//! right, and what this version does not read is refused by name and never read in part.
#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

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
    let run = if flag == "--tor" { run } else { run.and(&["--tor", "testdata/demo/tor.csv"]) };
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

#[test]
fn lists_of_other_forms_are_refused() {
    let Some(folder) = samples("tor-lists") else { return };
    for name in ["TOR_nodes_list.excerpt.csv", "latest.exits.csv", "exit-addresses-2016-07-06.txt"] {
        refused("--tor", &folder.join(name), &["one-column"]);
    }
    for name in ["misp-warninglist.excerpt.json", "onionoo_details.excerpt.json"] {
        refused("--tor", &folder.join(name), &["JSON"]);
    }
    for file in files_below(&folder.join("collector")) {
        refused("--tor", &file, &["one-column"]);
    }
}

#[test]
fn feeds_of_other_kinds_are_refused() {
    for part in ["misp", "stix"] {
        let Some(folder) = samples(part) else { return };
        for file in files_below(&folder) {
            refused("--intel", &file, &["no known kind"]);
        }
    }
}

#[test]
fn telemetry_that_is_no_parquet_is_refused() {
    let Some(folder) = samples("mde") else { return };
    for file in files_below(&folder) {
        let ran = Run::new(&["hunt", "--tor", "testdata/demo/tor.csv"]).path("--events", &file).go().expect(3);
        assert!(ran.stderr.contains("Parquet file"), "{}", ran.stderr);
    }
}
