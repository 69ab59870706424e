//! Directories of dated snapshots.

use super::*;

/// Days of September 2025 in which an address was seen.
fn seen(table: &TorTable, address: &str) -> Vec<(i64, i64)> {
    let first = Micros::parse("2025-08-31").unwrap().day();
    let of_it = table.intervals.iter().filter(|interval| interval.prefix.to_string() == address);
    of_it.map(|i| (i.seen_from.unwrap().day() - first, i.seen_to.unwrap().day() - first)).collect()
}

fn days(lists: &[(u8, &str)]) -> Vec<(String, String)> {
    lists.iter().map(|(day, text)| (format!("h/2025-09-{day:02}.csv"), (*text).to_string())).collect()
}

fn loaded_days(files: &[(String, String)]) -> TorTable {
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    loaded(&files, "h")
}

fn left_out(table: &TorTable) -> Vec<(&str, u64)> {
    table.facts[0].snapshots_left_out.iter().map(|counted| (counted.name.as_str(), counted.count)).collect()
}

#[test]
fn an_empty_file_in_a_series_is_a_gap_and_no_error() {
    let (one, both) = ("192.0.2.1\n", "192.0.2.1\n192.0.2.2\n");
    let good = [(1, both), (2, both), (3, one), (5, one), (9, one)];
    let bad = [(4, ""), (6, "# none\n"), (7, ""), (8, "10.0.0.1\n")];
    let table = loaded_days(&days(&[good.as_slice(), &bad].concat()));
    assert_eq!(seen(&table, "192.0.2.1"), [(1, 5), (9, 9)], "one day is no gap, three are");
    assert_eq!(left_out(&table), [("empty file (0 bytes)", 2), ("without a usable address", 2)]);
    let facts = &table.facts[0];
    assert_eq!((facts.source.as_str(), facts.files, facts.snapshots), ("h", 9, 5));
    assert_eq!((facts.as_of, facts.as_of_from.as_str()), (None, "file name"));
    assert_eq!(facts.refused_examples.len(), 1);
    assert!(table.skipped.is_empty());
}

#[test]
fn an_empty_file_alone_in_its_series_is_an_error() {
    let message = error(&[("h/2025-09-01.csv", ""), ("h/other.csv", "192.0.2.1\n")], "h");
    assert_eq!(message, "h/2025-09-01.csv: an empty file (0 bytes); fetch it again");
    assert!(error(&[("h/2025-09-01.csv", ""), ("h/2025-09-02.csv", "#\n")], "h").contains("h/2025-09-0"));
}

#[test]
fn a_list_half_as_long_is_torn() {
    let long: String = (1..=10).map(|n| format!("192.0.2.{n}\n")).collect();
    let table = loaded_days(&days(&[(1, &long), (2, "192.0.2.1\n"), (3, &long)]));
    assert_eq!(seen(&table, "192.0.2.9"), [(1, 3)]);
    assert_eq!(left_out(&table), [("fewer than half the addresses of those before it", 1)]);
}

#[test]
fn a_stale_run_is_no_knowledge() {
    let large =
        |extra: &str| (1..=100).map(|n| format!("192.0.2.{n}\n")).chain([extra.to_string()]).collect::<String>();
    let stale = large("");
    let lists: Vec<_> = (1..=10).map(|day| (day, stale.as_str())).collect();
    let fresh = large("192.0.2.200\n");
    let table = loaded_days(&days(&[lists.as_slice(), &[(11, &fresh), (12, &stale)]].concat()));
    assert_eq!(seen(&table, "192.0.2.1"), [(1, 4), (11, 12)]);
    assert_eq!(left_out(&table), [("unchanged for more than 72 hours", 6)]);
    let spans: Vec<_> = table.spans.iter().map(|span| (span.from.date(), span.to.date())).collect();
    assert_eq!(spans.len(), 2);
    assert_eq!(spans[0], ("2025-09-01".into(), "2025-09-04".into()));
    assert_eq!(table.facts[0].spacing_minutes, Some(1440));
}

#[test]
fn names_that_differ_in_more_than_digits_are_series_of_their_own() {
    let table = loaded(
        &[
            ("h/exits-2025-09-01.csv", "192.0.2.1\n"),
            ("h/exits-2025-09-02.csv", "192.0.2.1\n"),
            ("h/guards-2025-09-01.csv", "192.0.2.9\n"),
            ("h/guards-2025-09-02.csv", "192.0.2.9\n"),
        ],
        "h",
    );
    assert_eq!((seen(&table, "192.0.2.1"), seen(&table, "192.0.2.9")), (vec![(1, 2)], vec![(1, 2)]));
    let sources: Vec<_> = table.facts.iter().map(|facts| (facts.source.as_str(), facts.snapshots)).collect();
    assert_eq!(sources, [("h (exits-#.csv)", 2), ("h (guards-#.csv)", 2)]);
    assert!(table.intervals.iter().all(|interval| interval.source == "h"));
}

