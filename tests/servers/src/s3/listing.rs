//! Pages of a listing, in S3's key order, without walking the whole bucket for each.
//!
//! A folder's entries are sorted with a `/` behind the names of sub-folders; then a depth-first walk is the byte order of
//! the keys, and a page begins at its marker and ends at its limit. s3s-fs walks and sorts the whole bucket per page.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::object::Facts;

/// File times tick in steps of up to this: a folder that changed more recently is read again.
const SETTLED: Duration = Duration::from_millis(100);

/// What is asked for.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) prefix: String,
    pub(crate) delimiter: String,
    /// Only what sorts after this.
    pub(crate) after: String,
    pub(crate) keys_max: usize,
}

/// What is found.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, Facts)>,
    pub(crate) prefixes: Vec<String>,
    /// The last key or prefix, when there is more behind it.
    pub(crate) next: Option<String>,
    last: Option<String>,
}

impl Page {
    pub(crate) fn len(&self) -> usize {
        self.objects.len() + self.prefixes.len()
    }

    /// Whether one more fits; when not, the page says where the next begins.
    fn has_room(&mut self, query: &Query) -> bool {
        if self.len() < query.keys_max {
            return true;
        }
        self.next = self.last.clone();
        false
    }
}

type Names = Arc<Vec<String>>;

/// Sorted names of folders, read once while a folder does not change: pages of one large folder cost one reading.
#[derive(Debug, Default)]
pub(crate) struct Folders(Mutex<HashMap<PathBuf, (SystemTime, Names)>>);

impl Folders {
    pub(crate) fn page(&self, bucket: &Path, query: &Query) -> io::Result<Page> {
        let mut page = Page::default();
        // The walk ends early when the page is full: both ways are an answer.
        let _ = self.walk(bucket, "", query, &mut page)?;
        Ok(page)
    }

