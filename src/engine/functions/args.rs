//! Arguments as plain arrays: strings, large strings, views and dictionaries alike become `Utf8`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::ScalarFunctionArgs;

/// The arguments of one call, expanded to arrays of equal length.
pub(super) struct Args {
    arrays: Vec<ArrayRef>,
    /// Rows of the call.
    pub(super) rows: usize,
}

/// A set as `make_set` returns it, or any list.
pub(super) struct SetColumn {
    items: ListArray,
    cut: Option<Int64Array>,
}

impl Args {
    pub(super) fn new(args: ScalarFunctionArgs) -> Result<Self> {
        let rows = args.number_rows;
        let arrays = args.args.into_iter().map(|value| value.into_array(rows)).collect::<Result<_>>()?;
        Ok(Self { arrays, rows })
    }

    pub(super) fn len(&self) -> usize {
        self.arrays.len()
    }

    pub(super) fn arrays(&self) -> &[ArrayRef] {
        &self.arrays
    }

    fn array(&self, at: usize) -> Result<&ArrayRef> {
        match self.arrays.get(at) {
            Some(array) => Ok(array),
            None => exec_err!("argument {} is missing", at + 1),
        }
    }

    fn as_type(&self, at: usize, data_type: &DataType) -> Result<ArrayRef> {
        let array = self.array(at)?;
        if array.data_type() == data_type { Ok(Arc::clone(array)) } else { Ok(cast(array, data_type)?) }
    }

    pub(super) fn text(&self, at: usize) -> Result<StringArray> {
        Ok(self.as_type(at, &DataType::Utf8)?.as_string::<i32>().clone())
    }

    pub(super) fn integer(&self, at: usize) -> Result<Int64Array> {
        Ok(self.as_type(at, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    pub(super) fn float(&self, at: usize) -> Result<Float64Array> {
        Ok(self.as_type(at, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
    }

    /// A set: what `make_set` returns, or a list.
    pub(super) fn set(&self, at: usize) -> Result<SetColumn> {
        let array = self.array(at)?;
        if let Some(items) = array.as_list_opt::<i32>() {
            return Ok(SetColumn { items: items.clone(), cut: None });
        }
        let both = array.as_any().downcast_ref::<StructArray>().and_then(|set| {
            let items = set.column_by_name("Items")?.as_list_opt::<i32>()?.clone();
            let cut = set.column_by_name("Cut")?.as_primitive_opt::<Int64Type>()?.clone();
            Some(SetColumn { items, cut: Some(cut) })
        });
        match both {
            Some(set) => Ok(set),
            None => exec_err!("argument {} is no set: pass what make_set returns, or a list", at + 1),
        }
    }
}

impl SetColumn {
    /// The items of a row as text.
    pub(super) fn items(&self, row: usize) -> Result<Vec<String>> {
        if self.items.is_null(row) {
            return Ok(Vec::new());
        }
        let items = cast(&self.items.value(row), &DataType::Utf8)?;
        Ok(items.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
    }

    /// How many items of a row are kept.
    pub(super) fn kept(&self, row: usize) -> i64 {
        if self.items.is_null(row) { 0 } else { i64::from(self.items.value_length(row)) }
    }

    /// How many were cut.
    pub(super) fn cut(&self, row: usize) -> i64 {
        self.cut.as_ref().filter(|cut| cut.is_valid(row)).map_or(0, |cut| cut.value(row))
    }
}

/// The value of a row, if there is one.
pub(super) fn at(texts: &StringArray, row: usize) -> Option<&str> {
    texts.is_valid(row).then(|| texts.value(row))
}
