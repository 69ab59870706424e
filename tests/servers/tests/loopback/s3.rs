//! The S3 server by itself.

use std::time::{Duration, Instant};

use bytes::Bytes;
use coldtrail_servers::{Access, Clock, Policy, S3Server, Token};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions, WriteMultipart};

use super::{KEY, SECRET, builder, client, pattern, raw, served, write};

#[tokio::test]
async fn objects_go_in_and_come_out() {
    let (root, server) = served();
    let client = client(&server.endpoint());
    let key = Path::parse("a b/ü=1/%25+&?/x.parquet").expect("a path");
    let put = client.put(&key, "content".into()).await.expect("puts");
    let got = client.get(&key).await.expect("gets");
    assert_eq!(got.meta.e_tag, put.e_tag);
    assert_eq!(got.bytes().await.expect("reads"), "content");
    assert_eq!(client.get_range(&key, 2..5).await.expect("gets"), "nte");
    let suffix = GetOptions { range: Some(object_store::GetRange::Suffix(100)), ..GetOptions::default() };
    assert_eq!(client.get_opts(&key, suffix).await.expect("gets").bytes().await.expect("reads"), "content");
    assert_eq!(client.head(&key).await.expect("heads").size, 7);
    assert_eq!(std::fs::read(root.path().join("bucket").join(key.as_ref())).expect("a file"), b"content");
    let copy = Path::from("copy");
    client.copy(&key, &copy).await.expect("copies");
    client.delete(&key).await.expect("deletes");
    let all: Vec<_> = client.list(None).try_collect().await.expect("lists");
    assert_eq!(all.iter().map(|meta| meta.location.as_ref()).collect::<Vec<_>>(), ["copy"]);
    let both = futures::stream::iter([Ok(copy), Ok(Path::from("gone already"))]).boxed();
    client.delete_stream(both).try_collect::<Vec<_>>().await.expect("deletes in bulk");
    assert!(client.list(None).next().await.is_none());
}

#[tokio::test]
async fn keys_as_long_as_azures_exports_have_them_can_be_put_in_parts() {
    let (root, server) = served();
    let client = client(&server.endpoint());
    let long = format!("WorkspaceResourceId=/subscriptions/{}y=2024/m=01/PT05M.json", "a/".repeat(100));
    let key = Path::parse(long).expect("a path");
    let content = pattern(12_000_000);
    let mut upload = WriteMultipart::new_with_chunk_size(client.put_multipart(&key).await.expect("begins"), 5 << 20);
    upload.put(Bytes::from(content.clone()));
    let done = upload.finish().await.expect("completes");
    let got = client.get(&key).await.expect("gets");
    assert_eq!(got.meta.e_tag, done.e_tag);
    assert!(got.bytes().await.expect("reads") == content);
    client.put_multipart(&key).await.expect("begins").abort().await.expect("aborts");
    drop(server);
    let left: Vec<_> =
        std::fs::read_dir(root.path()).expect("reads").map(|entry| entry.expect("reads").file_name()).collect();
    assert_eq!(left, ["bucket"], "nothing but the bucket is left behind");
}

