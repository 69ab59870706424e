//! A store against servers that fail, lie and change their mind.

use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};

use super::loopback::{Answer, Loopback, answer, part, quick, run};
use super::testing::Cut;
use super::*;

fn x() -> Path {
    Path::from("x")
}

#[test]
fn failures_that_pass_are_waited_for_and_every_attempt_is_counted() {
    let server = Loopback::new(|number, _| match number {
        0 => answer("503 Slow Down", &["Content-Length: 0"], ""),
        1 => answer("429 Too Many Requests", &["Content-Length: 0"], ""),
        2 => Answer::Reset,
        _ => part("t", "2-5/10", 4, "cdef"),
    });
    let (stores, store, _) = server.web(quick());
    let bytes = run(store.get_range_of(&x(), 2..6, Some("\"t\""))).unwrap();
    assert_eq!(bytes, "cdef");
    assert_eq!((stores.traffic().requests(), stores.traffic().bytes(), server.count()), (4, 4, 4));
    let asked = server.asked.lock().unwrap().join("").to_ascii_lowercase();
    assert!(asked.contains("if-match: \"t\"") && asked.contains("user-agent: coldtrail/"), "{asked}");
}

#[test]
fn attempts_are_bounded() {
    let server = Loopback::new(|_, _| answer("500 Oops", &["Content-Length: 0"], ""));
    let (_, store, place) = server.web(quick());
    let error = run(store.get_range_of(&x(), 0..4, None)).unwrap_err();
    assert_eq!(server.count(), 4);
    let said = explain(&error, &place, Doing::Read);
    assert!(said.sentence.contains("the server fails (status 500)"), "{said}");
    let late = Loopback::new(|_, _| Answer::Late(Duration::from_secs(3)));
    let (_, store, place) = late.web(StoreOptions { retries: 1, ..quick() });
    let error = run(store.get_range_of(&x(), 0..4, None)).unwrap_err();
    assert_eq!(late.count(), 2);
    assert_eq!(explain(&error, &place, Doing::Read).kind, Trouble::Timeout);
}

#[test]
fn a_broken_answer_is_taken_up_again_where_it_broke() {
    let server = Loopback::new(|_, head| {
        let from = head.to_ascii_lowercase().split_once("range: bytes=").unwrap().1[..1].parse::<usize>().unwrap();
        // Two bytes at a time, then the connection ends.
        part("t", &format!("{from}-7/8"), 8 - from, &"abcdefgh"[from..(from + 2).min(8)])
    });
    // Each attempt brings something, so a single one without is all that is needed to stop.
    let (_, store, _) = server.web(StoreOptions { retries: 1, ..quick() });
    assert_eq!(run(store.get_range_of(&x(), 0..8, Some("t"))).unwrap(), "abcdefgh");
    assert_eq!(server.count(), 4);
}

#[test]
fn a_body_that_ends_early_without_a_word_is_taken_up_again_or_is_an_error() {
    let cut = |bytes| {
        let inner = InMemory::new();
        run(inner.put(&x(), "abcdefgh".into())).unwrap();
        let traffic = Arc::default();
        let options = StoreOptions { retries: 1, ..StoreOptions::default() };
        let store = Store::new(Arc::new(Cut { inner, bytes }), &traffic, &options);
        (run(store.get_range_of(&x(), 0..8, None)), traffic)
    };
    let (answer, traffic) = cut(3);
    assert_eq!(answer.unwrap(), "abcdefgh");
    assert_eq!((traffic.requests(), traffic.bytes()), (3, 8));
    let (answer, traffic) = cut(0);
    assert!(answer.unwrap_err().to_string().contains("ended 8 bytes early"));
    assert_eq!(traffic.requests(), 2);
}

