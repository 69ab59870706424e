//! Writes: s3s-fs receives and checks a body in a folder of its own, then the finished file moves to its place.
//!
//! So an object appears whole or not at all, as in S3, conditions on writes are decided under one lock, and the names that
//! s3s-fs makes of keys (base64 in one file name: too long from about 160 bytes on, which the paths of Azure's exports
//! exceed) are those of short stand-ins. The bucket's folder holds objects only.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use s3s::dto::{ETagCondition, PutObjectInput};
use s3s::{S3, S3Error, S3Request, S3Result, s3_error};
use s3s_fs::FileSystem;
use sha2::{Digest, Sha256};

use super::object::{self, Facts};

/// The bucket that s3s-fs believes it serves.
pub(crate) const BUCKET: &str = "staging";

/// Conditions of a write.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

/// Uploads under way. Its folder goes with it.
#[derive(Debug)]
pub(crate) struct Staging {
    root: PathBuf,
    folder: PathBuf,
    pub(crate) uploads: FileSystem,
    next: AtomicU64,
    commit: Mutex<()>,
}

impl Staging {
    pub(crate) fn new(root: &Path) -> io::Result<Self> {
        static SERVERS: AtomicU64 = AtomicU64::new(0);
        let number = SERVERS.fetch_add(1, Ordering::Relaxed);
        // In the root, since a file moves only within its file system; the dot keeps it from being a bucket.
        let folder = root.join(format!(".uploads-{}-{number}", std::process::id()));
        fs::create_dir_all(folder.join(BUCKET))?;
        let uploads = FileSystem::new(&folder).map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(Self { root: root.to_owned(), folder, uploads, next: AtomicU64::new(0), commit: Mutex::new(()) })
    }

    /// A name for something that is being received.
    pub(crate) fn stand_in(&self) -> String {
        format!("put-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Receives a whole object.
    pub(crate) async fn put(&self, mut request: S3Request<PutObjectInput>) -> S3Result<Facts> {
        let stand_in = self.stand_in();
        let bucket = std::mem::replace(&mut request.input.bucket, BUCKET.to_owned());
        let key = std::mem::replace(&mut request.input.key, stand_in.clone());
        object::object_path(&object::bucket_path(&self.root, &bucket)?, &key)?;
        let conditions =
            Conditions { if_match: request.input.if_match.take(), if_none_match: request.input.if_none_match.take() };
        self.uploads.put_object(request).await?;
        self.move_in(&stand_in, &bucket, &key, &conditions)
    }

    /// Copies an object on the server's side.
    pub(crate) fn copy(&self, from: (&str, &str), to: (&str, &str)) -> S3Result<Facts> {
        let (mut source, _) = object::open(&self.root, from.0, from.1)?;
        let stand_in = self.stand_in();
        let mut staged = fs::File::create(self.staged(&stand_in)).map_err(S3Error::internal_error)?;
        io::copy(&mut source, &mut staged).map_err(S3Error::internal_error)?;
        self.move_in(&stand_in, to.0, to.1, &Conditions::default())
    }

    /// Puts bytes under a key without going through HTTP: at once, and whole.
    pub(crate) fn replace(&self, bucket: &str, key: &str, content: &[u8]) -> S3Result<Facts> {
        let stand_in = self.stand_in();
        fs::write(self.staged(&stand_in), content).map_err(S3Error::internal_error)?;
        self.move_in(&stand_in, bucket, key, &Conditions::default())
    }

    /// Moves a finished file to its key.
    pub(crate) fn move_in(&self, stand_in: &str, bucket: &str, key: &str, conditions: &Conditions) -> S3Result<Facts> {
        let staged = self.staged(stand_in);
        let moved = self.try_move(&staged, bucket, key, conditions);
        if moved.is_err() {
            // Refused: what was received is of no use to anybody.
            let _ = fs::remove_file(&staged);
        }
        moved
    }

    fn try_move(&self, staged: &Path, bucket: &str, key: &str, conditions: &Conditions) -> S3Result<Facts> {
        let path = object::object_path(&object::bucket_path(&self.root, bucket)?, key)?;
        let _one_at_a_time = self.commit.lock().unwrap_or_else(PoisonError::into_inner);
        let existing = object::open(&self.root, bucket, key).ok().map(|(_, facts)| facts);
        let matches = |condition: &ETagCondition| existing.as_ref().is_some_and(|facts| facts.is(condition));
        if conditions.if_match.as_ref().is_some_and(|condition| !matches(condition))
            || conditions.if_none_match.as_ref().is_some_and(matches)
        {
            return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| no_such_file(key, &error))?;
        }
        fs::rename(staged, &path).map_err(|error| no_such_file(key, &error))?;
        fs::metadata(&path).and_then(|metadata| Facts::of(&metadata)).map_err(S3Error::internal_error)
    }

    fn staged(&self, stand_in: &str) -> PathBuf {
        self.folder.join(BUCKET).join(stand_in)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nobody reads it any more; what cannot be removed does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The stand-in of an upload in parts: all its requests name the same bucket and key.
pub(crate) fn upload_stand_in(bucket: &str, key: &str) -> String {
    let hash = Sha256::digest(format!("{bucket}\0{key}"));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A client error, since a server error would be retried for minutes.
fn no_such_file(key: &str, error: &io::Error) -> S3Error {
    s3_error!(InvalidRequest, "this server keeps objects as files: it cannot have the key {key:?} here: {error}")
}
