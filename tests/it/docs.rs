//! Documents that are made from the program, and files that prose names.
#![cfg(test)]

use std::fs;
use std::path::Path;

use coldtrail::{engine, hunt};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated document with the committed one; `COLDTRAIL_RENEW=1` writes it.
fn fresh(path: &str, wanted: &str) {
    let file = root().join(path);
    if std::env::var_os("COLDTRAIL_RENEW").is_some() {
        fs::write(&file, wanted).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == wanted, "{path} is stale; renew it with\n  COLDTRAIL_RENEW=1 cargo test --test it docs::");
}

#[test]
fn the_function_reference_is_fresh() {
    fresh("docs/functions.md", &engine::reference_markdown(&engine::docs()));
}

#[test]
fn the_hunt_catalogue_is_fresh() {
    fresh("docs/hunts.md", &hunt::catalogue_markdown(&hunt::built_in().unwrap()));
}

#[test]
fn files_that_prose_names_exist() {
    let mut missing = Vec::new();
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "docs/archives.md",
        "docs/intel.md",
        "docs/tor.md",
        "docs/output.md",
        "benches/README.md",
    ] {
        let text = fs::read_to_string(root().join(document)).unwrap_or_default();
        assert!(!text.is_empty(), "{document} is missing or empty");
        for word in text.split(|c: char| c.is_whitespace() || "`()[]<>\"'|,;:".contains(c)) {
            let word = word.trim_end_matches(['.', '/']);
            let begins = ["src/", "sql/", "testdata/", "tests/", "benches/", "docs/", ".ci/"]
                .iter()
                .any(|folder| word.starts_with(folder));
            if begins && !word.contains(['*', '…', '$', '{']) && !root().join(word).exists() {
                missing.push(format!("{document}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
