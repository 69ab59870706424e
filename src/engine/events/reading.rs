//! Expressions that turn a file's own columns into the table's: a conversion, and the derived direction.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

use crate::model::Direction;
use crate::sources::telemetry::Conversion;

/// A column of the file in the table's type.
#[derive(Debug, Clone, Eq)]
pub(super) struct ReadColumn {
    pub(super) column: Arc<dyn PhysicalExpr>,
    pub(super) conversion: Conversion,
}

/// Written out, since deriving moves out of the shared expression.
impl PartialEq for ReadColumn {
    fn eq(&self, other: &Self) -> bool {
        self.column.eq(&other.column) && self.conversion == other.conversion
    }
}

impl Hash for ReadColumn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
        self.conversion.hash(state);
    }
}

impl fmt::Display for ReadColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read({}, {:?})", self.column, self.conversion)
    }
}

impl PhysicalExpr for ReadColumn {
    fn data_type(&self, _schema: &Schema) -> Result<DataType> {
        Ok(self.conversion.output())
    }

    fn nullable(&self, _schema: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let array = self.column.evaluate(batch)?.into_array(batch.num_rows())?;
        Ok(ColumnarValue::Array(self.conversion.apply(&array)?))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.column]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let column = children.pop().unwrap_or_else(|| Arc::clone(&self.column));
        Ok(Arc::new(Self { column, conversion: self.conversion.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The direction, from ConnectionDirection, AdditionalFields and ActionType, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ReadDirection {
    pub(super) inputs: [Arc<dyn PhysicalExpr>; 3],
}

impl fmt::Display for ReadDirection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [column, fields, action] = &self.inputs;
        write!(f, "direction({column}, {fields}, {action})")
    }
}

impl PhysicalExpr for ReadDirection {
    fn data_type(&self, _schema: &Schema) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn nullable(&self, _schema: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let rows = batch.num_rows();
        let [column, fields, action] = &self.inputs;
        let arrays =
            [column, fields, action].map(|input| input.evaluate(batch).and_then(|value| value.into_array(rows)));
        let [column, fields, action] = arrays;
        let (column, fields, action) = (column?, fields?, action?);
        let (column, fields, action) =
            (column.as_string::<i32>(), fields.as_string::<i32>(), action.as_string::<i32>());
        let mut out = StringBuilder::with_capacity(rows, rows * 8);
        for ((column, fields), action) in column.iter().zip(fields).zip(action) {
            out.append_value(Direction::derive(column, fields, action).as_str());
        }
        Ok(ColumnarValue::Array(Arc::new(out.finish())))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        self.inputs.iter().collect()
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let inputs = children.try_into().unwrap_or_else(|_| self.inputs.clone());
        Ok(Arc::new(Self { inputs }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
