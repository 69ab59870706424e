//! Each spelling of a place, and names that are taken as they are.

use std::collections::BTreeMap;

use super::*;

fn options(pairs: &[(&str, &str)]) -> StoreOptions {
    let environment = pairs.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
    StoreOptions { environment, ..StoreOptions::default() }
}

fn place(source: &str) -> Place {
    Place::parse(source, &options(&[("AZURE_STORAGE_ACCOUNT", "acct")])).unwrap().unwrap()
}

fn refusal(source: &str) -> String {
    Place::parse(source, &options(&[])).unwrap_err().to_string()
}

#[test]
fn local_names_are_left_to_others() {
    for source in ["a/b", "/x/*.parquet", "file:///x", "c:\\x", "odd name://x"] {
        assert_eq!(Place::parse(source, &options(&[])).unwrap(), None, "{source}");
    }
    assert!(refusal("hdfs://x/y").contains("hdfs:// is not read; use a local path"));
}

#[test]
fn each_spelling_names_a_bucket_and_a_prefix() {
    for (source, scheme, account, bucket, prefix) in [
        ("s3://b", Scheme::S3, None, "b", ""),
        ("s3a://my.bucket/a/b/", Scheme::S3, None, "my.bucket", "a/b"),
        ("s3://b/a b/50%/d=1/é", Scheme::S3, None, "b", "a b/50%/d=1/é"),
        ("s3://b/a%20b", Scheme::S3, None, "b", "a%20b"),
        ("az://c/x y", Scheme::Azure, Some("acct"), "c", "x y"),
        ("abfss://c@other.dfs.core.windows.net/x", Scheme::Azure, Some("other"), "c", "x"),
        ("abfs://c@other.blob.core.windows.net", Scheme::Azure, Some("other"), "c", ""),
        ("az://other.blob.core.windows.net/c/x/y", Scheme::Azure, Some("other"), "c", "x/y"),
        ("https://other.blob.core.windows.net/c/x%20y/z", Scheme::Azure, Some("other"), "c", "x y/z"),
        ("https://b.s3.eu-west-1.amazonaws.com/k%3Dv/x", Scheme::S3, None, "b", "k=v/x"),
        ("https://s3.eu-west-1.amazonaws.com/b/x", Scheme::S3, None, "b", "x"),
        ("https://s3.amazonaws.com/b/x", Scheme::S3, None, "b", "x"),
        ("https://my.b.s3-us-west-2.amazonaws.com/x", Scheme::S3, None, "my.b", "x"),
        ("https://example.org/lists/exits%202.txt", Scheme::Web, None, "https://example.org/lists", "exits 2.txt"),
        ("https://example.org:8443/torlist/", Scheme::Web, None, "https://example.org:8443/torlist/", ""),
        ("https://example.org/a/..%2Fb", Scheme::Web, None, "https://example.org/a/..%2Fb", ""),
    ] {
        let at = place(source);
        assert_eq!((at.scheme, at.account(), at.bucket()), (scheme, account, bucket), "{source}");
        assert_eq!((at.prefix().as_ref(), at.pattern()), (prefix, None), "{source}");
    }
    assert_eq!(place("https://b.s3.eu-west-1.amazonaws.com/x").region.as_deref(), Some("eu-west-1"));
    assert_eq!(place("az://c/x").endpoint, None);
    assert_eq!(
        place("abfss://c@a.dfs.core.usgovcloudapi.net/x").endpoint.as_deref(),
        Some("https://a.blob.core.usgovcloudapi.net")
    );
}

