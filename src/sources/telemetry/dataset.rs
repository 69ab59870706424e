//! The archive as one table: which files it has, what each of them says of itself, and where they differ.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::path::Path as FsPath;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::{FutureExt as _, StreamExt as _};
use parquet::file::metadata::ParquetMetaData;
use tokio::task::JoinError;

use super::columns;
use super::convert::DateOrder;
use super::find::{self, Findings, Found};
use super::footer::{self, Fault, Nature};
use super::object::Object;
use super::parquet_file::ParquetFiles;
use super::path_time::PathSpan;
use super::records::Header;
use super::schema::{self, Described, declared};
use super::shape::{self, Circumstances, FileColumns, FileShape};
use super::shapes::{Kept, Pool, Shapes};
use super::text_file::{self, TextExport};
use super::times::RowGroup;
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::{Counted, Drift, Skipped};
use crate::model::{Micros, Period};
use crate::sources::SourceError;
use crate::sources::store::{self, Stores};

/// Files opened at a time.
const OPEN_IN_FLIGHT: usize = 16;

/// How far the opening of an archive is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// So many files were listed.
    Listed(u64),
    /// So many were opened, of so many.
    Opened(u64, u64),
}

/// What an archive is opened with.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// As typed.
    pub sources: &'a [String],
    /// Where relative paths begin.
    pub base: &'a FsPath,
    /// What the path of a file is held against.
    pub period: Period,
    /// What becomes of a file that cannot be read.
    pub on_bad: OnBadInput,
    /// How dates like 4/5/2026 are read; `None` when their own values must tell.
    pub date_order: Option<DateOrder>,
    /// The version of a Delta table; `None` for its current one.
    pub delta_version: Option<u64>,
    /// The run's object stores.
    pub stores: &'a Stores,
    /// Whether indexes are built or asked, which belong to a footer's bytes.
    pub has_index: bool,
    /// Is told how far it is.
    pub progress: &'a (dyn Fn(Stage) + Sync),
}

/// An archive, described.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The sources as typed.
    pub sources: Vec<String>,
    /// The table.
    pub schema: SchemaRef,
    /// The files that may hold rows of the period, by name.
    pub files: Vec<Arc<DataFile>>,
    /// Every file found.
    pub found: u64,
    /// Bytes of every file found.
    pub found_bytes: u64,
    /// Files whose path lies outside the period: they were not opened.
    pub outside_by_path: u64,
    /// Files that could not be read and were skipped.
    pub skipped: Vec<Skipped>,
    /// Paths that are no data, by rule.
    pub ignored: Vec<Counted>,
    /// Columns that differ between files.
    pub drift: Vec<Drift>,
}

/// What a file is.
#[derive(Debug, Clone)]
pub enum Content {
    /// Parquet, with its footer but without page index.
    Parquet(Arc<ParquetMetaData>),
    /// A text export.
    Text(Arc<TextExport>),
}

/// One file of the archive.
#[derive(Debug)]
pub struct DataFile {
    /// As the user would name it.
    pub display: String,
    /// Its bytes.
    pub object: Arc<Object>,
    /// Last modification.
    pub modified: Micros,
    /// The span that its path names.
    pub span: Option<PathSpan>,
    /// What it is.
    pub content: Content,
    /// The hash of a Parquet footer's bytes, where the request has an index.
    pub footer_sha256: Option<[u8; 32]>,
    /// How it spells the table's columns; files that spell them alike have the same.
    pub shape: Arc<FileShape>,
    /// Its row groups with their times; none in a text export, which says nothing of its rows before they are read.
    pub row_groups: Vec<RowGroup>,
}

impl DataFile {
    /// Rows, from the footer; none for a text export.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().map(|group| group.rows).sum()
    }

    /// Whether its times can be pruned by its path only.
    #[must_use]
    pub fn has_no_time_statistics(&self) -> bool {
        self.is_text() || self.row_groups.iter().any(|group| group.rows > 0 && group.times.is_none())
    }

    /// Whether it is a text export.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }
}

/// What a file says of itself.
pub(super) struct Description {
    pub(super) content: Content,
    pub(super) footer_sha256: Option<[u8; 32]>,
    pub(super) columns: Arc<FileColumns>,
    pub(super) row_groups: Vec<RowGroup>,
}

/// A file whose place in the table is not yet decided.
struct Opened {
    found: Found,
    content: Content,
    footer_sha256: Option<[u8; 32]>,
    columns: Kept<FileColumns>,
    row_groups: Vec<RowGroup>,
}

/// What files have in common while they are opened, so that memory does not grow with their number.
#[derive(Default)]
struct Common {
    columns: Pool<FileColumns>,
    headers: Pool<Header>,
}

