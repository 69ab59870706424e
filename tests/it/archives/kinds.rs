//! The same events in every kind of export: the same findings, the same counts.

use serde_json::Value;

use super::{TOR, counted, coverage_differences, differences, expected, hunt, kind};
use crate::runner::{Run, read_json, root};

/// Folders with events of their own, or whose events lost what tells copies apart.
const OF_THEIR_OWN: [&str; 4] = ["cribl_time_only", "sentinel_csv_ambiguous", "sentinel_csv_decided", "time_spellings"];

/// Cut to whole seconds, so that an event is no copy of the same event in another kind.
const WITHOUT_FRACTIONS: &str = "sentinel_csv_dayfirst";

/// Every folder with the common events, so that a new one is never left out.
fn kinds() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("testdata/archives")).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut kinds: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    kinds.retain(|name| !OF_THEIR_OWN.contains(&name.as_str()));
    kinds.sort();
    assert!(kinds.len() >= 25, "{kinds:?}");
    kinds
}

/// Everything in which a report differs from what every kind must give.
fn wrong(report: &Value) -> Vec<String> {
    let coverage = read_json("testdata/archives/expected_coverage.json");
    let mut wrong = differences(report, &expected("expected.ndjson"));
    for member in ["funnel", "unreadable"] {
        wrong.extend(coverage_differences(report, member, &coverage[member]));
    }
    let (missing, none) = (&report["coverage"]["period"]["days_missing"], &coverage["days_missing"]);
    if missing != none {
        wrong.push(format!("days_missing is {missing}"));
    }
    for member in ["records_rejected", "not_times"] {
        let count = &report["coverage"]["files"][member];
        if *count != 0 {
            wrong.push(format!("{member} is {count}"));
        }
    }
    if report["coverage"]["files"]["skipped"] != serde_json::json!([]) {
        wrong.push("a file was skipped".to_owned());
    }
    wrong
}

#[test]
fn every_kind_gives_the_same_findings() {
    let mut wrong_kinds = Vec::new();
    for name in kinds() {
        let ran = hunt(&[&kind(&name)]).go();
        if ran.code == Some(0) {
            wrong_kinds.extend(wrong(&ran.json()).into_iter().map(|why| format!("{name}: {why}")));
        } else {
            wrong_kinds.push(format!("{name}: exit {:?}: {}", ran.code, ran.stderr));
        }
    }
    assert!(wrong_kinds.is_empty(), "{}", wrong_kinds.join("\n"));
}

/// `_time` is the event's time where a pipeline dropped Timestamp.
#[test]
fn cribl_without_a_timestamp_is_read_by_its_own_time() {
    let report = hunt(&[&kind("cribl_time_only")]).go().expect(0).json();
    assert_eq!(wrong(&report), Vec::<String>::new());
}

#[test]
fn every_kind_together_is_one_archive_with_copies() {
    let kinds = kinds();
    let sources: Vec<String> = kinds.iter().filter(|name| *name != WITHOUT_FRACTIONS).map(|name| kind(name)).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let report = hunt(&sources).go().expect(0).json();
    assert_eq!(differences(&report, &expected("expected.ndjson")), Vec::<String>::new());
    let times = sources.len() as u64;
    let funnel = &report["coverage"]["funnel"];
    assert_eq!(funnel["events_in_files"], 26 * times);
    assert_eq!(funnel["events_matched"], 16 * times);
    assert_eq!(funnel["events_after_dedup"], 15);
    assert_eq!(funnel["duplicates_removed"], 16 * times - 15);
    // The order in which sources are named changes nothing.
    let few = |names: [&str; 3]| hunt(&names.map(kind).each_ref().map(String::as_str)).go().expect(0).json();
    let (one, other) = (few(["vector", "adx_micros", "portal_csv"]), few(["portal_csv", "vector", "adx_micros"]));
    assert_eq!(one["findings"], other["findings"]);
}

