//! The shape of the code is a rule that a test can read: which room may import which, how long a file may be, and that
#![cfg(test)]
//! every module says why it exists.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of `ARCHITECTURE.md` with their ranks, and what each may import.
const ROOMS: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("hunt", &["model"]),
    ("sources", &["model"]),
    ("report", &["model"]),
    ("synth", &["model"]),
    ("engine", &["model", "hunt", "sources"]),
    ("cli", &["model"]),
    ("run", &["model", "hunt", "sources", "report", "synth", "engine", "cli"]),
];

const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            out.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root(), &mut paths);
    assert!(paths.len() > 50, "the source tree was not found");
    paths
        .iter()
        .map(|path| {
            (path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"), fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// The rooms that a text names behind `crate::`, also in `use crate::{a, b}`.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let list = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default(),
        };
        named.extend(list.split(',').map(|part| part.trim().split("::").next().unwrap_or_default().to_owned()));
    }
    named
}

#[test]
fn imports_go_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let room = path.split(['/', '.']).next().unwrap();
        let Some(may) = allowed.get(room) else {
            assert!(matches!(path.as_str(), "lib.rs" | "main.rs"), "{path} lies in no room");
            continue;
        };
        for named in rooms_named(&text).iter().filter(|named| allowed.contains_key(named.as_str())) {
            if named != room && !may.contains(&named.as_str()) {
                faults.push(format!("{path} imports {named}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn ranks_have_no_cycle() {
    let ranks: BTreeMap<&str, usize> = ROOMS.iter().enumerate().map(|(rank, (room, _))| (*room, rank)).collect();
    for (room, may) in ROOMS {
        assert!(may.iter().all(|other| ranks[other] < ranks[room]), "{room}");
    }
}

#[test]
fn only_the_engine_names_datafusion() {
    let named: Vec<String> = sources()
        .into_iter()
        .filter(|(path, text)| {
            !path.starts_with("engine/")
                && text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains("datafusion::"))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn only_cli_reads_the_environment_the_clock_and_the_terminal() {
    const WORDS: [&str; 6] =
        ["std::env::var", "env::current_dir", "SystemTime::now", "Utc::now", "is_terminal()", "Instant::now"];
    let named: Vec<String> = sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("cli/") && !path.ends_with("/tests.rs") && !path.contains("/tests/"))
        .flat_map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            WORDS.iter().filter(|word| code.contains(**word)).map(|word| format!("{path}: {word}")).collect::<Vec<_>>()
        })
        .collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn files_are_short_and_say_why_they_exist() {
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let lines = text.lines().count();
        if lines > LINES_MAX {
            faults.push(format!("{path} has {lines} lines"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{path} does not open with a doc comment"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