impl Common {
    fn opened(&mut self, found: Found, description: Description) -> Opened {
        let content = match description.content {
            Content::Text(export) => Content::Text(Arc::new(Arc::unwrap_or_clone(export).sharing(&mut self.headers))),
            parquet @ Content::Parquet(_) => parquet,
        };
        let Description { footer_sha256, columns, row_groups, .. } = description;
        Opened { found, content, footer_sha256, columns: self.columns.keep(columns), row_groups }
    }
}

/// Describes the archive that the sources name.
///
/// # Errors
/// A source that is missing or holds no data; with [`OnBadInput::Fail`] the first file that cannot be read; an archive in
/// which no file has RemoteIP, or none has a time.
pub async fn open(request: Request<'_>) -> Result<Dataset, SourceError> {
    open_found(find::find(&request).await?, request).await
}

/// The same of files that were listed before.
///
/// # Errors
/// As for [`open`].
pub async fn open_found(mut found: Findings, request: Request<'_>) -> Result<Dataset, SourceError> {
    let opened = open_all(std::mem::take(&mut found.files), &request).await;
    let (opened, skipped) = sort_out(opened, request.on_bad, &mut found.ignored)?;
    let outside_only = opened.is_empty() && (found.outside_by_path > 0 || found.found == 0);
    if opened.is_empty() && !outside_only && skipped.is_empty() {
        return Err(SourceError::Empty {
            source_name: request.sources.join(", "),
            detail:
                "no telemetry there; name a file, a folder or a pattern of DeviceNetworkEvents exports (Parquet, JSON \
                     lines or CSV)"
                    .to_owned(),
        });
    }
    let (schema, drift, files) = unite(opened);
    let dataset = Dataset {
        sources: request.sources.iter().map(|source| store::redact(source)).collect(),
        schema,
        files,
        found: found.found,
        found_bytes: found.found_bytes,
        outside_by_path: found.outside_by_path,
        skipped,
        ignored: found.ignored,
        drift,
    };
    dataset.require_columns()?;
    Ok(dataset)
}

