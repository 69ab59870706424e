//! What lies at a place in an object store, by the same rules as for a local folder: patterns, hive parts that end the
//! named place, Delta tables.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::pattern::Pattern;
use super::{SourceError, hive_tail, joined, walk};
use crate::sources::store::{self, Entry, Place, Store, Stores, Wanted};

/// Objects of one source.
pub(in crate::sources) struct RemoteListing {
    /// Their store.
    pub(in crate::sources) store: Arc<Store>,
    /// What they are named by.
    pub(in crate::sources) place: Place,
    /// Each with its path below the named place, hive parts that end the place's own name included.
    pub(in crate::sources) entries: Vec<(Entry, String)>,
    /// Names left out, by rule.
    pub(in crate::sources) ignored: BTreeMap<String, u64>,
    /// The source names the one object itself.
    pub(in crate::sources) is_single: bool,
}

/// Whether a folder, by its path below the named place, may hold wanted objects.
type Keep<'a> = &'a (dyn Fn(&str) -> bool + Sync);

/// Lists a place.
///
/// # Errors
/// The store refuses, nothing is there, or it is a Delta table.
pub(in crate::sources) async fn list_remote(
    source: &str,
    place: Place,
    stores: &Stores,
    keep: Option<Keep<'_>>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<RemoteListing, SourceError> {
    let listing = list(source, &place, stores, keep, progress).await?;
    // A name may hold the characters of a pattern.
    let literal = if listing.entries.is_empty() { place.literal() } else { None };
    let listing = match literal {
        Some(literal) => match list(source, &literal, stores, keep, progress).await {
            Ok(found) if !found.entries.is_empty() => found,
            _ => listing,
        },
        None => listing,
    };
    if listing.entries.is_empty() && !listing.ignored.contains_key(walk::OUTSIDE) {
        let counts: Vec<String> = listing.ignored.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
        let passed_over = if counts.is_empty() { String::new() } else { format!(" (left out: {})", counts.join(", ")) };
        let what = if listing.place.pattern().is_some() { "no object matches this pattern" } else { "no object there" };
        return Err(SourceError::Empty {
            source_name: place.source().to_owned(),
            detail: format!("{what}{passed_over}; check the bucket and the prefix"),
        });
    }
    Ok(listing)
}

async fn list(
    source: &str,
    place: &Place,
    stores: &Stores,
    keep: Option<Keep<'_>>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<RemoteListing, SourceError> {
    let store = stores.get(place)?;
    let hive = hive_tail(place.prefix().as_ref());
    let pattern = match place.pattern().map(Pattern::new) {
        Some(Ok(pattern)) => Some(pattern),
        Some(Err(error)) => {
            let reason = format!("not a valid pattern ({error})");
            return Err(SourceError::Unreadable { path: source.to_owned(), reason });
        }
        None => None,
    };
    let keep_joined = |folder: &str| keep.is_none_or(|keep| keep(&joined(&hive, folder)));
    let wanted = Wanted { keep: keep.is_some().then_some(&keep_joined), progress };
    let listing = store::list(&store, place, &wanted).await?;
    let is_meant = |relative: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(relative));
    let meant: Vec<_> = listing.entries.into_iter().filter(|entry| is_meant(place.relative(&entry.path))).collect();
    let is_in = |folder: &str| meant.iter().any(|entry| Path::new(place.relative(&entry.path)).starts_with(folder));
    if let Some(folder) = listing.delta.iter().find(|folder| pattern.is_none() || is_in(folder)) {
        let path = joined(place.source().trim_end_matches('/'), folder);
        return Err(SourceError::Unreadable { path, reason: walk::DELTA.into() });
    }
    let mut ignored: BTreeMap<String, u64> =
        listing.ignored.into_iter().map(|(rule, count)| (rule.to_owned(), count)).collect();
    if listing.pruned > 0 {
        ignored.insert(walk::OUTSIDE.to_owned(), listing.pruned);
    }
    let entries = meant.into_iter().map(|entry| {
        let relative = joined(&hive, place.relative(&entry.path));
        (entry, relative)
    });
    Ok(RemoteListing { entries: entries.collect(), store, place: place.clone(), ignored, is_single: listing.is_single })
}
