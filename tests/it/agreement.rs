//! The engine against the plain loops of `naive`, on random archives: what the real binary reports has to be what the
//! reference says, finding by finding and in order.
//!
//! `COLDTRAIL_CASES` sets how many archives are tried in all (500 by default), `COLDTRAIL_SEED` which. Of a disagreement the smallest archive
//! that shows it is kept, and the message says where.
#![expect(clippy::unwrap_used, reason = "what goes wrong around the comparison has to fail the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};
use serde_json::Value;
use tempfile::TempDir;

use crate::naive::draw;
use crate::naive::event::Event;
use crate::naive::forms::{self, Form, Layout, Writing};
use crate::naive::hunt::{Answer, Hunt, Question, answer, rfc3339};
use crate::naive::lists;

/// What a finding is compared by; `TI_Matches` by its number of entries.
const COMPARED: [&str; 25] = [
    "DeviceName",
    "RemoteIP",
    "Direction",
    "FirstSeen",
    "LastSeen",
    "Count",
    "Processes",
    "Cmds",
    "Accounts",
    "Ports",
    "LocalPorts",
    "DeviceIds",
    "RemoteUrls",
    "ProcessSHA256s",
    "TI_Hit",
    "TI_Confidence",
    "TI_Type",
    "TI_Validity",
    "TI_Matches",
    "RiskLevel",
    "DaysActive",
    "FailedCount",
    "Connections",
    "SetsTruncated",
    "TorEvidence",
];

/// A random archive and a question about it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    events: Vec<Event>,
    /// Which file each event is in, by position.
    places: Vec<Index>,
    forms: Vec<Form>,
    pub(crate) question: Question,
    pub(crate) threads: u32,
}

/// What a group of cases is rich in.
#[derive(Clone, Copy)]
pub(crate) struct Emphasis {
    pub(crate) hunts: &'static [Hunt],
    /// Percent of the events that repeat another.
    pub(crate) copies: u32,
    /// Percent of the questions that have a bound, for each bound.
    pub(crate) bounds: u32,
}

pub(crate) fn case(emphasis: Emphasis) -> impl Strategy<Value = Case> {
    let archive = draw::events(40, emphasis.copies).prop_flat_map(|events| {
        let places = proptest::collection::vec(any::<Index>(), events.len());
        (Just(events), places, proptest::collection::vec(forms::form(), 1..=4))
    });
    (archive, question(emphasis), 1u32..=4).prop_map(|((events, places, forms), question, threads)| Case {
        events,
        places,
        forms,
        question,
        threads,
    })
}

fn question(emphasis: Emphasis) -> impl Strategy<Value = Question> {
    let bound = || {
        let seconds = prop_oneof![2 => select(vec![0i64, 1, 43_200, 86_400, 86_401]), 1 => 0i64..86_400];
        let micros = select(vec![0i64, 0, 1, 123_456, 999_999]);
        let at = (0i64..3, seconds, micros)
            .prop_map(|(day, second, micros)| (draw::FIRST_DAY_SECONDS + day * 86_400 + second) * 1_000_000 + micros);
        proptest::option::weighted(f64::from(emphasis.bounds) / 100.0, at)
    };
    let hunt = select(emphasis.hunts.to_vec());
    let limit = prop_oneof![2 => Just(1_000usize), 1 => 1usize..=3];
    let intel = (proptest::option::weighted(0.8, lists::intel()), lists::intel());
    let tor = (lists::tor(), proptest::option::weighted(0.5, lists::history()));
    (hunt, tor, intel, bound(), bound(), prop::bool::weighted(0.2), prop::bool::weighted(0.15), limit).prop_map(
        |(hunt, (tor, history), (optional, always), one, other, at_event, keep_duplicates, set_limit)| {
            let (from_micros, to_micros) = match (one, other) {
                (Some(one), Some(other)) if one == other => (Some(one), None),
                (Some(one), Some(other)) => (Some(one.min(other)), Some(one.max(other))),
                open => open,
            };
            let intel = if hunt == Hunt::IntelIp { Some(always) } else { optional };
            Question { hunt, tor, history, intel, from_micros, to_micros, at_event, keep_duplicates, set_limit }
        },
    )
}