/// A folder as a hunt without options opens it.
#[cfg(test)]
pub(super) async fn open_folder(folder: &FsPath) -> Dataset {
    let stores = Stores::new(store::StoreOptions::default());
    let request = Request {
        sources: &[".".to_owned()],
        base: folder,
        period: Period::default(),
        on_bad: OnBadInput::Fail,
        date_order: None,
        delta_version: None,
        stores: &stores,
        has_index: false,
        progress: &|_| {},
    };
    open(request).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn open_all(files: Vec<Found>, request: &Request<'_>) -> Vec<Result<Opened, (Found, Fault)>> {
    let (total, mut done) = (files.len() as u64, 0);
    let mut common = Common::default();
    let date_order = request.date_order;
    let parquet = Arc::new(ParquetFiles::new(request.has_index));
    // A task of its own for each: reading a footer is work, and the stream alone would do it on one thread.
    let opened =
        futures::stream::iter(files).map(|file| tokio::spawn(open_file(file, date_order, Arc::clone(&parquet))));
    let mut opened = opened.buffered(OPEN_IN_FLIGHT);
    let mut all = Vec::new();
    while let Some(file) = opened.next().await {
        let file = match file.map_err(JoinError::try_into_panic) {
            Ok(file) => file,
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // A task that does not panic ends early only with its runtime, and then nobody waits here.
            Err(Err(_)) => break,
        };
        done += 1;
        (request.progress)(Stage::Opened(done, total));
        all.push(match file {
            Ok((found, description)) => Ok(common.opened(found, description)),
            Err(fault) => Err(fault),
        });
    }
    all
}

async fn open_file(
    found: Found,
    date_order: Option<DateOrder>,
    parquet: Arc<ParquetFiles>,
) -> Result<(Found, Description), (Found, Fault)> {
    // The Parquet reader panics on some damaged footers; for the user that is a damaged file like any other.
    let described = AssertUnwindSafe(describe(&found, date_order, &parquet)).catch_unwind().await;
    match described.unwrap_or_else(|_| Err(Fault::Broken("its footer cannot be read, the file is damaged".to_owned())))
    {
        Ok(description) => Ok((found, description)),
        Err(fault) => Err((found, fault)),
    }
}

/// What the file is and what it says of its columns, or why it cannot be read.
pub(super) async fn describe(
    found: &Found,
    date_order: Option<DateOrder>,
    parquet: &ParquetFiles,
) -> Result<Description, Fault> {
    match footer::nature(&found.object, &found.display).await? {
        Nature::Parquet => parquet.describe(&found.object).await,
        Nature::Other(head) => text_file::describe(&found.object, &head, date_order, found.start).await,
    }
}

/// Readable files, and the others by what the user asked for. In a folder, a file that is no telemetry is no bad input,
/// but it is counted.
fn sort_out(
    opened: Vec<Result<Opened, (Found, Fault)>>,
    on_bad: OnBadInput,
    ignored: &mut Vec<Counted>,
) -> Result<(Vec<Opened>, Vec<Skipped>), SourceError> {
    let mut good = Vec::new();
    let mut skipped = Vec::new();
    let mut strangers: BTreeMap<String, u64> = BTreeMap::new();
    for result in opened {
        match result {
            Ok(file) => good.push(file),
            Err((found, Fault::Stranger(reason))) if !found.is_named => *strangers.entry(reason).or_default() += 1,
            Err((found, fault)) => {
                let reason = fault.reason();
                if on_bad == OnBadInput::Fail {
                    let reason = format!("{reason}; --on-bad-input skip reads the rest");
                    return Err(SourceError::Unreadable { path: found.display, reason });
                }
                skipped.push(Skipped { path: found.display, reason });
            }
        }
    }
    ignored.extend(Counted::list(&strangers));
    Ok((good, skipped))
}

fn unite(opened: Vec<Opened>) -> (SchemaRef, Vec<Drift>, Vec<Arc<DataFile>>) {
    let kinds = kinds(&opened);
    let keys: BTreeSet<&str> =
        opened.iter().flat_map(|file| &file.found.partitions).map(|(key, _)| key.as_str()).collect();
    let (schema, drift) = (schema::table(&kinds, &keys), schema::drift(&kinds));
    drop((kinds, keys));
    let mut shapes = Shapes::new(&schema);
    let files = opened.into_iter().map(|file| Arc::new(data_file(file, &mut shapes))).collect();
    (schema, drift, files)
}

/// The files by their columns.
fn kinds(opened: &[Opened]) -> Vec<Described<'_>> {
    let mut kinds: BTreeMap<usize, Described<'_>> = BTreeMap::new();
    for file in opened {
        let (display, since) = (file.found.display.as_str(), since(file));
        let candidates = file.columns.value.candidates.as_slice();
        let new = || Described { candidates, files: 0, first_file: display, since };
        let kind = kinds.entry(file.columns.place).or_insert_with(new);
        kind.files += 1;
        kind.first_file = kind.first_file.min(display);
        kind.since = [kind.since, since].into_iter().flatten().min();
    }
    kinds.into_values().collect()
}

fn data_file(file: Opened, shapes: &mut Shapes<'_>) -> DataFile {
    let Opened { found, content, footer_sha256, columns, row_groups } = file;
    let circumstances = Circumstances {
        in_path: Vec::new(),
        addresses_in_dictionary: match &content {
            Content::Parquet(metadata) => {
                columns.value.address_name().is_some_and(|name| shape::is_dictionary(metadata, name))
            }
            Content::Text(_) => false,
        },
        open: match &content {
            Content::Text(export) if export.is_open() => Some(export.times()),
            _ => None,
        },
    };
    let shape = shapes.of(&columns, &found.partitions, circumstances);
    DataFile {
        display: found.display,
        object: found.object,
        modified: found.modified,
        span: found.span,
        content,
        footer_sha256,
        shape,
        row_groups,
    }
}

fn since(file: &Opened) -> Option<Micros> {
    let by_statistics = file.row_groups.iter().filter_map(|group| group.times).map(|times| times.first).min();
    by_statistics.or_else(|| file.found.span.map(|span| span.first))
}

impl Dataset {
    /// The table as it is declared, without files: for planning without data.
    #[must_use]
    pub fn declared() -> Self {
        Self {
            sources: Vec::new(),
            schema: declared(),
            files: Vec::new(),
            found: 0,
            found_bytes: 0,
            outside_by_path: 0,
            skipped: Vec::new(),
            ignored: Vec::new(),
            drift: Vec::new(),
        }
    }

    fn require_columns(&self) -> Result<(), SourceError> {
        for (column, spelled) in [(columns::REMOTE_IP, "RemoteIP"), (columns::TIMESTAMP, "Timestamp or TimeGenerated")]
        {
            let anywhere = self.files.iter().any(|file| file.shape.origins.contains_key(column));
            if !self.files.is_empty() && !anywhere {
                return Err(SourceError::Unreadable {
                    path: self.sources.join(", "),
                    reason: format!("no file has a column {spelled}; is this an export of DeviceNetworkEvents?"),
                });
            }
        }
        Ok(())
    }
}
