//! The run's lists as arrow rows: the tables `TorRelays` and `ThreatIndicators`, and the structs that match functions
//! return.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray, TimestampMicrosecondArray,
    UInt32Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::lists::{IntelBook, TorMatch};
use crate::model::{Indicator, Micros, RelayInterval};
use crate::sources::telemetry::{columns, time_type};

/// The columns of `TorRelays`.
pub(super) fn relay_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let time = |name| Field::new(name, time_type(), true);
    let fields = vec![
        text("Prefix"),
        text("Role"),
        time("SeenFrom"),
        time("SeenTo"),
        text("ObservedBy"),
        Field::new("Port", DataType::Int64, true),
        text("Source"),
    ];
    Arc::new(Schema::new(fields))
}

/// The rows of `TorRelays`. A prefix of one address is the address, so that it joins to RemoteIP.
pub(super) fn relay_rows(intervals: &[RelayInterval]) -> Result<RecordBatch, ArrowError> {
    let text = |of: &dyn Fn(&RelayInterval) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(intervals.iter().map(of)))
    };
    let columns = vec![
        text(&|i| i.prefix.to_string()),
        text(&|i| i.role.as_str().to_owned()),
        times(intervals.iter().map(|i| i.seen_from)),
        times(intervals.iter().map(|i| i.seen_to)),
        text(&|i| i.observed_by.clone()),
        Arc::new(intervals.iter().map(|i| i.port.map(i64::from)).collect::<Int64Array>()),
        text(&|i| i.source.clone()),
    ];
    RecordBatch::try_new(relay_schema(), columns)
}

/// The columns of `ThreatIndicators`.
pub(super) fn indicator_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let time = |name| Field::new(name, time_type(), true);
    let fields = vec![
        text("TI_Indicator"),
        text("Kind"),
        text("Prefix"),
        Field::new("TI_Confidence", DataType::Float64, true),
        text("ThreatType"),
        text("TLP"),
        text("Tags"),
        text("Name"),
        text("Source"),
        text("Id"),
        time("ValidFrom"),
        time("ValidUntil"),
        text("State"),
    ];
    Arc::new(Schema::new(fields))
}

/// The rows of `ThreatIndicators`.
pub(super) fn indicator_rows(indicators: &[Indicator]) -> Result<RecordBatch, ArrowError> {
    let text = |of: &dyn Fn(&Indicator) -> Option<String>| -> ArrayRef {
        Arc::new(indicators.iter().map(of).collect::<StringArray>())
    };
    let columns = vec![
        text(&|i| Some(i.value.clone())),
        text(&|i| Some(i.kind().to_owned())),
        text(&|i| Some(i.prefix.to_string())),
        Arc::new(indicators.iter().map(|i| i.confidence).collect::<Float64Array>()),
        text(&|i| i.threat_type.clone()),
        text(&|i| i.tlp.clone()),
        text(&|i| i.tags.clone()),
        text(&|i| i.name.clone()),
        text(&|i| i.source.clone()),
        text(&|i| i.id.clone()),
        times(indicators.iter().map(|i| i.valid_from)),
        times(indicators.iter().map(|i| i.valid_until)),
        text(&|i| Some(i.state.as_str().to_owned())),
    ];
    RecordBatch::try_new(indicator_schema(), columns)
}

/// What `tor_match` and `tor_summary` return.
pub(super) fn tor_fields() -> Fields {
    let text = |name| Field::new(name, DataType::Utf8, true);
    vec![
        text("Role"),
        text("Evidence"),
        Field::new("SeenFrom", time_type(), true),
        Field::new("SeenTo", time_type(), true),
    ]
    .into()
}

/// One struct per match, null where there is none.
pub(super) fn tor_structs(matches: &[Option<TorMatch>]) -> Result<StructArray, ArrowError> {
    let text = |of: &dyn Fn(&TorMatch) -> String| -> ArrayRef {
        Arc::new(matches.iter().map(|m| m.as_ref().map(of)).collect::<StringArray>())
    };
    let columns = vec![
        text(&TorMatch::role_text),
        text(&|m| m.evidence.as_str().to_owned()),
        times(matches.iter().map(|m| m.as_ref().and_then(|m| m.seen_from))),
        times(matches.iter().map(|m| m.as_ref().and_then(|m| m.seen_to))),
    ];
    StructArray::try_new(tor_fields(), columns, Some(present(matches)))
}

/// What speaks for a row: the matching indicators by position, and the validity of the hit.
#[derive(Clone, Debug, Default)]
pub(super) struct IntelRow {
    pub(super) matches: Vec<u32>,
    pub(super) validity: Option<&'static str>,
}

/// The columns of an entry of `TI_Matches`: those of `ThreatIndicators`, and the field that matched.
fn match_fields() -> Fields {
    let mut fields: Vec<Field> = indicator_schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    fields.push(Field::new("field", DataType::Utf8, true));
    fields.into()
}

/// What `intel_match` and `intel_summary` return.
pub(super) fn intel_fields() -> Fields {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let matches = Field::new("item", DataType::Struct(match_fields()), true);
    vec![
        text("Hit"),
        Field::new("Confidence", DataType::Float64, true),
        text("Type"),
        text("Validity"),
        Field::new("Matches", DataType::List(Arc::new(matches)), true),
    ]
    .into()
}

/// One struct per row, null where nothing matches; `table` is [`indicator_rows`] of the book.
pub(super) fn intel_structs(
    book: &IntelBook,
    table: &RecordBatch,
    rows: &[Option<IntelRow>],
) -> Result<StructArray, ArrowError> {
    let hits: Vec<Option<&Indicator>> = rows.iter().map(|row| book.get(book.hit(&row.as_ref()?.matches)?)).collect();
    let positions: UInt32Array =
        rows.iter().flatten().flat_map(|row| row.matches.iter().copied()).collect::<Vec<u32>>().into();
    let mut entries =
        table.columns().iter().map(|column| take(column, &positions, None)).collect::<Result<Vec<_>, _>>()?;
    entries.push(Arc::new(StringArray::from(vec![columns::REMOTE_IP; positions.len()])));
    let entries = StructArray::try_new(match_fields(), entries, None)?;
    let lengths = rows.iter().map(|row| row.as_ref().map_or(0, |row| row.matches.len()));
    let item = Arc::new(Field::new("item", DataType::Struct(match_fields()), true));
    let lists = ListArray::try_new(item, OffsetBuffer::from_lengths(lengths), Arc::new(entries), None)?;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(hits.iter().map(|hit| hit.map(|i| i.value.clone())).collect::<StringArray>()),
        Arc::new(hits.iter().map(|hit| hit.and_then(|i| i.confidence)).collect::<Float64Array>()),
        Arc::new(hits.iter().map(|hit| hit.and_then(|i| i.threat_type.clone())).collect::<StringArray>()),
        Arc::new(rows.iter().zip(&hits).map(|(row, hit)| hit.and(row.as_ref()?.validity)).collect::<StringArray>()),
        Arc::new(lists),
    ];
    StructArray::try_new(intel_fields(), columns, Some(present(rows)))
}

fn present<T>(rows: &[Option<T>]) -> NullBuffer {
    rows.iter().map(Option::is_some).collect::<Vec<bool>>().into()
}

fn times(values: impl Iterator<Item = Option<Micros>>) -> ArrayRef {
    let array: TimestampMicrosecondArray = values.map(|time| time.map(|time| time.0)).collect();
    Arc::new(array.with_timezone("UTC"))
}
