//! Objects as they come in, judged by their names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use object_store::ObjectMeta;
use object_store::path::Path;

use super::{Entry, Listing};

const HIDDEN: &str = "names that begin with .";
const UNDERSCORE: &str = "names that begin with _";
const MARKERS: &str = "empty objects that stand for directories";

/// How often progress is told, in objects.
const STEP: usize = 1000;

/// What was found so far, by all requests together.
pub(super) struct Collect<'a> {
    prefix: &'a Path,
    progress: &'a (dyn Fn(u64) + Sync),
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    ignored: BTreeMap<&'static str, u64>,
    delta: BTreeSet<String>,
}

/// What one request found; it counts only when the request has succeeded.
pub(super) struct Batch<'a> {
    collect: &'a Collect<'a>,
    found: Found,
    /// The hidden name counted last: a listing is sorted, so a folder's objects follow each other.
    hidden: String,
}

impl<'a> Collect<'a> {
    pub(super) fn new(prefix: &'a Path, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { prefix, progress, found: Mutex::default() }
    }

    pub(super) fn batch(&'a self) -> Batch<'a> {
        Batch { collect: self, found: Found::default(), hidden: String::new() }
    }

    pub(super) fn take(&self, batch: Batch<'_>) {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.entries.extend(batch.found.entries);
        for (rule, count) in batch.found.ignored {
            *found.ignored.entry(rule).or_default() += count;
        }
        found.delta.extend(batch.found.delta);
        (self.progress)(found.entries.len() as u64);
    }

    /// The path below the prefix.
    pub(super) fn relative<'p>(&self, path: &'p Path) -> &'p str {
        let below = path.as_ref().strip_prefix(self.prefix.as_ref()).unwrap_or(path.as_ref());
        below.strip_prefix('/').unwrap_or(below)
    }

    /// Everything, sorted.
    pub(super) fn finish(self) -> Listing {
        let Found { mut entries, mut ignored, delta } = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        entries.sort_unstable_by(|a, b| a.path.as_ref().as_bytes().cmp(b.path.as_ref().as_bytes()));
        entries.dedup_by(|a, b| a.path == b.path);
        let markers: BTreeSet<usize> = (0..entries.len()).filter(|at| is_marker(&entries, *at, self.prefix)).collect();
        if !markers.is_empty() {
            *ignored.entry(MARKERS).or_default() += markers.len() as u64;
            let mut at = 0;
            entries.retain(|_| {
                at += 1;
                !markers.contains(&(at - 1))
            });
        }
        (self.progress)(entries.len() as u64);
        Listing { entries, ignored, delta: delta.into_iter().collect(), ..Listing::default() }
    }
}

impl Batch<'_> {
    /// Takes an object unless a part of its name hides it.
    pub(super) fn add(&mut self, meta: ObjectMeta) {
        let relative = self.collect.relative(&meta.location);
        match hidden_part(relative) {
            Some((start, end)) => {
                let is_folder = end < relative.len();
                let name = relative.get(..end).unwrap_or(relative).to_string();
                if is_folder && relative.get(start..end) == Some("_delta_log") {
                    self.found.delta.insert(above(&name));
                }
                self.hide(name, start);
            }
            None => {
                self.found.entries.push(Entry::new(meta));
                if self.found.entries.len().is_multiple_of(STEP) {
                    let before = self.collect.found.lock().unwrap_or_else(PoisonError::into_inner).entries.len();
                    (self.collect.progress)((before + self.found.entries.len()) as u64);
                }
            }
        }
    }

    /// Whether a folder's own name hides it; it is counted then.
    pub(super) fn hides(&mut self, folder: &Path) -> bool {
        let relative = self.collect.relative(folder);
        let Some((start, _)) = hidden_part(relative) else { return false };
        if relative.get(start..) == Some("_delta_log") {
            self.found.delta.insert(above(relative));
        }
        self.hide(relative.to_string(), start);
        true
    }

    fn hide(&mut self, name: String, start: usize) {
        if name != self.hidden {
            let is_dot = name.get(start..).is_some_and(|part| part.starts_with('.'));
            *self.found.ignored.entry(if is_dot { HIDDEN } else { UNDERSCORE }).or_default() += 1;
            self.hidden = name;
        }
    }
}

/// Where the first part that begins with `.` or `_` lies.
fn hidden_part(relative: &str) -> Option<(usize, usize)> {
    let mut start = 0;
    for part in relative.split('/') {
        if part.starts_with(['.', '_']) {
            return Some((start, start + part.len()));
        }
        start += part.len() + 1;
    }
    None
}

fn above(relative: &str) -> String {
    relative.rsplit_once('/').map_or(String::new(), |(above, _)| above.to_string())
}

/// Consoles and Hadoop write empty objects where a file system would have a directory. object_store drops the slash that
/// their names end with, so what is left is an empty object with others below it, or one without a file's extension.
fn is_marker(entries: &[Entry], at: usize, prefix: &Path) -> bool {
    let Some(entry) = entries.get(at).filter(|entry| entry.size == 0) else { return false };
    let name = entry.path.filename().unwrap_or_default();
    if entry.path == *prefix || name.ends_with("_$folder$") || !name.contains('.') {
        return true;
    }
    let below = format!("{}/", entry.path);
    let next = entries.partition_point(|entry| entry.path.as_ref().as_bytes() < below.as_bytes());
    entries.get(next).is_some_and(|entry| entry.path.as_ref().starts_with(&below))
}
