//! A store that does not answer: the limit of one request, and Ctrl+C.
#![cfg(target_os = "linux")]

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use coldtrail_servers::{Fault, Faults, Kind, Proxy, Rule};

use super::{S3, ask, hunt};

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
fn interrupt(proxy: &Proxy, variables: &[(&'static str, String)], stalls: u64) -> (Option<i32>, Duration) {
    let mut command = hunt(&[SOURCE]).command();
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
        let (code, took) = interrupt(&proxy, &variables, 1);
        assert_eq!(code, Some(130), "{rule:?}");
        assert!(took < Duration::from_secs(15), "{rule:?}: {took:?}");
    }
}
