//! Random events, drawn so that they collide: few devices, few addresses in many spellings, and copies of earlier events.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::event::{Event, Number, When};

/// 2026-03-10T00:00:00Z, the first of three days.
pub(crate) const FIRST_DAY_SECONDS: i64 = 1_773_100_800;

/// Listed ones and their neighbours, in every spelling that telemetry has, and what only looks like an address.
const ADDRESSES: [&str; 30] = [
    "192.0.2.7",
    "192.0.2.7",
    "::ffff:192.0.2.7",
    "::FFFF:C000:0207",
    " 192.0.2.7 ",
    "192.0.2.8",
    "192.0.2.9",
    "198.51.100.9",
    "198.51.100.255",
    "::ffff:198.51.100.9",
    "198.51.101.0",
    "203.0.113.4",
    "0:0:0:0:0:ffff:cb00:7104",
    "2001:db8::1",
    "2001:DB8:0:0:0:0:0:1",
    "2001:0db8::0001%eth0",
    "2001:db8::2",
    "2001:db8:5:ffff::9",
    "2001:DB8:5:FFFF::9",
    "2001:db8:6::",
    "::192.0.2.7",
    "64:ff9b::192.0.2.7",
    "10.0.0.5",
    "192.0.2.7:443",
    "[2001:db8::1]",
    "192.0.2.07",
    "localhost",
    "1.2.3",
    "",
    "-",
];

const ACTIONS: [&str; 18] = [
    "ConnectionSuccess",
    "ConnectionSuccess",
    "ConnectionFailed",
    "ConnectionRequest",
    "ConnectionSuccessAggregatedReport",
    "ConnectionFailedAggregatedReport",
    "InboundConnectionAccepted",
    "InboundConnectionAttempt",
    "InboundConnectionAcknowledged",
    "InboundInternetScanInspected",
    "ConnectionAttempt",
    "ConnectionAcknowledged",
    "ConnectionFound",
    "ListeningConnectionCreated",
    "DnsConnectionInspected",
    "connectionsuccess",
    "SomethingNew",
    "",
];

const FIELDS: [&str; 24] = [
    "",
    "{}",
    "[]",
    "null",
    "{",
    "direction",
    r#"{"direction":"In"}"#,
    r#"{"direction":"OUT"}"#,
    r#"{"direction":"out","uniqueEventsAggregated":"3"}"#,
    r#" { "direction" : "in" , "uniqueEventsAggregated" : 4 } "#,
    r#"{"direction":"sideways"}"#,
    r#"{"direction":1}"#,
    r#"{"direction":null}"#,
    r#"{"Direction":"In"}"#,
    r#"{"direction":"In""#,
    r#"{"direction":"In"},"#,
    r#"{"nested":{"direction":"In","uniqueEventsAggregated":9}}"#,
    r#"[{"direction":"In"}]"#,
    r#"{"direction":"\u0049n"}"#,
    r#"{"uniqueEventsAggregated":"12"}"#,
    r#"{"uniqueEventsAggregated":7}"#,
    r#"{"uniqueEventsAggregated":"0"}"#,
    r#"{"uniqueEventsAggregated":-3}"#,
    r#"{"uniqueEventsAggregated":"many"}"#,
];

const JUNK_TIMES: [&str; 5] = ["", "-", "soon", "2026-13-45T00:00:00Z", "10/03/2026 12:00"];

/// What sets a copy apart from the event that it repeats.
#[derive(Clone, Debug)]
enum Change {
    /// Nothing.
    None,
    /// The time within its millisecond.
    WithinMilli(i64),
    /// The columns of this mask are another event's, and an IPv4 address is spelled as a mapped one.
    Columns(u16),
}

