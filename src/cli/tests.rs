//! Whole command lines against the rules, in made-up surroundings.

use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::model::bad_input::OnBadInput;
use crate::model::format::{Format, RowsFormat};
use crate::model::relay::{RoleFilter, TorMatching};
use crate::model::strategy::Strategy;
use crate::model::synthesis::{Layout, Spread};
use crate::model::time::DAY_MICROS;
use crate::model::{Micros, Severity, Tlp};

/// A pipe on both sides, 80 columns, two cores, an afternoon in July.
fn surroundings(cwd: &Path) -> Surroundings {
    Surroundings {
        now: Micros::parse("2026-07-18T13:30:00Z").unwrap(),
        cwd: cwd.to_owned(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        terminal_width: None,
        columns: None,
        no_color: false,
        cores: 2,
        program: "coldtrail".into(),
        home: None,
        stores: std::collections::BTreeMap::new(),
    }
}

fn parse_in(line: &str, surroundings: &Surroundings) -> Result<RunConfig, CliError> {
    let args = std::iter::once("coldtrail").chain(line.split(' ').filter(|word| !word.is_empty()));
    parse(args.map(OsString::from), surroundings)
}

pub(super) fn parsed(line: &str) -> Result<RunConfig, CliError> {
    let dir = tempfile::tempdir().unwrap();
    parse_in(line, &surroundings(dir.path()))
}

fn hunt_config(config: RunConfig) -> HuntConfig {
    match config.command {
        Command::Hunt(hunt) => *hunt,
        other => panic!("no hunt: {other:?}"),
    }
}

fn hunt(line: &str) -> HuntConfig {
    hunt_config(parsed(&format!("hunt --events e {line}")).unwrap())
}

pub(super) fn refused(line: &str) -> String {
    let error = parsed(line).unwrap_err();
    assert_eq!((error.code(), error.stream()), (2, Stream::Stderr), "{line}");
    assert!(error.text().starts_with("error: ") && error.text().ends_with('\n'), "{line}");
    error.to_string()
}

#[test]
fn the_defaults_are_those_of_the_design() {
    let hunt = hunt("");
    assert_eq!(hunt.hunt, "tor_exit");
    let QueryConfig { inputs, period, matching, output, limits } = hunt.query;
    assert_eq!((inputs.events, inputs.on_bad_input), (vec!["e".to_owned()], OnBadInput::Fail));
    assert!(period.is_open());
    let want = Matching {
        tor_role: None,
        tor_match: TorMatching::Auto,
        tolerance: DAY_MICROS,
        tor_as_of: None,
        intel_match: IntelMatch::Loose,
        intel_grace: 0,
        intel_tor: IntelTor::Ignore,
        tlp_max: None,
        feeds: Feeds::default(),
        duplicates: Duplicates::Remove,
    };
    assert_eq!(matching, want);
    assert_eq!((output.format, output.destination, output.fail_on), (Format::Ndjson, Destination::Stdout, None));
    let want = Limits { threads: 2, memory_bytes_max: None, set_limit: 1000, strategy: Strategy::Auto, index: None };
    assert_eq!(limits, want);
}

#[test]
fn what_is_typed_arrives() {
    let hunt = hunt(
        "intel_ip --events f --tor exit=a.csv --tor b.csv --intel i.csv --tor-role any --tor-as-of 2026-07-01 \
         --intel-match at-event --intel-tor keep --allow-private --keep-duplicates --tor-match at-event --tolerance 90m \
         --intel-grace 7d --tlp-max amber+strict --misp-to-ids only --opencti-confidence score --param a=b=c --param d= \
         --set-limit 5 --fail-on high --threads 3 --memory-limit 2G --on-bad-input skip --hunts mine --strategy auto",
    );
    assert_eq!((hunt.hunt.as_str(), hunt.hunts_dir.as_deref()), ("intel_ip", Some(Path::new("mine"))));
    assert_eq!(hunt.params, [("a".to_owned(), "b=c".to_owned()), ("d".to_owned(), String::new())]);
    let QueryConfig { inputs, matching, output, limits, .. } = hunt.query;
    assert_eq!(inputs.events, ["e", "f"]);
    assert_eq!(inputs.tor[0], TorSource { role: Some(RoleFilter::Exit), source: "a.csv".into() });
    assert_eq!(inputs.tor[1].role, None);
    assert_eq!((inputs.intel.len(), inputs.on_bad_input), (1, OnBadInput::Skip));
    assert_eq!((matching.tor_role, matching.tor_as_of), (Some(RoleFilter::Any), Micros::parse("2026-07-01")));
    assert_eq!((matching.intel_match, matching.intel_tor), (IntelMatch::AtEvent, IntelTor::Keep));
    let feeds = Feeds {
        private_addresses: PrivateAddresses::Admit,
        misp_to_ids: MispToIds::Only,
        opencti_confidence: OpenctiConfidence::Score,
    };
    assert_eq!((matching.feeds, matching.duplicates), (feeds, Duplicates::Keep));
    assert_eq!((matching.tor_match, matching.tolerance), (TorMatching::AtEvent, DAY_MICROS / 16));
    assert_eq!((matching.intel_grace, matching.tlp_max), (7 * DAY_MICROS, Some(Tlp::AmberStrict)));
    assert_eq!(output.fail_on, Some(Severity::High));
    assert_eq!((limits.threads, limits.memory_bytes_max, limits.set_limit), (3, Some(2 << 30), 5));
}

#[test]
fn the_period_is_resolved_once() {
    let period = hunt("--from 90d --to 2026-07-18").query.period;
    assert_eq!(period.from, Micros::parse("2026-04-19T13:30:00Z"));
    assert_eq!(period.to, Micros::parse("2026-07-19"));
    let one_day = hunt("--from 2026-07-18 --to 2026-07-18").query.period;
    assert_eq!((one_day.from, one_day.to), (Micros::parse("2026-07-18"), Micros::parse("2026-07-19")));
}

#[test]
fn an_empty_period_names_both_instants() {
    let want = "the period is empty: --from is 2026-07-18T00:00:00.000000Z, and --to is 2026-07-02T00:00:00.000000Z; swap or widen them";
    assert_eq!(refused("hunt --events e --from 2026-07-18 --to 2026-07-01"), want);
    assert!(refused("hunt --events e --from 7d --to 7d").starts_with("the period is empty"));
    assert!(refused("hunt --events e --from soon").contains("give a date"));
}

#[test]
fn the_form_follows_the_reader_and_then_the_ending() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Surroundings { stdout_is_terminal: true, ..surroundings(dir.path()) };
    let form = |line: &str, surroundings: &Surroundings| {
        hunt_config(parse_in(&format!("hunt --events e {line}"), surroundings).unwrap()).query.output.format
    };
    assert_eq!(form("", &terminal), Format::Table);
    assert_eq!(form("--output -", &terminal), Format::Table);
    assert_eq!(form("--format csv", &terminal), Format::Csv);
    let pipe = surroundings(dir.path());
    assert_eq!(form("--format parquet", &pipe), Format::Parquet);
    for (file, want) in [
        ("a.json", Format::Json),
        ("a.NDJSON", Format::Ndjson),
        ("a.jsonl", Format::Ndjson),
        ("a.csv", Format::Csv),
        ("a.parquet", Format::Parquet),
        ("a.md", Format::Markdown),
        ("a.txt", Format::Table),
        ("a", Format::Ndjson),
        ("a.log", Format::Ndjson),
    ] {
        assert_eq!(form(&format!("--output {file}"), &terminal), want, "{file}");
        assert_eq!(form(&format!("--output {file} --format json"), &pipe), Format::Json, "{file}");
    }
    let error = parse_in("hunt --events e --format parquet", &terminal).unwrap_err();
    assert_eq!(error.to_string(), "parquet cannot be shown on a terminal; add --output findings.parquet");
}

