//! Objects written to a store in memory, and to a server that fails.

use std::sync::Arc;

use object_store::memory::InMemory;

use super::super::loopback::{Loopback, answer, quick, run};
use super::super::options::StoreOptions;
use super::super::{Stores, Trouble};
use super::*;

fn place(source: &str) -> Place {
    Place::parse(source, &StoreOptions::default()).unwrap().unwrap()
}

#[test]
fn a_large_file_arrives_whole_in_parts_and_can_be_deleted() {
    let inner = Arc::new(InMemory::new());
    let traffic = Arc::default();
    let store = Store::new(inner, &traffic, &StoreOptions::default());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x");
    let body: Vec<u8> = (0..10_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&file, &body).unwrap();
    let (at, object) = (place("s3://b/out"), Path::from("out/x"));
    run(async {
        for part_bytes in [1, 999, 10_000, 20_000] {
            let sent = Upload::of(&file).with_part_bytes(part_bytes).send(&store, &at, &object).await.unwrap();
            assert_eq!(sent, 10_000);
            assert_eq!(store.get(&object).await.unwrap().bytes().await.unwrap(), body);
        }
        put(&store, &at, &object, Bytes::from_static(b"small")).await.unwrap();
        delete(&store, &at, &object).await.unwrap();
        delete(&store, &at, &object).await.unwrap();
        assert!(store.head_of(&object).await.is_err());
    });
    let gone = Upload::of(&dir.path().join("gone"));
    assert!(run(gone.send(&store, &at, &object)).unwrap_err().to_string().contains("gone: "));
}

#[test]
fn parts_are_thrown_away_when_one_fails() {
    let started = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>";
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let server = Loopback::new(move |_, head| {
        let ok = format!("Content-Length: {}", started.len());
        let no = format!("Content-Length: {}", denied.len());
        match head.split(' ').next().unwrap() {
            "POST" => answer("200 OK", &[&ok], started),
            "DELETE" => answer("204 No Content", &[], ""),
            _ => answer("403 Forbidden", &[&no], denied),
        }
    });
    let (_, store, at) = server.s3(quick());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("x");
    std::fs::write(&file, [7u8; 64]).unwrap();
    let error = run(Upload::of(&file).with_part_bytes(16).send(&store, &at, &Path::from("a/x"))).unwrap_err();
    assert_eq!(error.trouble(), Trouble::WriteForbidden);
    assert!(error.to_string().contains("s3:PutObject"), "{error}");
    let asked = server.asked.lock().unwrap();
    assert!(asked.iter().any(|head| head.starts_with("DELETE /b/a/x?uploadId=u1")), "{asked:?}");
}

#[test]
fn a_web_server_takes_no_output() {
    let stores = Stores::new(StoreOptions::default());
    let at = place("https://example.org/x");
    let store = stores.get(&at).unwrap();
    let error = run(put(&store, &at, at.prefix(), Bytes::new())).unwrap_err();
    assert!(error.to_string().contains("takes no output"), "{error}");
}