#[test]
fn a_pattern_keeps_its_fixed_part_as_prefix() {
    let named = place("s3://b/a/d=*/b*.parquet");
    assert_eq!((named.prefix().as_ref(), named.pattern()), ("a", Some("d=*/b*.parquet")));
    assert_eq!(named.literal().unwrap().prefix().as_ref(), "a/d=*/b*.parquet");
    let encoded = place("https://x.blob.core.windows.net/c/a%20b/*.json?sv=1&sig=s3cr3t");
    assert_eq!((encoded.prefix().as_ref(), encoded.pattern()), ("a b", Some("*.json")));
    assert!(refusal("https://example.org/*.txt").contains("no listing"));
    assert!(refusal("s3://b*/x").contains("a pattern cannot stand for the bucket"));
}

#[test]
fn an_object_is_shown_as_it_would_be_typed() {
    for (source, object, want) in [
        ("s3://b/a", "a/x y%.parquet", "s3://b/a/x y%.parquet"),
        ("abfss://c@o.dfs.core.windows.net/a", "a/é", "abfss://c@o.dfs.core.windows.net/a/é"),
        ("abfss://c@o.dfs.core.windows.net", "x", "abfss://c@o.dfs.core.windows.net/x"),
        ("az://o.blob.core.windows.net/c", "x", "az://o.blob.core.windows.net/c/x"),
        ("az://c", "x", "az://c/x"),
        ("https://o.blob.core.windows.net/c/a?sv=1&sig=s3cr3t", "a/x y", "https://o.blob.core.windows.net/c/a/x%20y"),
        ("https://example.org/a/b.txt?key=s3cr3t", "b.txt", "https://example.org/a/b.txt"),
    ] {
        let at = place(source);
        let object = Path::parse(object).unwrap();
        assert_eq!(at.display(&object), want);
        assert!(!format!("{at:?} {at}").contains("s3cr3t"));
        // What is shown is a source again, of the same object.
        let again = place(&at.display(&object));
        assert_eq!((again.bucket(), again.prefix()), (at.bucket(), &object));
    }
}

#[test]
fn paths_below_the_prefix() {
    let at = place("s3://b/a");
    assert_eq!(at.relative(&Path::parse("a/d=1/x").unwrap()), "d=1/x");
    assert_eq!(at.relative(&Path::parse("a").unwrap()), "a");
    assert_eq!(place("s3://b").relative(&Path::parse("d/x").unwrap()), "d/x");
}

#[test]
fn what_cannot_be_a_place_is_refused_with_the_remedy() {
    for (source, want) in [
        ("s3:///x", "no bucket is named"),
        ("s3://b/a//b", "empty part (//)"),
        ("s3://b/../b", "a part . or .."),
        ("az://", "no container is named"),
        ("az://c@host.example/x", "not the address of a storage account"),
        ("https://u:s3cr3t@h/x", "take it out"),
        ("http://h/x", "AWS_ALLOW_HTTP=true"),
        ("https://o.blob.core.windows.net/c/x?token=s3cr3t", "no shared access signature"),
        ("s3://arn:aws:s3:x/y", "not a bucket's name"),
    ] {
        let text = refusal(source);
        assert!(text.contains(want) && !text.contains("s3cr3t"), "{source}: {text}");
    }
    assert!(Place::parse("http://127.0.0.1:8080/x", &options(&[])).unwrap().is_some());
    if !cfg!(feature = "gs") {
        assert!(refusal("gs://b/x").contains("cargo feature gs"));
    }
}

#[test]
fn two_containers_of_one_account_are_two_stores() {
    let names: BTreeMap<String, ()> =
        ["abfss://c1@a.dfs.core.windows.net/", "abfss://c2@a.dfs.core.windows.net/", "az://c1/x", "s3://c1/"]
            .iter()
            .map(|source| (place(source).store_name(), ()))
            .collect();
    assert_eq!(names.len(), 4);
}

#[test]
fn a_connection_string_names_the_account() {
    let text = "AccountName=one;AccountKey=a2V5";
    let options = options(&[("AZURE_STORAGE_CONNECTION_STRING", text), ("AZURE_STORAGE_ACCOUNT", "two")]);
    assert_eq!(Place::parse("az://c/x", &options).unwrap().unwrap().account(), Some("one"));
}
