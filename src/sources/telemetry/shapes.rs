//! Many files, few shapes: an archive of a hundred thousand files has a handful of schemas, and what is equal is kept once.
//!
//! Files are told apart by equality and never by name or place. Values of paths are shared too, but each file keeps its
//! own choice of them. Nothing here is iterated, so that no order of a hash map can be seen.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Schema;

use super::columns;
use super::shape::{self, Circumstances, FileColumns, FileShape};

/// Equal values, kept once each.
#[derive(Debug)]
pub(super) struct Pool<T> {
    places: HashMap<Arc<T>, usize>,
    /// The one that came last, and mostly comes again.
    last: Option<Kept<T>>,
}

/// A value that other files may have too.
#[derive(Debug)]
pub(super) struct Kept<T> {
    /// Equal for equal values, counted from 0 in the order in which they came.
    pub(super) place: usize,
    pub(super) value: Arc<T>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self { place: self.place, value: Arc::clone(&self.value) }
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self { places: HashMap::new(), last: None }
    }
}

impl<T: Eq + Hash> Pool<T> {
    /// The one that is kept of all that equal this.
    pub(super) fn keep(&mut self, value: Arc<T>) -> Kept<T> {
        if let Some(last) = self.last.as_ref().filter(|last| Arc::ptr_eq(&last.value, &value)) {
            return last.clone();
        }
        let kept = match self.places.get_key_value(&value) {
            Some((kept, place)) => Kept { place: *place, value: Arc::clone(kept) },
            None => {
                let place = self.places.len();
                self.places.insert(Arc::clone(&value), place);
                Kept { place, value }
            }
        };
        self.last.insert(kept).clone()
    }
}

/// The shapes of an archive's files, each once.
pub(super) struct Shapes<'a> {
    table: &'a Schema,
    /// By column and text; `None` where the text is no value of the column.
    values: HashMap<(String, String), Option<PathValue>>,
    /// Shapes without the values of paths, by the place of the file's columns.
    bases: HashMap<(usize, Circumstances), (usize, Arc<FileShape>)>,
    /// By the place of the base and of the path's values.
    whole: HashMap<(usize, Vec<usize>), Arc<FileShape>>,
}

/// A value of a path in the type of its column.
#[derive(Clone)]
struct PathValue {
    place: usize,
    column: Arc<str>,
    value: ArrayRef,
}

impl<'a> Shapes<'a> {
    /// None yet, of files of this table.
    pub(super) fn new(table: &'a Schema) -> Self {
        Self { table, values: HashMap::new(), bases: HashMap::new(), whole: HashMap::new() }
    }

    /// The shape of a file with these columns and this path; `circumstances` need not say what the path gives.
    pub(super) fn of(
        &mut self,
        of: &Kept<FileColumns>,
        partitions: &[(String, String)],
        mut circumstances: Circumstances,
    ) -> Arc<FileShape> {
        let values = self.path_values(partitions);
        circumstances.in_path = values.iter().map(|value| Arc::clone(&value.column)).collect();
        let (table, next) = (self.table, self.bases.len());
        let (base_place, base) = self
            .bases
            .entry((of.place, circumstances))
            .or_insert_with_key(|(_, circumstances)| (next, Arc::new(FileShape::new(&of.value, circumstances, table))));
        if values.is_empty() {
            return Arc::clone(base);
        }
        let places = values.iter().map(|value| value.place).collect();
        let whole = self.whole.entry((*base_place, places)).or_insert_with(|| {
            let values = values.into_iter().map(|value| (value.column, value.value));
            Arc::new(base.with_path(values.collect()))
        });
        Arc::clone(whole)
    }

    /// What a path gives: of a key that stands twice, the first value that its column can hold.
    fn path_values(&mut self, partitions: &[(String, String)]) -> Vec<PathValue> {
        let mut found: Vec<PathValue> = Vec::with_capacity(partitions.len());
        for (key, text) in partitions {
            let name = columns::known(key).unwrap_or(key);
            if found.iter().any(|value| value.column.as_ref() == name) {
                continue;
            }
            let Ok(field) = self.table.field_with_name(name) else { continue };
            let place = self.values.len();
            let value = self.values.entry((name.to_owned(), text.clone())).or_insert_with(|| {
                let value = shape::path_value(name, field.data_type(), text)?;
                Some(PathValue { place, column: Arc::from(name), value })
            });
            found.extend(value.clone());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use arrow::array::AsArray as _;
    use tempfile::TempDir;

    use super::super::dataset::open_folder;
    use super::super::{Content, DataFile, Dataset, FileShape, Origin};
    use super::*;

    const EVENT: &str = r#"{"Timestamp":"2026-07-18T10:00:00Z","RemoteIP":"198.51.100.7","DeviceName":"a"}"#;

    async fn archive(files: &[(&str, &str)]) -> Dataset {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        open_folder(folder.path()).await
    }

    fn file<'d>(dataset: &'d Dataset, end: &str) -> &'d DataFile {
        dataset.files.iter().find(|file| file.display.ends_with(end)).unwrap_or_else(|| panic!("{end} is not there"))
    }

    /// The one value that a path gives.
    fn path_value(shape: &FileShape, column: &str) -> Option<String> {
        match shape.origins.get(column)? {
            Origin::Path(value) => Some(value.as_string::<i32>().value(0).to_owned()),
            Origin::Column { .. } => None,
        }
    }

    #[tokio::test]
    async fn equal_files_have_one_shape() {
        let dataset = archive(&[("a.json", EVENT), ("b.json", EVENT), ("deep/c.json", EVENT)]).await;
        let [a, b, c] = ["a.json", "b.json", "c.json"].map(|name| &file(&dataset, name).shape);
        assert!(Arc::ptr_eq(a, b) && Arc::ptr_eq(a, c));
        assert!(matches!(a.origins.get("DeviceName"), Some(Origin::Column { .. })));
    }