#[test]
fn rows_go_by_their_ending_and_belong_to_hunts() {
    let rows = |file: &str| hunt(&format!("--rows {file}")).rows.map(|rows| rows.format);
    assert_eq!(rows("r.parquet"), Some(RowsFormat::Parquet));
    assert_eq!(rows("r.csv"), Some(RowsFormat::Csv));
    assert_eq!(rows("r.ndjson"), Some(RowsFormat::Ndjson));
    let want = "--rows r.json: the name must end in one of .parquet, .csv, .ndjson, .jsonl";
    assert_eq!(refused("hunt --events e --rows r.json"), want);
    assert!(refused("sql q --events e --rows r.csv").starts_with("unexpected argument '--rows'"));
}

#[test]
fn no_output_overwrites_another_an_input_or_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::write(dir.path().join("e.parquet"), "").unwrap();
    let error = |line: &str| {
        let error = parse_in(&format!("hunt --events e.parquet {line}"), &surroundings(dir.path())).unwrap_err();
        assert_eq!(error.code(), 2);
        error.to_string()
    };
    assert_eq!(error("--output sub"), "--output sub is a directory; name a file in it");
    assert_eq!(error("--coverage new/"), "--coverage new/ is a directory; name a file in it");
    assert_eq!(error("--rows no/r.csv"), "--rows no/r.csv: there is no directory no; make it first");
    assert_eq!(
        error("--output a.json --coverage sub/../a.json"),
        "--output and --coverage both write sub/../a.json; give each its own file"
    );
    assert_eq!(
        error("--coverage a.csv --rows ./a.csv"),
        "--coverage and --rows both write ./a.csv; give each its own file"
    );
    assert_eq!(error("--output sub/../e.parquet"), "--output would overwrite sub/../e.parquet, which --events reads");
    assert_eq!(error("--exclude x.csv --output x.csv"), "--output would overwrite x.csv, which --exclude reads");
    // A folder is read with all that is in it; a new name in it is nobody's yet.
    std::fs::write(dir.path().join("sub/list.txt"), "").unwrap();
    assert_eq!(error("--tor sub --output sub/list.txt"), "--output would overwrite sub/list.txt, which --tor reads");
    assert!(parse_in("hunt --events e.parquet --tor sub --output sub/new.txt", &surroundings(dir.path())).is_ok());
}

