//! A store that does not answer: the limit of one request, and Ctrl+C.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use coldtrail_servers::{Fault, Faults, Kind, Proxy, Rule};
use tempfile::TempDir;

use super::{S3, ask, hunt, with};
use crate::runner::{Run, files_below};

const SOURCE: &str = "s3://telemetry/archives/vector";

#[test]
fn a_store_that_never_answers_is_an_error_in_time() {
    let s3 = S3::with(&["archives/vector"]);
    for rule in [
        Rule::new(Fault::Stall).kinds(&[Kind::List]),
        Rule::new(Fault::Stall).reads(),
        Rule::new(Fault::StallAfter(0)).reads(),
    ] {
        let (proxy, variables) = s3.behind(Faults::rules([rule.clone()]));
        let begun = Instant::now();
        let answer = ask(&hunt(&[SOURCE]).and(&["--timeout", "1", "--retries", "1"]), &variables);
        answer.refused(&["s3://telemetry/archives/vector"]);
        assert!(proxy.counts().total.faults > 0, "{rule:?}");
        assert!(begun.elapsed() < Duration::from_secs(50), "{rule:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn what_stalls_once_is_asked_again() {
    let s3 = S3::with(&["archives/plain"]);
    for fault in [Fault::Stall, Fault::StallAfter(200)] {
        let (proxy, variables) = s3.behind(Faults::rules([Rule::new(fault.clone()).reads().first(3)]));
        let stored = ask(&hunt(&["s3://telemetry/archives/plain"]).and(&["--timeout", "1"]), &variables);
        super::same(&stored, "s3://telemetry", &hunt(&["testdata/archives/plain"]), "after a stall");
        assert!(proxy.counts().total.faults > 0, "{fault:?}");
    }
}

/// A run that ends with its test, also where that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The end after SIGINT, and how long it took.
fn interrupt(run: &Run, proxy: &Proxy, variables: &[(&'static str, String)], stalls: u64) -> (Option<i32>, Duration) {
    let mut command = run.command();
    command.envs(variables.iter().map(|(name, value)| (*name, value)));
    let mut running = Running(command.spawn().unwrap());
    wait_until("the stall", || proxy.counts().total.faults >= stalls);
    let begun = Instant::now();
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", running.0.id())]).status().unwrap();
    assert!(sent.success());
    let mut code = None;
    wait_until("the end of the run", || {
        code = running.0.try_wait().unwrap();
        code.is_some()
    });
    (code.and_then(|code| code.code()), begun.elapsed())
}

#[test]
fn ctrl_c_ends_a_stalled_hunt_at_once() {
    let s3 = S3::with(&["archives/vector"]);
    for rule in [
        Rule::new(Fault::Stall).kinds(&[Kind::List]),
        Rule::new(Fault::Stall).reads(),
        Rule::new(Fault::StallAfter(200)).reads(),
    ] {
        let (proxy, variables) = s3.behind(Faults::rules([rule.clone()]));
        let (code, took) = interrupt(&hunt(&[SOURCE]), &proxy, &variables, 1);
        assert_eq!(code, Some(130), "{rule:?}");
        assert!(took < Duration::from_secs(15), "{rule:?}: {took:?}");
    }
}

#[test]
fn lists_that_are_being_fetched_are_gone_after_ctrl_c() {
    let s3 = S3::with(&["demo/tor-history"]);
    let temporary = TempDir::new().unwrap();
    let (proxy, variables) =
        s3.behind(Faults::rules([Rule::new(Fault::Stall).reads().suffix("2026-03-05T00-00-00Z.txt")]));
    let variables = with(variables, "TMPDIR", temporary.path().to_str().unwrap());
    let lists = ["--tor", "s3://telemetry/demo/tor-history"];
    let tor = Run::new(&["tor", "show", "192.0.2.1"]).and(&lists);
    for run in [Run::new(&["hunt", "--events", "testdata/demo/events"]).and(&lists), tor] {
        let (code, took) = interrupt(&run, &proxy, &variables, proxy.counts().total.faults + 1);
        assert_eq!(code, Some(130));
        assert!(took < Duration::from_secs(15), "{took:?}");
        assert_eq!(files_below(temporary.path()), Vec::<PathBuf>::new());
        assert!(fs::read_dir(temporary.path()).unwrap().next().is_none());
    }
}