/// The whole folder as its owner has it: the ambiguous file is told how to be read, the rest needs no word.
#[test]
fn the_folder_of_all_kinds_is_one_source() {
    let everything = hunt(&["testdata/archives"]);
    let said = everything.go().expect(3).stderr;
    assert!(said.contains("sentinel_csv_ambiguous") && said.contains("--date-order"), "{said}");
    let report = everything.and(&["--date-order", "day-first"]).go().expect(0).json();
    let found: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|one| one["FindingId"].as_str().unwrap()).collect();
    let plain = hunt(&[&kind("plain")]).go().expect(0).json();
    for finding in plain["findings"].as_array().unwrap() {
        assert!(found.contains(&finding["FindingId"].as_str().unwrap()), "lost: {finding}");
    }
}

#[test]
fn a_mixed_folder_counts_what_belongs_to_other_tables() {
    let report = hunt(&[&kind("mixed")]).go().expect(0).json();
    assert_eq!(wrong(&report), Vec::<String>::new());
    let files = &report["coverage"]["files"];
    let named = |name: &str, count| (name.to_owned(), count);
    assert_eq!(counted(&files["other_tables"]), [named("DeviceLogonEvents", 3), named("DeviceProcessEvents", 2)]);
    // The one of plain rows says by its columns that it is a stranger, and is counted as a file.
    let strangers = counted(&files["ignored"]);
    assert_eq!(strangers.iter().map(|(_, count)| count).sum::<u64>(), 1, "{strangers:?}");
    assert_eq!((&files["found"], &files["read"]), (&Value::from(23), &Value::from(22)));
}

#[test]
fn an_ambiguous_order_of_day_and_month_is_refused_until_it_is_said() {
    let source = kind("sentinel_csv_ambiguous");
    let ran = hunt(&[&source]).go().expect(3);
    assert!(ran.stdout.is_empty());
    for word in ["query_data.csv", "--date-order month-first", "--date-order day-first"] {
        assert!(ran.stderr.contains(word), "no {word} in: {}", ran.stderr);
    }
    for (order, name) in [("month-first", "expected_month_first.ndjson"), ("day-first", "expected_day_first.ndjson")] {
        let report = hunt(&[&source]).and(&["--date-order", order]).go().expect(0).json();
        assert_eq!(differences(&report, &expected(name)), Vec::<String>::new(), "{order}");
    }
    let skipped = hunt(&[&source, &kind("plain")]).and(&["--on-bad-input", "skip"]).go().expect(4).json();
    assert_eq!(differences(&skipped, &expected("expected.ndjson")), Vec::<String>::new());
}

/// A value whose day is beyond 12 decides for its file, also against the option, and also where it is the last one.
#[test]
fn one_value_decides_the_order_for_its_file() {
    let source = kind("sentinel_csv_decided");
    for more in [&[][..], &["--date-order", "day-first"]] {
        let report = hunt(&[&source]).and(more).go().expect(0).json();
        assert_eq!(differences(&report, &expected("expected_day_first.ndjson")), Vec::<String>::new(), "{more:?}");
    }
}

#[test]
fn every_spelling_of_a_time_is_read() {
    let report = hunt(&[&kind("time_spellings")]).go().expect(0).json();
    assert_eq!(differences(&report, &expected("expected_time_spellings.ndjson")), Vec::<String>::new());
    assert_eq!(report["coverage"]["unreadable"]["times"], 0);
}

/// `sql` reads the same table that a hunt does.
#[test]
fn a_query_sees_the_same_events_in_every_kind() {
    let query = "SELECT count(*) AS n, count(RemoteIP) AS addresses, count(RemotePort) AS ports, \
                 min(Timestamp) AS first, max(Timestamp) AS last FROM DeviceNetworkEvents";
    let ask = |name: &str| Run::new(&["sql", query, "--quiet", "--events", &kind(name)]).go().expect(0).lines();
    let plain = ask("plain");
    assert_eq!((&plain[0]["n"], &plain[0]["addresses"]), (&Value::from(26), &Value::from(24)), "{plain:?}");
    for name in
        ["streaming", "log_analytics_rule", "portal_csv", "graph_api", "cribl_parquet", "tenzir_action", "vector"]
    {
        assert_eq!(ask(name), plain, "{name}");
    }
}

/// The report is the same whatever the number of threads.
#[test]
fn threads_change_nothing() {
    let report = |threads: &str| {
        let run = Run::new(&["hunt", "--quiet", "--events", &kind("mixed"), "--threads", threads]).and(&TOR);
        run.go().expect(0).stdout
    };
    assert_eq!(report("1"), report("7"));
}
