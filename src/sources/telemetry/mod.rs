//! An archive of DeviceNetworkEvents, described: its files, what their footers say, and the one table that they are.
//!
//! Nothing is decoded here. Opening an archive reads footers, decides how each file spells the table's columns, and says
//! which row groups a period touches; `engine` reads the rows.

pub mod columns;
pub mod convert;
mod epoch;
mod footer;
mod path_time;
mod reader;
mod schema;
mod shape;
mod times;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::Path as FsPath;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use futures::{FutureExt as _, StreamExt as _};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::file::metadata::ParquetMetaData;

pub use convert::{Conversion, TimeForm};
pub use path_time::PathSpan;
pub use reader::StoreReader;
pub use schema::{declared, time_type};
pub use shape::{FileShape, Origin};
pub use times::{Place, RowGroup, TimeBounds};

use super::SourceError;
use super::location::{self, FileRef};
use crate::model::bad_input::OnBadInput;
use crate::model::coverage::{Counted, Drift, Skipped};
use crate::model::{Micros, Period};
use footer::Fault;
use schema::Described;
use shape::Candidate;

/// Footers read at a time.
const FOOTERS_IN_FLIGHT: usize = 16;

/// An archive, described.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Where the bytes are.
    pub store: Arc<dyn ObjectStore>,
    /// The sources as typed.
    pub sources: Vec<String>,
    /// The table.
    pub schema: SchemaRef,
    /// The files that may hold rows of the period, by name.
    pub files: Vec<Arc<DataFile>>,
    /// Every file found, with its bytes.
    pub found: u64,
    /// Bytes of every file found.
    pub found_bytes: u64,
    /// Files whose path lies outside the period: their footers were not read.
    pub outside_by_path: u64,
    /// Files that could not be read and were skipped.
    pub skipped: Vec<Skipped>,
    /// Paths that are no data, by rule.
    pub ignored: Vec<Counted>,
    /// Columns that differ between files.
    pub drift: Vec<Drift>,
}

/// One Parquet file of the archive.
#[derive(Debug)]
pub struct DataFile {
    /// As the user would name it.
    pub display: String,
    /// In the store.
    pub location: Path,
    /// Bytes.
    pub size: u64,
    /// Last modification.
    pub modified: Micros,
    /// The span that its path names.
    pub span: Option<PathSpan>,
    /// The footer, without page index.
    pub metadata: Arc<ParquetMetaData>,
    /// How it spells the table's columns.
    pub shape: FileShape,
    /// Its row groups with their times.
    pub row_groups: Vec<RowGroup>,
}

impl DataFile {
    /// Rows, from the footer.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.row_groups.iter().map(|group| group.rows).sum()
    }

    /// Whether its times can be pruned by its path only.
    #[must_use]
    pub fn has_no_time_statistics(&self) -> bool {
        self.row_groups.iter().any(|group| group.rows > 0 && group.times.is_none())
    }
}

/// A file whose footer was read and whose place in the table is not yet decided.
struct Opened {
    file: FileRef,
    location: Path,
    partitions: Vec<(String, String)>,
    span: Option<PathSpan>,
    metadata: Arc<ParquetMetaData>,
    read_schema: SchemaRef,
    candidates: Vec<Candidate>,
    row_groups: Vec<RowGroup>,
}

/// Describes the archive that the sources name.
///
/// # Errors
/// A source that is missing or holds no data; with [`OnBadInput::Fail`] the first file that cannot be read; an archive in
/// which no file has RemoteIP, or none has a time.
pub async fn open(
    sources: &[String],
    base: &FsPath,
    period: Period,
    on_bad: OnBadInput,
) -> Result<Dataset, SourceError> {
    let store: Arc<dyn ObjectStore> = Arc::new(LocalFileSystem::new());
    let (files, mut ignored) = find(sources, base)?;
    let (found, found_bytes) = (count(files.len()), files.iter().map(|file| file.size).sum());
    let mut outside_by_path = 0;
    let mut wanted = Vec::new();
    for file in files {
        let partitions = path_time::hive_parts(&file.relative);
        let span = path_time::span(&partitions);
        if span.is_some_and(|span| !span.may_touch(period)) {
            outside_by_path += 1;
        } else {
            wanted.push((file, partitions, span));
        }
    }
    let opened: Vec<Result<Opened, (FileRef, Fault)>> = futures::stream::iter(wanted)
        .map(|(file, partitions, span)| open_file(&store, file, partitions, span))
        .buffered(FOOTERS_IN_FLIGHT)
        .collect()
        .await;
    let (opened, skipped) = sort_out(opened, on_bad, &mut ignored)?;
    let outside_only = opened.is_empty() && outside_by_path > 0;
    if opened.is_empty() && !outside_only && skipped.is_empty() {
        return Err(SourceError::Empty {
            source_name: sources.join(", "),
            detail: "no Parquet file there; name a file, a folder or a pattern of DeviceNetworkEvents exports"
                .to_owned(),
        });
    }
    let (schema, drift, files) = unite(opened);
    let dataset = Dataset {
        store,
        sources: sources.to_vec(),
        schema,
        files,
        found,
        found_bytes,
        outside_by_path,
        skipped,
        ignored,
        drift,
    };
    dataset.require_columns()?;
    Ok(dataset)
}

/// All files of all sources, each once, by name.
fn find(sources: &[String], base: &FsPath) -> Result<(Vec<FileRef>, Vec<Counted>), SourceError> {
    let mut files = BTreeMap::new();
    let mut ignored: BTreeMap<String, u64> = BTreeMap::new();
    for source in sources {
        let expansion = location::expand(source, base)?;
        for counted in expansion.ignored {
            *ignored.entry(counted.name).or_default() += counted.count;
        }
        for file in expansion.files {
            files.entry(file.path.clone()).or_insert(file);
        }
    }
    let mut files: Vec<FileRef> = files.into_values().collect();
    files.sort_by(|a, b| a.display.cmp(&b.display));
    Ok((files, Counted::list(&ignored)))
}

