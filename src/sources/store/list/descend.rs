//! Level by level through folders named after dates, so that those outside a period are never listed.
//!
//! A level costs one request per folder, a flat listing one per thousand objects. So only folders at the edges of what
//! is kept are opened; what lies between two kept dates, or is not named after a date, is listed flat.

use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{ListResult, ObjectStore as _};

use super::super::stored::Store;
use super::collect::Collect;
use super::dated::{between, dated};
use super::{flat, pause_or_stop};

/// A level with at most this many folders and nothing else is a path that somebody nested, not a set of data.
const NESTED_MAX: usize = 4;

/// Folders to go on with.
#[derive(Default)]
struct Level {
    open: Vec<Path>,
    flat: Vec<Path>,
    pruned: u64,
}

/// Lists what is kept below a folder; returns how many folders were not.
pub(super) async fn descend(
    store: &Store,
    root: &Path,
    keep: &(dyn Fn(&str) -> bool + Sync),
    collect: &Collect<'_>,
) -> object_store::Result<u64> {
    let mut open = vec![root.clone()];
    let mut whole = Vec::new();
    let mut pruned = 0;
    while !open.is_empty() {
        let levels: Vec<Level> = futures::stream::iter(std::mem::take(&mut open))
            .map(|folder| async move {
                Ok::<_, object_store::Error>(sorted_out(level(store, &folder).await?, keep, collect))
            })
            .buffered(store.parallel())
            .try_collect()
            .await?;
        for level in levels {
            open.extend(level.open);
            whole.extend(level.flat);
            pruned += level.pruned;
        }
    }
    futures::stream::iter(whole)
        .map(|folder| async move { flat(store, &folder, collect).await })
        .buffer_unordered(store.parallel())
        .try_collect::<()>()
        .await?;
    Ok(pruned)
}

async fn level(store: &Store, folder: &Path) -> object_store::Result<ListResult> {
    let mut failures = 0;
    loop {
        match store.list_with_delimiter(Some(folder)).await {
            Ok(level) => return Ok(level),
            Err(error) => pause_or_stop(store, error, &mut failures).await?,
        }
    }
}

fn sorted_out(found: ListResult, keep: &(dyn Fn(&str) -> bool + Sync), collect: &Collect<'_>) -> Level {
    let mut batch = collect.batch();
    let folders: Vec<Path> = found.common_prefixes.into_iter().filter(|folder| !batch.hides(folder)).collect();
    let is_nested = folders.len() <= NESTED_MAX && found.objects.iter().all(|object| object.size == 0);
    for object in found.objects {
        batch.add(object);
    }
    collect.take(batch);
    let all = folders.len();
    let kept: Vec<Path> = folders.into_iter().filter(|folder| keep(collect.relative(folder))).collect();
    let names: Vec<_> = kept.iter().map(|folder| dated(folder.filename().unwrap_or_default())).collect();
    let mut level = Level { pruned: (all - kept.len()) as u64, ..Level::default() };
    for ((folder, name), is_inside) in kept.into_iter().zip(&names).zip(between(&names)) {
        if !is_inside && (name.is_some() || is_nested) {
            level.open.push(folder);
        } else {
            level.flat.push(folder);
        }
    }
    level
}
