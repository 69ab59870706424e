//! From what the user named to the objects behind it: local files and, through the run's stores, remote ones.
//!
//! Nothing is opened here. Folders whose path lies outside the period are not listed; files whose path does are counted.

use std::collections::BTreeMap;
use std::path::Path as FsPath;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;

use super::dataset::{Request, Stage};
use super::object::{Home, Object};
use super::path_time::{self, PathSpan};
use super::records::Place as FilePlace;
use crate::model::Micros;
use crate::model::coverage::Counted;
use crate::sources::SourceError;
use crate::sources::location;
use crate::sources::store::{Place, StoreError};

/// A file of the archive that was not opened yet.
#[derive(Clone, Debug)]
pub struct Found {
    /// As the user would name it.
    pub display: String,
    /// Whether the user named this very file.
    pub(super) is_named: bool,
    /// Its `key=value` folders.
    pub(super) partitions: Vec<(String, String)>,
    /// The span that its path names.
    pub span: Option<PathSpan>,
    /// Its bytes.
    pub object: Arc<Object>,
    /// Last change.
    pub modified: Micros,
    /// Where reading begins in a text export that has grown since an earlier run read it.
    pub start: Option<FilePlace>,
}

/// The files of all sources.
#[derive(Debug, Default)]
pub struct Findings {
    /// Files whose path does not lie outside the period, each once, by name.
    pub files: Vec<Found>,
    /// Every file that was listed.
    pub found: u64,
    /// Their bytes.
    pub found_bytes: u64,
    /// Files whose path lies outside the period.
    pub outside_by_path: u64,
    /// Paths that are no data, by rule.
    pub ignored: Vec<Counted>,
}

/// A listed file, before its path is read.
struct Listed {
    display: String,
    relative: String,
    is_named: bool,
    object: Object,
    modified: Micros,
    /// What stands in a table's log in place of the path.
    partitions: Option<Vec<(String, String)>>,
}

/// A listing of all sources; what two of them name is listed once, under its first name.
#[derive(Default)]
struct Listings {
    files: BTreeMap<(String, Path), Listed>,
    ignored: BTreeMap<String, u64>,
}

/// All files of all sources.
///
/// # Errors
/// A source that is missing, empty, or cannot be listed.
pub async fn find(request: &Request<'_>) -> Result<Findings, SourceError> {
    let disk = Arc::new(LocalFileSystem::new());
    let mut listings = Listings::default();
    for source in request.sources {
        let place = Place::parse(source, request.stores.options())?;
        if listings.delta(source, place.as_ref(), request).await? {
            continue;
        }
        match place {
            Some(place) => listings.remote(source, place, request).await?,
            None => listings.local(source, request, &disk)?,
        }
    }
    let mut findings = Findings { ignored: Counted::list(&listings.ignored), ..Findings::default() };
    for file in listings.files.into_values() {
        findings.found += 1;
        findings.found_bytes += file.object.size;
        let span = path_time::span(&file.relative);
        if span.is_some_and(|span| !span.may_touch(request.period)) {
            findings.outside_by_path += 1;
            continue;
        }
        findings.files.push(Found {
            partitions: file.partitions.unwrap_or_else(|| path_time::hive_parts(&file.relative)),
            display: file.display,
            is_named: file.is_named,
            span,
            object: Arc::new(file.object),
            modified: file.modified,
            start: None,
        });
    }
    findings.files.sort_by(|a, b| a.display.cmp(&b.display));
    Ok(findings)
}

impl Listings {
    /// The files of a Delta table, by its log; false where the source is none.
    #[cfg(feature = "delta")]
    async fn delta(&mut self, source: &str, place: Option<&Place>, request: &Request<'_>) -> Result<bool, SourceError> {
        let Some(table) = super::delta_table::open(source, place, request).await? else { return Ok(false) };
        for file in table {
            self.files.entry((file.store, file.object.location.clone())).or_insert(Listed {
                display: file.display,
                relative: file.relative,
                is_named: false,
                object: file.object,
                modified: file.modified,
                partitions: Some(file.partitions),
            });
        }
        Ok(true)
    }

    /// Without the feature a Delta table is refused where its folder is listed.
    #[cfg(not(feature = "delta"))]
    async fn delta(&self, _: &str, _: Option<&Place>, request: &Request<'_>) -> Result<bool, SourceError> {
        match request.delta_version {
            Some(_) => {
                Err(SourceError::Refused("this build reads no Delta tables; build it with --features delta".into()))
            }
            None => futures::future::ready(Ok(false)).await,
        }
    }

    fn local(&mut self, source: &str, request: &Request<'_>, disk: &Arc<LocalFileSystem>) -> Result<(), SourceError> {
        let keep = |folder: &str| path_time::folder_may_touch(folder, request.period);
        let expansion = location::expand_within(source, request.base, &keep)?;
        for counted in expansion.ignored {
            *self.ignored.entry(counted.name).or_default() += counted.count;
        }
        for file in expansion.files {
            let location = on_disk(&file.path, &file.display)?;
            let object =
                Object { home: Home::Local(Arc::clone(disk)), location: location.clone(), size: file.size, etag: None };
            self.files.entry((String::new(), location)).or_insert(Listed {
                is_named: file.display == source,
                display: file.display,
                relative: file.relative,
                object,
                modified: file.modified,
                partitions: None,
            });
        }
        (request.progress)(Stage::Listed(self.files.len() as u64));
        Ok(())
    }

    async fn remote(&mut self, source: &str, place: Place, request: &Request<'_>) -> Result<(), SourceError> {
        let may_touch = |folder: &str| path_time::folder_may_touch(folder, request.period);
        // Without a period one flat listing is the fewest requests.
        let keep: Option<&(dyn Fn(&str) -> bool + Sync)> = (!request.period.is_open()).then_some(&may_touch);
        let before = self.files.len() as u64;
        let progress = |found| (request.progress)(Stage::Listed(before + found));
        let listed = location::list_remote(source, place, request.stores, keep, &progress).await?;
        for (rule, count) in listed.ignored {
            *self.ignored.entry(rule).or_default() += count;
        }
        let (store, place) = (listed.store, Arc::new(listed.place));
        for (entry, relative) in listed.entries {
            let object = Object {
                home: Home::Remote(Arc::clone(&store), Arc::clone(&place)),
                location: entry.path.clone(),
                size: entry.size,
                etag: entry.e_tag,
            };
            self.files.entry((place.store_name(), entry.path.clone())).or_insert(Listed {
                display: place.display(&entry.path),
                relative,
                is_named: listed.is_single,
                object,
                modified: entry.modified,
                partitions: None,
            });
        }
        Ok(())
    }
}

/// A file's place on this machine's disk. `..` stands in no place's name, so a path with one is followed first.
pub(super) fn on_disk(path: &FsPath, display: &str) -> Result<Path, SourceError> {
    let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
    let real = if climbs { std::fs::canonicalize(path).ok() } else { None };
    Path::from_absolute_path(real.as_deref().unwrap_or(path))
        .map_err(|error| SourceError::Unreadable { path: display.to_owned(), reason: error.to_string() })
}

impl From<StoreError> for SourceError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.to_string())
    }
}
