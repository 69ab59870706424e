//! Which objects lie at a place.
//!
//! The same rules as for local directories: names that begin with `.` or `_` below the named place are counted, never
//! listed. With a period, folders named after dates are asked for level by level and those outside are never listed;
//! without one, the listing is flat. Memory grows by one entry per object, and nothing here opens an object.

mod collect;
mod dated;
mod descend;

use std::collections::BTreeMap;
use std::fmt;

use futures::StreamExt as _;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore as _};

use self::collect::Collect;
use super::StoreError;
use super::body;
use super::explain::{Doing, Trouble, explain};
use super::place::{Place, Scheme};
use super::stored::Store;
use crate::model::Micros;

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its key.
    pub path: Path,
    /// Bytes.
    pub size: u64,
    /// Last change; 0 where the server does not say.
    pub modified: Micros,
    /// What changes with its content.
    pub e_tag: Option<String>,
}

impl Entry {
    fn new(meta: ObjectMeta) -> Self {
        Self {
            path: meta.location,
            size: meta.size,
            modified: Micros(meta.last_modified.timestamp_micros()),
            e_tag: meta.e_tag,
        }
    }
}

/// What lies at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Sorted by key, byte for byte.
    pub entries: Vec<Entry>,
    /// Names left out, by rule.
    pub ignored: BTreeMap<&'static str, u64>,
    /// Folders below the prefix that hold a `_delta_log`; the prefix itself is the empty text.
    pub delta: Vec<String>,
    /// Folders that were ruled out by their name and never listed.
    pub pruned: u64,
    /// The prefix is the one object.
    pub is_single: bool,
}

/// What of a place is wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Whether anything below a folder is; the argument is its path below the prefix, such as `y=2026/m=07`. `None`
    /// lists everything.
    pub keep: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    /// Hears now and then how many objects were found.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Wanted<'_> {
    /// Everything, quietly.
    pub const ALL: Self = Self { keep: None, progress: &|_| {} };
}

impl fmt::Debug for Wanted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted").field("is_pruned", &self.keep.is_some()).finish_non_exhaustive()
    }
}

/// Lists a place. A pattern's text is not applied here: what is listed is everything below the fixed prefix.
///
/// # Errors
/// The store refuses or cannot be reached, in one sentence.
pub async fn list(store: &Store, place: &Place, wanted: &Wanted<'_>) -> Result<Listing, StoreError> {
    if place.scheme() == Scheme::Web {
        let found = web_head(store, place.prefix()).await;
        return found.map(single).map_err(|error| failed(&error, place, Doing::Open));
    }
    let may_be_one = place.pattern().is_none() && !place.is_folder && !place.prefix().is_root();
    let looks_like_one = may_be_one && looks_like_a_file(place.prefix());
    let first = if looks_like_one { one(store, place).await } else { Ok(None) };
    // An empty object may stand for a folder that is named like a file, as Spark's output is.
    if let Ok(Some(meta)) = &first
        && meta.size > 0
    {
        return Ok(single(meta.clone()));
    }
    let listed = below(store, place, wanted).await.map_err(|error| failed(&error, place, Doing::List));
    // Who may read one object may not always list. Any other failure is no reason to take one object for the folder.
    let is_open = match &listed {
        Ok(listing) => listing.entries.is_empty() && listing.ignored.is_empty(),
        Err(error) => error.trouble() == Trouble::ListForbidden,
    };
    if !may_be_one || !is_open {
        return listed;
    }
    match (listed, if looks_like_one { first } else { one(store, place).await }) {
        (Ok(_), Ok(Some(meta))) => Ok(single(meta)),
        (Err(_), Ok(Some(meta))) if meta.size > 0 => Ok(single(meta)),
        (Ok(_), Err(error)) => Err(failed(&error, place, Doing::Open)),
        (listed, _) => listed,
    }
}

async fn below(store: &Store, place: &Place, wanted: &Wanted<'_>) -> object_store::Result<Listing> {
    let collect = Collect::new(place.prefix(), wanted.progress);
    let pruned = match wanted.keep {
        Some(keep) => descend::descend(store, place.prefix(), keep, &collect).await?,
        None => {
            flat(store, place.prefix(), &collect).await?;
            0
        }
    };
    Ok(Listing { pruned, ..collect.finish() })
}

/// Everything below a folder. An answer that breaks off in its middle is not repeated by object_store, so the folder is
/// begun anew then.
async fn flat(store: &Store, folder: &Path, collect: &Collect<'_>) -> object_store::Result<()> {
    let mut failures = 0;
    loop {
        let mut batch = collect.batch();
        let mut objects = store.list(Some(folder));
        let broken = loop {
            match objects.next().await {
                Some(Ok(meta)) => batch.add(meta),
                Some(Err(error)) => break error,
                None => {
                    collect.take(batch);
                    return Ok(());
                }
            }
        };
        pause_or_stop(store, broken, &mut failures).await?;
    }
}

/// Waits before another attempt at a listing, or gives the error back.
async fn pause_or_stop(store: &Store, error: object_store::Error, failures: &mut usize) -> object_store::Result<()> {
    if *failures >= store.retries() || !error.to_string().contains(" list response") {
        return Err(error);
    }
    tokio::time::sleep(body::pause(*failures)).await;
    *failures += 1;
    Ok(())
}

async fn one(store: &Store, place: &Place) -> object_store::Result<Option<ObjectMeta>> {
    match store.head_of(place.prefix()).await {
        Ok(meta) => Ok(Some(meta)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A presigned URL is good for reading only, and some servers do not answer the question for a size; both give it with
/// the first byte.
async fn web_head(store: &Store, path: &Path) -> object_store::Result<ObjectMeta> {
    let asked = store.head_of(path).await;
    let Err(error) = asked else { return asked };
    if matches!(error, object_store::Error::NotFound { .. }) {
        return Err(error);
    }
    let first = GetOptions { range: Some(GetRange::Bounded(0..1)), ..GetOptions::default() };
    store.get_of(path, first, None).await.map(|answer| answer.meta).map_err(|_| error)
}

fn single(meta: ObjectMeta) -> Listing {
    Listing { entries: vec![Entry::new(meta)], is_single: true, ..Listing::default() }
}

fn failed(error: &object_store::Error, place: &Place, doing: Doing) -> StoreError {
    StoreError::Failed(explain(error, place, doing))
}

/// Whether a name ends as files do, so that asking for it first saves a listing.
fn looks_like_a_file(path: &Path) -> bool {
    let extension = path.filename().filter(|name| !name.contains('=')).and_then(|name| name.rsplit_once('.'));
    extension.is_some_and(|(stem, ext)| {
        !stem.is_empty() && (1..=8).contains(&ext.len()) && ext.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests;