#[test]
fn folders_keep_lists_apart() {
    let table = loaded(
        &[
            ("h/exits/2025-09-01.csv", "192.0.2.1\n"),
            ("h/guards/2025-09-01.csv", "192.0.2.9\n"),
            ("h/exits/2025-09-02.csv", "192.0.2.1\n"),
        ],
        "h",
    );
    assert_eq!((seen(&table, "192.0.2.1"), seen(&table, "192.0.2.9")), (vec![(1, 2)], vec![(1, 1)]));
}

#[test]
fn stated_roles_name_what_the_lists_do_not() {
    let dir = folder(&[("h/2025-09-01.csv", "192.0.2.1\n2001:db8::1\n"), ("h/2025-09-02.csv", "192.0.2.1\n")]);
    let guard = TorRequest { role: Some(Role::Guard), ..request("h") };
    let table = load(&[guard], dir.path(), OnBadInput::Fail).unwrap();
    assert!(table.intervals.iter().all(|interval| interval.role == Role::Guard));
    let spans: Vec<_> = table.spans.iter().map(|s| (s.role, s.family.as_str(), s.from.date(), s.to.date())).collect();
    let day = |day: u8| format!("2025-09-0{day}");
    assert_eq!(spans, [(Role::Guard, "IPv4", day(1), day(2)), (Role::Guard, "IPv6", day(1), day(1))]);
}

#[test]
fn the_users_date_is_for_lists_without_one() {
    let dir = folder(&[
        ("h/2025-09-01.csv", "192.0.2.1\n"),
        ("h/2025-09-03.csv", "192.0.2.1\n"),
        ("h/now.csv", "192.0.2.2\n"),
    ]);
    let as_of = Micros::parse("2025-09-05");
    let table = load(&[TorRequest { as_of, ..request("h") }], dir.path(), OnBadInput::Fail).unwrap();
    assert_eq!((seen(&table, "192.0.2.1"), seen(&table, "192.0.2.2")), (vec![(1, 3)], vec![(5, 5)]));
    let from: Vec<_> = table.facts.iter().map(|facts| facts.as_of_from.as_str()).collect();
    assert_eq!(from, ["file name", "--tor-as-of"]);
}

/// A file of exit scans: when it was fetched, and each exit's scan.
fn scans(downloaded: &str, exits: &[(&str, &str)]) -> String {
    let mut text = format!("@type tordnsel 1.0\nDownloaded {downloaded}\n");
    for (number, (address, time)) in exits.iter().enumerate() {
        text.push_str(&format!(
            "ExitNode {number:040X}\nPublished {time}\nLastStatus {time}\nExitAddress {address} {time}\n"
        ));
    }
    text
}

#[test]
fn scans_have_their_own_times_and_their_files_cover_the_day_before() {
    let first =
        scans("2025-09-02 00:02:00", &[("192.0.2.1", "2025-09-01 10:00:00"), ("192.0.2.2", "2025-09-01 11:00:00")]);
    let second = scans("2025-09-03 00:02:00", &[("192.0.2.1", "2025-09-02 20:00:00")]);
    let files = [
        ("h/02/2025-09-02-00-02-00", first.as_str()),
        ("h/2025-09-03-00-02-00", second.as_str()),
        ("h/2025-09-04-00-02-00", ""),
    ];
    let table = loaded(&files, "h");
    assert_eq!((seen(&table, "192.0.2.1"), seen(&table, "192.0.2.2")), (vec![(1, 2)], vec![(1, 1)]));
    assert!(table.intervals.iter().all(|i| (i.role, i.observed_by.as_str()) == (Role::Exit, "scan")));
    let spans: Vec<_> = table.spans.iter().map(|span| (span.from, span.to)).collect();
    assert_eq!(
        spans,
        [(Micros::parse("2025-09-01T00:02:00Z").unwrap(), Micros::parse("2025-09-03T00:02:00Z").unwrap())]
    );
    let facts = &table.facts[0];
    assert_eq!((table.facts.len(), facts.files, facts.snapshots, facts.as_of_from.as_str()), (1, 3, 2, "content"));
}
