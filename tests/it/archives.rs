//! Every kind of archive as people have them: what is found must not depend on the form in which the events were kept, on
//! the folders in which they lie, or on what lies beside them.
#![cfg(test)]

mod broken;
mod convert;
mod kinds;
mod made;
mod period;
mod real;

use serde_json::Value;

use crate::runner::{Run, json_lines, read};

/// The list of `testdata/archives`.
const TOR: [&str; 2] = ["--tor", "testdata/archives/tor.txt"];

/// A hunt over these sources with the archives' list, findings and coverage in one document.
fn hunt(sources: &[&str]) -> Run {
    let run = Run::new(&["hunt", "--format", "json", "--quiet"]).and(&TOR);
    sources.iter().fold(run, |run, source| run.and(&["--events", source]))
}

/// The folder of a kind.
fn kind(name: &str) -> String {
    format!("testdata/archives/{name}")
}

/// What the maker of the archives worked out.
fn expected(name: &str) -> Vec<Value> {
    let lines = json_lines(&read(format!("testdata/archives/{name}")));
    assert!(!lines.is_empty(), "{name} expects nothing");
    lines
}

/// Where findings differ from the expected ones, in the keys that those have; empty when they agree.
fn differences(found: &Value, expected: &[Value]) -> Vec<String> {
    let found = found["findings"].as_array().expect("a report has findings");
    let mut differences = Vec::new();
    if found.len() != expected.len() {
        differences.push(format!("{} findings, expected {}", found.len(), expected.len()));
    }
    for (found, expected) in found.iter().zip(expected) {
        for (key, value) in expected.as_object().expect("an expected finding is an object") {
            if found.get(key) != Some(value) {
                let which = format!("{} {}", expected["DeviceName"], expected["RemoteIP"]);
                differences.push(format!("{which}: {key} is {}, expected {value}", found[key.as_str()]));
            }
        }
    }
    differences
}

/// Where one member of the coverage differs from an expected one, in the keys that this has.
fn coverage_differences(report: &Value, member: &str, expected: &Value) -> Vec<String> {
    let found = &report["coverage"][member];
    let keys = expected.as_object().expect("an expected member is an object");
    let differs = |(key, value): (&String, &Value)| {
        let is = &found[key.as_str()];
        (is != value).then(|| format!("{member}.{key} is {is}, expected {value}"))
    };
    keys.iter().filter_map(differs).collect()
}

/// `[{name, count}]` as pairs.
fn counted(list: &Value) -> Vec<(String, u64)> {
    let pairs = list.as_array().expect("a list of counts").iter();
    pairs.map(|one| (one["name"].as_str().unwrap().to_owned(), one["count"].as_u64().unwrap())).collect()
}
