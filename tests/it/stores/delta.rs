//! Delta tables in a bucket: the log is read through the run's own stores, so it is the same table as on disk.

#[cfg(feature = "delta")]
use coldtrail_servers::{Access, Policy};

#[cfg(feature = "delta")]
use super::same;
use super::{S3, ask, hunt};

/// The tables of the repository, in a bucket.
fn tables() -> S3 {
    S3::with(&["delta/updated", "delta/partitioned", "delta/deleted", "delta/damaged"])
}

#[cfg(feature = "delta")]
#[test]
fn a_table_in_a_bucket_is_the_one_on_disk() {
    let s3 = tables();
    for name in ["updated", "partitioned"] {
        for end in ["", "/"] {
            let stored = ask(&hunt(&[&format!("s3://telemetry/delta/{name}{end}")]), &s3.variables());
            same(&stored, "s3://telemetry", &hunt(&[&format!("testdata/delta/{name}{end}")]), name);
        }
    }
    for version in ["0", "1", "2", "3"] {
        let at = |place: &str| hunt(&[&format!("{place}/delta/updated")]).and(&["--delta-version", version]);
        let stored = ask(&at("s3://telemetry"), &s3.variables());
        same(&stored, "s3://telemetry", &at("testdata"), version);
    }
    // What is no table is read as ever.
    s3.put("archives/e.json", std::fs::read(crate::runner::root().join("testdata/bad/invalid_utf8.ndjson")).unwrap());
    ask(&hunt(&["s3://telemetry/archives/e.json"]), &s3.variables()).expect(0);
}

#[cfg(feature = "delta")]
#[test]
fn what_a_bucket_cannot_give_is_one_sentence() {
    let s3 = tables();
    let deleted = ask(&hunt(&["s3://telemetry/delta/deleted"]), &s3.variables());
    deleted.refused(&["s3://telemetry/delta/deleted: at version 1", "deletion vector"]);
    let damaged = ask(&hunt(&["s3://telemetry/delta/damaged"]), &s3.variables());
    damaged.refused(&["s3://telemetry/delta/damaged", "log is damaged", "00000000000000000001.json line 2"]);
    let missing = hunt(&["s3://telemetry/delta/updated"]).and(&["--delta-version", "9"]);
    ask(&missing, &s3.variables()).refused(&["s3://telemetry/delta/updated: there is no version 9"]);
    ask(&hunt(&["s3://telemetry/delta"]), &s3.variables()).refused(&["_delta_log"]);
    s3.server.set_policy(Policy { read: Access::Forbidden, ..Policy::default() });
    ask(&hunt(&["s3://telemetry/delta/updated"]), &s3.variables()).refused(&["s3:GetObject"]);
    s3.server.set_policy(Policy { list: Access::Forbidden, ..Policy::default() });
    ask(&hunt(&["s3://telemetry/delta/updated"]), &s3.variables()).refused(&["s3:ListBucket"]);
}

#[cfg(not(feature = "delta"))]
#[test]
fn a_table_in_a_bucket_is_refused_without_the_feature() {
    let s3 = tables();
    for source in ["s3://telemetry/delta/updated", "s3://telemetry/delta/partitioned/", "s3://telemetry/delta"] {
        ask(&hunt(&[source]), &s3.variables()).refused(&["s3://telemetry/delta", "_delta_log", "feature delta"]);
    }
}

/// A pattern would choose among files of which some no longer count.
#[test]
fn a_pattern_over_files_of_a_table_is_refused() {
    let s3 = tables();
    for pattern in ["delta/updated/*.parquet", "delta/*/*.parquet", "delta/**/*.parquet"] {
        ask(&hunt(&[&format!("s3://telemetry/{pattern}")]), &s3.variables()).refused(&["Delta table", "_delta_log"]);
    }
    // One that chooses none of them is read as ever.
    ask(&hunt(&["s3://telemetry/archives/*.json"]), &s3.variables()).refused(&["s3://telemetry/archives/*.json"]);
}
