//! A cell or a row as JSON, through serde: text unchanged, times as RFC 3339, lists never null.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::{Cell, Value, fields};
use crate::report::record::Record;

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value() {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(value),
            Value::Int(number) => serializer.serialize_i64(number),
            Value::Unsigned(number) => serializer.serialize_u64(number),
            // JSON has no word for NaN and the infinities; serde_json writes null.
            Value::Float(number) => serializer.serialize_f64(number),
            Value::Text(text) => serializer.serialize_str(&text),
            Value::Literal(text) => serializer.serialize_str(&text),
            Value::List(elements) => {
                let mut list = serializer.serialize_seq(Some(elements.len()))?;
                for element in elements {
                    list.serialize_element(&element)?;
                }
                list.end()
            }
            Value::Struct(array, row) => {
                let fields = fields(array, row);
                let mut object = serializer.serialize_map(Some(fields.len()))?;
                for (name, cell) in fields {
                    object.serialize_entry(name, &cell)?;
                }
                object.end()
            }
        }
    }
}

/// An object with every column as a key, in schema order.
impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.schema().fields().len()))?;
        for (name, cell) in self.cells() {
            object.serialize_entry(name, &cell)?;
        }
        object.end()
    }
}