impl Case {
    /// The events of each file.
    fn files(&self) -> Vec<Vec<Event>> {
        let mut files = vec![Vec::new(); self.forms.len()];
        for (event, place) in self.events.iter().zip(&self.places) {
            files[place.index(self.forms.len())].push(event.clone());
        }
        files
    }

    /// Writes the archive and the lists; returns the events as the files hold them.
    pub(crate) fn store(&self, root: &Path) -> Vec<Event> {
        let mut held = Vec::new();
        for (number, (form, events)) in self.forms.iter().zip(self.files()).enumerate() {
            held.extend(form.store(&root.join("events"), number, &events));
        }
        store_lists(root, &self.question);
        held
    }
}

fn store_lists(root: &Path, question: &Question) {
    fs::write(root.join("tor.txt"), &question.tor).unwrap();
    for (time, list) in question.history.iter().flat_map(|history| &history.snapshots) {
        fs::create_dir_all(root.join("history")).unwrap();
        let name = rfc3339(*time).replace(':', "-").replace(".000000", "");
        fs::write(root.join("history").join(format!("{name}.txt")), list).unwrap();
    }
    if let Some(intel) = &question.intel {
        fs::write(root.join("intel.csv"), intel).unwrap();
    }
}

/// The real binary: cargo's where it builds one, else the one that `COLDTRAIL_BIN` names.
fn binary() -> PathBuf {
    let built = option_env!("CARGO_BIN_EXE_coldtrail").map(PathBuf::from);
    built.or_else(|| std::env::var_os("COLDTRAIL_BIN").map(PathBuf::from)).expect("set COLDTRAIL_BIN to the binary")
}

pub(crate) fn command(root: &Path, events: &str, question: &Question, threads: u32) -> Command {
    let mut command = Command::new(binary());
    let hunt = if question.hunt == Hunt::TorExit { "tor_exit" } else { "intel_ip" };
    command.current_dir(root).args(["hunt", hunt, "--events", events, "--format", "ndjson", "--quiet"]);
    command.args(["--coverage", "coverage.json", "--threads", &threads.to_string()]);
    if question.hunt == Hunt::TorExit {
        if question.history.as_ref().is_none_or(|history| history.beside_undated) {
            command.args(["--tor", "tor.txt"]);
        }
        if let Some(history) = &question.history {
            command.args(["--tor", "history", "--tor-match", history.matching]);
            command.args(["--tolerance", &format!("{}h", history.tolerance_hours)]);
        }
    }
    if question.intel.is_some() {
        command.args(["--intel", "intel.csv"]);
    }
    for (flag, bound) in [("--from", question.from_micros), ("--to", question.to_micros)] {
        if let Some(bound) = bound {
            command.args([flag, &rfc3339(bound)]);
        }
    }
    if question.at_event {
        command.args(["--intel-match", "at-event"]);
    }
    if question.keep_duplicates {
        command.arg("--keep-duplicates");
    }
    if question.set_limit != 1_000 {
        command.args(["--set-limit", &question.set_limit.to_string()]);
    }
    command
}

/// Runs to success and returns the report.
fn report(mut command: Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}\n{}\n{stderr}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// The engine's findings, reduced to what is compared.
fn compared(report: &str) -> Result<Vec<Value>, String> {
    let mut findings = Vec::new();
    for line in report.lines() {
        let finding: Value = serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let mut reduced = serde_json::Map::new();
        for name in COMPARED {
            // A hunt in indicators has no columns of Tor.
            let value = if name == "TorEvidence" {
                finding.get(name).unwrap_or(&Value::Null)
            } else {
                finding.get(name).ok_or_else(|| format!("no {name}: {line}"))?
            };
            let value = if name == "TI_Matches" { value.as_array().map_or(0, Vec::len).into() } else { value.clone() };
            reduced.insert(name.to_owned(), value);
        }
        findings.push(Value::Object(reduced));
    }
    Ok(findings)
}

