//! Broken exports: what can be read is found, what cannot is an error or a count with its place, and nothing is silent.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::made::{LISTED, Made, event, hits, lines};
use super::{counted, kind};
use crate::runner::{Ran, root};

/// What a report says of records that were left out.
fn rejects(report: &Value) -> (u64, Vec<&str>) {
    let files = &report["coverage"]["files"];
    let examples = files["rejected_examples"].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
    (files["records_rejected"].as_u64().unwrap(), examples.collect())
}

#[track_caller]
fn refused(ran: &Ran, words: &[&str]) {
    assert!(ran.stdout.is_empty(), "a refused run reported: {}", ran.text());
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word:?} in: {}", ran.stderr);
    }
}

#[test]
fn a_gzip_file_that_breaks_off() {
    let made = Made::new();
    let cut = made.bring("truncated_gzip.json.gz");
    made.put("good.json", lines((0..5).map(event)));
    refused(&made.hunt().go().expect(3), &[&cut.display().to_string(), "cut off", "--on-bad-input skip"]);
    let report = made.hunt().and(&["--on-bad-input", "skip"]).go().expect(4).json();
    assert_eq!(hits(&report), 5, "the rest is found");
    let skipped = &report["coverage"]["files"]["skipped"];
    assert_eq!(skipped.as_array().unwrap().len(), 1);
    assert_eq!(skipped[0]["path"], cut.display().to_string());
}

#[test]
fn packed_files_that_are_damaged_within() {
    let packed = |pack: fn(&[u8]) -> Vec<u8>| pack(lines((0..3000).map(event)).as_bytes());
    let gzip = packed(|plain| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    });
    // Without a checksum nobody can tell a flipped byte from another text.
    let zstd = packed(|plain| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    });
    for (name, whole) in [("e.json.gz", gzip), ("e.ndjson.zst", zstd)] {
        let made = Made::new();
        made.put("good.ndjson", lines([event(0)]));
        made.put(name, &whole);
        assert_eq!(hits(&made.hunt().go().expect(0).json()), 3000, "{name}");
        for length in [20, 100, whole.len() / 3, whole.len() - 1] {
            let cut = made.put(name, &whole[..length]).display().to_string();
            let ran = made.hunt().go();
            assert_eq!(ran.code, Some(3), "{name} cut at {length} bytes is passed over: {}", ran.stderr);
            refused(&ran, &[&cut]);
        }
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0x5a);
        made.put(name, &flipped);
        refused(&made.hunt().go().expect(3), &[name]);
        // The name promises nothing: content decides.
        fs::remove_file(made.events().join(name)).unwrap();
        made.put("e.json", &whole);
        assert_eq!(hits(&made.hunt().go().expect(0).json()), 3000, "{name} under another name");
    }
}

#[test]
fn a_line_of_fifty_megabytes() {
    let made = Made::new();
    let mut long = event(1);
    long["InitiatingProcessVersionInfoFileDescription"] = Value::from("x".repeat(50 << 20));
    made.put("e.ndjson", lines([event(0), long, event(2)]));
    let report = made.hunt().go().expect(0).json();
    // Either it is read, or it is left out and said with its place; its neighbours are found in any case.
    let (rejected, examples) = rejects(&report);
    assert_eq!(hits(&report) + rejected, 3);
    assert!(hits(&report) >= 2, "{examples:?}");
    assert!(rejected == 0 || examples[0].contains("e.ndjson:2"), "{examples:?}");
}

