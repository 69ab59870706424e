//! The binary as a script uses it: variables at the start, counts at the end, which the end of stdin brings.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::raw;

const BINARY: &str = env!("CARGO_BIN_EXE_coldtrail-servers");

/// Ended with its test, also when that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_variables_then_counts_and_ends_with_its_stdin() {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(root.path().join("bucket")).expect("makes");
    let mut command = Command::new(BINARY);
    command.arg("s3").arg(root.path()).args(["--access-key", "k", "--secret-key", "it's", "--delay", "1ms"]);
    command.args(["--fault", "slow-down", "--suffix", "/busy"]);
    let mut running = Running(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts"));
    let mut out = BufReader::new(running.0.stdout.take().expect("a pipe"));
    let lines: Vec<_> = out.by_ref().lines().take(6).map(|line| line.expect("a line")).collect();
    let endpoint = lines[0].strip_prefix("# endpoint ").expect("the endpoint");
    assert_eq!(lines[1], format!("export AWS_ENDPOINT_URL='{endpoint}'"));
    assert_eq!(lines[3], r"export AWS_SECRET_ACCESS_KEY='it'\''s'");
    assert_eq!(raw::get(endpoint, "/bucket/x").status(), Some(403), "nothing without a signature");
    assert_eq!(raw::get(endpoint, "/bucket/busy").status(), Some(503));
    drop(running.0.stdin.take());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("reads");
    let counts: serde_json::Value = serde_json::from_str(&rest).expect("JSON");
    assert_eq!((counts["requests"].as_u64(), counts["total"]["faults"].as_u64()), (Some(2), Some(1)));
    assert!(running.0.wait().expect("ends").success());
}

#[test]
fn a_folder_that_is_not_there_is_a_failure() {
    let output = Command::new(BINARY).args(["s3", "/nowhere/at/all"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("/nowhere/at/all"), "{said}");
}