/// The reference's findings with the same keys in the same order.
fn in_order(answer: &Answer) -> Vec<Value> {
    let reduce = |finding: &Value| {
        Value::Object(COMPARED.iter().map(|name| ((*name).to_owned(), finding[*name].clone())).collect())
    };
    answer.findings.iter().map(reduce).collect()
}

fn check(root: &Path, case: &Case) -> Result<(), String> {
    let events = case.store(root);
    let expected = answer(&events, &case.question);
    let command = command(root, "events", &case.question, case.threads);
    let shown = format!("{command:?}");
    let found = compared(&report(command)?)?;
    let wanted = in_order(&expected);
    if found != wanted {
        return Err(format!("{shown}\n{}", differences(&wanted, &found)));
    }
    let coverage = fs::read(root.join("coverage.json")).map_err(|error| error.to_string())?;
    let coverage: Value = serde_json::from_slice(&coverage).map_err(|error| error.to_string())?;
    agree_on_counts(&coverage, &events, &case.question, &expected)
        .map_err(|difference| format!("{shown}\n{difference}"))
}

fn agree_on_counts(coverage: &Value, events: &[Event], question: &Question, expected: &Answer) -> Result<(), String> {
    let mut counts = vec![
        ("/funnel/events_in_period", expected.in_period),
        ("/funnel/events_matched", expected.matched),
        ("/funnel/events_after_dedup", expected.matched - expected.copies),
        ("/funnel/duplicates_removed", expected.copies),
        ("/funnel/findings", expected.findings.len()),
    ];
    // Within a period only what is opened and read is counted, and how much that is may change.
    if question.is_open() {
        counts.push(("/funnel/events_in_files", events.len()));
        counts.push(("/unreadable/addresses", expected.unreadable_addresses));
        counts.push(("/unreadable/times", expected.unreadable_times));
    }
    for (member, want) in counts {
        let have = coverage.pointer(member).and_then(Value::as_u64);
        if have != u64::try_from(want).ok() {
            return Err(format!("{member}: the reference has {want}, the engine {have:?}"));
        }
    }
    Ok(())
}

/// Both sides, finding by finding, and the columns in which they differ.
fn differences(wanted: &[Value], found: &[Value]) -> String {
    let mut text = format!("the reference has {} findings, the engine {}\n", wanted.len(), found.len());
    for at in 0..wanted.len().max(found.len()) {
        let (want, have) = (wanted.get(at), found.get(at));
        if want == have {
            continue;
        }
        let differs = |name: &&&str| want.map(|w| &w[**name]) != have.map(|h| &h[**name]);
        let columns: Vec<&&str> = COMPARED.iter().filter(differs).collect();
        let shown = |side: Option<&Value>| side.map_or_else(|| "nothing".to_owned(), Value::to_string);
        text +=
            &format!("finding {at} differs in {columns:?}\n  reference {}\n  engine    {}\n", shown(want), shown(have));
    }
    text
}

