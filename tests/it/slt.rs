//! SQL and functions in `.slt` files, and every example of the function reference.
#![cfg(test)]

use std::path::Path;
use std::sync::Arc;

use arrow::util::display::array_value_to_string;
use coldtrail::engine::{
    self, Copies, EngineError, Inputs, IntelBook, IntelRules, Lookup, Options, QueryResult, Session, Statement,
    TorBook, TorRules,
};
use coldtrail::model::bad_input::OnBadInput;
use coldtrail::model::indicator::{State, Target};
use coldtrail::model::relay::{CoverageSpan, Family, Role, RoleFilter, TorMatching};
use coldtrail::model::time::DAY_MICROS;
use coldtrail::model::{Indicator, Indicators, Micros, Period, Prefix, RelayInterval};
use coldtrail::sources::telemetry::Dataset;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Normalizer, Runner};

/// Lists that the files and examples rely on: 192.0.2.7 is an exit and an indicator, 198.51.100.0/24 is a prefix on both.
fn lists() -> (TorBook, IntelBook) {
    let relay = |text: &str, role| RelayInterval {
        prefix: Prefix::parse(text).unwrap(),
        role,
        seen_from: None,
        seen_to: None,
        observed_by: "list".into(),
        port: None,
        source: "tor.csv".into(),
    };
    let history = RelayInterval {
        seen_from: Micros::parse("2026-03-01"),
        seen_to: Micros::parse("2026-03-10"),
        port: Some(9001),
        source: "history/".into(),
        ..relay("192.0.2.20", Role::Exit)
    };
    let spans = [CoverageSpan {
        role: Role::Exit,
        family: Family::V4,
        from: Micros(1_772_323_200_000_000),
        to: Micros(1_775_001_600_000_000),
        source: "history/".into(),
    }];
    let named = |value: &str, target, port, to_ids| Indicator {
        value: value.into(),
        target,
        confidence: Some(40.0),
        threat_type: Some("Phishing".into()),
        tlp: Some("red".into()),
        tags: None,
        name: None,
        source: Some("misp".into()),
        id: None,
        valid_from: None,
        valid_until: None,
        state: State::Active,
        port,
        to_ids,
        also: None,
    };
    let indicator = |value: &str, confidence, tags: &str, from: Option<&str>, until: Option<&str>, state| Indicator {
        value: value.into(),
        target: Target::Prefix(Prefix::parse(value).unwrap()),
        confidence,
        threat_type: Some("C2".into()).filter(|_| tags.is_empty()),
        tlp: None,
        tags: Some(tags.into()).filter(|tags: &String| !tags.is_empty()),
        name: None,
        source: Some("feed".into()),
        id: None,
        valid_from: from.and_then(Micros::parse),
        valid_until: until.and_then(Micros::parse),
        state,
        port: None,
        to_ids: None,
        also: None,
    };
    let relays = [
        relay("192.0.2.7", Role::Exit),
        relay("192.0.2.8", Role::Guard),
        relay("198.51.100.0/24", Role::Exit),
        history,
    ];
    let indicators = vec![
        indicator("192.0.2.7", Some(85.0), "", None, None, State::Active),
        indicator("192.0.2.0/24", Some(85.0), "", None, None, State::Active),
        indicator("198.51.100.0/24", None, "tor", None, None, State::Active),
        indicator("203.0.113.9", Some(50.0), "", Some("2026-01-01"), Some("2026-02-01"), State::Active),
        indicator("203.0.113.10", Some(50.0), "", Some("2026-01-01"), Some("2026-02-01"), State::Retired),
        indicator("203.0.113.11", Some(50.0), "", Some("2026-01-01"), None, State::Retired),
        named("evil.example", Target::Domain("evil.example".into()), None, None),
        named("evil.example/x", Target::Url("evil.example/x".into()), None, None),
        named("203.0.113.20|443", Target::Prefix(Prefix::parse("203.0.113.20").unwrap()), Some(443), Some(false)),
    ];
    let mut table = Indicators::default();
    indicators.iter().for_each(|indicator| table.push_owned(indicator, 0));
    table.settle(|_| {});
    let rules = TorRules { roles: RoleFilter::Exit, matching: TorMatching::Auto, tolerance: DAY_MICROS };
    (TorBook::new(&relays, &spans, rules), IntelBook::new(table, IntelRules::default()))
}

fn session() -> Session {
    let (tor, intel) = lists();
    let inputs = Inputs {
        dataset: Arc::new(Dataset::declared()),
        tor: Arc::new(tor),
        intel: Arc::new(intel),
        period: Period::default(),
        on_bad: OnBadInput::Fail,
        scratch: None,
        lookup: Lookup::default(),
    };
    let options = Options { threads: 2, set_limit: 3, copies: Copies::Remove, ..Options::default() };
    Session::new(&inputs, options).unwrap()
}

fn cells(result: &QueryResult) -> Vec<Vec<String>> {
    let cell = |column: &arrow::array::ArrayRef, row| {
        let text = array_value_to_string(column, row).unwrap();
        match (arrow::array::Array::is_null(column, row), text.is_empty()) {
            (true, _) => "NULL".to_owned(),
            (false, true) => "(empty)".to_owned(),
            (false, false) => text,
        }
    };
    let rows = |batch: &arrow::array::RecordBatch| {
        (0..batch.num_rows())
            .map(|row| batch.columns().iter().map(|column| cell(column, row)).collect())
            .collect::<Vec<_>>()
    };
    result.batches.iter().flat_map(rows).collect()
}

struct Database(Session);

#[async_trait::async_trait]
impl AsyncDB for Database {
    type Error = EngineError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, EngineError> {
        let result = self.0.run(&Statement::of_query(sql)).await?;
        let types = vec![DefaultColumnType::Any; result.schema.fields().len()];
        Ok(DBOutput::Rows { types, rows: cells(&result) })
    }

    async fn shutdown(&mut self) {}
}

/// Rows in any order: a query without ORDER BY is not read in the order in which its file lists them.
fn same_rows(normalizer: Normalizer, actual: &[Vec<String>], expected: &[String]) -> bool {
    let sorted = |lines: Vec<String>| {
        let mut lines: Vec<String> = lines.iter().map(normalizer).collect();
        lines.sort();
        lines
    };
    sorted(actual.iter().map(|row| row.join(" ")).collect()) == sorted(expected.to_vec())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn every_file_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let runtime = runtime();
    for file in files {
        let mut runner = Runner::new(|| async { Ok(Database(session())) });
        runner.with_validator(same_rows);
        runtime.block_on(runner.run_file_async(&file)).unwrap_or_else(|error| panic!("{}\n{error}", file.display()));
    }
}

#[test]
fn every_example_of_the_reference_gives_its_result() {
    let runtime = runtime();
    let session = session();
    for doc in engine::docs() {
        let result = runtime.block_on(session.run(&Statement::of_query(doc.example)));
        let result = result.unwrap_or_else(|error| panic!("{}: {error}", doc.name));
        let text = cells(&result).first().and_then(|row| row.first().cloned()).unwrap_or_default();
        assert_eq!(text.trim_end_matches(".0"), doc.result, "{}", doc.name);
    }
}
