//! The run's lists as arrow rows: the tables `TorRelays` and `ThreatIndicators`, and the structs that match functions
//! return.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use arrow::error::ArrowError;

use super::lists::{Field as IntelField, IntelBook, IntelMatch, PortAgreement, TorMatch};
use crate::model::indicator::IndicatorRef;
use crate::model::{Micros, RelayInterval};
use crate::sources::telemetry::time_type;

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

/// The rows of `ThreatIndicators` at these positions. Text that the run may not show is withheld here, so that nothing
/// after this can show it.
///
/// # Errors
/// When the rows cannot be laid out as columns.
pub fn indicator_rows(book: &IntelBook, positions: &[u32]) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(indicator_schema(), indicator_columns(&shown(book, positions)))
}

/// An indicator, and what stands in the place of its text.
type Shown<'a> = (IndicatorRef<'a>, Option<&'static str>);

fn shown<'a>(book: &'a IntelBook, positions: &[u32]) -> Vec<Shown<'a>> {
    positions.iter().filter_map(|at| book.get(*at)).map(|one| (one, book.withheld(&one))).collect()
}

fn indicator_columns(rows: &[Shown<'_>]) -> Vec<ArrayRef> {
    let open = |of: &dyn Fn(&IndicatorRef<'_>) -> Option<&'static str>| -> ArrayRef {
        Arc::new(rows.iter().map(|(one, _)| of(one)).collect::<StringArray>())
    };
    fn text(rows: &[Shown<'_>], of: for<'a> fn(&IndicatorRef<'a>) -> Option<&'a str>) -> ArrayRef {
        let value = |(one, withheld): &Shown<'_>| of(one).map(|text| withheld.unwrap_or(text).to_owned());
        Arc::new(rows.iter().map(value).collect::<StringArray>())
    }
    let prefix = |(one, withheld): &Shown<'_>| {
        one.prefix.map(|prefix| withheld.map_or_else(|| prefix.to_string(), str::to_owned))
    };
    vec![
        text(rows, |one| Some(one.value)),
        open(&|one| Some(one.kind.as_str())),
        Arc::new(rows.iter().map(prefix).collect::<StringArray>()),
        Arc::new(rows.iter().map(|(one, _)| one.confidence).collect::<Float64Array>()),
        text(rows, |one| one.threat_type),
        Arc::new(rows.iter().map(|(one, _)| one.tlp).collect::<StringArray>()),
        text(rows, |one| one.tags),
        text(rows, |one| one.name),
        text(rows, |one| one.source),
        text(rows, |one| one.id),
        times(rows.iter().map(|(one, _)| one.valid_from)),
        times(rows.iter().map(|(one, _)| one.valid_until)),
        open(&|one| Some(one.state.as_str())),
    ]
}

/// What `tor_match` and `tor_summary` return.
pub(super) fn tor_fields() -> Fields {
    let text = |name| Field::new(name, DataType::Utf8, true);
    vec![
        text("Role"),
        text("Evidence"),
        Field::new("SeenFrom", time_type(), true),
        Field::new("SeenTo", time_type(), true),
        text("ORPort"),
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
        Arc::new(matches.iter().map(|m| Some(m.as_ref()?.or_port?.as_str())).collect::<StringArray>()),
    ];
    StructArray::try_new(tor_fields(), columns, Some(present(matches)))
}

/// What speaks for a row: the matching indicators, best first, and the validity of the hit.
#[derive(Clone, Debug, Default)]
pub(super) struct IntelRow {
    pub(super) matches: Vec<IntelMatch>,
    pub(super) validity: Option<&'static str>,
}

/// The columns of an entry of `TI_Matches`: those of `ThreatIndicators`, the event's fields that matched, the publisher's
/// mark, and how the ports agree.
fn match_fields() -> Fields {
    let mut fields: Vec<Field> = indicator_schema().fields().iter().map(|field| field.as_ref().clone()).collect();
    fields.push(Field::new("field", DataType::Utf8, true));
    fields.push(Field::new("to_ids", DataType::Boolean, true));
    fields.push(Field::new("port", DataType::Utf8, true));
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
        Field::new("ToIds", DataType::Boolean, true),
        Field::new("Matches", DataType::List(Arc::new(matches)), true),
    ]
    .into()
}

/// One struct per row, null where nothing matches.
pub(super) fn intel_structs(book: &IntelBook, rows: &[Option<IntelRow>]) -> Result<StructArray, ArrowError> {
    let hit = |row: &IntelRow| {
        let one = book.get(book.hit(row.matches.iter().map(|m| m.position))?)?;
        Some((one, book.withheld(&one)))
    };
    let hits: Vec<Option<Shown<'_>>> = rows.iter().map(|row| hit(row.as_ref()?)).collect();
    let text = |of: for<'a> fn(&IndicatorRef<'a>) -> Option<&'a str>| -> ArrayRef {
        let value = |hit: &Option<Shown<'_>>| {
            let (one, withheld) = hit.as_ref()?;
            Some(withheld.unwrap_or(of(one)?).to_owned())
        };
        Arc::new(hits.iter().map(value).collect::<StringArray>())
    };
    let validity = |(row, hit): (&Option<IntelRow>, &Option<Shown<'_>>)| hit.and(row.as_ref()?.validity);
    let columns: Vec<ArrayRef> = vec![
        text(|one| Some(one.value)),
        Arc::new(hits.iter().map(|hit| hit.and_then(|(one, _)| one.confidence)).collect::<Float64Array>()),
        text(|one| one.threat_type),
        Arc::new(rows.iter().zip(&hits).map(validity).collect::<StringArray>()),
        Arc::new(hits.iter().map(|hit| hit.and_then(|(one, _)| one.to_ids)).collect::<BooleanArray>()),
        Arc::new(match_lists(book, rows)?),
    ];
    StructArray::try_new(intel_fields(), columns, Some(present(rows)))
}

fn match_lists(book: &IntelBook, rows: &[Option<IntelRow>]) -> Result<ListArray, ArrowError> {
    let matches: Vec<&IntelMatch> = rows.iter().flatten().flat_map(|row| &row.matches).collect();
    let positions: Vec<u32> = matches.iter().map(|one| one.position).collect();
    let entries = shown(book, &positions);
    let mut columns = indicator_columns(&entries);
    columns.push(Arc::new(StringArray::from_iter_values(matches.iter().map(|one| IntelField::text_of(one.fields)))));
    columns.push(Arc::new(entries.iter().map(|(one, _)| one.to_ids).collect::<BooleanArray>()));
    columns.push(Arc::new(matches.iter().map(|one| one.port.map(PortAgreement::as_str)).collect::<StringArray>()));
    let entries = StructArray::try_new(match_fields(), columns, None)?;
    let lengths = rows.iter().map(|row| row.as_ref().map_or(0, |row| row.matches.len()));
    let item = Arc::new(Field::new("item", DataType::Struct(match_fields()), true));
    ListArray::try_new(item, OffsetBuffer::from_lengths(lengths), Arc::new(entries), None)
}

fn present<T>(rows: &[Option<T>]) -> NullBuffer {
    rows.iter().map(Option::is_some).collect::<Vec<bool>>().into()
}

fn times(values: impl Iterator<Item = Option<Micros>>) -> ArrayRef {
    let array: TimestampMicrosecondArray = values.map(|time| time.map(|time| time.0)).collect();
    Arc::new(array.with_timezone("UTC"))
}
