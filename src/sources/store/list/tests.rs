//! Listings of a store in memory, and the requests they cost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt as _};

use super::super::loopback::{Loopback, answer, part, quick, run};
use super::super::options::StoreOptions;
use super::super::{Traffic, Trouble};
use super::*;

fn filled(keys: &[&str]) -> (Store, Arc<Traffic>) {
    let inner = InMemory::new();
    for key in keys {
        // A key that ends with a slash is an empty object whose slash object_store drops.
        let (key, body) = key.strip_suffix('/').map_or((*key, "body"), |key| (key, ""));
        run(inner.put(&Path::parse(key).unwrap(), body.into())).unwrap();
    }
    let traffic = Arc::default();
    (Store::new(Arc::new(inner) as Arc<dyn ObjectStore>, &traffic, &StoreOptions::default()), traffic)
}

fn place(source: &str) -> Place {
    Place::parse(source, &StoreOptions::default()).unwrap().unwrap()
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.path.as_ref()).collect()
}

#[test]
fn a_flat_listing_is_sorted_and_leaves_hidden_names_out() {
    let (store, _) = filled(&[
        "a/z.json",
        "a/b/x y%=é.json",
        "a/_temporary/1",
        "a/_temporary/2",
        "a/.hidden",
        "a/b/_SUCCESS",
        "a/b/",
        "a/",
        "a/empty/",
        "a/b_$folder$/",
        "b/other",
        "ab/other",
    ]);
    let listing = run(list(&store, &place("s3://b/a"), &Wanted::ALL)).unwrap();
    assert_eq!(names(&listing), ["a/b/x y%=é.json", "a/z.json"]);
    let ignored: Vec<_> = listing.ignored.into_iter().collect();
    assert_eq!(
        ignored,
        [
            ("empty objects that stand for directories", 3),
            ("names that begin with .", 1),
            ("names that begin with _", 2)
        ]
    );
    assert!(!listing.is_single && listing.delta.is_empty());
}

#[test]
fn a_delta_log_is_reported() {
    let (store, _) = filled(&["t/one/_delta_log/0.json", "t/one/x.parquet", "t/y.parquet"]);
    let listing = run(list(&store, &place("s3://b/t"), &Wanted::ALL)).unwrap();
    assert_eq!(listing.delta, ["one"]);
    let keep = |_: &str| true;
    let wanted = Wanted { keep: Some(&keep), ..Wanted::ALL };
    assert_eq!(run(list(&store, &place("s3://b/t/"), &wanted)).unwrap(), listing);
}

#[test]
fn one_object_is_its_own_listing() {
    let (store, traffic) = filled(&["a/x.parquet", "a/plain", "a/x.parquet.d/y"]);
    for (source, want, requests) in [("s3://b/a/x.parquet", "a/x.parquet", 1), ("s3://b/a/plain", "a/plain", 2)] {
        let before = traffic.requests();
        let listing = run(list(&store, &place(source), &Wanted::ALL)).unwrap();
        assert!(listing.is_single);
        assert_eq!((names(&listing), traffic.requests() - before), (vec![want], requests));
    }
    assert_eq!(run(list(&store, &place("s3://b/gone"), &Wanted::ALL)).unwrap(), Listing::default());
    assert_eq!(run(list(&store, &place("s3://b/a/plain/"), &Wanted::ALL)).unwrap(), Listing::default());
}

/// An archive of hours: two tenants, four months of a year.
fn hours() -> Vec<String> {
    let mut keys = Vec::new();
    for tenant in ["t1", "t2"] {
        for month in 4..8 {
            for day in 1..29 {
                for hour in [0, 13] {
                    keys.push(format!("tenantId={tenant}/y=2026/m={month:02}/d={day:02}/h={hour:02}/m=00/PT1H.json"));
                }
            }
        }
    }
    keys
}

/// The days of a path, as far as it says any: kept are the 20th of May to the 10th of June.
fn in_period(relative: &str) -> bool {
    let value = |part: Option<&str>| part.and_then(|part| part.split_once('=')).map(|(_, value)| value.to_string());
    let parts: Vec<&str> = relative.split('/').collect();
    let day = format!(
        "{}{}",
        value(parts.get(2).copied()).unwrap_or_default(),
        value(parts.get(3).copied()).unwrap_or_default()
    );
    let (from, to) = ("0520", "0610");
    let length = day.len();
    day.as_str() >= &from[..length] && day.as_str() <= &to[..length]
}