#[test]
fn telemetry_and_tor_lists_are_asked_for_with_an_example() {
    assert!(refused("hunt").contains("--events, for example\n  coldtrail hunt --events archive/ --tor tor.csv"));
    assert!(refused("sql q").contains("for example\n  coldtrail sql --events archive/"));
    assert!(refused("hunt --events").starts_with("a value is required for '--events <SRC>'"));
    let tables = ["DeviceNetworkEvents".to_owned(), "TorRelays".to_owned()];
    let error = require_tor("tor_exit", &tables, &[]).unwrap_err();
    assert_eq!(error.code(), 2);
    assert!(error.to_string().contains("--tor tor.csv"), "{error}");
    assert_eq!(require_tor("intel_ip", &tables[..1], &[]), Ok(()));
    assert_eq!(require_tor("tor_exit", &tables, &[TorSource { role: None, source: "t".into() }]), Ok(()));
}

#[test]
fn numbers_and_words_out_of_range_are_usage_errors() {
    for line in [
        "--threads 0",
        "--set-limit 0",
        "--memory-limit 0",
        "--memory-limit much",
        "--fail-on severe",
        "--tor-role entry",
        "--format xml",
        "--strategy set",
        "--intel-match auto",
        "--on-bad-input ask",
        "--param novalue",
        "--param =x",
        "--tor exit=",
        "--color sometimes",
    ] {
        let error = refused(&format!("hunt --events e {line}"));
        let flag = line.split(' ').next().unwrap_or_default();
        assert!(error.contains(flag), "{line}: {error}");
    }
}