#[test]
fn a_line_that_never_ends_is_no_reason_to_fill_the_memory() {
    let made = Made::new();
    let path = made.put("e.ndjson", lines([event(0)]));
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(br#"{"Timestamp":"2026-07-18T10:00:01Z","RemoteIP":"198.51.100.66","DeviceName":""#).unwrap();
    for _ in 0..80 {
        file.write_all(&vec![b'x'; 1 << 20]).unwrap();
    }
    file.write_all(format!("\n{}\n", event(2)).as_bytes()).unwrap();
    drop(file);
    let report = made.hunt().and(&["--memory-limit", "64M"]).go().expect(0).json();
    assert_eq!(hits(&report), 2);
    let (rejected, examples) = rejects(&report);
    assert_eq!(rejected, 1);
    assert!(examples[0].contains("e.ndjson:2"), "{examples:?}");
}

#[test]
fn bytes_that_are_no_text() {
    let made = Made::new();
    made.bring("invalid_utf8.ndjson");
    let report = made.hunt().go().expect(0).json();
    assert_eq!(hits(&report), 4);
    let (rejected, examples) = rejects(&report);
    assert_eq!(rejected, 1);
    assert!(examples[0].contains("invalid_utf8.ndjson:3") && examples[0].contains("UTF-8"), "{examples:?}");
}

#[test]
fn a_csv_whose_records_have_other_numbers_of_fields() {
    let made = Made::new();
    made.bring("csv_columns.csv");
    let report = made.hunt().go().expect(0).json();
    assert_eq!(hits(&report), 3);
    let (rejected, examples) = rejects(&report);
    assert_eq!(rejected, 2);
    assert!(examples[0].contains("csv_columns.csv:3") && examples[1].contains("csv_columns.csv:5"), "{examples:?}");
}

#[test]
fn a_csv_with_its_header_twice() {
    let made = Made::new();
    made.bring("csv_header_twice.csv");
    let report = made.hunt().go().expect(0).json();
    assert_eq!(hits(&report), 4);
    assert_eq!(report["coverage"]["unreadable"], json!({"addresses": 0, "times": 0, "ports": 0}));
    assert_eq!(report["coverage"]["funnel"]["events_in_files"], 4);
}

#[test]
fn an_epoch_in_the_wrong_unit() {
    let made = Made::new();
    made.bring("epoch_wrong_unit.ndjson");
    let ran = made.hunt().go().expect(0);
    let report = ran.json();
    assert_eq!(hits(&report), 4);
    assert_eq!(report["coverage"]["files"]["not_times"], 2);
    let shown = &report["coverage"]["files"]["not_time_examples"];
    assert!(shown[0].as_str().unwrap().contains("epoch_wrong_unit.ndjson"), "{shown}");
    let warnings = report["coverage"]["warnings"].to_string();
    assert!(warnings.contains("1784369101000"), "a year out of range is shown: {warnings}");
    assert_eq!(report["coverage"]["period"]["archive_to"], "2026-07-18T10:05:05.000000Z");
}

/// Two in the envelope and a flat one that names its table, and its time by Sentinel's name.
#[test]
fn a_file_that_mixes_tables() {
    let made = Made::new();
    made.bring("other_tables.ndjson");
    let report = made.hunt().go().expect(0).json();
    assert_eq!(report["coverage"]["funnel"]["events_in_files"], 3);
    let tables = counted(&report["coverage"]["files"]["other_tables"]);
    assert_eq!(tables.iter().map(|(_, count)| count).sum::<u64>(), 6, "{tables:?}");
    assert_eq!(hits(&report), 3, "a hit by another name of its time is lost: {}", report["coverage"]["unreadable"]);
}

#[test]
#[cfg(unix)]
fn links_that_lead_in_a_circle() {
    let made = Made::new();
    made.put("a/e.ndjson", lines((0..2).map(event)));
    std::os::unix::fs::symlink("..", made.events().join("a/up")).unwrap();
    std::os::unix::fs::symlink("itself", made.events().join("itself")).unwrap();
    std::os::unix::fs::symlink("nowhere.ndjson", made.events().join("dangling.ndjson")).unwrap();
    let begun = Instant::now();
    let report = made.hunt().and(&["--on-bad-input", "skip"]).go().json();
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert_eq!(report["coverage"]["funnel"]["events_in_files"], 2, "each file is read once");
    assert_eq!(hits(&report), 2);
}

#[test]
fn paths_with_characters_that_mean_something_elsewhere() {
    let made = Made::new();
    for (n, path) in [
        "with blank/part 1.ndjson",
        "per%20cent%/100%.ndjson",
        "a=b/c=d.ndjson",
        "größe/日本 语.ndjson",
        "plus+and&more/#1?.ndjson",
        "it's \"quoted\"/x;y.ndjson",
        "[brackets]/{braces}.ndjson",
        "comma,colon:/~tilde.ndjson",
    ]
    .iter()
    .enumerate()
    {
        made.put(path, lines([event(n)]));
        let one = made.hunt_in(&made.events().join(path)).go();
        assert_eq!(one.code, Some(0), "{path}: {}", one.stderr);
        assert_eq!(hits(&one.json()), 1, "{path}");
    }
    assert_eq!(hits(&made.hunt().go().expect(0).json()), 8);
    let odd = root().join("testdata/bad/path_odd");
    assert_eq!(hits(&made.hunt_in(&odd).go().expect(0).json()), 1);
    let pattern = made.events().join("*/*.ndjson");
    assert_eq!(hits(&made.hunt_in(&pattern).go().expect(0).json()), 8);
}

/// A blob that is still written to ends in half a record: no reject, and said.
#[test]
fn the_last_line_of_a_live_blob() {
    let made = Made::new();
    let whole = lines((0..3).map(event));
    let path = made.put("y=2026/m=07/d=18/h=10/m=00/PT1H.json", &whole[..whole.len() - 40]);
    let report = made.hunt().go().expect(0).json();
    assert_eq!(hits(&report), 2);
    assert_eq!(rejects(&report).0, 0);
    assert_eq!(report["coverage"]["files"]["unfinished"], json!([path.display().to_string()]));
    // A whole record without its line end is a record.
    made.put("y=2026/m=07/d=18/h=10/m=00/PT1H.json", whole.trim_end());
    let report = made.hunt().go().expect(0).json();
    assert_eq!((hits(&report), &report["coverage"]["files"]["unfinished"]), (3, &json!([])));
    // The same fault before the end is a reject.
    made.put("y=2026/m=07/d=18/h=10/m=00/PT1H.json", format!("{}\n{}", &whole[..whole.len() - 40], event(9)));
    let report = made.hunt().go().expect(0).json();
    assert_eq!((hits(&report), rejects(&report).0), (3, 1));
}

#[test]
fn five_thousand_tiny_files() {
    let made = Made::new();
    for n in 0..5000 {
        made.put(&format!("{:02}/{n}.json", n % 50), lines([event(n)]));
    }
    let report = made.hunt().go().expect(0).json();
    assert_eq!(hits(&report), 5000);
    assert_eq!(report["coverage"]["files"]["read"], 5000);
}

/// As in Parquet archives: a file of no bytes is a broken copy.
#[test]
fn a_file_of_zero_bytes_among_others() {
    let made = Made::new();
    made.put("a.ndjson", "");
    made.put("b.ndjson", lines([event(0)]));
    refused(&made.hunt().go().expect(3), &["a.ndjson", "zero bytes"]);
    let report = made.hunt().and(&["--on-bad-input", "skip"]).go().expect(4).json();
    assert_eq!(hits(&report), 1);
}

#[test]
fn a_csv_without_a_header() {
    let made = Made::new();
    let path = made.bring("no_header.csv");
    refused(&made.hunt().go().expect(3), &[&path.display().to_string(), "header"]);
}

/// What Windows tools write: read as what it is, or refused by its name, but never taken for an empty archive.
#[test]
fn text_in_utf_16() {
    let csv = fs::read_to_string(root().join("testdata/bad/csv_header_twice.csv")).unwrap();
    for (name, text) in [("e.csv", csv), ("e.ndjson", lines((0..4).map(event)))] {
        for big in [false, true] {
            let made = Made::new();
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            let bytes = units.flat_map(|unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            made.put(name, bytes.collect::<Vec<u8>>());
            let ran = made.hunt().go();
            if ran.code == Some(0) {
                assert_eq!(hits(&ran.json()), 4, "{name}");
            } else {
                refused(&ran.expect(3), &[name, "UTF-16"]);
            }
        }
    }
}

#[test]
fn json_that_is_no_record_is_a_reject_with_its_place() {
    let made = Made::new();
    let text = [
        event(0).to_string(),
        "null".to_owned(),
        "42".to_owned(),
        "{\"Timestamp\": ".to_owned(),
        String::new(),
        "\u{1b}]0;title\u{7}".to_owned(),
        format!("{} trailing", event(1)),
        event(2).to_string(),
    ];
    made.put("e.ndjson", text.join("\n") + "\n");
    let ran = made.hunt().go().expect(0);
    let report = ran.json();
    assert_eq!(hits(&report), 2);
    let (rejected, examples) = rejects(&report);
    assert_eq!(rejected, 5, "{examples:?}");
    assert!(examples[0].contains("e.ndjson:2"), "{examples:?}");
    assert!(!ran.stderr.contains('\u{1b}') && !ran.text().contains('\u{1b}'));
}

/// A copy that lost the ends of its lines: the good record is found, the others are counted.
#[test]
fn broken_lines_that_outnumber_good_ones() {
    let made = Made::new();
    let cut = |n: usize| {
        let line = event(n).to_string();
        format!("{}\n", &line[..line.len() - 1])
    };
    made.put("e.ndjson", [cut(0), cut(1), lines([event(2)])].concat());
    let report = made.hunt().go().expect(0).json();
    assert_eq!((hits(&report), rejects(&report).0), (1, 2), "{}", report["coverage"]["files"]);
}

/// An address in a text column of JSON type, twice the same key, and numbers as text: as the tables say.
#[test]
fn keys_twice_and_numbers_as_text() {
    let made = Made::new();
    let twice = format!(
        r#"{{"Timestamp":"2026-07-18T10:00:00Z","DeviceName":"w","DeviceId":"d","ReportId":"7","RemotePort":"443","RemoteIP":"{LISTED}","ActionType":"ConnectionSuccess"}}"#
    );
    made.put("e.ndjson", format!("{twice}\n"));
    let report = made.hunt().go().expect(0).json();
    assert_eq!(report["findings"][0]["Ports"], json!([443]));
    assert_eq!(report["coverage"]["unreadable"]["ports"], 0);
}

/// A hunt never writes where it reads.
#[test]
fn an_archive_is_left_as_it_was() {
    let before: Vec<_> = crate::runner::files_below(&root().join(kind("mixed")));
    super::hunt(&[&kind("mixed")]).go().expect(0);
    assert_eq!(crate::runner::files_below(&root().join(kind("mixed"))), before);
}
