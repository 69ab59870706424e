//! A Delta table as a source: its log says which files count, and coldtrail's own scan reads them.

use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use url::Url;

use super::dataset::Request;
use super::find;
use super::object::{Home, Object};
use crate::model::Micros;
use crate::sources::SourceError;
use crate::sources::delta::{self, DeltaError, DeltaFile};
use crate::sources::store::{self, Doing, Place, Store};

/// What Hive writes where a partition value is null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// One file that counts.
pub(super) struct TableFile {
    /// What makes two stores different.
    pub(super) store: String,
    pub(super) display: String,
    pub(super) relative: String,
    pub(super) object: Object,
    pub(super) modified: Micros,
    pub(super) partitions: Vec<(String, String)>,
}

/// The files of the table that the source names; `None` where it names no Delta table.
///
/// # Errors
/// A log that cannot be read, a version that is not there, or a feature that would make the files alone say something else.
pub(super) async fn open(
    source: &str,
    place: Option<&Place>,
    request: &Request<'_>,
) -> Result<Option<Vec<TableFile>>, SourceError> {
    match place {
        None => local(source, request).await,
        Some(place) => remote(place, request).await,
    }
}

async fn local(source: &str, request: &Request<'_>) -> Result<Option<Vec<TableFile>>, SourceError> {
    let Some(folder) = named(source, request.base).filter(|folder| folder.join("_delta_log").is_dir()) else {
        return Ok(None);
    };
    let io = |error: object_store::Error| SourceError::Unreadable { path: source.into(), reason: error.to_string() };
    let table: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new_with_prefix(&folder).map_err(io)?);
    let snapshot = delta::snapshot(table, &Path::default(), source, request.delta_version).await;
    let snapshot = snapshot.map_err(|error| SourceError::Refused(error.to_string()))?;
    let disk = Arc::new(LocalFileSystem::new());
    let file = |file: DeltaFile| {
        let path = folder.join(FsPath::new(file.path.as_ref()));
        let location = find::on_disk(&path, &file.relative)?;
        let object = Object { home: Home::Local(Arc::clone(&disk)), location, size: file.size, etag: None };
        let display = format!("{}/{}", source.trim_end_matches('/'), file.relative);
        Ok(of_table(file, String::new(), display, object))
    };
    snapshot.files.into_iter().map(file).collect::<Result<_, _>>().map(Some)
}

/// The folder that a source names; whoever lists it says what is wrong with a URL.
fn named(source: &str, base: &FsPath) -> Option<PathBuf> {
    let is_url = source.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file://"));
    if is_url { Url::parse(source).ok()?.to_file_path().ok() } else { Some(base.join(source)) }
}

async fn remote(place: &Place, request: &Request<'_>) -> Result<Option<Vec<TableFile>>, SourceError> {
    let store: Arc<Store> = request.stores.get(place)?;
    let refused =
        |error: &object_store::Error, doing| SourceError::Refused(store::explain(error, place, doing).sentence);
    let log =
        Path::from_iter(place.prefix().parts().map(|part| part.as_ref().to_owned()).chain(["_delta_log".to_owned()]));
    let listed = store.list_with_delimiter(Some(&log)).await.map_err(|error| refused(&error, Doing::List))?;
    if listed.objects.is_empty() {
        return Ok(None);
    }
    if place.pattern().is_some() {
        return Err(SourceError::Refused(format!(
            "{}: the pattern chooses among files of a Delta table, but its _delta_log says which of them count; name the \
             table's own folder",
            place.source()
        )));
    }
    let snapshot =
        delta::snapshot(Arc::clone(&store) as _, place.prefix(), place.source(), request.delta_version).await;
    let snapshot = snapshot.map_err(|error| match &error {
        // The log was listed just now.
        DeltaError::Store { source, .. } => refused(source, Doing::Read),
        _ => SourceError::Refused(error.to_string()),
    })?;
    let shared = Arc::new(place.clone());
    let mut files = Vec::new();
    for file in snapshot.files {
        // The log tells no ETag; asking for it costs a request, and keeps a file that is rewritten from being mixed.
        let meta = store.head(&file.path).await.map_err(|error| refused(&error, Doing::Read))?;
        let home = Home::Remote(Arc::clone(&store), Arc::clone(&shared));
        let object = Object { home, location: file.path.clone(), size: meta.size, etag: meta.e_tag };
        let display = place.display(&file.path);
        files.push(of_table(file, place.store_name(), display, object));
    }
    Ok(Some(files))
}

fn of_table(file: DeltaFile, store: String, display: String, object: Object) -> TableFile {
    let value = |(name, value): (String, Option<String>)| (name, value.unwrap_or_else(|| NULL.to_owned()));
    TableFile {
        store,
        display,
        relative: file.relative,
        object,
        modified: file.modified,
        partitions: file.partition_values.into_iter().map(value).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_path_or_a_whole_file_url() {
        let base = FsPath::new("/lake");
        assert_eq!(named("t/a b%20", base), Some("/lake/t/a b%20".into()));
        assert_eq!(named("/t", base), Some("/t".into()));
        assert_eq!(named("FILE://localhost/t/a%20b", base), Some("/t/a b".into()));
        assert_eq!(named("file://t", base), None);
    }
}