fn text<const N: usize>(pool: [&'static str; N], null_weight: u32) -> BoxedStrategy<Option<String>> {
    prop_oneof![8 => select(pool.to_vec()).prop_map(|text| Some(text.to_owned())), null_weight => Just(None)].boxed()
}

fn time() -> impl Strategy<Value = Option<When>> {
    let second = prop_oneof![4 => select(vec![0i64, 1, 43_200, 86_399]), 1 => 0i64..86_400];
    let nanos = select(vec![0i64, 0, 1, 999, 1_000, 500_000, 999_999, 1_000_000, 123_456_789, 999_999_999]);
    let known = (0i64..3, second, nanos).prop_map(|(day, second, nanos)| {
        When::Nanos((FIRST_DAY_SECONDS + day * 86_400 + second) * 1_000_000_000 + nanos)
    });
    let junk = select(JUNK_TIMES.to_vec()).prop_map(|text| When::Junk(text.to_owned()));
    prop_oneof![30 => known.prop_map(Some), 1 => junk.prop_map(Some), 1 => Just(None)]
}

fn port() -> impl Strategy<Value = Option<Number>> {
    let whole = select(vec![0i64, 80, 443, 443, 9_001, 49_151, 49_152, 65_535, 65_536, -1]).prop_map(Number::Whole);
    let double = select(vec![443.0, 443.5]).prop_map(Number::Double);
    let text =
        select(vec!["443", "443.0", " 80 ", "https", "", "65536", "4.5"]).prop_map(|t| Number::Text(t.to_owned()));
    prop_oneof![12 => whole.prop_map(Some), 2 => double.prop_map(Some), 3 => text.prop_map(Some), 2 => Just(None)]
}

fn report_id() -> impl Strategy<Value = Option<Number>> {
    let whole = select(vec![1i64, 1, 2, 7, 18_984_951_960]).prop_map(Number::Whole);
    let double = select(vec![2.0, 2.5]).prop_map(Number::Double);
    let text = select(vec!["7", "7.0", "", "x"]).prop_map(|text| Number::Text(text.to_owned()));
    prop_oneof![12 => whole.prop_map(Some), 1 => double.prop_map(Some), 2 => text.prop_map(Some), 1 => Just(None)]
}

/// One event that repeats nothing on purpose.
fn event() -> impl Strategy<Value = Event> {
    let what = (time(), text(ADDRESSES, 1), text(ACTIONS, 1), port(), port());
    let device =
        (text(["d1", "d1", "d2", "D2", ""], 1), text(["wks-1", "wks-1", "WKS-1", "srv é", ""], 1), report_id());
    let process = (
        text(["tor.exe", "curl", "öl.exe", ""], 1),
        text(["curl -x socks5://127.0.0.1:9050", "a | b", "\u{202e}x\u{1b}[2J", ""], 2),
        text(["C:\\Tor Browser\\", "/usr/bin"], 4),
        text(["ann", "bob", "ANN", ""], 2),
        text(["aa", "bb", ""], 4),
    );
    let rest = (
        text(["http://x.onion/", "example.org", "=1+1", ""], 4),
        text(FIELDS, 4),
        prop_oneof![6 => Just(None), 1 => text(["Inbound", "OUTBOUND", "inbound", "sideways", ""], 1)],
    );
    (what, device, process, rest).prop_map(|(what, device, process, rest)| Event {
        time: what.0,
        remote_ip: what.1,
        action: what.2,
        remote_port: what.3,
        local_port: what.4,
        device_id: device.0,
        device_name: device.1,
        report_id: device.2,
        process: process.0,
        command: process.1,
        folder: process.2,
        account: process.3,
        sha256: process.4,
        url: rest.0,
        fields: rest.1,
        connection_direction: rest.2,
    })
}

/// Up to `most` events, of which `copies` percent repeat an earlier one, exactly or nearly.
pub(crate) fn events(most: usize, copies: u32) -> impl Strategy<Value = Vec<Event>> {
    let change = prop_oneof![
        2 => Just(Change::None),
        2 => select(vec![0i64, 1_000, 999_000, 999_999]).prop_map(Change::WithinMilli),
        4 => any::<u16>().prop_map(Change::Columns),
    ];
    let copy = proptest::option::weighted(f64::from(copies) / 100.0, (any::<Index>(), change));
    proptest::collection::vec((event(), copy), 1..=most).prop_map(|drafts| {
        let mut events: Vec<Event> = Vec::new();
        for (fresh, copy) in drafts {
            let drawn = match copy {
                Some((of, change)) if !events.is_empty() => repeated(of.get(&events), &fresh, &change),
                _ => fresh,
            };
            events.push(drawn);
        }
        events
    })
}

fn repeated(event: &Event, fresh: &Event, change: &Change) -> Event {
    let mut copy = event.clone();
    match change {
        Change::None => {}
        Change::WithinMilli(nanos) => {
            if let Some(When::Nanos(at)) = &mut copy.time {
                *at += nanos - at.rem_euclid(1_000_000);
            }
        }
        Change::Columns(mask) => replace_columns(&mut copy, fresh, *mask),
    }
    copy
}

fn replace_columns(copy: &mut Event, fresh: &Event, mask: u16) {
    let columns: [(&mut Option<String>, &Option<String>); 9] = [
        (&mut copy.device_name, &fresh.device_name),
        (&mut copy.url, &fresh.url),
        (&mut copy.sha256, &fresh.sha256),
        (&mut copy.process, &fresh.process),
        (&mut copy.command, &fresh.command),
        (&mut copy.folder, &fresh.folder),
        (&mut copy.account, &fresh.account),
        (&mut copy.fields, &fresh.fields),
        (&mut copy.connection_direction, &fresh.connection_direction),
    ];
    for (bit, (old, new)) in columns.into_iter().enumerate() {
        if mask >> bit & 1 == 1 {
            old.clone_from(new);
        }
    }
    if let (true, Some(address)) = (mask >> 9 & 1 == 1, &mut copy.remote_ip)
        && address.parse::<std::net::Ipv4Addr>().is_ok()
    {
        address.insert_str(0, "::ffff:");
    }
}
