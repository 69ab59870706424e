//! The tables of `testdata/delta`, tables that say one thing each, and logs that are damaged.

use std::collections::BTreeMap;

use object_store::local::LocalFileSystem;
use serde_json::json;

use super::testing::{Made, Refusing, add, commit_name, folder, metadata, of, protocol, text_field};
use super::{DeltaError, DeltaFile, Snapshot};
use crate::model::Micros;

fn names(snapshot: &Snapshot) -> Vec<&str> {
    snapshot.files.iter().map(|file| file.relative.as_str()).collect()
}

#[tokio::test]
async fn every_version_lists_the_files_that_count_and_no_other() {
    let store = LocalFileSystem::new_with_prefix(folder("")).unwrap();
    let current = of(store, "updated", None).await.unwrap();
    assert_eq!((current.version, current.files.len()), (4, 2));
    for file in &current.files {
        let on_disk = std::fs::metadata(folder("updated").join(&file.relative)).unwrap();
        assert_eq!(on_disk.len(), file.size, "{}", file.relative);
        assert_eq!(file.path.as_ref(), format!("updated/{}", file.relative));
        assert!(file.partition_values.is_empty());
    }
    let all = std::fs::read_dir(folder("updated")).unwrap().count() - 1;
    assert_eq!(all, 6, "replaced files and one that was never committed lie there too");
    let mut files = Vec::new();
    for version in 0..=4 {
        let store = LocalFileSystem::new_with_prefix(folder("")).unwrap();
        let snapshot = of(store, "updated", Some(version)).await.unwrap();
        assert_eq!(snapshot.version, version);
        files.push(snapshot.files.len());
    }
    assert_eq!(files, [1, 2, 2, 3, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_reads_the_same_wherever_it_lies() {
    let at_root = of(LocalFileSystem::new_with_prefix(folder("updated")).unwrap(), "", None).await.unwrap();
    let odd = Made::copied("updated", "lake/my table 50%/a=b c%20/ö").await.snapshot(None).await.unwrap();
    assert_eq!(names(&at_root), names(&odd));
    assert_eq!(odd.files[0].path.as_ref(), format!("lake/my table 50%/a=b c%20/ö/{}", odd.files[0].relative));
}

#[tokio::test]
async fn partition_values_come_from_the_log_and_paths_are_decoded_once() {
    let store = LocalFileSystem::new_with_prefix(folder("")).unwrap();
    let current = of(store, "partitioned", None).await.unwrap();
    let by_folder: BTreeMap<&str, &DeltaFile> =
        current.files.iter().map(|file| (file.relative.rsplit_once('/').unwrap().0, file)).collect();
    let values = |folder: &str| {
        let values = &by_folder[folder].partition_values;
        values.iter().map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("null"))).collect::<Vec<_>>()
    };
    assert_eq!(values("date=2026-07-17/Protocol=Udp"), ["date=2026-07-17", "Protocol=Udp"]);
    assert_eq!(values("k7"), ["date=2026-07-19", "Protocol=null"]);
    let odd = by_folder["date=2026-07-18/Protocol=Tcp"];
    assert_eq!(odd.relative, "date=2026-07-18/Protocol=Tcp/part 0 0 50%.parquet");
    assert_eq!(odd.modified, Micros::parse("2026-07-20T06:01:00Z").unwrap());
    for file in &current.files {
        assert!(folder("partitioned").join(&file.relative).is_file(), "{}", file.relative);
    }
}

#[tokio::test]
async fn a_deletion_vector_is_refused_and_the_version_before_is_read() {
    let table = Made::copied("deleted", "t").await;
    assert_eq!(table.snapshot(Some(0)).await.unwrap().files.len(), 1);
    let said = table.said(None).await;
    assert!(said.starts_with("s3://lake/t: at version 1, part-00000-"), "{said}");
    assert!(said.contains("deletion vector") && said.contains("REORG TABLE"), "{said}");
}

#[tokio::test]
async fn a_version_that_is_not_there_names_those_that_are() {
    let table = Made::copied("updated", "t").await;
    assert_eq!(
        table.said(Some(9)).await,
        "s3://lake/t: there is no version 9; the latest is 4, the oldest that can still be read 0"
    );
    for version in 0..=2 {
        table.delete(&commit_name(version)).await;
    }
    assert_eq!(table.snapshot(None).await.unwrap().files.len(), 2, "the checkpoint stands for what was cleaned away");
    assert_eq!(table.snapshot(Some(2)).await.unwrap().files.len(), 2);
    assert_eq!(
        table.said(Some(1)).await,
        "s3://lake/t: there is no version 1; the latest is 4, the oldest that can still be read 2"
    );
    let said = Made::at("t").said(None).await;
    assert!(said.contains("neither a commit nor a checkpoint"), "{said}");
    let store = LocalFileSystem::new_with_prefix(folder("")).unwrap();
    let error = of(store, "no such table", Some(3)).await.unwrap_err();
    assert!(matches!(error, DeltaError::NoLog { .. }), "{error}");
}

#[tokio::test]
async fn damage_is_an_error_that_names_the_file_of_the_log() {
    let store = LocalFileSystem::new_with_prefix(folder("")).unwrap();
    let said = of(store, "damaged", None).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "lake/t: the table's log is damaged: _delta_log/00000000000000000001.json line 2 breaks off; restore it, or name \
         an earlier version"
    );
    let damaged = Made::copied("damaged", "t").await;
    assert_eq!(damaged.snapshot(Some(0)).await.unwrap().files.len(), 1);

    let gap = Made::copied("updated", "t").await;
    gap.delete(&commit_name(3)).await;
    assert!(
        gap.said(None).await.contains("_delta_log/00000000000000000003.json is missing"),
        "{}",
        gap.said(None).await
    );

    let empty = Made::copied("updated", "t").await;
    empty.put(&commit_name(4), Vec::new()).await;
    let said = empty.said(None).await;
    assert!(said.contains("_delta_log/00000000000000000004.json is empty"), "{said}");
    assert_eq!(empty.snapshot(Some(3)).await.unwrap().files.len(), 3);
    let unneeded = Made::copied("updated", "t").await;
    unneeded.put(&commit_name(1), Vec::new()).await;
    unneeded.delete("_last_checkpoint").await;
    assert_eq!(unneeded.snapshot(None).await.unwrap().files.len(), 2, "the checkpoint stands for it");
    assert!(unneeded.said(Some(1)).await.contains("_delta_log/00000000000000000001.json is empty"));

    let pointer = Made::copied("updated", "t").await;
    pointer.put("00000000000000000002.checkpoint.parquet", b"PAR1 no PAR1".to_vec()).await;
    assert!(pointer.said(None).await.contains("log is damaged"), "{}", pointer.said(None).await);
}

