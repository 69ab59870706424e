//! Random Tor lists and indicator files over the addresses of `draw`, as the text that a feed would have.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::draw::FIRST_DAY_SECONDS;
use super::tor::History;

const ENTRIES: [&str; 10] = [
    "192.0.2.7",
    "192.0.2.0/29",
    "198.51.100.7/24",
    "::ffff:198.51.100.9",
    "::ffff:203.0.113.0/120",
    "203.0.113.4",
    "2001:DB8::1",
    "2001:db8:5::/48",
    "192.0.2.7",
    "::192.0.2.7",
];

const NOT_ENTRIES: [&str; 12] = [
    "# a comment",
    "",
    "   ",
    "10.0.0.5",
    "0.0.0.0/0",
    "192.0.0.0/7",
    "::/0",
    "::ffff:0:0/90",
    "192.0.2.9/33",
    "192.0.2.07",
    "192.0.2.7:9001",
    "exit.example.org",
];

/// A one-column list with at least one entry.
pub(crate) fn tor() -> impl Strategy<Value = String> {
    let entries = subsequence(ENTRIES.to_vec(), 1..=5);
    let others = subsequence(NOT_ENTRIES.to_vec(), 0..=4);
    let dressed = (any::<bool>(), any::<bool>(), any::<bool>());
    (entries, others, dressed).prop_flat_map(|(entries, others, (header, crlf, quoted))| {
        let written =
            entries.into_iter().map(move |entry| if quoted { format!("\"{entry}\"") } else { entry.to_owned() });
        let lines: Vec<String> = written.chain(others.into_iter().map(str::to_owned)).collect();
        Just(lines).prop_shuffle().prop_map(move |lines| {
            let end = if crlf { "\r\n" } else { "\n" };
            let head = if header { format!("dest_ip{end}") } else { String::new() };
            head + &lines.join(end) + end
        })
    })
}

/// Dated lists around the three days of the events: at most 48 hours apart, each with both families and three to five
/// entries, so that none of them is a gap.
pub(crate) fn history() -> impl Strategy<Value = History> {
    let v4 = vec!["192.0.2.7", "192.0.2.0/29", "198.51.100.7/24", "203.0.113.4"];
    let v6 = vec!["2001:DB8::1", "2001:db8:5::/48"];
    let list =
        (subsequence(v4, 2..=3), subsequence(v6, 1..=2)).prop_map(|(v4, v6)| [v4, v6].concat().join("\n") + "\n");
    let snapshots = proptest::collection::vec((1i64..=48, list), 1..=6);
    let matching = select(vec!["auto", "auto", "at-event", "loose"]);
    (-72i64..=72, snapshots, matching, select(vec![0i64, 1, 24, 60]), any::<bool>()).prop_map(
        |(start, snapshots, matching, tolerance_hours, beside_undated)| {
            let mut hours = start;
            let dated = snapshots.into_iter().map(|(after, list)| {
                hours += after;
                ((FIRST_DAY_SECONDS + hours * 3_600) * 1_000_000, list)
            });
            let snapshots = dated.collect();
            // What has no date cannot be judged at the event.
            let beside_undated = beside_undated && matching != "at-event";
            History { snapshots, matching, tolerance_hours, beside_undated }
        },
    )
}

/// The hunt's own columns, in any order.
const COLUMNS: [&str; 8] =
    ["Indicator", "IndicatorType", "ConfidenceScore", "ThreatType", "TlpLevel", "Tags", "ValidFrom", "ValidUntil"];

/// A plain CSV of indicators; some rows are of another kind or refused, some stand twice.
pub(crate) fn intel() -> impl Strategy<Value = String> {
    let rows = proptest::collection::vec((row(), 1usize..=2), 1..=8);
    (Just(COLUMNS.to_vec()).prop_shuffle(), rows).prop_map(|(order, rows)| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&order).unwrap();
        for (row, times) in rows {
            for _ in 0..times {
                let at = |name: &str| COLUMNS.iter().position(|column| *column == name).unwrap();
                writer.write_record(order.iter().map(|name| row[at(name)].as_str())).unwrap();
            }
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    })
}

fn row() -> impl Strategy<Value = Vec<String>> {
    let value = prop_oneof![
        8 => select(ENTRIES.to_vec()),
        3 => select(vec!["192.0.2.8", "192.0.2.0/24", "198.51.100.255", "2001:db8::/32", "203.0.113.0/25"]),
        1 => select(vec!["10.0.0.5", "evil.example.org", "http://x.example/", "0.0.0.0/0"]),
    ];
    let dates = (select(DATES.to_vec()), select(DATES.to_vec())).prop_map(|(one, other)| {
        // No feed publishes an end before the start; an open side stays open.
        if one.is_empty() || other.is_empty() || one <= other { (one, other) } else { (other, one) }
    });
    let said = (
        select(vec!["", "C2", "Botnet", "tor", "anonymization", "benign"]),
        select(vec!["", "tor", "tor-exit,tor", "sentinel-threattype:Botnet", "apt29,tor", "benign"]),
    );
    let rest =
        (select(vec!["ip", "", "domain"]), select(vec!["", "0", "50", "79.9", "80", "100"]), select(vec!["", "amber"]));
    (value, dates, said, rest).prop_map(|(value, dates, said, rest)| {
        [value, rest.0, rest.1, said.0, rest.2, said.1, dates.0, dates.1].map(str::to_owned).to_vec()
    })
}

/// Around and inside the three days of the events; as text they sort by time.
const DATES: [&str; 7] =
    ["", "", "2026-03-01", "2026-03-10T12:00:00Z", "2026-03-11", "2026-03-11T12:00:00.123456Z", "2026-04-01"];
