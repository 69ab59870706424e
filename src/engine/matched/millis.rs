//! `Timestamp` cut to milliseconds, as an expression to sort by.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Schema, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;

/// Milliseconds since 1970, rounded down.
#[derive(Debug, Eq)]
struct Millis {
    time: Arc<dyn PhysicalExpr>,
}

/// Written out, since deriving moves out of the shared expression.
impl PartialEq for Millis {
    fn eq(&self, other: &Self) -> bool {
        self.time.eq(&other.time)
    }
}

impl Hash for Millis {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.time.hash(state);
    }
}

/// The expression over a column of microseconds.
pub(super) fn cut(time: Arc<dyn PhysicalExpr>) -> Arc<dyn PhysicalExpr> {
    Arc::new(Millis { time })
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "millis({})", self.time)
    }
}

impl PhysicalExpr for Millis {
    fn data_type(&self, _schema: &Schema) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn nullable(&self, _schema: &Schema) -> Result<bool> {
        Ok(true)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        let times = self.time.evaluate(batch)?.into_array(batch.num_rows())?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let millis: Int64Array = times.iter().map(|time| time.map(|t| t.div_euclid(1_000))).collect();
        Ok(ColumnarValue::Array(Arc::new(millis)))
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.time]
    }

    fn with_new_children(self: Arc<Self>, mut children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        Ok(cut(children.pop().unwrap_or_else(|| Arc::clone(&self.time))))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