#[test]
fn another_etag_is_a_change_even_if_the_server_does_not_check() {
    let server = Loopback::new(|_, _| part("new", "0-3/4", 4, "abcd"));
    let (_, store, place) = server.web(quick());
    let error = run(store.get_range_of(&x(), 0..4, Some("\"old\""))).unwrap_err();
    assert!(Changed::find(&error).is_some(), "{error}");
    let said = explain(&error, &place, Doing::Read);
    assert_eq!(said.kind, Trouble::Changed);
    assert!(said.sentence.contains("run again when nothing writes to it"), "{said}");
    for (status, body) in [("412 Precondition Failed", ""), ("416 Range Not Satisfiable", "")] {
        let server = Loopback::new(move |_, _| answer(status, &["Content-Length: 0"], body));
        let (_, store, _) = server.web(quick());
        let error = run(store.get_range_of(&x(), 0..4, Some("\"old\""))).unwrap_err();
        assert!(Changed::find(&error).is_some(), "{status}: {error}");
    }
    // The object became shorter, and the server answers with what is left.
    let server = Loopback::new(|_, _| part("new", "0-1/2", 2, "ab"));
    let (_, store, _) = server.web(quick());
    assert!(Changed::find(&run(store.get_range_of(&x(), 0..4, Some("\"old\""))).unwrap_err()).is_some());
}

#[test]
fn a_change_in_the_middle_of_an_answer_is_never_mixed() {
    let server = Loopback::new(|number, _| match number {
        0 => part("one", "0-7/8", 8, "abcd"),
        _ => part("two", "4-7/8", 4, "EFGH"),
    });
    let (_, store, _) = server.web(quick());
    let error = run(store.get_range_of(&x(), 0..8, None)).unwrap_err();
    assert!(Changed::find(&error).is_some(), "{error}");
    assert!(server.count() >= 2);
}

#[test]
fn close_ranges_are_one_request() {
    let inner = Arc::new(InMemory::new());
    run(inner.put(&x(), "0123456789".into())).unwrap();
    let traffic = Arc::default();
    let options = StoreOptions { coalesce_bytes: 3, ..StoreOptions::default() };
    let store = Store::new(inner, &traffic, &options);
    let parts = run(store.get_ranges(&x(), &[8..10, 0..2, 3..4, 5..5])).unwrap();
    assert_eq!(parts, ["89", "01", "3", ""]);
    assert_eq!((traffic.requests(), traffic.bytes()), (2, 6));
    run(store.put(&x(), "another".into())).unwrap();
    let error = run(store.get_ranges_of(&x(), &[0..2, 5..6], Some("0"))).unwrap_err();
    assert!(Changed::find(&error).is_some());
}

#[test]
fn a_redirect_that_leads_nowhere_names_the_region() {
    let server = Loopback::new(|_, _| {
        answer("301 Moved Permanently", &["x-amz-bucket-region: eu-west-1", "Content-Length: 0"], "")
    });
    let (_, store, place) = server.s3(quick());
    let error = run(store.head_of(place.prefix())).unwrap_err();
    let said = explain(&error, &place, Doing::Open);
    assert_eq!(said.kind, Trouble::WrongRegion);
    assert!(said.sentence.ends_with("set AWS_REGION=eu-west-1"), "{said}");
}

#[test]
fn a_condition_that_is_no_single_tag_is_left_to_the_store() {
    let inner = Arc::new(InMemory::new());
    run(inner.put(&x(), "abc".into())).unwrap();
    let store = Store::new(inner, &Arc::default(), &StoreOptions::default());
    for tag in ["*", "0, 7"] {
        let options = object_store::GetOptions { if_match: Some(tag.into()), ..Default::default() };
        assert_eq!(run(async { store.get_opts(&x(), options).await.unwrap().bytes().await }).unwrap(), "abc");
    }
    let options = object_store::GetOptions { if_match: Some("7".into()), ..Default::default() };
    assert!(Changed::find(&run(store.get_opts(&x(), options)).unwrap_err()).is_some());
}

#[test]
fn a_web_address_is_asked_for_as_it_was_typed() {
    let server = Loopback::new(|_, _| part("t", "0-0/1", 1, "x"));
    let stores = Stores::new(quick());
    for typed in ["/x", "/a/b/c%20d%25.txt?key=1&sig=2", "/lists/", "/a/..%2Fb", "/"] {
        let place = Place::parse(&format!("{}{typed}", server.url), stores.options()).unwrap().unwrap();
        let store = stores.get(&place).unwrap();
        run(store.get_range_of(place.prefix(), 0..1, None)).unwrap();
        let asked = server.asked.lock().unwrap().last().unwrap().clone();
        assert!(asked.starts_with(&format!("GET {typed} ")), "{asked}");
    }
}
