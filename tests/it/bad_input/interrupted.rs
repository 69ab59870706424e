//! Ctrl+C: 130, at once, and no half file.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use parquet::file::reader::SerializedFileReader;
use tempfile::TempDir;

use crate::runner::{Run, files_below, leftovers};

/// Long enough for a loaded machine, and never waited for when all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that ends with its test, also where that fails.
struct Running(Option<Child>);

impl Running {
    fn start(run: &Run) -> Self {
        Self::spawn(&mut run.command())
    }

    fn spawn(command: &mut Command) -> Self {
        Self(Some(command.spawn().unwrap()))
    }

    fn child(&mut self) -> &mut Child {
        self.0.as_mut().unwrap()
    }

    /// Whether the process has put a handler of its own on SIGINT (signal 2), so that the signal cannot come too early.
    fn listens(&mut self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child().id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
        u64::from_str_radix(caught.trim(), 16).is_ok_and(|mask| mask & 0b10 != 0)
    }

    /// Sends SIGINT and returns how the process ended.
    fn interrupt(mut self) -> (Option<i32>, String) {
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", self.child().id())]).status().unwrap();
        assert!(sent.success());
        wait_until("the end of the run after Ctrl+C", || self.child().try_wait().unwrap().is_some());
        let output = self.0.take().unwrap().wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Looks again and again until it holds.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

/// A cross join of the demo with itself, twice, is days of work.
#[test]
fn a_query_that_is_at_work() {
    let folder = TempDir::new().unwrap();
    let query = "SELECT count(*) AS n FROM DeviceNetworkEvents a, DeviceNetworkEvents b, DeviceNetworkEvents c \
                 WHERE a.RemotePort + b.RemotePort < c.RemotePort";
    let run =
        Run::new(&["sql", query, "--events", "testdata/demo/events"]).path("--output", &folder.path().join("n.json"));
    let mut child = Running::start(&run);
    wait_until("the handler of Ctrl+C", || child.listens());
    std::thread::sleep(Duration::from_millis(300));
    let (code, said) = child.interrupt();
    assert_eq!(code, Some(130), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(is_empty(folder.path()), "{:?}", files_below(folder.path()));
}

/// What does not fit in memory lies on disk for a while: it holds telemetry, and goes with the run.
#[test]
fn a_query_that_has_spilled() {
    let folder = TempDir::new().unwrap();
    let query = "SELECT a.*, b.* FROM DeviceNetworkEvents a, DeviceNetworkEvents b \
                 ORDER BY a.InitiatingProcessCommandLine, b.InitiatingProcessCommandLine";
    let run = Run::new(&["sql", query, "--memory-limit", "60M", "--events", "testdata/demo/events"]);
    let child = Running::spawn(run.command().env("TMPDIR", folder.path()));
    wait_until("something on disk", || !files_below(folder.path()).is_empty());
    let (code, said) = child.interrupt();
    assert_eq!(code, Some(130), "{said}");
    assert!(is_empty(folder.path()), "left on disk: {:?}", files_below(folder.path()));
}

/// An output that nobody reads holds the run up in the middle of its last step.
#[test]
fn a_hunt_that_waits_for_a_reader() {
    let folder = TempDir::new().unwrap();
    let pipe = folder.path().join("findings.ndjson");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let rows = folder.path().join("rows.csv");
    let child = Running::start(&Run::demo(&[]).path("--rows", &rows).path("--output", &pipe));
    // The events are written before the report, and appear whole.
    wait_until("the events", || rows.exists());
    let (code, said) = child.interrupt();
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(leftovers(folder.path()), Vec::<std::path::PathBuf>::new());
    let lines = csv::Reader::from_path(&rows).unwrap().into_records().map(Result::unwrap).count();
    assert_eq!(lines, 53, "a file under its own name is whole");
}

#[test]
fn an_archive_that_is_being_made() {
    let folder = TempDir::new().unwrap();
    let run = Run::new(&["generate", "--rows", "50000000", "--days", "5000"]).path("--output", folder.path());
    let child = Running::start(&run);
    wait_until("the first file", || {
        files_below(folder.path()).iter().any(|file| file.extension().is_some_and(|e| e == "parquet"))
    });
    let (code, said) = child.interrupt();
    assert_eq!(leftovers(folder.path()), Vec::<std::path::PathBuf>::new(), "half files were left");
    assert_eq!(code, Some(130), "{said}");
    for file in files_below(folder.path()).iter().filter(|file| file.extension().is_some_and(|e| e == "parquet")) {
        SerializedFileReader::new(fs::File::open(file).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
}

#[test]
fn an_index_that_is_being_built() {
    let folder = TempDir::new().unwrap();
    let made = ["generate", "--output", "g", "--rows", "100000", "--days", "1", "--quiet"];
    Run::new(&made).inside(folder.path()).go().expect(0);
    let index = folder.path().join("i");
    let build = Run::new(&["index", "--events", "g/events", "--index", "i"]).inside(folder.path());
    let mut running = Running::start(&build);
    wait_until("an index that has begun", || running.listens() && index.is_dir() && !is_empty(&index));
    assert_eq!(running.interrupt().0, Some(130));
    assert!(is_empty(&index), "{:?}", fs::read_dir(&index).unwrap().collect::<Vec<_>>());
}

/// A hunt that is days of work.
const ENDLESS: &str = "\
-- id: endless
-- title: Every event beside every other two
-- description: Takes longer than anybody waits.
-- severity: low
-- status: experimental
-- tables: DeviceNetworkEvents
-- params:
-- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol
-- author: coldtrail
-- category: test
-- blind_spots: none
-- false_positives: none
-- references: https://attack.mitre.org/techniques/T1071/
-- fixtures: none
SELECT
    a.DeviceName,
    a.RemoteIP,
    a.Direction,
    min(a.Timestamp) AS FirstSeen,
    max(a.Timestamp) AS LastSeen,
    count(*) AS Count
FROM DeviceNetworkEvents a, DeviceNetworkEvents b, DeviceNetworkEvents c
WHERE a.RemotePort + b.RemotePort < c.RemotePort
GROUP BY a.DeviceName, a.RemoteIP, a.Direction
";

/// Nobody can tell a run that its comparison was killed, so it has to notice.
#[test]
fn a_run_of_a_comparison_that_is_gone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("endless.sql"), ENDLESS).unwrap();
    let words = ["bench", "endless", "--events", "testdata/demo/events", "--strategies", "auto"];
    let mut comparing = Running::start(&Run::new(&words).path("--hunts", folder.path()));
    let parent = comparing.child().id();
    let mut runs = Vec::new();
    wait_until("a run that has begun", || {
        runs = runs_of(parent);
        assert!(comparing.child().try_wait().unwrap().is_none(), "the comparison ended");
        !runs.is_empty()
    });
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(runs_of(parent), runs, "the run ended by itself");
    comparing.child().kill().unwrap();
    comparing.child().wait().unwrap();
    let is_there = |run: &u32| Path::new(&format!("/proc/{run}/exe")).exists();
    wait_until("the end of its run", || !runs.iter().any(is_there));
}

/// The processes that one has started.
fn runs_of(parent: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{parent}/task")).into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    children.flat_map(|ids| ids.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}