/// Tries random cases; a failing archive is kept under the name of the test.
pub(crate) fn agree<S: Strategy>(
    name: &str,
    share: u32,
    strategy: S,
    check: impl Fn(&Path, &S::Value) -> Result<(), String>,
) {
    let all: u32 = std::env::var("COLDTRAIL_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500);
    // The same archives in every run, so that a failure is one of the change and not of the dice; other ones by number.
    let seed: u64 = std::env::var("COLDTRAIL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let config = Config {
        rng_seed: RngSeed::Fixed(seed),
        cases: all.div_ceil(share),
        failure_persistence: None,
        max_shrink_iters: 1_000,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("agreement-{name}"));
    let outcome = TestRunner::new(config).run(&strategy, |case| {
        let folder = TempDir::new().unwrap();
        check(folder.path(), &case).map_err(|difference| {
            let _ = fs::remove_dir_all(&kept);
            copy(folder.path(), &kept);
            TestCaseError::fail(format!("kept in {}\n{difference}", kept.display()))
        })
    });
    match outcome {
        Ok(()) => {}
        // The smallest case on one line: proptest's own message spreads it over hundreds.
        Err(TestError::Fail(reason, case)) => panic!("{reason}\n{case:?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn the_tor_hunt_agrees() {
    agree("tor", 4, case(Emphasis { hunts: &[Hunt::TorExit], copies: 20, bounds: 25 }), check);
}

#[test]
fn the_indicator_hunt_agrees() {
    agree("intel", 4, case(Emphasis { hunts: &[Hunt::IntelIp], copies: 20, bounds: 25 }), check);
}

#[test]
fn hunts_over_many_copies_agree() {
    agree("copies", 4, case(Emphasis { hunts: &[Hunt::TorExit, Hunt::IntelIp], copies: 75, bounds: 10 }), check);
}

#[test]
fn hunts_within_a_period_agree() {
    agree("period", 4, case(Emphasis { hunts: &[Hunt::TorExit, Hunt::IntelIp], copies: 20, bounds: 80 }), check);
}

/// A file of many batches in which few rows count, so that the engine skips most of it.
fn check_long(root: &Path, case: &Case) -> Result<(), String> {
    let mut long = Vec::new();
    for at in 0..20_000 {
        let mut event = case.events[at % case.events.len()].clone();
        if at % 89 != 0 {
            event.remote_ip = Some(format!("198.18.{}.{}", at / 250, at % 250));
        }
        long.push(event);
    }
    let mut form = case.forms[0].clone();
    form.writing.row_group_rows *= 400;
    form.writing.page_bytes *= 1_000;
    let places = case.places.iter().copied().cycle().take(long.len()).collect();
    check(root, &Case { events: long, places, forms: vec![form], ..case.clone() })
}

#[test]
fn hunts_over_long_files_agree() {
    agree("long", 50, case(Emphasis { hunts: &[Hunt::TorExit, Hunt::IntelIp], copies: 5, bounds: 40 }), check_long);
}

/// The same events, told again: other files, other order, other ways of writing.
#[derive(Clone, Debug)]
struct Retold {
    case: Case,
    order: Vec<Index>,
    places: Vec<Index>,
    writings: Vec<Writing>,
    threads: u32,
}

fn retold() -> impl Strategy<Value = Retold> {
    let emphasis = Emphasis { hunts: &[Hunt::TorExit, Hunt::IntelIp], copies: 50, bounds: 25 };
    (case(emphasis), proptest::collection::vec(forms::writing(), 1..=6), 1u32..=4).prop_flat_map(
        |(case, writings, threads)| {
            let indices = || proptest::collection::vec(any::<Index>(), case.events.len());
            (indices(), indices(), Just((case.clone(), writings, threads))).prop_map(
                |(order, places, (case, writings, threads))| Retold { case, order, places, writings, threads },
            )
        },
    )
}

/// Both archives have one form, so that their files can hold the same.
fn check_retold(root: &Path, retold: &Retold) -> Result<(), String> {
    let form = Form { layout: Layout::Flat, ..retold.case.forms[0].clone() };
    let first = Case { forms: vec![form.clone()], ..retold.case.clone() };
    let mut events = first.store(root);
    for (at, order) in retold.order.iter().enumerate() {
        events.swap(at, order.index(retold.order.len()));
    }
    for (number, writing) in retold.writings.iter().enumerate() {
        let here = |(_, place): &(&Event, &Index)| place.index(retold.writings.len()) == number;
        let events: Vec<Event> =
            events.iter().zip(&retold.places).filter(here).map(|(event, _)| event.clone()).collect();
        // What a form holds it holds again.
        Form { writing: writing.clone(), ..form.clone() }.store(&root.join("again"), 9 - number, &events);
    }
    let run = |events, threads| report(command(root, events, &retold.case.question, threads));
    let (once, again) = (run("events", retold.case.threads)?, run("again", retold.threads)?);
    if once == again { Ok(()) } else { Err(format!("{:?}\nonce  {once}\nagain {again}", retold.case.question)) }
}

#[test]
fn order_files_and_threads_change_no_byte() {
    agree("retold", 10, retold(), check_retold);
}