    fn walk(&self, folder: &Path, base: &str, query: &Query, page: &mut Page) -> io::Result<ControlFlow<()>> {
        for name in self.names(folder)?.iter() {
            let key = format!("{base}{name}");
            let path = folder.join(name.trim_end_matches('/'));
            let flow = if name.ends_with('/') {
                self.enter(&path, key, query, page)?
            } else {
                add_file(&path, key, query, page)?
            };
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn enter(&self, path: &Path, key: String, query: &Query, page: &mut Page) -> io::Result<ControlFlow<()>> {
        let on_the_way = key.starts_with(&query.prefix) || query.prefix.starts_with(&key);
        let passed = key <= query.after && !query.after.starts_with(&key);
        if !on_the_way || passed {
            return Ok(ControlFlow::Continue(()));
        }
        match group(&key, query) {
            // Everything below belongs to one common prefix.
            Some(prefix) if prefix <= query.after || page.prefixes.last() == Some(&prefix) => {
                Ok(ControlFlow::Continue(()))
            }
            Some(prefix) if self.has_file(path)? => Ok(add_prefix(prefix, query, page)),
            Some(_) => Ok(ControlFlow::Continue(())),
            None => self.walk(path, &key, query, page),
        }
    }

    /// Folders without any file do not exist in S3.
    fn has_file(&self, folder: &Path) -> io::Result<bool> {
        for name in self.names(folder)?.iter() {
            if !name.ends_with('/') || self.has_file(&folder.join(name.trim_end_matches('/')))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn names(&self, folder: &Path) -> io::Result<Names> {
        let read_at = SystemTime::now();
        let modified = match fs::metadata(folder) {
            Ok(metadata) => metadata.modified()?,
            // Deleted while the walk was on its way here.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Names::default()),
            Err(error) => return Err(error),
        };
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, names)) = cache.get(folder)
            && *then == modified
        {
            return Ok(names.clone());
        }
        let names = Arc::new(read_names(folder)?);
        if read_at.duration_since(modified).is_ok_and(|age| age > SETTLED) {
            cache.insert(folder.to_owned(), (modified, names.clone()));
        }
        Ok(names)
    }
}

/// Names that are not UTF-8 are no keys. A link to a folder is left out, so that no walk runs in circles.
fn read_names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(mut name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            name.push('/');
        } else if !kind.is_file() && !fs::metadata(entry.path()).is_ok_and(|target| target.is_file()) {
            continue;
        }
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

/// The common prefix that a key falls under.
fn group(key: &str, query: &Query) -> Option<String> {
    if query.delimiter.is_empty() {
        return None;
    }
    let at = key.strip_prefix(query.prefix.as_str())?.find(&query.delimiter)?;
    Some(key[..query.prefix.len() + at + query.delimiter.len()].to_owned())
}

fn add_prefix(prefix: String, query: &Query, page: &mut Page) -> ControlFlow<()> {
    if !page.has_room(query) {
        return ControlFlow::Break(());
    }
    page.last = Some(prefix.clone());
    page.prefixes.push(prefix);
    ControlFlow::Continue(())
}

fn add_file(path: &Path, key: String, query: &Query, page: &mut Page) -> io::Result<ControlFlow<()>> {
    if !key.starts_with(&query.prefix) || key <= query.after {
        return Ok(ControlFlow::Continue(()));
    }
    if let Some(prefix) = group(&key, query) {
        let known = prefix <= query.after || page.prefixes.last() == Some(&prefix);
        return Ok(if known { ControlFlow::Continue(()) } else { add_prefix(prefix, query, page) });
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        // Deleted since its name was read.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ControlFlow::Continue(())),
        Err(error) => return Err(error),
    };
    if !page.has_room(query) {
        return Ok(ControlFlow::Break(()));
    }
    page.last = Some(key.clone());
    page.objects.push((key, Facts::of(&metadata)?));
    Ok(ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(keys: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for key in keys {
            let path = folder.path().join(key);
            fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
            fs::write(path, "x").expect("writes");
        }
        folder
    }

    /// All pages: keys and prefixes, in the order given.
    fn all(folder: &Path, prefix: &str, delimiter: &str, keys_max: usize) -> (Vec<String>, Vec<String>) {
        let folders = Folders::default();
        let mut query =
            Query { prefix: prefix.to_owned(), delimiter: delimiter.to_owned(), keys_max, ..Query::default() };
        let (mut keys, mut prefixes) = (vec![], vec![]);
        loop {
            let page = folders.page(folder, &query).expect("a page");
            assert!(page.len() <= keys_max);
            keys.extend(page.objects.into_iter().map(|(key, _)| key));
            prefixes.extend(page.prefixes);
            match page.next {
                Some(next) => query.after = next,
                None => return (keys, prefixes),
            }
        }
    }

    #[test]
    fn pages_of_any_size_give_every_key_once_in_byte_order() {
        let mut keys = vec!["a/x", "a.b", "a/y/z", "a0", "b/1", "b-1", "b", "ü/1", "a/y.z", "B/1"];
        keys.retain(|key| *key != "b");
        let folder = bucket(&keys);
        keys.sort_unstable();
        for keys_max in 1..=keys.len() {
            assert_eq!(all(folder.path(), "", "", keys_max).0, keys, "pages of {keys_max}");
        }
        assert_eq!(all(folder.path(), "a/y", "", 1).0, ["a/y.z", "a/y/z"]);
    }

    #[test]
    fn a_delimiter_groups_and_empty_folders_do_not_exist() {
        let folder = bucket(&["a/x", "a/y", "b/c/1", "d", "e-1", "e-2"]);
        fs::create_dir_all(folder.path().join("empty/inner")).expect("creates");
        for keys_max in 1..5 {
            let (keys, prefixes) = all(folder.path(), "", "/", keys_max);
            assert_eq!(
                (keys, prefixes),
                (vec!["d".into(), "e-1".into(), "e-2".into()], vec!["a/".into(), "b/".into()])
            );
            let (keys, prefixes) = all(folder.path(), "b/", "/", keys_max);
            assert_eq!((keys, prefixes), (vec![], vec!["b/c/".to_owned()]));
            let (_, prefixes) = all(folder.path(), "", "-", keys_max);
            assert_eq!(prefixes, ["e-"]);
        }
    }

    #[test]
    fn a_new_file_is_listed_at_once() {
        let folder = bucket(&["a/1"]);
        let folders = Folders::default();
        let query = Query { keys_max: 10, ..Query::default() };
        std::thread::sleep(2 * SETTLED);
        assert_eq!(folders.page(folder.path(), &query).expect("a page").len(), 1);
        fs::write(folder.path().join("a/2"), "x").expect("writes");
        assert_eq!(folders.page(folder.path(), &query).expect("a page").len(), 2);
    }
}