    #[tokio::test]
    async fn what_differs_between_files_is_not_shared() {
        let more = EVENT.replace("DeviceName", "Site");
        let epoch = EVENT.replace("\"2026-07-18T10:00:00Z\"", "1784369101000");
        let csv = "Timestamp,RemoteIP,DeviceName\n2026-07-18T10:00:00Z,198.51.100.7,a\n";
        let dataset = archive(&[("a.json", EVENT), ("b.json", &more), ("c.json", &epoch), ("d.csv", csv)]).await;
        let shapes = ["a.json", "b.json", "c.json", "d.csv"].map(|name| &file(&dataset, name).shape);
        for (at, shape) in shapes.iter().enumerate() {
            assert!(shapes.iter().skip(at + 1).all(|other| !Arc::ptr_eq(shape, other)), "{at}");
        }
        // Each JSON file is asked for the column of the other; a CSV file says all that it has.
        assert!(!shapes[0].holds_column("Site") && shapes[1].holds_column("Site"));
        assert!(shapes[0].origins.contains_key("Site") && !shapes[3].origins.contains_key("Site"));
        let drift = dataset.drift.iter().map(|one| (one.column.as_str(), one.form.as_str(), one.files));
        let expected = [("DeviceName", "missing", 1), ("Site", "text", 1), ("Timestamp", "number", 1)];
        assert_eq!(drift.collect::<Vec<_>>(), expected);
        assert!(
            dataset
                .drift
                .iter()
                .zip(["b.json", "b.json", "c.json"])
                .all(|(one, first)| one.first_file.ends_with(first))
        );
    }

    #[tokio::test]
    async fn values_of_paths_are_each_files_own() {
        let dataset = archive(&[
            ("site=north/ActionType=ConnectionSuccess/a.json", EVENT),
            ("site=north/ActionType=ConnectionSuccess/b.json", EVENT),
            ("site=north/ActionType=ConnectionFailed/c.json", EVENT),
            ("site=south/ActionType=ConnectionSuccess/d.json", EVENT),
            ("site=north/e.json", EVENT),
            ("site=Success/ActionType=north/f.json", EVENT),
            ("site=__HIVE_DEFAULT_PARTITION__/g.json", EVENT),
        ])
        .await;
        let told = |name: &str| {
            let shape = &file(&dataset, name).shape;
            [path_value(shape, "site"), path_value(shape, "ActionType")].map(Option::unwrap_or_default)
        };
        assert_eq!(told("a.json"), ["north", "ConnectionSuccess"]);
        assert_eq!(told("b.json"), ["north", "ConnectionSuccess"]);
        assert_eq!(told("c.json"), ["north", "ConnectionFailed"]);
        assert_eq!(told("d.json"), ["south", "ConnectionSuccess"]);
        assert_eq!(told("e.json"), ["north", ""]);
        assert_eq!(told("f.json"), ["Success", "north"]);
        let shape = |name: &str| &file(&dataset, name).shape;
        assert!(matches!(shape("g.json").origins.get("site"), Some(Origin::Path(value)) if value.is_null(0)));
        assert!(Arc::ptr_eq(shape("a.json"), shape("b.json")));
        assert!(!Arc::ptr_eq(shape("a.json"), shape("c.json")) && !Arc::ptr_eq(shape("a.json"), shape("d.json")));
        // The part that is large is the same all the same, unless the path gives another column.
        assert!(Arc::ptr_eq(&shape("a.json").read_schema, &shape("f.json").read_schema));
        assert!(!Arc::ptr_eq(&shape("a.json").read_schema, &shape("e.json").read_schema));
        assert!(matches!(shape("e.json").origins.get("ActionType"), Some(Origin::Column { .. })), "it is looked for");
    }

    #[tokio::test]
    async fn a_files_own_column_wins_over_its_path() {
        let dataset = archive(&[
            ("DeviceName=b/RemoteIP=192.0.2.1/a.json", EVENT),
            (
                "RemoteIP=2001:DB8::1/x/b.json",
                "{\"Timestamp\":\"2026-07-18T10:00:00Z\",\"DeviceName\":\"c\",\"RemotePort\":443,\"ActionType\":\"d\"}",
            ),
        ])
        .await;
        let own = &file(&dataset, "a.json").shape;
        for column in ["DeviceName", "RemoteIP", "RemoteIPRaw"] {
            assert!(matches!(own.origins.get(column), Some(Origin::Column { .. })), "{column}");
        }
        let by_path = &file(&dataset, "b.json").shape;
        assert_eq!(path_value(by_path, "RemoteIP").as_deref(), Some("2001:db8::1"));
        assert!(path_value(by_path, "RemoteIPRaw").is_some());
    }

    #[tokio::test]
    async fn equal_headers_are_kept_once() {
        let csv = "Timestamp,RemoteIP,DeviceName\n2026-07-18T10:00:00Z,198.51.100.7,a\n";
        let dataset = archive(&[("a.csv", csv), ("b.csv", csv)]).await;
        let headers: Vec<_> = dataset
            .files
            .iter()
            .map(|file| match &file.content {
                Content::Text(export) => export.header().unwrap(),
                Content::Parquet(_) => panic!("no text"),
            })
            .collect();
        assert!(Arc::ptr_eq(headers[0], headers[1]));
    }

    #[test]
    fn a_pool_counts_its_values_in_the_order_in_which_they_came() {
        let mut pool = Pool::default();
        let places = ["b", "a", "b", "c", "a"].map(|text| pool.keep(Arc::new(text)).place);
        assert_eq!(places, [0, 1, 0, 2, 1]);
    }
}
