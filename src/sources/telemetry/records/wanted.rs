//! The columns that a caller wants.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

/// Column names as the source spells them, prepared once for many blocks.
#[derive(Debug, Clone)]
pub struct Wanted {
    schema: SchemaRef,
    counts_unknown: bool,
}

impl Wanted {
    /// These columns in this order. A record's key is the column of the same name, else the first one that is the same
    /// but for case; where a record has both spellings, the exact one counts.
    #[must_use]
    pub fn new<N: AsRef<str>>(names: &[N]) -> Self {
        let fields: Vec<Field> = names.iter().map(|name| Field::new(name.as_ref(), DataType::Utf8, true)).collect();
        Self { schema: Arc::new(Schema::new(fields)), counts_unknown: false }
    }

    /// Counts the columns that are met and not wanted, too.
    #[must_use]
    pub fn counting_unknown(self) -> Self {
        Self { counts_unknown: true, ..self }
    }

    /// The schema of every batch: nullable text columns.
    #[must_use]
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(super) fn counts_unknown(&self) -> bool {
        self.counts_unknown
    }

    pub(super) fn len(&self) -> usize {
        self.schema.fields().len()
    }

    /// The column that a key is, and whether it is spelled so.
    pub(super) fn find(&self, key: &str) -> Option<(usize, bool)> {
        let find = |same: &dyn Fn(&str) -> bool| self.schema.fields().iter().position(|field| same(field.name()));
        let exact = find(&|name| name == key).map(|column| (column, true));
        exact.or_else(|| find(&|name| name.eq_ignore_ascii_case(key)).map(|column| (column, false)))
    }
}
