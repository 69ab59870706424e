//! The servers and the proxy against the client that coldtrail uses, and against a bare socket where that one hides too much.

mod azure;
mod binary;
mod faults;
mod proxy;
mod raw;
mod s3;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use coldtrail_servers::{REGION, S3Server};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

const KEY: &str = "an-access-key";
const SECRET: &str = "a/secret+key";

/// A root folder with one empty bucket named `bucket`, served.
fn served() -> (tempfile::TempDir, S3Server) {
    let root = tempfile::tempdir().expect("a folder");
    let server = S3Server::start(root.path(), KEY, SECRET).expect("starts");
    server.create_bucket("bucket").expect("makes the bucket");
    (root, server)
}

fn builder(endpoint: &str) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_region(REGION)
        .with_bucket_name("bucket")
        .with_access_key_id(KEY)
        .with_secret_access_key(SECRET)
        .with_client_options(ClientOptions::new().with_allow_http(true).with_timeout(Duration::from_secs(20)))
        .with_retry(retries(0))
}

fn retries(max_retries: usize) -> RetryConfig {
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
        ..BackoffConfig::default()
    };
    RetryConfig { backoff, max_retries, retry_timeout: Duration::from_secs(20) }
}

fn client(endpoint: &str) -> Arc<AmazonS3> {
    Arc::new(builder(endpoint).build().expect("a client"))
}

fn write(root: &Path, key: &str, content: impl AsRef<[u8]>) {
    let path = root.join("bucket").join(key);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
    std::fs::write(path, content).expect("writes");
}

/// Bytes that show when any is missing or moved.
fn pattern(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at % 251) as u8).collect()
}