#[test]
fn a_typo_meets_a_suggestion_and_an_absent_command_is_refused() {
    assert!(refused("hunt --evnts e").contains("'--events'"));
    assert!(refused("hnut").contains("'hunt'"));
    for command in ["verify", "diff", "explain", "completions"] {
        assert!(refused(command).starts_with(&format!("unrecognized subcommand '{command}'")), "{command}");
    }
    for option in ["--tor-format csv", "--events-format parquet"] {
        assert!(refused(&format!("hunt --events e {option}")).starts_with("unexpected argument"), "{option}");
    }
}

#[test]
fn help_and_version_go_to_stdout_and_fit_80_columns() {
    for line in [
        "--help",
        "hunt --help",
        "sql -h",
        "hunts --help",
        "hunts check --help",
        "tor --help",
        "tor build --help",
        "tor show --help",
        "intel --help",
        "intel build --help",
        "intel show --help",
        "generate --help",
    ] {
        let help = parsed(line).unwrap_err();
        assert_eq!((help.code(), help.stream()), (0, Stream::Stdout), "{line}");
        assert!(!help.text().contains('\u{1b}'), "{line}");
        for text in help.text().lines() {
            assert!(text.chars().count() <= 80, "{line}: {text}");
        }
        let only_lists_commands = matches!(line, "hunts --help" | "hunts check --help" | "tor --help" | "intel --help");
        assert!(only_lists_commands || help.text().contains("Example"), "{line}");
    }
    assert_eq!(parsed("--version").unwrap_err().text(), format!("coldtrail {}\n", env!("CARGO_PKG_VERSION")));
    let help = parsed("hunt --help").unwrap_err();
    for heading in ["\nInput:", "\nPeriod:", "\nMatching:", "\nOutput:", "\nRun:"] {
        assert!(help.text().contains(heading), "{heading}");
    }
}

#[test]
fn nothing_typed_is_a_usage_error_that_shows_the_commands() {
    let error = parsed("").unwrap_err();
    assert_eq!((error.code(), error.stream()), (2, Stream::Stderr));
    assert!(error.text().contains("generate"));
}

#[test]
fn colour_needs_a_reader_or_an_order() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = surroundings(dir.path());
    let terminal = Surroundings { stdout_is_terminal: true, stderr_is_terminal: true, ..pipe.clone() };
    let quiet = Surroundings { no_color: true, ..terminal.clone() };
    for (line, surroundings, report, messages) in [
        ("", &pipe, false, false),
        ("", &terminal, true, true),
        ("", &quiet, false, false),
        ("--output a.txt", &terminal, false, true),
        ("--color always", &quiet, true, true),
        ("--color never", &terminal, false, false),
    ] {
        let config = parse_in(&format!("hunt --events e {line}"), surroundings).unwrap();
        assert_eq!(config.color, Colors { report, messages }, "{line}");
    }
    assert!(parse_in("hunt --evnts e", &terminal).unwrap_err().text().contains('\u{1b}'));
    assert!(!parse_in("hunt --evnts e --color never", &terminal).unwrap_err().text().contains('\u{1b}'));
    assert!(!parse_in("hunt --evnts e", &quiet).unwrap_err().text().contains('\u{1b}'));
}

#[test]
fn a_file_is_not_shaped_by_the_window() {
    let dir = tempfile::tempdir().unwrap();
    let narrow = Surroundings {
        stdout_is_terminal: true,
        stderr_is_terminal: true,
        terminal_width: Some(50),
        ..surroundings(dir.path())
    };
    let widths = |line: &str, surroundings: &Surroundings| {
        let config = parse_in(&format!("hunt --events e {line}"), surroundings).unwrap();
        (config.width, config.message_width)
    };
    assert_eq!(widths("", &narrow), (50, 50));
    assert_eq!(widths("--output a.txt", &narrow), (80, 50));
    assert_eq!(widths("--output a.txt", &Surroundings { columns: Some(120), ..narrow.clone() }), (120, 50));
    assert_eq!(widths("", &Surroundings { stdout_is_terminal: false, ..narrow }), (80, 50));
}

