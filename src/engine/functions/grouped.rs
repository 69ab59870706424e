//! coldtrail's aggregates keep one table for all groups, not one object per group and column: a hunt over a busy list can
//! have a hundred thousand findings with ten aggregates each.
//!
//! An aggregate writes a [`GroupTable`]; the two forms in which DataFusion asks for aggregates are made of it here.

use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, BooleanArray};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// From a row to the group that it belongs to; `None` for a row that a FILTER leaves out.
pub(super) type GroupOf<'a> = &'a dyn Fn(usize) -> Option<usize>;

/// One aggregate over many groups.
pub(super) trait GroupTable: Debug + Send + Sync + 'static {
    /// What is kept of one group.
    type Group: Default + Debug + Send + Sync;

    /// The groups, by number.
    fn groups(&mut self) -> &mut Vec<Self::Group>;

    /// Takes in arguments of the function.
    fn add(&mut self, values: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()>;

    /// Takes in what [`Self::save`] of another table gave.
    fn merge(&mut self, states: &[ArrayRef], group_of: GroupOf<'_>) -> Result<()>;

    /// The function's result for each group.
    fn finish(&self, groups: Vec<Self::Group>) -> Result<ArrayRef>;

    /// The groups as columns, for another table to merge.
    fn save(&self, groups: Vec<Self::Group>) -> Result<Vec<ArrayRef>>;

    /// An empty table of the same kind.
    fn fresh(&self) -> Self;

    /// Bytes held, about.
    fn bytes(&self) -> usize;

    /// Makes room for so many groups.
    fn grow(&mut self, groups: usize) {
        if self.groups().len() < groups {
            self.groups().resize_with(groups, Self::Group::default);
        }
    }
}

/// A table as DataFusion asks for many groups.
pub(super) struct Many<T>(pub(super) T);

impl<T: GroupTable> GroupsAccumulator for Many<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.0.grow(total);
        let passes = |row: usize| filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        self.0.add(values, &|row| groups.get(row).copied().filter(|_| passes(row)))
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.0.grow(total);
        self.0.merge(states, &|row| groups.get(row).copied())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let groups = emit.take_needed(self.0.groups());
        self.0.finish(groups)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        let groups = emit.take_needed(self.0.groups());
        self.0.save(groups)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, |array| array.len());
        let each: Vec<usize> = (0..rows).collect();
        let mut table = Self(self.0.fresh());
        table.update_batch(values, &each, filter, rows)?;
        table.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.0.bytes()
    }
}

/// A table as DataFusion asks for one group.
#[derive(Debug)]
pub(super) struct One<T>(T);

impl<T: GroupTable> One<T> {
    pub(super) fn new(mut table: T) -> Self {
        table.grow(1);
        Self(table)
    }
}

impl<T: GroupTable> Accumulator for One<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.add(values, &|_| Some(0))
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge(states, &|_| Some(0))
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let groups = std::mem::take(self.0.groups());
        self.0.grow(1);
        self.0.save(groups)?.iter().map(|column| ScalarValue::try_from_array(column, 0)).collect()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let groups = std::mem::take(self.0.groups());
        self.0.grow(1);
        ScalarValue::try_from_array(&self.0.finish(groups)?, 0)
    }

    fn size(&self) -> usize {
        self.0.bytes()
    }
}

/// A list column of one type out of rows of items.
pub(super) fn lists(item: arrow::datatypes::DataType, lengths: Vec<usize>, items: ArrayRef) -> Result<ArrayRef> {
    let field = Arc::new(arrow::datatypes::Field::new("item", item, true));
    let offsets = arrow::buffer::OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(arrow::array::ListArray::try_new(field, offsets, items, None)?))
}