#[tokio::test]
async fn a_changed_object_fails_the_condition_on_its_old_etag() {
    let (root, server) = served();
    // Not put through the API: an object all the same.
    write(root.path(), "k", "one");
    let client = client(&server.endpoint());
    let listed: Vec<_> = client.list(None).try_collect().await.expect("lists");
    let first = client.get(&Path::from("k")).await.expect("gets").meta.e_tag;
    assert_eq!(listed[0].e_tag, first, "listings know it too");
    let if_same = || GetOptions { if_match: first.clone(), ..GetOptions::default() };
    client.get_opts(&Path::from("k"), if_same()).await.expect("gets");
    server.put("bucket", "k", b"two").expect("replaces");
    let error = client.get_opts(&Path::from("k"), if_same()).await.expect_err("412");
    assert!(matches!(error, Error::Precondition { .. }), "{error}");
    let unless = GetOptions { if_none_match: first, ..GetOptions::default() };
    assert_eq!(client.get_opts(&Path::from("k"), unless).await.expect("gets").bytes().await.expect("reads"), "two");
    let create = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    let error = client.put_opts(&Path::from("k"), "three".into(), create).await.expect_err("exists");
    assert!(matches!(error, Error::AlreadyExists { .. }), "{error}");
    server.remove("bucket", "k").expect("removes");
    assert!(matches!(client.head(&Path::from("k")).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn thousands_of_objects_are_listed_in_time_and_from_any_point() {
    let (root, server) = served();
    let mut keys: Vec<_> = (0..2500).map(|n| format!("day={:02}/{n:04}.json", n % 31)).collect();
    keys.iter().for_each(|key| write(root.path(), key, "x"));
    keys.sort_unstable();
    let client = client(&server.endpoint());
    let begun = Instant::now();
    let listed: Vec<_> = client.list(None).try_collect().await.expect("lists");
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(listed.iter().map(|meta| meta.location.to_string()).collect::<Vec<_>>(), keys);
    let after: Vec<_> = client.list_with_offset(None, &Path::from("day=30")).try_collect().await.expect("lists");
    assert_eq!(after.len(), keys.iter().filter(|key| key.as_str() > "day=30").count());
    let top = client.list_with_delimiter(None).await.expect("lists");
    assert_eq!((top.common_prefixes.len(), top.objects.len()), (31, 0));
}

#[tokio::test]
async fn refusals_are_s3s() {
    let (root, server) = served();
    write(root.path(), "k", "x");
    let refused = |builder: object_store::aws::AmazonS3Builder| async move {
        let client = builder.build().expect("a client");
        let list = client.list(None).try_collect::<Vec<_>>().await.err().map(|error| error.to_string());
        let get = client.get(&Path::from("k")).await.err().map(|error| error.to_string());
        (list.unwrap_or_default(), get.unwrap_or_default())
    };
    let endpoint = server.endpoint();
    for (builder, code) in [
        (builder(&endpoint).with_secret_access_key("wrong"), "SignatureDoesNotMatch"),
        (builder(&endpoint).with_access_key_id("wrong"), "InvalidAccessKeyId"),
        (builder(&endpoint).with_skip_signature(true), "AccessDenied"),
        (builder(&endpoint).with_bucket_name("nowhere"), "NoSuchBucket"),
    ] {
        let (list, get) = refused(builder).await;
        assert!(list.contains(code) && get.contains(code), "{code}: {list} / {get}");
    }
    for (policy, list, get) in [
        (Policy { list: Access::Forbidden, ..Policy::default() }, "AccessDenied", ""),
        (Policy { read: Access::Forbidden, ..Policy::default() }, "", "AccessDenied"),
        (Policy { token: Token::Expired, ..Policy::default() }, "ExpiredToken", "ExpiredToken"),
        (Policy { clock: Clock::Skewed, ..Policy::default() }, "RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        (Policy::default(), "", ""),
    ] {
        server.set_policy(policy);
        let (listed, got) = refused(builder(&endpoint).with_token("session")).await;
        assert!(listed.contains(list) && listed.is_empty() == list.is_empty(), "{policy:?}: {listed}");
        assert!(got.contains(get) && got.is_empty() == get.is_empty(), "{policy:?}: {got}");
    }
    server.set_policy(Policy { list: Access::Forbidden, ..Policy::default() });
    let missing = client(&endpoint).get(&Path::from("missing")).await.expect_err("403");
    assert!(matches!(missing, Error::PermissionDenied { .. }), "{missing}");
    server.set_policy(Policy { write: Access::Forbidden, ..Policy::default() });
    let written = client(&endpoint).put(&Path::from("new"), "x".into()).await.expect_err("403");
    assert!(matches!(written, Error::PermissionDenied { .. }), "{written}");
}

#[test]
fn the_public_may_be_let_in_and_names_are_encoded_when_asked() {
    let (root, server) = served();
    server.set_policy(Policy { anonymous: Access::Allowed, ..Policy::default() });
    write(root.path(), "a b/ü%.json", "x");
    let got = raw::get(&server.endpoint(), "/bucket/a%20b/%C3%BC%25.json");
    assert_eq!((got.status(), got.body.as_slice()), (Some(200), b"x".as_slice()), "{}", got.head);
    let plain = String::from_utf8(raw::get(&server.endpoint(), "/bucket?list-type=2").body).expect("text");
    assert!(plain.contains("<Key>a b/ü%.json</Key>"), "{plain}");
    let encoded = raw::get(&server.endpoint(), "/bucket?list-type=2&encoding-type=url").body;
    let encoded = String::from_utf8(encoded).expect("text");
    assert!(encoded.contains("<Key>a%20b/%C3%BC%25.json</Key>"), "{encoded}");
    let outside = raw::get(&server.endpoint(), "/bucket/..%2F..%2Fetc/passwd");
    assert_eq!(outside.status(), Some(404), "{}", outside.head);
    let beyond = raw::ask(
        &server.endpoint(),
        "GET",
        "/bucket/a%20b/%C3%BC%25.json",
        "range: bytes=9-\r\n",
        Duration::from_secs(5),
    );
    assert_eq!(beyond.status(), Some(416));
}

#[tokio::test]
async fn a_folder_is_copied_in_and_variables_lead_to_it() {
    let (root, server) = served();
    write(root.path(), "2024/01/a.csv", "1");
    write(root.path(), "b.csv", "2");
    server.put_folder("second", "below/here", &server.bucket_folder("bucket")).expect("copies");
    assert!(server.put_folder("second", "../out", root.path()).is_err());
    let variables = server.variables();
    let variable = |name: &str| variables.iter().find(|(found, _)| *found == name).expect(name).1.clone();
    let client = builder(&variable("AWS_ENDPOINT_URL"))
        .with_bucket_name("second")
        .with_access_key_id(variable("AWS_ACCESS_KEY_ID"))
        .with_secret_access_key(variable("AWS_SECRET_ACCESS_KEY"))
        .build()
        .expect("a client");
    let listed: Vec<_> = client.list(None).try_collect().await.expect("lists");
    let keys: Vec<_> = listed.iter().map(|meta| meta.location.as_ref()).collect();
    assert_eq!(keys, ["below/here/2024/01/a.csv", "below/here/b.csv"]);
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    assert!(S3Server::start(std::path::Path::new("/nowhere/at/all"), KEY, SECRET).is_err());
}
