//! Outputs that cannot be written: refused before anything is read where that can be known, else with nothing half done
//! left behind. A reader who goes away is no error.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::refused;
use crate::runner::{Run, leftovers};

#[test]
fn an_output_path_that_is_a_directory() {
    let folder = TempDir::new().unwrap();
    for flag in ["--output", "--coverage"] {
        refused(&Run::demo(&[]).path(flag, folder.path()), 2, &[flag, "is a directory", "name a file in it"]);
    }
    let rows = folder.path().join("rows.csv");
    fs::create_dir(&rows).unwrap();
    refused(&Run::demo(&[]).path("--rows", &rows), 2, &["--rows", "is a directory"]);
    refused(&Run::demo(&["--output", "no/such/folder/out.csv"]), 2, &["no/such/folder", "make it first"]);
    refused(&Run::demo(&["--rows", "rows.xlsx"]), 2, &["rows.xlsx", ".parquet", ".csv", ".ndjson"]);
}

#[test]
fn an_output_that_would_overwrite_an_input() {
    const LIST: &str = "testdata/demo/tor-history/2026-03-20T00-00-00Z.txt";
    let onto_list = Run::new(&["hunt", "--events", "testdata/demo/events", "--tor", LIST, "--output", LIST]);
    refused(&onto_list, 2, &["--output", LIST, "--tor"]);
    refused(&Run::demo(&["--output", "x.json", "--coverage", "x.json"]), 2, &["--output", "--coverage", "x.json"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    for format in ["table", "ndjson", "json", "csv", "parquet", "markdown"] {
        let run = Run::demo(&["--format", format, "--output", "/dev/full"]);
        refused(&run, 5, &["/dev/full", "No space left"]);
    }
    refused(&Run::demo(&["--coverage", "/dev/full"]), 5, &["/dev/full", "No space left"]);
    let folder = TempDir::new().unwrap();
    for name in ["rows.csv", "rows.ndjson", "rows.parquet"] {
        let file = folder.path().join(name);
        std::os::unix::fs::symlink("/dev/full", &file).unwrap();
        refused(&Run::demo(&[]).path("--rows", &file), 5, &[name, "No space left"]);
    }
    assert_eq!(leftovers(folder.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_stdout() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Run::demo(&[]).command().stdout(full).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{stderr}");
    assert!(stderr.contains("error: stdout") && stderr.contains("No space left"), "{stderr}");
}

/// A real file system that fills up in the middle of a file. It lives in a name space of its own and ends with it.
#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fills_up_leaves_no_half_file() {
    let folder = TempDir::new().unwrap();
    let script = |command: &str| {
        format!(
            "mount -t tmpfs -o size=16k coldtrail {0} && {command}; echo \"code $?\"; ls -A {0}",
            folder.path().display()
        )
    };
    let spaces = ["-m", "-rm"]
        .into_iter()
        .find(|flag| unshared(flag, &script("true")).is_some_and(|said| said.contains("code 0")));
    let Some(space) = spaces else {
        println!("skipped: this user may not mount a file system");
        return;
    };
    let binary = env!("CARGO_BIN_EXE_coldtrail");
    let demo = format!("{binary} hunt {}", crate::runner::DEMO.join(" "));
    let target = folder.path().display();
    for command in [
        format!("{demo} --format json --output {target}/out.json"),
        format!("{demo} --rows {target}/rows.ndjson"),
        format!("{demo} --rows {target}/rows.parquet"),
        format!("{binary} generate --rows 5000 --days 1 --output {target}"),
    ] {
        let said = unshared(space, &script(&command)).unwrap();
        let after = said.split_once("code ").unwrap().1;
        assert!(after.starts_with("5\n"), "{command}\n{said}");
        assert!(
            !after.contains(".coldtrail-") && !after.contains("out.json") && !after.contains("rows."),
            "{command}\n{said}"
        );
        assert!(!after.contains(".tmp"), "{command}\n{said}");
    }
}

/// What a shell in its own mount name space prints, both streams; `None` where there is no such space.
#[cfg(target_os = "linux")]
fn unshared(flag: &str, script: &str) -> Option<String> {
    let mut command = std::process::Command::new("unshare");
    command.args([flag, "sh", "-c", &format!("exec 2>&1; {script}")]).current_dir(crate::runner::root());
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The reader is gone before the first byte, as behind `| head -0`.
#[test]
fn a_reader_who_goes_away() {
    let mut runs: Vec<Run> = ["table", "ndjson", "json", "csv", "parquet", "markdown"]
        .iter()
        .map(|format| Run::demo(&["--format", format]))
        .collect();
    runs.push(Run::new(&["hunts", "list"]));
    runs.push(Run::new(&["hunts", "show", "tor_exit"]));
    runs.push(Run::new(&["hunt", "--help"]));
    for run in runs {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run.command().stdout(writer).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{run:?}\n{stderr}");
        assert!(!stderr.contains("error") && !stderr.contains("panicked"), "{run:?}\n{stderr}");
    }
}

#[test]
fn an_older_output_survives_a_run_that_fails() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("findings.json");
    fs::write(&file, "yesterday's").unwrap();
    let bad =
        Run::new(&["hunt", "--events", "testdata/bad/corrupt_page.parquet", "--tor", "testdata/demo/tor-history"]);
    refused(&bad.path("--output", &file), 3, &["corrupt_page.parquet"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "yesterday's");
    only(folder.path(), &["findings.json"]);
    Run::demo(&[]).path("--output", &file).go().expect(0);
    assert!(fs::read_to_string(&file).unwrap().starts_with('{'));
    only(folder.path(), &["findings.json"]);
}

fn only(folder: &Path, names: &[&str]) {
    let held: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(held, names);
}