#[test]
fn what_lies_outside_the_period_is_never_listed() {
    let keys = hours();
    let (store, traffic) = filled(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let asked = Mutex::new(Vec::new());
    let keep = |relative: &str| {
        asked.lock().unwrap().push(relative.to_string());
        in_period(relative)
    };
    let told = AtomicU64::new(0);
    let progress = |count: u64| told.store(count, Ordering::Relaxed);
    let listing = run(list(&store, &place("s3://b"), &Wanted { keep: Some(&keep), progress: &progress })).unwrap();
    let want: Vec<&str> = keys.iter().map(String::as_str).filter(|key| in_period(key)).collect();
    assert_eq!(names(&listing), want);
    assert_eq!(told.load(Ordering::Relaxed), want.len() as u64);
    // Two months of four, and days of both, are ruled out in each tenant.
    assert_eq!(listing.pruned, 2 * (2 + 19 + 18));
    assert!(
        asked.lock().unwrap().iter().all(|relative| !relative.contains("m=04/") && !relative.contains("m=05/d=19/"))
    );
    assert!(traffic.requests() < 100, "{}", traffic.requests());
}

#[test]
fn folders_without_dates_are_listed_flat() {
    let many: Vec<String> = (0..50).map(|n| format!("a/part{n}/x.json")).collect();
    let (store, traffic) = filled(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let keep = |_: &str| true;
    let wanted = Wanted { keep: Some(&keep), ..Wanted::ALL };
    assert_eq!(run(list(&store, &place("s3://b/a/"), &wanted)).unwrap().entries.len(), 50);
    assert_eq!(traffic.requests(), 51);
}

const NOT_FOUND: &str = "<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>";

#[test]
fn a_listing_that_breaks_off_is_begun_anew() {
    let page = "<ListBucketResult><Contents><Key>a/x</Key><LastModified>2026-07-01T00:00:00.000Z</LastModified>\
                <ETag>&quot;t&quot;</ETag><Size>5</Size></Contents></ListBucketResult>";
    let server = Loopback::new(move |number, _| {
        let length = format!("Content-Length: {}", page.len());
        answer("200 OK", &[&length], if number == 0 { &page[..60] } else { page })
    });
    let (_, store, place) = server.s3(quick());
    let listing = run(list(&store, &place, &Wanted::ALL)).unwrap();
    assert_eq!((names(&listing), listing.entries[0].size), (vec!["a/x"], 5));
    assert_eq!(server.count(), 2);
}

#[test]
fn a_missing_bucket_is_said_in_one_sentence() {
    let length = format!("Content-Length: {}", NOT_FOUND.len());
    let server = Loopback::new(move |_, _| answer("404 Not Found", &[&length], NOT_FOUND));
    let (_, store, place) = server.s3(quick());
    let error = run(list(&store, &place, &Wanted::ALL)).unwrap_err();
    assert_eq!(error.trouble(), Trouble::NoBucket);
    assert!(error.to_string().starts_with("s3://b/a: there is no bucket b; check its name"), "{error}");
}

#[test]
fn a_web_file_whose_size_is_not_told_is_asked_for_its_first_byte() {
    let server = Loopback::new(|_, head| {
        if head.starts_with("HEAD") {
            answer("403 Forbidden", &["Content-Length: 0"], "")
        } else {
            part("t", "0-0/42", 1, "x")
        }
    });
    let (_, store, place) = server.web(quick());
    let listing = run(list(&store, &place, &Wanted::ALL)).unwrap();
    assert_eq!((listing.entries[0].size, listing.is_single), (42, true));
}

#[test]
fn a_key_that_cannot_be_read_is_an_error_and_no_gap() {
    let page = "<ListBucketResult><Contents><Key>a//x</Key><LastModified>2026-07-01T00:00:00.000Z</LastModified>\
                <ETag>&quot;t&quot;</ETag><Size>5</Size></Contents></ListBucketResult>";
    let length = format!("Content-Length: {}", page.len());
    let server = Loopback::new(move |_, _| answer("200 OK", &[&length], page));
    let (_, store, place) = server.s3(quick());
    let error = run(list(&store, &place, &Wanted::ALL)).unwrap_err().to_string();
    assert!(error.contains("name with an empty part (//)"), "{error}");
}

#[test]
fn a_folder_named_like_a_file_is_a_folder() {
    let (store, _) = filled(&["t/x.parquet/", "t/x.parquet/part-1.parquet", "t/empty.json/"]);
    let listing = run(list(&store, &place("s3://b/t/x.parquet"), &Wanted::ALL)).unwrap();
    assert_eq!((names(&listing), listing.is_single), (vec!["t/x.parquet/part-1.parquet"], false));
    let listing = run(list(&store, &place("s3://b/t/empty.json"), &Wanted::ALL)).unwrap();
    assert_eq!((names(&listing), listing.is_single), (vec!["t/empty.json"], true));
}

#[test]
fn one_object_is_taken_for_the_folder_only_where_listing_is_forbidden() {
    for (status, body, is_taken) in [
        ("403 Forbidden", "<Error><Code>AccessDenied</Code></Error>", true),
        ("400 Bad Request", "<Error><Code>Oddity</Code></Error>", false),
    ] {
        let length = format!("Content-Length: {}", body.len());
        let server = Loopback::new(move |_, head| {
            let date = "Last-Modified: Wed, 01 Jul 2026 00:00:00 GMT";
            match head.starts_with("HEAD") {
                true => answer("200 OK", &["Content-Length: 7", "ETag: \"t\"", date], ""),
                false => answer(status, &[&length], body),
            }
        });
        let (_, store, place) = server.s3(quick());
        assert_eq!(run(list(&store, &place, &Wanted::ALL)).is_ok(), is_taken, "{status}");
    }
}

#[test]
fn a_hundred_thousand_objects_tell_their_progress() {
    let many: Vec<String> = (0..100_000).map(|n| format!("a/{n:06}.json")).collect();
    let (store, _) = filled(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let told = Mutex::new(Vec::new());
    let progress = |count: u64| told.lock().unwrap().push(count);
    let wanted = Wanted { keep: None, progress: &progress };
    assert_eq!(run(list(&store, &place("s3://b/a/"), &wanted)).unwrap().entries.len(), 100_000);
    let told = told.into_inner().unwrap();
    assert!(told.len() >= 100 && told.is_sorted() && told.last() == Some(&100_000));
}
