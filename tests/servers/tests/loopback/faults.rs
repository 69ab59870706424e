//! Each fault, as a bare socket sees it and as the client takes it.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_servers::{Access, Fault, Faults, Policy, Proxy, Rule, S3Server};
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt};

use super::{builder, client, pattern, raw, retries, served, write};

/// An object of 200,000 bytes that anybody may read, behind a proxy with one rule.
fn with(rule: Rule) -> (tempfile::TempDir, Arc<S3Server>, Proxy) {
    let (root, server) = served();
    server.set_policy(Policy { anonymous: Access::Allowed, ..Policy::default() });
    write(root.path(), "k", pattern(200_000));
    let proxy = Proxy::start(&server.endpoint(), Faults::rules([rule])).expect("starts");
    (root, Arc::new(server), proxy)
}

#[test]
fn a_reset_comes_before_or_within_a_body() {
    let (_root, _server, proxy) = with(Rule::new(Fault::Reset));
    let got = raw::get(&proxy.endpoint(), "/bucket/k");
    assert_eq!((got.end, got.head.as_str()), (Err(ErrorKind::ConnectionReset), ""));
    proxy.set_faults(Faults::rules([Rule::new(Fault::ResetAfter(1000))]));
    let got = raw::get(&proxy.endpoint(), "/bucket/k");
    assert_eq!((got.end, got.status(), got.body.len()), (Err(ErrorKind::ConnectionReset), Some(200), 1000));
    assert_eq!(proxy.counts().total.faults, 2);
}

#[test]
fn a_body_is_cut_off_or_called_shorter() {
    let (_root, _server, proxy) = with(Rule::new(Fault::CutAfter(1000)));
    let got = raw::get(&proxy.endpoint(), "/bucket/k");
    assert_eq!((got.end, got.header("content-length"), got.body.len()), (Ok(()), Some("200000"), 1000));
    proxy.set_faults(Faults::rules([Rule::new(Fault::Shorten(1000))]));
    let range = "range: bytes=0-9999\r\n";
    let got = raw::ask(&proxy.endpoint(), "GET", "/bucket/k", range, Duration::from_secs(5));
    assert_eq!((got.end, got.header("content-length"), got.body.len()), (Ok(()), Some("1000"), 1000));
    assert_eq!(got.header("content-range"), Some("bytes 0-9999/200000"));
    proxy.set_faults(Faults::rules([Rule::new(Fault::Shorten(1 << 40))]));
    assert_eq!(raw::get(&proxy.endpoint(), "/bucket/k").body.len(), 200_000, "longer than it is: untouched");
}

#[test]
fn a_stall_lasts_until_the_client_gives_up() {
    let (_root, _server, proxy) = with(Rule::new(Fault::Stall));
    let wait = Duration::from_millis(300);
    let got = raw::ask(&proxy.endpoint(), "GET", "/bucket/k", "", wait);
    assert_eq!((got.end, got.head.as_str()), (Err(ErrorKind::WouldBlock), ""));
    proxy.set_faults(Faults::rules([Rule::new(Fault::StallAfter(1000))]));
    // Long enough for the beginning on a busy machine.
    let got = raw::ask(&proxy.endpoint(), "GET", "/bucket/k", "", 5 * wait);
    assert_eq!((got.end, got.body.len()), (Err(ErrorKind::WouldBlock), 1000));
}

#[test]
fn errors_speak_the_providers_language() {
    let (_root, _server, proxy) = with(Rule::new(Fault::SlowDown));
    let got = raw::get(&proxy.endpoint(), "/bucket/k");
    assert_eq!(got.status(), Some(503));
    assert!(String::from_utf8_lossy(&got.body).contains("<Code>SlowDown</Code>"));
    let azure = "x-ms-version: 2022-11-02\r\n";
    let got = raw::ask(&proxy.endpoint(), "GET", "/account/c/b", azure, Duration::from_secs(5));
    assert_eq!((got.status(), got.header("x-ms-error-code")), (Some(503), Some("ServerBusy")));
    let expired = Fault::Answer { status: 400, code: "ExpiredToken", retry_after_seconds: Some(2) };
    for (fault, status) in [(Fault::InternalError, 500), (Fault::TooManyRequests, 429), (expired, 400)] {
        proxy.set_faults(Faults::rules([Rule::new(fault)]));
        assert_eq!(raw::get(&proxy.endpoint(), "/bucket/k").status(), Some(status));
    }
    assert_eq!(raw::get(&proxy.endpoint(), "/bucket/k").header("retry-after"), Some("2"));
    assert_eq!(proxy.counts().total.refused, 6);
}

#[tokio::test]
async fn the_client_gets_through_what_it_may_retry() {
    let (_root, _server, proxy) = with(Rule::new(Fault::SlowDown).reads().first_of_each(2));
    let patient = builder(&proxy.endpoint()).with_retry(retries(5)).build().expect("a client");
    assert!(patient.get_range(&Path::from("k"), 10..20).await.expect("gets") == pattern(20)[10..]);
    let tally = proxy.counts().object("/bucket/k");
    assert_eq!((tally.range_get, tally.refused, tally.faults), (3, 2, 2));
    proxy.set_faults(Faults::rules([Rule::new(Fault::SlowDown).first(1)]));
    let error = client(&proxy.endpoint()).get(&Path::from("k")).await.expect_err("no retries");
    assert!(error.to_string().contains("SlowDown") || error.to_string().contains("503"), "{error}");
    // A refused upload is read to its end, so that the client sees the answer and not a broken pipe.
    proxy.set_faults(Faults::rules([Rule::new(Fault::InternalError).first(1)]));
    patient.put(&Path::from("new"), pattern(3_000_000).into()).await.expect("puts at the second try");
    assert_eq!(proxy.counts().object("/bucket/new").bytes_up, 6_000_000);
}

#[tokio::test]
async fn an_object_can_change_between_two_reads() {
    let (_root, server, proxy) = with(Rule::new(Fault::Delay(Duration::ZERO)));
    let swap = {
        let server = server.clone();
        Fault::call(move |seen| {
            assert_eq!(seen.path, "/bucket/k");
            server.put("bucket", "k", b"another").expect("replaces");
        })
    };
    proxy.set_faults(Faults::rules([Rule::new(swap).reads().suffix("/k").nth(2)]));
    let client = client(&proxy.endpoint());
    let first = client.get(&Path::from("k")).await.expect("gets");
    let if_same = GetOptions { if_match: first.meta.e_tag.clone(), ..GetOptions::default() };
    assert_eq!(first.bytes().await.expect("reads").len(), 200_000);
    let second = client.get_opts(&Path::from("k"), if_same).await.expect_err("412");
    assert!(matches!(second, Error::Precondition { .. }), "{second}");
    assert_eq!(client.get(&Path::from("k")).await.expect("gets").bytes().await.expect("reads"), "another");
}
