//! The recursive walk: which entries of a directory are files of the source.
//!
//! Links are followed, because archives are assembled with them, but only after everything that is really there: a file
//! reached twice is listed once, under its own name, and a link to a directory above itself ends the walk there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::pattern::Pattern;
use super::{FileRef, SourceError, joined};

const HIDDEN: &str = "names that begin with .";
const UNDERSCORE: &str = "names that begin with _";
const REPEATED: &str = "links to what is already listed";
const LOOP: &str = "links to a directory above them";
const SPECIAL: &str = "neither files nor directories";
/// What is said of a Delta table.
pub(super) const DELTA: &str = "this is a Delta table (it holds _delta_log): its files alone would show deleted and replaced rows. A build with \
                                the feature delta reads it when its own folder is named; else write the table's current rows to \
                                plain Parquet and name that";
/// Folders that were passed over by their date.
pub(super) const OUTSIDE: &str = "folders whose path lies outside the period, not listed";

/// Whether a folder, by its path below the named place, may hold wanted files.
pub(in crate::sources) type KeepFolder<'a> = &'a dyn Fn(&str) -> bool;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) files: Vec<FileRef>,
    pub(super) ignored: BTreeMap<&'static str, u64>,
}

/// A directory to read.
struct Dir {
    path: PathBuf,
    /// With every link resolved.
    real: PathBuf,
    relative: String,
    /// The pattern matched this directory or one above it, so all below is meant.
    taken: bool,
    /// The real directories in which links were followed to get here.
    via: Vec<PathBuf>,
}

/// A link, kept for later.
struct Link {
    path: PathBuf,
    relative: String,
    real_above: PathBuf,
    taken: bool,
    via: Vec<PathBuf>,
}

