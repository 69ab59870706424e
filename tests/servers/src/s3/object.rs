//! Where an object's file is, and what is said of it: size, time, ETag, and whether a condition holds.
//!
//! The ETag is made of the file's identity (modification time, length, inode), never of its content: s3s-fs hashes a whole
//! file on each read of an object that was not put through its API, and keeps serving the old hash when a file changes
//! under it. S3's ETags are opaque too, so no client may rely on more.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Error, S3Result, s3_error};

/// A bucket is a folder below the root.
pub(crate) fn bucket_path(root: &Path, bucket: &str) -> S3Result<PathBuf> {
    let path = root.join(bucket);
    if path.is_dir() { Ok(path) } else { Err(s3_error!(NoSuchBucket, "The specified bucket does not exist")) }
}

/// The file of a key. Keys that no file can have (`..`, empty parts) are refused, not normalised.
pub(crate) fn object_path(bucket: &Path, key: &str) -> S3Result<PathBuf> {
    let mut path = bucket.to_owned();
    for part in key.split('/') {
        if part.is_empty() || part == "." || part == ".." {
            return Err(s3_error!(
                InvalidRequest,
                "this server keeps objects as files: it cannot have the key {key:?}"
            ));
        }
        path.push(part);
    }
    Ok(path)
}

/// What S3 tells about an object.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) bytes: u64,
    pub(crate) modified: SystemTime,
    pub(crate) etag: ETag,
}

impl Facts {
    pub(crate) fn of(metadata: &Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?;
        let nanos = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let etag = format!("{nanos:x}-{:x}-{:x}", metadata.len(), inode(metadata));
        Ok(Self { bytes: metadata.len(), modified, etag: ETag::Strong(etag) })
    }

    /// The conditions of a read, in the order of RFC 9110: `Err` is 412 or 304.
    pub(crate) fn check(
        &self,
        if_match: Option<&ETagCondition>,
        if_unmodified_since: Option<&Timestamp>,
        if_none_match: Option<&ETagCondition>,
        if_modified_since: Option<&Timestamp>,
    ) -> S3Result<()> {
        let modified = whole_seconds(self.modified);
        let failed = || s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold");
        match (if_match, if_unmodified_since) {
            (Some(condition), _) if !self.is(condition) => return Err(failed()),
            (None, Some(since)) if modified > *since => return Err(failed()),
            _ => {}
        }
        match (if_none_match, if_modified_since) {
            (Some(condition), _) if self.is(condition) => Err(s3_error!(NotModified)),
            (None, Some(since)) if modified <= *since => Err(s3_error!(NotModified)),
            _ => Ok(()),
        }
    }

    pub(crate) fn is(&self, condition: &ETagCondition) -> bool {
        match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(etag) => etag.value() == self.etag.value(),
        }
    }
}

/// HTTP's dates have no fractions.
fn whole_seconds(time: SystemTime) -> Timestamp {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    Timestamp::from(UNIX_EPOCH + std::time::Duration::from_secs(seconds))
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

/// Opens an object for reading. A folder is no object, and a missing bucket is told apart from a missing key.
pub(crate) fn open(root: &Path, bucket: &str, key: &str) -> S3Result<(File, Facts)> {
    let bucket = bucket_path(root, bucket)?;
    let missing = || s3_error!(NoSuchKey, "The specified key does not exist.");
    let path = object_path(&bucket, key).map_err(|_| missing())?;
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => missing(),
        _ => S3Error::internal_error(error),
    })?;
    let metadata = file.metadata().map_err(S3Error::internal_error)?;
    if !metadata.is_file() {
        return Err(missing());
    }
    let facts = Facts::of(&metadata).map_err(S3Error::internal_error)?;
    Ok((file, facts))
}

/// Removes an object. One that is not there is gone already, as in S3.
pub(crate) fn remove(bucket: &Path, key: &str) -> S3Result<()> {
    let Ok(path) = object_path(bucket, key) else { return Ok(()) };
    match std::fs::remove_file(path) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Err(S3Error::internal_error(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_inside_their_bucket() {
        let bucket = Path::new("/b");
        assert!(object_path(bucket, "a/../../etc").is_err());
        assert!(object_path(bucket, "/a").is_err());
        assert!(object_path(bucket, "a//b").is_err());
        assert!(object_path(bucket, "a/").is_err());
        assert_eq!(object_path(bucket, "a b/ü=%.x").expect("a path"), Path::new("/b/a b/ü=%.x"));
    }

    #[test]
    fn a_replaced_file_has_another_etag_and_fails_the_old_condition() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bucket");
        std::fs::create_dir(&path).expect("a bucket");
        std::fs::write(path.join("k"), "one").expect("writes");
        let (_, before) = open(folder.path(), "bucket", "k").expect("opens");
        std::fs::write(path.join("new"), "two").expect("writes");
        std::fs::rename(path.join("new"), path.join("k")).expect("renames");
        let (_, after) = open(folder.path(), "bucket", "k").expect("opens");
        assert_ne!(before.etag, after.etag);
        let old = ETagCondition::ETag(before.etag);
        let error = after.check(Some(&old), None, None, None).expect_err("412");
        assert_eq!(error.code().as_str(), "PreconditionFailed");
        assert!(after.check(None, None, Some(&old), None).is_ok());
    }
}
