//! The commands of `docs/archives.md` run as they stand, in a copy of `testdata`, and what the page shows is what comes out.
#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::runner::root;

/// A fenced block: its language and its lines.
struct Block {
    language: String,
    lines: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(block)) => blocks.push(block),
            (Some(language), None) => open = Some(Block { language: language.to_owned(), lines: Vec::new() }),
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    blocks
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(drop).unwrap()
        }
    }
}

fn shell(line: &str, folder: &Path) -> Output {
    let binary = Path::new(env!("CARGO_BIN_EXE_coldtrail")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    Command::new("sh").args(["-c", line]).current_dir(folder).env_clear().env("PATH", path).output().unwrap()
}

/// Numbers of bytes and hashes of content, which another version of the Parquet writer may change.
fn masked(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', '(']).map(|word| {
        let bare = word.trim_end();
        let is_hash = bare.contains("rejects-") && bare.contains(".ndjson");
        if is_hash { word.replace(bare, "rejects-*") } else { word.to_owned() }
    });
    let words: Vec<String> = words.collect();
    let mut out = String::new();
    for (at, word) in words.iter().enumerate() {
        let counts_bytes = words.get(at + 1).is_some_and(|next| next.trim_start().starts_with("bytes)"));
        out.push_str(if counts_bytes && word.trim().parse::<u64>().is_ok() { "* " } else { word });
    }
    out
}

#[test]
fn every_command_of_the_archives_page_runs_and_shows_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["archives", "bad"] {
        copy(&root().join("testdata").join(part), &folder.path().join(part));
    }
    let page = fs::read_to_string(root().join("docs/archives.md")).unwrap();
    let (mut ran, mut shown) = (0, 0);
    for block in blocks(&page) {
        match block.language.as_str() {
            "sh" => {
                for line in block.lines.iter().filter(|line| line.starts_with("coldtrail ") && !line.contains("://")) {
                    let output = shell(line, folder.path());
                    let said = String::from_utf8_lossy(&output.stderr);
                    assert_eq!(output.status.code(), Some(0), "{line}\n{said}");
                    if line.starts_with("coldtrail hunt ") {
                        let findings = String::from_utf8_lossy(&output.stdout).lines().count();
                        assert_eq!(findings, if line.contains("ambiguous") { 1 } else { 8 }, "{line}");
                    }
                    ran += 1;
                }
            }
            "console" => {
                let (command, wanted) = block.lines.split_first().unwrap();
                let output = shell(command.strip_prefix("$ ").unwrap(), folder.path());
                let wanted = masked(&(wanted.join("\n") + "\n"));
                let streams = [&output.stdout, &output.stderr].map(|bytes| masked(&String::from_utf8_lossy(bytes)));
                assert!(streams.contains(&wanted), "{command}\nwanted\n{wanted}\ngot\n{}\n{}", streams[0], streams[1]);
                shown += 1;
            }
            _ => {}
        }
    }
    assert!(ran >= 20 && shown >= 5, "{ran} commands ran, {shown} showed their output: the page has changed its form");
}