/// One walk.
pub(super) struct Walk<'a> {
    /// How the root is written in `display`.
    root: &'a str,
    pattern: Option<&'a Pattern>,
    keep: KeepFolder<'a>,
    found: Walked,
    listed: BTreeSet<PathBuf>,
    visited: BTreeSet<PathBuf>,
    links: Vec<Link>,
    delta: Vec<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a str, pattern: Option<&'a Pattern>, keep: KeepFolder<'a>) -> Self {
        Self {
            root,
            pattern,
            keep,
            found: Walked::default(),
            listed: BTreeSet::new(),
            visited: BTreeSet::new(),
            links: Vec::new(),
            delta: Vec::new(),
        }
    }

    pub(super) fn run(mut self, path: PathBuf) -> Result<Walked, SourceError> {
        let real = fs::canonicalize(&path).map_err(|error| self.refused("", error))?;
        let mut open =
            vec![Dir { path, real, relative: String::new(), taken: self.pattern.is_none(), via: Vec::new() }];
        loop {
            while let Some(dir) = open.pop() {
                self.read(&dir, &mut open)?;
            }
            let mut links = std::mem::take(&mut self.links);
            if links.is_empty() {
                break;
            }
            links.sort_by(|a, b| a.relative.as_bytes().cmp(b.relative.as_bytes()));
            for link in links {
                self.follow(link, &mut open)?;
            }
        }
        self.refuse_delta()?;
        Ok(self.found)
    }

    fn read(&mut self, dir: &Dir, open: &mut Vec<Dir>) -> Result<(), SourceError> {
        // Under a pattern the same directory may mean something under one name and nothing under another.
        if self.pattern.is_none() && !self.visited.insert(dir.real.clone()) {
            self.ignore(REPEATED);
            return Ok(());
        }
        let refused = |error| self.refused(&dir.relative, error);
        let mut entries =
            fs::read_dir(&dir.path).and_then(Iterator::collect::<Result<Vec<DirEntry>, _>>).map_err(refused)?;
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            self.entry(dir, &entry, open)?;
        }
        Ok(())
    }

    fn entry(&mut self, dir: &Dir, entry: &DirEntry, open: &mut Vec<Dir>) -> Result<(), SourceError> {
        let name = entry.file_name();
        let text = name.to_string_lossy();
        let relative = joined(&dir.relative, &text);
        let kind = entry.file_type().map_err(|error| self.refused(&relative, error))?;
        let taken = dir.taken || self.pattern.is_some_and(|pattern| pattern.matches(&relative));
        if text == "_delta_log" && kind.is_dir() {
            self.delta.push(dir.relative.clone());
        }
        if text.starts_with(['.', '_']) {
            if taken || (kind.is_dir() && self.reaches_below(&relative)) {
                self.ignore(if text.starts_with('.') { HIDDEN } else { UNDERSCORE });
            }
        } else if kind.is_symlink() {
            let (path, real_above, via) = (entry.path(), dir.real.clone(), dir.via.clone());
            self.links.push(Link { path, relative, real_above, taken, via });
        } else if kind.is_dir() {
            if (taken || self.reaches_below(&relative)) && self.keeps(&relative) {
                open.push(Dir {
                    path: entry.path(),
                    real: dir.real.join(&name),
                    relative,
                    taken,
                    via: dir.via.clone(),
                });
            }
        } else if taken {
            if kind.is_file() {
                self.file(entry.path(), dir.real.join(&name), relative)?;
            } else {
                self.ignore(SPECIAL);
            }
        }
        Ok(())
    }

    fn follow(&mut self, link: Link, open: &mut Vec<Dir>) -> Result<(), SourceError> {
        let Ok(real) = fs::canonicalize(&link.path) else {
            if link.taken {
                let display = self.display(&link.relative);
                self.found.files.push(FileRef::new(link.path, display, link.relative, None));
            }
            return Ok(());
        };
        if !real.is_dir() {
            return if link.taken { self.file(link.path, real, link.relative) } else { Ok(()) };
        }
        let mut via = link.via;
        via.push(link.real_above);
        if via.iter().any(|above| above.starts_with(&real)) {
            self.ignore(LOOP);
        } else if (link.taken || self.reaches_below(&link.relative)) && self.keeps(&link.relative) {
            open.push(Dir { path: link.path, real, relative: link.relative, taken: link.taken, via });
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf, real: PathBuf, relative: String) -> Result<(), SourceError> {
        if !self.listed.insert(real) {
            self.ignore(REPEATED);
            return Ok(());
        }
        let metadata = fs::metadata(&path).map_err(|error| self.refused(&relative, error))?;
        let display = self.display(&relative);
        self.found.files.push(FileRef::new(path, display, relative, Some(&metadata)));
        Ok(())
    }

    /// A Delta table keeps deleted and replaced rows in its files; only its log tells which count.
    fn refuse_delta(&self) -> Result<(), SourceError> {
        let holds_files = |dir: &&String| {
            self.pattern.is_none()
                || self.found.files.iter().any(|file| Path::new(&file.relative).starts_with(dir.as_str()))
        };
        self.delta
            .iter()
            .find(holds_files)
            .map_or(Ok(()), |dir| Err(SourceError::Unreadable { path: self.display(dir), reason: DELTA.into() }))
    }

    fn keeps(&mut self, relative: &str) -> bool {
        let keeps = (self.keep)(relative);
        if !keeps {
            self.ignore(OUTSIDE);
        }
        keeps
    }

    fn reaches_below(&self, relative: &str) -> bool {
        self.pattern.is_none_or(|pattern| pattern.reaches_below(relative))
    }

    fn ignore(&mut self, rule: &'static str) {
        *self.found.ignored.entry(rule).or_default() += 1;
    }

    fn display(&self, relative: &str) -> String {
        if relative.is_empty() { self.root.to_string() } else { joined(self.root, relative) }
    }

    fn refused(&self, relative: &str, source: std::io::Error) -> SourceError {
        SourceError::Io { path: self.display(relative), source }
    }
}
