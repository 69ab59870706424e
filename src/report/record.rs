//! One row of a result, and its cells by column name.
//!
//! A hunt may project any columns, so every lookup may find nothing; a missing column and a null read alike.

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use super::cell::{Cell, text};

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    schema: &'a Schema,
    batch: &'a RecordBatch,
    row: usize,
}

/// All rows in their order.
pub(super) fn records<'a>(schema: &'a Schema, batches: &'a [RecordBatch]) -> impl Iterator<Item = Record<'a>> + Clone {
    batches.iter().flat_map(move |batch| (0..batch.num_rows()).map(move |row| Record { schema, batch, row }))
}

impl<'a> Record<'a> {
    pub(super) const fn schema(self) -> &'a Schema {
        self.schema
    }

    /// The cells in schema order.
    pub(super) fn cells(self) -> impl Iterator<Item = (&'a str, Cell<'a>)> {
        let names = self.schema.fields().iter().map(|field| field.name().as_str());
        names.zip(self.batch.columns().iter().map(move |column| Cell::new(column.as_ref(), self.row)))
    }

    /// The cell of a column; `None` where the result has no such column.
    pub(super) fn cell(self, name: &str) -> Option<Cell<'a>> {
        let index = self.schema.index_of(name).ok()?;
        let column = self.batch.columns().get(index)?;
        Some(Cell::new(column.as_ref(), self.row))
    }

    /// A cell as text for people, unless null or empty.
    pub(super) fn text(self, name: &str) -> Option<String> {
        text::plain(self.cell(name)?).filter(|text| !text.is_empty())
    }

    /// The elements of a list cell as text for people.
    pub(super) fn items(self, name: &str) -> Vec<String> {
        self.cell(name).map(text::items).unwrap_or_default()
    }

    /// The elements of a list of structs, each as its named fields.
    pub(super) fn structs(self, name: &str) -> Vec<Cell<'a>> {
        self.cell(name).map(Cell::elements).unwrap_or_default()
    }

    /// Whether the finding is the one that LOW must not hide: somebody's connection was accepted.
    pub(super) fn is_accepted_inbound(self) -> bool {
        let name = |factor: Cell<'_>| factor.field("Factor").and_then(text::plain);
        self.structs("RiskFactors").into_iter().any(|factor| name(factor).as_deref() == Some("accepted inbound"))
    }

    /// A whole number.
    pub(super) fn int(self, name: &str) -> Option<i64> {
        self.cell(name).and_then(Cell::int)
    }
}
