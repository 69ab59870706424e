//! From what the log says of a file to where it lies.

use deltalake::kernel::LogicalFileView;
use object_store::path::Path;

use super::{DeltaError, DeltaFile};
use crate::model::Micros;

/// The table that a file belongs to.
pub(super) struct Table<'a> {
    /// Its folder in the store.
    pub(super) root: &'a Path,
    /// As the user named it.
    pub(super) shown: &'a str,
    /// Its partition columns, in its order.
    pub(super) columns: &'a [String],
}

/// A file, and whether rows of it are marked as deleted beside it.
pub(super) struct Listed {
    file: DeltaFile,
    has_vector: bool,
}

impl Table<'_> {
    /// One file of the log.
    ///
    /// # Errors
    /// It lies outside the table's folder, or its size or time cannot be.
    pub(super) fn file(&self, view: &LogicalFileView) -> Result<Listed, DeltaError> {
        let relative = view.path().into_owned();
        let path = self.place(&relative)?;
        let damaged = |what: &str| DeltaError::Damaged {
            table: self.shown.into(),
            reason: format!("{relative} has {what} that cannot be"),
        };
        let size = u64::try_from(view.size()).map_err(|_| damaged("a size"))?;
        let modified = view.modification_time().checked_mul(1_000).ok_or_else(|| damaged("a modification time"))?;
        let values = view.partition_values_map();
        // Empty text is how the log writes null.
        let value = |column: &String| values.get(column).cloned().flatten().filter(|text| !text.is_empty());
        let partition_values = self.columns.iter().map(|column| (column.clone(), value(column))).collect();
        let file = DeltaFile { path, relative, size, modified: Micros(modified), partition_values };
        Ok(Listed { file, has_vector: view.deletion_vector_descriptor().is_some() })
    }

    /// Where a path of the log leads.
    fn place(&self, relative: &str) -> Result<Path, DeltaError> {
        let outside = || DeltaError::Outside { table: self.shown.into(), path: relative.into() };
        if is_absolute(relative) || relative.split('/').any(|part| part == "..") {
            return Err(outside());
        }
        let unreadable = |reason: String| DeltaError::Damaged { table: self.shown.into(), reason };
        if relative.contains(char::REPLACEMENT_CHARACTER) {
            return Err(unreadable(format!("the path {relative} is not UTF-8")));
        }
        let below = Path::parse(relative).map_err(|error| unreadable(format!("the path of a file: {error}")))?;
        Ok(self.root.parts().chain(below.parts()).collect())
    }
}

/// Whether the log names a place of its own: `/mnt/…`, `s3://…`, `file:/…`.
fn is_absolute(path: &str) -> bool {
    path.starts_with('/')
        || path.split_once(":/").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        })
}

/// All files by path, if each is whole.
///
/// # Errors
/// A file has a deletion vector.
pub(super) fn whole(mut listed: Vec<Listed>, shown: &str, version: u64) -> Result<Vec<DeltaFile>, DeltaError> {
    listed.sort_by(|a, b| a.file.relative.cmp(&b.file.relative));
    let mut vectors = listed.iter().filter(|one| one.has_vector);
    if let Some(first) = vectors.next() {
        let others = match vectors.count() {
            0 => String::new(),
            1 => " (and 1 other file)".into(),
            more => format!(" (and {more} other files)"),
        };
        let file = first.file.relative.clone();
        return Err(DeltaError::DeletionVector { table: shown.into(), file, others, version });
    }
    // A log that spells one path in two ways names one file.
    listed.dedup_by(|a, b| a.file.path == b.file.path);
    Ok(listed.into_iter().map(|one| one.file).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_below_the_root_has_a_place() {
        let root = Path::parse("lake/my table 50%").unwrap();
        let table = Table { root: &root, shown: "t", columns: &[] };
        let place = |relative: &str| table.place(relative).map(|path| path.to_string()).map_err(|e| e.to_string());
        assert_eq!(place("a=b:c/d e%3A.parquet"), Ok("lake/my table 50%/a=b:c/d e%3A.parquet".into()));
        assert_eq!(place("t=10:/x.parquet"), Ok("lake/my table 50%/t=10:/x.parquet".into()));
        for absolute in ["s3://other/x.parquet", "file:/x", "abfss://c@a.dfs.core.windows.net/x", "/mnt/x", "a/../../x"]
        {
            let said = place(absolute).unwrap_err();
            assert!(said.contains("shallow clone") && said.contains(absolute), "{said}");
        }
        assert!(place("a\u{fffd}.parquet").unwrap_err().contains("not UTF-8"));
        assert!(place("a//b.parquet").unwrap_err().contains("damaged"));
    }
}
