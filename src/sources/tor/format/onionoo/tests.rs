//! Documents with invented relays.

use super::*;
use crate::model::Micros;

fn read_relays(relays: &str, rest: &str) -> Listing {
    let text =
        format!("{{\"version\":\"8.0\",\"relays_published\":\"2026-03-02 14:00:00\",\n\"relays\":[{relays}]{rest}}}");
    assert!(recognises(&text));
    read(&text).unwrap()
}

fn entries(list: &Listing) -> Vec<(String, Option<u16>, &'static str, &'static str)> {
    list.entries.iter().map(|e| (e.prefix.to_string(), e.port, e.role.as_str(), e.observed_by)).collect()
}

#[test]
fn relays_have_a_role_per_flag_and_exits_where_they_were_seen() {
    let list = read_relays(
        "{\"nickname\":\"a\",\"or_addresses\":[\"192.0.2.1:443\",\"[2001:db8::1]:81\"],\
         \"exit_addresses\":[\"192.0.2.9\"],\"running\":true,\"flags\":[\"Exit\",\"Fast\",\"Guard\"],\"x\":{\"y\":[1]}},\n\
         {\"or_addresses\":[\"192.0.2.2:9001\"],\"flags\":[\"Running\"]}",
        ",\"bridges\":[]",
    );
    let want = [
        ("192.0.2.1", Some(443), "exit", "or address"),
        ("192.0.2.1", Some(443), "guard", "or address"),
        ("2001:db8::1", Some(81), "exit", "or address"),
        ("2001:db8::1", Some(81), "guard", "or address"),
        ("192.0.2.9", None, "exit", "scan"),
        ("192.0.2.2", Some(9001), "middle", "or address"),
    ];
    assert_eq!(entries(&list), want.map(|(address, port, role, by)| (address.to_string(), port, role, by)));
    assert_eq!((list.records, list.dated), (2, Micros::parse("2026-03-02T14:00:00Z")));
    assert!(list.refused.is_empty() && list.entries.iter().all(|entry| entry.time.is_none()));
}

#[test]
fn what_is_no_running_relay_is_counted() {
    let list = read_relays(
        "{\"nickname\":\"down\",\"or_addresses\":[\"192.0.2.1:443\"],\"running\":false},7,{\"or_addresses\":\"no\"},\
         {\"nickname\":\"bare\"},{\"or_addresses\":[\"192.0.2.3\",\"10.0.0.1:1\",\"192.0.2.4:0\",\"192.0.2.5:99999\"],\
         \"flags\":[\"Exit\",\"Guard\"]}",
        ",\"bridges\":[{\"or_addresses\":[\"10.1.2.3:1\"]},{}]",
    );
    assert_eq!(entries(&list).len(), 2, "both roles of 192.0.2.4");
    let refused: Vec<_> = list.refused.into_iter().collect();
    let want = [
        (BRIDGE, 2),
        (NOT_A_RELAY, 2),
        (NO_SOCKET, 2),
        ("private, loopback, link-local or multicast range", 1),
        (NOT_RUNNING, 1),
        (NO_ADDRESS, 1),
    ];
    assert_eq!((list.records, refused), (7, want.to_vec()));
    assert_eq!(list.examples[0], "relays[0]: down (relay that is not running)");
}

#[test]
fn a_damaged_document_is_an_error_with_its_line() {
    for text in ["{\n\"relays\":[{}", "{\"relays\":7}", "{\n\"x\":\"\"relays\"\"}"] {
        let error = read(text).err().unwrap();
        assert!(error.starts_with("damaged JSON at line ") && error.ends_with("fetch it again"), "{error}");
    }
}