#[tokio::test]
async fn an_error_of_the_store_stays_what_it_is() {
    for refused in ["_delta_log", "00000000000000000003.json", "00000000000000000002.checkpoint.parquet"] {
        let table = Made::copied("updated", "t").await;
        let error = of(Refusing { inner: table.store, refused }, "t", None).await.unwrap_err();
        let DeltaError::Store { table, source } = error else { panic!("{refused}: {error:?}") };
        assert_eq!(table, "lake/t");
        assert!(matches!(source, object_store::Error::PermissionDenied { .. }), "{refused}: {source:?}");
    }
}

#[tokio::test]
async fn a_lost_checkpoint_is_no_damage_while_the_commits_are_there() {
    let table = Made::copied("updated", "t").await;
    table.delete("00000000000000000002.checkpoint.parquet").await;
    assert_eq!(table.snapshot(None).await.unwrap().files.len(), 2);
    table.put("_last_checkpoint", b"{\"version\":2,".to_vec()).await;
    assert_eq!(table.snapshot(None).await.unwrap().files.len(), 2);
    table.put("_last_checkpoint", b"{\"version\":2,\"size\":6}".to_vec()).await;
    table.delete(&commit_name(1)).await;
    assert!(table.said(None).await.contains("00000000000000000001.json is missing"), "{}", table.said(None).await);
}

