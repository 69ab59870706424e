//! The proxy when nothing goes wrong: signatures hold, counts are right, delay and bandwidth are kept.

use std::time::{Duration, Instant};

use coldtrail_servers::{Faults, Proxy};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::{client, pattern, raw, served, write};

#[tokio::test]
async fn every_request_and_byte_is_counted() {
    let (root, server) = served();
    let proxy = Proxy::start(&server.endpoint(), Faults::default()).expect("starts");
    let client = client(&proxy.endpoint());
    let content = pattern(300_000);
    let key = Path::parse("a b/ü.bin").expect("a path");
    client.put(&key, content.clone().into()).await.expect("puts");
    assert!(client.get(&key).await.expect("gets").bytes().await.expect("reads") == content);
    assert!(client.get_range(&key, 1000..201_000).await.expect("gets") == content[1000..201_000]);
    client.head(&key).await.expect("heads");
    client.head(&Path::from("missing")).await.expect_err("404");
    client.list(None).try_collect::<Vec<_>>().await.expect("lists");
    let counts = proxy.counts();
    let object = counts.object("/bucket/a b/ü.bin");
    assert_eq!((object.put, object.get, object.range_get, object.head), (1, 1, 1, 1));
    assert_eq!((object.bytes_up, object.bytes_down, object.reads()), (300_000, 500_000, 2));
    assert_eq!((counts.object("/bucket").list, counts.object("/bucket/missing").refused), (1, 1));
    assert_eq!((counts.requests, counts.total.requests(), counts.total.faults), (6, 6, 0));
    assert!((1..=6).contains(&counts.connections));
    assert_eq!(counts.concurrent_max, 1);

    let json = raw::get(&proxy.endpoint(), "/__coldtrail/counts");
    let json: serde_json::Value = serde_json::from_slice(&json.body).expect("JSON");
    assert_eq!((json["requests"].as_u64(), json["total"]["bytes_up"].as_u64()), (Some(6), Some(300_000)));
    let reset = raw::ask(&proxy.endpoint(), "POST", "/__coldtrail/reset", "", Duration::from_secs(5));
    assert_eq!((reset.status(), proxy.counts().requests), (Some(204), 0));
    drop(root);
}

#[tokio::test]
async fn sixteen_connections_at_once_are_carried_whole() {
    let (root, server) = served();
    let content = pattern(6_000_000);
    for n in 0..16 {
        write(root.path(), &format!("{n}"), &content);
    }
    let delay = Duration::from_millis(100);
    let proxy = Proxy::start(&server.endpoint(), Faults { delay, ..Faults::default() }).expect("starts");
    let client = client(&proxy.endpoint());
    let begun = Instant::now();
    let reads = (0..16).map(|n| {
        let client = client.clone();
        tokio::spawn(async move { client.get(&Path::from(n.to_string())).await?.bytes().await })
    });
    for read in futures::future::join_all(reads).await {
        assert!(read.expect("ends").expect("reads") == content);
    }
    assert!(begun.elapsed() >= delay);
    let counts = proxy.counts();
    assert_eq!((counts.total.get, counts.total.bytes_down), (16, 96_000_000));
    assert!((2..=16).contains(&counts.concurrent_max), "{counts:?}");
}

#[tokio::test]
async fn delay_and_bandwidth_are_kept() {
    let (root, server) = served();
    write(root.path(), "k", pattern(1_000_000));
    let faults = Faults { delay: Duration::from_millis(50), bandwidth: Some(4_000_000), ..Faults::default() };
    let proxy = Proxy::start(&server.endpoint(), faults).expect("starts");
    let client = client(&proxy.endpoint());
    let begun = Instant::now();
    client.head(&Path::from("k")).await.expect("heads");
    let head = begun.elapsed();
    assert!(head >= Duration::from_millis(50) && head < Duration::from_secs(5), "{head:?}");
    let begun = Instant::now();
    client.get(&Path::from("k")).await.expect("gets").bytes().await.expect("reads");
    // 250 ms for the bytes less the last piece's pause, and the delay.
    let get = begun.elapsed();
    assert!(get >= Duration::from_millis(250) && get < Duration::from_secs(10), "{get:?}");
    proxy.set_faults(Faults::default());
    client.get(&Path::from("k")).await.expect("gets").bytes().await.expect("reads");
}

#[test]
fn what_is_no_address_is_refused_and_an_absent_server_is_told() {
    assert!(Proxy::start("https://127.0.0.1:1", Faults::default()).is_err());
    assert!(Proxy::start("127.0.0.1", Faults::default()).is_err());
    // A port of the system's, where nothing listens.
    let proxy = Proxy::start("http://127.0.0.1:1/account/", Faults::default()).expect("starts");
    assert!(proxy.endpoint().ends_with("/account"));
    let got = raw::get(proxy.endpoint().trim_end_matches("/account"), "/account/x");
    assert_eq!(got.status(), Some(502));
}
