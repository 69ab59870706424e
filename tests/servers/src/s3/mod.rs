//! S3 over a folder: each sub-folder is a bucket, each file below it an object.

mod body;
mod listing;
mod object;
mod policy;
mod shelf;
mod staging;

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use s3s::service::S3ServiceBuilder;

pub use policy::{Access, Clock, Policy, Token};

use crate::serving::Serving;
use policy::{Account, Gate};
use shelf::Shelf;
use staging::Staging;

/// The region that clients are told; signatures of any region are accepted.
pub const REGION: &str = "us-east-1";

/// An S3 server on loopback, stopped when dropped.
///
/// Files may be put into the bucket's folder at any time, before or after the start: they are objects at once. An object's
/// ETag changes whenever its file does.
#[derive(Debug)]
pub struct S3Server {
    serving: Serving,
    root: PathBuf,
    access_key: String,
    secret_key: String,
    gate: Gate,
    staging: Arc<Staging>,
}

impl S3Server {
    /// Serves `root` on a free port, for one account.
    ///
    /// # Errors
    /// `root` is no folder that can be written to, or no port is free.
    pub fn start(root: &Path, access_key: &str, secret_key: &str) -> io::Result<Self> {
        Self::start_on(0, root, access_key, secret_key)
    }

    /// The same on a given port (0: any free one).
    ///
    /// # Errors
    /// As [`S3Server::start`], or the port is taken.
    pub fn start_on(port: u16, root: &Path, access_key: &str, secret_key: &str) -> io::Result<Self> {
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", root.display()));
        let root = root.canonicalize().map_err(named)?;
        let gate = Gate::default();
        let staging = Arc::new(Staging::new(&root).map_err(named)?);
        let mut builder = S3ServiceBuilder::new(Shelf {
            root: root.clone(),
            gate: gate.clone(),
            staging: staging.clone(),
            folders: Arc::default(),
        });
        builder.set_auth(Account { access_key: access_key.to_owned(), secret_key: secret_key.to_owned() });
        builder.set_access(gate.clone());
        let service = builder.build();
        let serving = Serving::start("s3", port, move |stream| {
            let service = service.clone();
            async move {
                let connection =
                    http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
                // A client that hangs up is no matter of the server's.
                let _ = connection.await;
            }
        })?;
        Ok(Self { serving, root, access_key: access_key.to_owned(), secret_key: secret_key.to_owned(), gate, staging })
    }

    /// `http://127.0.0.1:port`, for clients with path-style requests.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.serving.address())
    }

    /// The variables that AWS's tools and coldtrail read. For a proxy in between, replace the endpoint.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.access_key.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_key.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// The folder of a bucket.
    #[must_use]
    pub fn bucket_folder(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    /// Makes an empty bucket; one that is there stays as it is.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn create_bucket(&self, bucket: &str) -> io::Result<()> {
        fs::create_dir_all(self.bucket_folder(bucket))
    }

    /// Puts an object at once and whole, in place of any that has its key: readers see the one or the other.
    ///
    /// # Errors
    /// The bucket is not there, or no file can have this key.
    pub fn put(&self, bucket: &str, key: &str, content: &[u8]) -> io::Result<()> {
        self.staging.replace(bucket, key, content).map(drop).map_err(io::Error::other)
    }

    /// Removes an object; one that is not there is gone already.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn remove(&self, bucket: &str, key: &str) -> io::Result<()> {
        object::remove(&self.bucket_folder(bucket), key).map_err(io::Error::other)
    }

    /// Copies a whole folder into a bucket, below `prefix` (empty: at its top); makes the bucket where it is missing.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub fn put_folder(&self, bucket: &str, prefix: &str, folder: &Path) -> io::Result<()> {
        let inside = Path::new(prefix).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(io::Error::other(format!("the prefix {prefix:?} leaves the bucket")));
        }
        copy_folder(folder, &self.bucket_folder(bucket).join(prefix))
    }

    /// Refuses from now on what `policy` says.
    pub fn set_policy(&self, policy: Policy) {
        self.gate.set(policy);
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
