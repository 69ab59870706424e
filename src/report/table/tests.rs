//! The whole table at several widths, and what must never reach a terminal.

use arrow::datatypes::{DataType, Field};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::report::samples;

fn rendered(style: Style, schema: &Schema, batches: &[RecordBatch], coverage: &Coverage) -> String {
    let mut out = Vec::new();
    write(style, schema, batches, coverage, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The text without the colours that are ours.
fn uncolored(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn no_line_is_wider_than_the_terminal_and_nothing_hostile_gets_through() {
    let (schema, batches, mut coverage) = samples::report();
    coverage.files.skipped[0].path = format!("{}\u{1b}[2J/漢字.parquet", "long/".repeat(40));
    coverage.warnings.push("\u{202e}gnorw".into());
    coverage.hunt.blind_spots.push("\u{9b}31m".into());
    for width in [30, 40, 61, 80, 120, 200] {
        for batches in [batches.as_slice(), &[]] {
            let text = rendered(samples::plain(width), &schema, batches, &coverage);
            let colored = rendered(Style { width, color: true }, &schema, batches, &coverage);
            assert_eq!(uncolored(&colored), text, "colour changes nothing but colour");
            for line in text.lines() {
                assert!(line.width() <= width, "{width}: {} columns: {line}", line.width());
                assert_eq!(line.trim_end(), line, "no trailing blanks");
                assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
            }
        }
    }
}

#[test]
fn the_level_is_coloured_and_low_is_no_verdict() {
    let (schema, batches, coverage) = samples::report();
    let text = rendered(Style { width: 80, color: true }, &schema, &batches, &coverage);
    for want in ["\u{1b}[1;31mCRITICAL", "\u{1b}[31mHIGH", "\u{1b}[33mMEDIUM", "\u{1b}[34mLOW*"] {
        assert!(text.contains(want), "{want:?}");
    }
    assert!(text.contains("* LOW is not a verdict"));
    let without_low = [batches[0].slice(0, 3)];
    assert!(!rendered(samples::plain(80), &schema, &without_low, &coverage).contains("LOW is not a verdict"));
}

#[test]
fn zero_findings_is_said_with_what_cannot_be_seen() {
    let (schema, _, mut coverage) = samples::report();
    let text = rendered(samples::plain(80), &schema, &[], &coverage);
    assert!(
        text.starts_with("no findings\nthis hunt cannot see: onion sites; a VPN before Tor\n\nevents in the files"),
        "{text}"
    );
    assert!(text.contains("days missing"));
    coverage.hunt.id = QUERY.into();
    assert!(rendered(samples::plain(80), &schema, &[], &coverage).starts_with("no rows\n"));
}

#[test]
fn eighty_columns() {
    let (schema, batches, coverage) = samples::report();
    let text = rendered(samples::plain(80), &schema, &batches, &coverage);
    let findings = text.split("\n\nevents in the files").next().unwrap();
    insta::assert_snapshot!(findings, @r#"
    CRITICAL  100  wks-finance-014.corp.ex… → 198.51.100.47
      device   wks-finance-014.corp.example
      traffic  Outbound to Tor · 1,042 events · 3 failed · 2,051 connections
               ports 443, 9001
      seen     2026-05-01T10:00:00Z to 2026-05-06T11:22:33Z · active on 4 days
      process  3CXDesktopApp.exe, powershell.exe, tor.exe
      account  j.doe, svc_backup
      command  "C:\Program Files\3CX\3CXDesktopApp.exe" --autorun
               powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3A… +1,206 more
      url      update.example.net
      intel    198.51.100.47 · C2 · confidence 92 · valid at event · from ACME CTI
               +1 more indicator
      tor      exit · undated
      why      level CRITICAL 80, tor client +10, intelligence valid at event +8
               script host +6, established +4, days active +4 +1 more
      capped   Cmds: 3 kept, 1,205 left out
      id       0123456789abcdef

    HIGH       60  =cmd|' /C calc'!A0\x1b[… ? 2001:db8:1234:5678:9abc:def0:1234:5678
      device   =cmd|' /C calc'!A0\x1b[31m\u{202e}
      traffic  Unknown direction · 1 event
               ports 50001, 50002, 50003, 50004, 50005, 50006 +2 more
               local port 22
      seen     2026-05-02T00:00:00Z
      process  a\x1b]0;owned\x07|b`c`\r\nd\x9b
      command  <script>alert(1)</script> [x](http://evil.example) 漢字漢字漢字漢字…
      intel    2001:db8::/32
      tor      unspecified · undated
      why      level HIGH 60
      id       1123456789abcdef

    MEDIUM     40  srv-1                    → 203.0.113.9
      traffic  Outbound to Tor · 12 events · port 443
      seen     2026-05-02T00:00:00Z to 2026-05-03T00:00:00Z · active on 2 days
      process  curl.exe
      account  root
      intel    no TI hit · listed as tor or benign: 203.0.113.9
      tor      exit, guard · inside
               listed 2026-04-01T00:00:00Z to 2026-06-01T00:00:00Z
      why      level MEDIUM 30, download tool +6
      id       2123456789abcdef

    LOW*       16  (no device name)         ← 192.0.2.200
      traffic  Inbound from Tor · 1 event · local port 443
      seen     2026-05-02T00:00:00Z
      why      level LOW 0, accepted inbound +12
      id       3123456789abcdef

    * LOW is not a verdict: an accepted inbound connection from an exit is LOW by
    the KQL's rule (docs/output.md says more)
    every column of a finding: --format ndjson, csv or parquet
    "#);
}

#[test]
fn forty_columns() {
    let (schema, batches, coverage) = samples::report();
    let text = rendered(samples::plain(40), &schema, &batches, &coverage);
    let first = text.split("\n\n").next().unwrap();
    insta::assert_snapshot!(first, @r#"
    CRITICAL  100  wks-finance-014.corp.exa…
      → 198.51.100.47
      device   wks-finance-014.corp.example
      traffic  Outbound to Tor
               1,042 events · 3 failed
               2,051 connections
               ports 443, 9001
      seen     2026-05-01T10:00:00Z to
               2026-05-06T11:22:33Z
               active on 4 days
      process  3CXDesktopApp.exe +2 more
      account  j.doe, svc_backup
      command  "C:\Program Files\3CX\3CXDes…
               powershell.exe -… +1,206 more
      url      update.example.net
      intel    198.51.100.47 · C2
               confidence 92
               valid at event
               from ACME CTI
               +1 more indicator
      tor      exit · undated
      why      level CRITICAL 80
               tor client +10
               intelligence valid at event
               +8, script host +6
               established +4
               days active +4 +1 more
      capped   Cmds: 3 kept, 1,205 left out
      id       0123456789abcdef
    "#);
}

#[test]
fn a_users_own_column_is_shown_under_its_name() {
    let columns = ["DeviceName", "RemoteIP", "RiskLevel", "Site"];
    let schema = Schema::new(columns.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
    let batch = samples::batch(
        &schema,
        r#"{"DeviceName":"wks-1","RemoteIP":"192.0.2.7","RiskLevel":"WEIRD","Site":"Ulm\u001b[m"}"#,
    );
    let text = rendered(samples::plain(80), &schema, &[batch], &Coverage::default());
    assert!(text.starts_with("WEIRD     wks-1 ? 192.0.2.7\n           Site: Ulm\\x1b[m\n"), "{text}");
}

#[test]
fn other_rows_become_a_grid_or_blocks() {
    let schema = Schema::new(vec![
        Field::new("ActionType", DataType::Utf8, true),
        Field::new("n", DataType::Int64, true),
        Field::new("Ports", DataType::List(Field::new_list_field(DataType::Int64, true).into()), true),
    ]);
    let lines = "{\"ActionType\":\"ConnectionSuccess\\u001b[31m\",\"n\":1234567,\"Ports\":[1,2]}\n{\"ActionType\":\"漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\",\"n\":-1}";
    let batches = [samples::batch(&schema, lines)];
    let coverage = Coverage::default();
    for width in [30, 40, 80, 200] {
        let text = rendered(samples::plain(width), &schema, &batches, &coverage);
        assert!(text.lines().all(|line| line.width() <= width), "{width}\n{text}");
        assert!(!text.contains('\u{1b}'));
    }
    let text = rendered(samples::plain(40), &schema, &batches, &coverage);
    insta::assert_snapshot!(text.split("\n\n").next().unwrap(), @r#"
    ┌────────────────────┬─────────┬───────┐
    │ ActionType         ┆       n ┆ Ports │
    ╞════════════════════╪═════════╪═══════╡
    │ ConnectionSuccess… ┆ 1234567 ┆ 1, 2  │
    │ 漢字漢字漢字漢字…  ┆      -1 ┆       │
    └────────────────────┴─────────┴───────┘
    2 rows
    "#);
    let text = rendered(samples::plain(30), &schema, &batches, &coverage);
    insta::assert_snapshot!(text.split("\n\nevents").next().unwrap(), @r#"
    row 1
      ActionType  ConnectionSucce…
      n           1234567
      Ports       1, 2

    row 2
      ActionType  漢字漢字漢字漢…
      n           -1

    2 rows
    "#);
}

proptest! {
    #[test]
    fn any_text_fits_any_width(device in "\\PC{0,60}|.{0,60}", command in any::<String>(), width in 30usize..200) {
        let columns = ["DeviceName", "RemoteIP", "RiskLevel", "Cmds", "Accounts", "Other"];
        let schema = Schema::new(columns.map(|name| Field::new(name, DataType::Utf8, true)).to_vec());
        let row = serde_json::json!({"DeviceName": device, "RemoteIP": command, "RiskLevel": "HIGH", "Cmds": command, "Accounts": device, "Other": command});
        let mut coverage = Coverage { warnings: vec![command], ..Coverage::default() };
        coverage.hunt.blind_spots = vec![device];
        for batches in [vec![samples::batch(&schema, &row.to_string())], Vec::new()] {
            let text = rendered(samples::plain(width), &schema, &batches, &coverage);
            for line in text.lines() {
                prop_assert!(line.width() <= width, "{} columns at {}: {:?}", line.width(), width, line);
                prop_assert!(!line.chars().any(char::is_control), "{:?}", line);
            }
        }
    }
}