#[tokio::test]
async fn features_that_change_what_a_file_says_are_refused() {
    let plain = metadata(&json!([text_field("RemoteIP", &json!({}))]), &json!({}));
    for (reader, feature, known) in [
        (3, "timestampNtz", true),
        (3, "typeWidening", true),
        (3, "deletionVectors", true),
        (3, "variantType", false),
        (3, "catalogManaged", false),
        (3, "inventedFeature", false),
    ] {
        let table = Made::at("t");
        let more = if feature == "catalogManaged" { &["inCommitTimestamp"][..] } else { &[] };
        let mut protocol = protocol(reader, &[feature]);
        protocol["protocol"]["writerFeatures"].as_array_mut().unwrap().extend(more.iter().map(|name| json!(name)));
        table.commit(0, &[protocol, plain.clone(), add("a.parquet")]).await;
        let read = table.snapshot(None).await;
        assert_eq!(read.is_ok(), known, "{feature}: {read:?}");
        if let Err(error) = read {
            assert!(matches!(&error, DeltaError::Feature { .. }), "{error:?}");
            assert!(error.to_string().contains(&format!("the table feature {feature}")), "{error}");
        }
    }
    for (features, number) in [(json!(null), "4"), (json!(["deletionVectors"]), "other than 3")] {
        let newer = Made::at("t");
        let mut protocol = protocol(4, &[]);
        protocol["protocol"]["readerFeatures"] = features;
        newer.commit(0, &[protocol, plain.clone(), add("a.parquet")]).await;
        let said = newer.said(None).await;
        assert!(said.contains(&format!("readers must know a reader version {number}")), "{said}");
    }
}

#[tokio::test]
async fn mapped_columns_are_read_only_under_their_own_names() {
    for (in_files, is_same) in [("RemoteIP", true), ("col-5b8a", false)] {
        let mapping = json!({"delta.columnMapping.id": 1, "delta.columnMapping.physicalName": in_files});
        let fields = json!([text_field("RemoteIP", &mapping)]);
        let table = Made::at("t");
        let configuration = json!({"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "1"});
        let mapped = metadata(&fields, &configuration);
        table.commit(0, &[protocol(3, &["columnMapping"]), mapped, add("a.parquet")]).await;
        let read = table.snapshot(None).await;
        assert_eq!(read.is_ok(), is_same, "{read:?}");
        if let Err(error) = read {
            assert!(error.to_string().contains("RemoteIP is called col-5b8a in the files"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_file_outside_the_folder_is_refused_and_odd_names_are_kept() {
    let plain = metadata(&json!([text_field("RemoteIP", &json!({}))]), &json!({}));
    let first = [protocol(1, &[]), plain];
    let clone = Made::at("t");
    clone.commit(0, &first).await;
    clone.commit(1, &[add("a.parquet"), add("s3://other/lake/b%20c.parquet")]).await;
    let error = clone.snapshot(None).await.unwrap_err();
    assert!(matches!(&error, DeltaError::Outside { path, .. } if path == "s3://other/lake/b c.parquet"), "{error}");

    let odd = Made::at("t");
    odd.commit(0, &first).await;
    odd.commit(1, &[add("ts=2026-07-18%2010%253A00/%C3%B6.parquet"), add("z.parquet"), add("%7A.parquet")]).await;
    assert_eq!(names(&odd.snapshot(None).await.unwrap()), ["ts=2026-07-18 10%3A00/ö.parquet", "z.parquet"]);
}

#[tokio::test]
async fn a_file_that_the_log_describes_by_half_is_damage() {
    let plain = metadata(&json!([text_field("RemoteIP", &json!({}))]), &json!({}));
    for (key, value) in
        [("size", json!(null)), ("size", json!(-1)), ("modificationTime", json!(null)), ("path", json!(null))]
    {
        let table = Made::at("t");
        let mut half = add("a.parquet");
        half["add"][key] = value.clone();
        table.commit(0, &[protocol(1, &[]), plain.clone(), half]).await;
        let read = table.snapshot(None).await;
        assert!(matches!(read, Err(DeltaError::Damaged { .. })), "{key} {value}: {read:?}");
    }
}
