//! The tables of `testdata/delta` as stores, and tables made on the spot.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    ObjectStoreExt as _, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use serde_json::{Value, json};

use super::{DeltaError, Snapshot, snapshot};

/// Where a table of the test data lies.
pub(super) fn folder(table: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/delta").join(table)
}

/// A name of a commit.
pub(super) fn commit_name(version: u64) -> String {
    format!("{version:020}.json")
}

/// A table in memory.
pub(super) struct Made {
    pub(super) store: Arc<InMemory>,
    pub(super) root: Path,
}

impl Made {
    /// Nothing yet.
    pub(super) fn at(root: &str) -> Self {
        Self { store: Arc::new(InMemory::new()), root: Path::parse(root).unwrap() }
    }

    /// The log of a table of the test data.
    pub(super) async fn copied(table: &str, root: &str) -> Self {
        let made = Self::at(root);
        for entry in fs::read_dir(folder(table).join("_delta_log")).unwrap() {
            let path = entry.unwrap().path();
            made.put(path.file_name().unwrap().to_str().unwrap(), fs::read(&path).unwrap()).await;
        }
        made
    }

    pub(super) fn log(&self, name: &str) -> Path {
        self.root.clone().join("_delta_log").join(name)
    }

    pub(super) async fn put(&self, name: &str, content: Vec<u8>) {
        self.store.put(&self.log(name), content.into()).await.unwrap();
    }

    pub(super) async fn delete(&self, name: &str) {
        self.store.delete(&self.log(name)).await.unwrap();
    }

    pub(super) async fn commit(&self, version: u64, actions: &[Value]) {
        let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
        self.put(&commit_name(version), text.into_bytes()).await;
    }

    pub(super) async fn snapshot(&self, version: Option<u64>) -> std::result::Result<Snapshot, DeltaError> {
        snapshot(Arc::<InMemory>::clone(&self.store), &self.root, "s3://lake/t", version).await
    }

    pub(super) async fn said(&self, version: Option<u64>) -> String {
        self.snapshot(version).await.unwrap_err().to_string()
    }
}

/// A store that answers all but one question: a folder's listing or an object.
#[derive(Debug)]
pub(super) struct Refusing {
    pub(super) inner: Arc<InMemory>,
    pub(super) refused: &'static str,
}

impl Refusing {
    fn error(&self, path: &Path) -> Option<Error> {
        (path.filename() == Some(self.refused))
            .then(|| Error::PermissionDenied { path: path.to_string(), source: "403".into() })
    }
}

impl fmt::Display for Refusing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refusing")
    }
}

#[async_trait]
impl ObjectStore for Refusing {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        match self.error(location) {
            Some(error) => Err(error),
            None => self.inner.get_opts(location, options).await,
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match prefix.and_then(|prefix| self.error(prefix)) {
            Some(error) => stream::iter([Err(error)]).boxed(),
            None => self.inner.list(prefix),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// Asks a store for a table.
pub(super) async fn of(
    store: impl ObjectStore,
    root: &str,
    version: Option<u64>,
) -> std::result::Result<Snapshot, DeltaError> {
    snapshot(Arc::new(store), &Path::parse(root).unwrap(), "lake/t", version).await
}

pub(super) fn protocol(reader: i32, features: &[&str]) -> Value {
    let mut protocol = json!({"minReaderVersion": reader, "minWriterVersion": 7, "writerFeatures": features});
    if reader >= 3 {
        protocol["readerFeatures"] = json!(features);
    }
    json!({"protocol": protocol})
}

pub(super) fn metadata(fields: &Value, configuration: &Value) -> Value {
    let schema = json!({"type": "struct", "fields": fields}).to_string();
    let format = json!({"provider": "parquet", "options": {}});
    json!({"metaData": {"id": "t", "format": format, "schemaString": schema, "partitionColumns": [],
        "configuration": configuration, "createdTime": 0}})
}

pub(super) fn text_field(name: &str, metadata: &Value) -> Value {
    json!({"name": name, "type": "string", "nullable": true, "metadata": metadata})
}

pub(super) fn add(path: &str) -> Value {
    json!({"add": {"path": path, "partitionValues": {}, "size": 7, "modificationTime": 1_784_527_200_000_i64,
        "dataChange": true}})
}
