//! Whether a report shows the text of an indicator that is for its recipients only.

use arrow::array::{Array as _, ArrayRef, AsArray as _, RecordBatch};
use arrow::datatypes::DataType;

use crate::model::Tlp;

/// What stderr says then.
pub(super) const WARNING: &str =
    "TLP:RED: this report holds indicators for its recipients only; --tlp-max withholds their text";

/// Whether any cell, however deep in lists and structs, is an indicator of TLP:RED whose text is not withheld.
pub(super) fn is_shown(batches: &[RecordBatch]) -> bool {
    batches.iter().any(|batch| {
        let schema = batch.schema();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        any_of(&names, batch.columns())
    })
}

/// Looks at columns that stand beside each other: a table's, or a struct's.
fn any_of(names: &[&str], columns: &[ArrayRef]) -> bool {
    let of = |name: &str| {
        let column = columns.get(names.iter().position(|known| *known == name)?)?;
        column.as_string_opt::<i32>()
    };
    if let (Some(levels), Some(values)) = (of("TLP"), of("TI_Indicator")) {
        let shown = |row: usize| {
            levels.is_valid(row)
                && Tlp::of_text(levels.value(row)) == Some(Tlp::Red)
                && values.is_valid(row)
                && values.value(row) != Tlp::Red.withheld()
        };
        if (0..levels.len()).any(shown) {
            return true;
        }
    }
    columns.iter().any(inside)
}

fn inside(column: &ArrayRef) -> bool {
    match column.data_type() {
        DataType::List(_) => column.as_list_opt::<i32>().is_some_and(|list| inside(list.values())),
        DataType::Struct(fields) => column.as_struct_opt().is_some_and(|column| {
            let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
            any_of(&names, column.columns())
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::StringArray;

    use super::*;

    fn batch(level: &str, value: &str) -> RecordBatch {
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        RecordBatch::try_from_iter([("TI_Indicator", text(value)), ("TLP", text(level))]).unwrap()
    }

    #[test]
    fn only_red_text_that_is_shown_counts() {
        assert!(is_shown(&[batch("TLP:RED", "192.0.2.1")]));
        assert!(!is_shown(&[batch("amber", "192.0.2.1")]));
        assert!(!is_shown(&[batch("red", Tlp::Red.withheld())]));
        assert!(!is_shown(&[]));
    }
}