#[test]
fn progress_needs_a_terminal_and_patience() {
    let dir = tempfile::tempdir().unwrap();
    let terminal = Surroundings { stderr_is_terminal: true, ..surroundings(dir.path()) };
    assert!(parse_in("hunt --events e", &terminal).unwrap().progress);
    assert!(!parse_in("hunt --events e --quiet", &terminal).unwrap().progress);
    assert!(!parse_in("-q hunt --events e", &surroundings(dir.path())).unwrap().progress);
}

#[test]
fn hunts_are_listed_shown_and_checked() {
    let command = |line: &str| match parsed(line).unwrap().command {
        Command::Hunts(command) => command,
        other => panic!("no hunts: {other:?}"),
    };
    assert_eq!(command("hunts list"), HuntsCommand::List { hunts_dir: None });
    assert_eq!(command("hunts show x --hunts d"), HuntsCommand::Show { id: "x".into(), hunts_dir: Some("d".into()) });
    assert_eq!(command("hunts check"), HuntsCommand::Check { path: None, hunts_dir: None });
    assert_eq!(command("hunts check d"), HuntsCommand::Check { path: Some("d".into()), hunts_dir: None });
    assert!(refused("hunts check d --hunts e").contains("cannot be used with"));
}

#[test]
fn a_query_shares_the_inputs_of_a_hunt() {
    let config = parsed("sql --events e --tor t --format json --fail-on low SELECT").unwrap();
    let Command::Sql(sql) = config.command else { panic!("no query") };
    assert_eq!((sql.sql.as_str(), sql.query.output.format), ("SELECT", Format::Json));
    assert!(refused("sql --events e").contains("<QUERY>"));
}

#[test]
fn generate_keeps_the_defaults_that_are_not_typed() {
    let generate = |line: &str| match parsed(&format!("generate --output new {line}")).unwrap().command {
        Command::Generate(generate) => generate,
        other => panic!("no generate: {other:?}"),
    };
    let default = crate::model::synthesis::SynthConfig::default();
    assert_eq!(generate("").synthesis, default.clone());
    let typed = generate(
        "--rows 10 --days 2 --devices 3 --seed 4 --hit-rate 1e-6 --hit-spread uniform --layout flat --start 2026-01-01 --threads 5",
    );
    let want = crate::model::synthesis::SynthConfig {
        rows: 10,
        days: 2,
        devices: 3,
        seed: 4,
        hit_rate: 1e-6,
        hit_spread: Spread::Uniform,
        layout: Layout::Flat,
        start: Micros::parse("2026-01-01").unwrap(),
        threads: 5,
        ..default
    };
    assert_eq!(typed.synthesis, want);
    for line in ["--rows 0", "--hit-rate 0.2", "--hit-rate NaN", "--start 90d", "--layout hive"] {
        refused(&format!("generate --output new {line}"));
    }
    assert!(refused("generate").contains("--output <DIR>"));
}

#[test]
fn the_help_of_generate_tells_the_real_defaults() {
    let default = crate::model::synthesis::SynthConfig::default();
    let help = parsed("generate --help").unwrap_err();
    let flat = help.text().split_whitespace().collect::<Vec<_>>().join(" ");
    for value in [
        default.rows.to_string(),
        default.days.to_string(),
        default.devices.to_string(),
        default.seed.to_string(),
        default.hit_rate.to_string(),
        default.hit_spread.as_str().to_owned(),
        default.layout.as_str().to_owned(),
        default.start.date(),
    ] {
        assert!(flat.contains(&format!("[default: {value}]")), "{value}: {flat}");
    }
}

#[test]
fn an_archive_is_made_in_a_place_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("full")).unwrap();
    std::fs::write(dir.path().join("full/x"), "").unwrap();
    let error =
        |path: &str| parse_in(&format!("generate -o {path}"), &surroundings(dir.path())).unwrap_err().to_string();
    assert_eq!(error("full"), "--output full is not empty; name a new or empty directory");
    assert_eq!(error("full/x"), "--output full/x is a file; name a new or empty directory");
}

#[test]
fn clap_finds_no_fault_in_its_own_description() {
    command().debug_assert();
}