async fn open_file(
    store: &Arc<dyn ObjectStore>,
    file: FileRef,
    partitions: Vec<(String, String)>,
    span: Option<PathSpan>,
) -> Result<Opened, (FileRef, Fault)> {
    // The Parquet reader panics on some damaged footers; for the user that is a damaged file like any other.
    let described = AssertUnwindSafe(describe(store, &file)).catch_unwind().await;
    match described.unwrap_or_else(|_| Err(Fault::Broken("its footer cannot be read, the file is damaged".to_owned())))
    {
        Ok((location, metadata, read_schema, candidates, row_groups)) => {
            Ok(Opened { file, location, partitions, span, metadata, read_schema, candidates, row_groups })
        }
        Err(fault) => Err((file, fault)),
    }
}

type Description = (Path, Arc<ParquetMetaData>, SchemaRef, Vec<Candidate>, Vec<RowGroup>);

async fn describe(store: &Arc<dyn ObjectStore>, file: &FileRef) -> Result<Description, Fault> {
    let broken = |error: &dyn std::fmt::Display| Fault::Broken(error.to_string());
    let location = Path::from_absolute_path(&file.path).map_err(|error| broken(&error))?;
    let metadata = footer::read(store, &location, file.size).await?;
    let schema = arrow_schema(&metadata).map_err(|error| broken(&error))?;
    let read_schema = shape::read_schema(&schema, &metadata);
    let units = epoch::units(store, &location, file.size, &metadata, &schema).await.map_err(|error| broken(&error))?;
    let candidates = shape::candidates(&read_schema, &metadata, &|name| epoch::unit(&units, name));
    let time = candidates.iter().find(|c| c.table_name == columns::TIMESTAMP).and_then(|c| match c.conversion {
        Conversion::Time(form) => Some((schema.field(c.index).name().as_str(), form)),
        _ => None,
    });
    let row_groups = times::row_groups(&metadata, &schema, time);
    Ok((location, metadata, read_schema, candidates, row_groups))
}

/// The schema as the file's writer meant it, or by its Parquet types alone where that part of the footer is damaged.
fn arrow_schema(metadata: &Arc<ParquetMetaData>) -> Result<SchemaRef, parquet::errors::ParquetError> {
    let read =
        |options| ArrowReaderMetadata::try_new(Arc::clone(metadata), options).map(|read| Arc::clone(read.schema()));
    read(ArrowReaderOptions::new()).or_else(|_| read(ArrowReaderOptions::new().with_skip_arrow_metadata(true)))
}

/// Readable files, and the others by what the user asked for. In a folder, a file that neither looks like Parquet nor is
/// named so is no bad input, but it is counted.
fn sort_out(
    opened: Vec<Result<Opened, (FileRef, Fault)>>,
    on_bad: OnBadInput,
    ignored: &mut Vec<Counted>,
) -> Result<(Vec<Opened>, Vec<Skipped>), SourceError> {
    let mut good = Vec::new();
    let mut skipped = Vec::new();
    let mut strangers = 0;
    for result in opened {
        match result {
            Ok(file) => good.push(file),
            Err((file, Fault::NotParquet)) if !is_named_parquet(&file.display) && file.relative != file.display => {
                strangers += 1
            }
            Err((file, fault)) => {
                let reason = fault.reason();
                if on_bad == OnBadInput::Fail {
                    let reason = format!("{reason}; --on-bad-input skip reads the rest");
                    return Err(SourceError::Unreadable { path: file.display, reason });
                }
                skipped.push(Skipped { path: file.display, reason });
            }
        }
    }
    if strangers > 0 {
        ignored.push(Counted { name: "not Parquet, and not named so".to_owned(), count: strangers });
    }
    Ok((good, skipped))
}

fn is_named_parquet(name: &str) -> bool {
    let name = name.to_lowercase();
    [".parquet", ".parq", ".pq"].iter().any(|ending| name.ends_with(ending))
}

fn unite(opened: Vec<Opened>) -> (SchemaRef, Vec<Drift>, Vec<Arc<DataFile>>) {
    let described: Vec<Described<'_>> = opened
        .iter()
        .map(|file| Described {
            display: &file.file.display,
            candidates: &file.candidates,
            partitions: &file.partitions,
            since: since(file),
        })
        .collect();
    let (schema, drift) = (schema::table(&described), schema::drift(&described));
    drop(described);
    let files = opened
        .into_iter()
        .map(|file| {
            let shape = FileShape::new(&file.candidates, &file.partitions, &schema, file.read_schema, &file.metadata);
            Arc::new(DataFile {
                display: file.file.display,
                location: file.location,
                size: file.file.size,
                modified: file.file.modified,
                span: file.span,
                metadata: file.metadata,
                shape,
                row_groups: file.row_groups,
            })
        })
        .collect();
    (schema, drift, files)
}

fn since(file: &Opened) -> Option<Micros> {
    let by_statistics = file.row_groups.iter().filter_map(|group| group.times).map(|times| times.first).min();
    by_statistics.or_else(|| file.span.map(|span| span.first))
}

impl Dataset {
    /// The table as it is declared, without files: for planning without data.
    #[must_use]
    pub fn declared() -> Self {
        Self {
            store: Arc::new(LocalFileSystem::new()),
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

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The unit of every numeric time column of a file.
pub(super) type Units = BTreeMap<String, crate::model::time::EpochUnit>;
