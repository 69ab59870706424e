//! Events for the laws: few values in every column, so that copies, near copies and ties are common; and the rules of
//! order and copies written down once more, without arrow and without cleverness.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow::array::{ArrayRef, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType};
use proptest::prelude::*;

use super::{Lead, SortOrder};
use crate::model::Address;

/// A row.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Event {
    pub(super) micros: i64,
    pub(super) device: Option<String>,
    pub(super) action: Option<String>,
    pub(super) address: Option<String>,
    pub(super) remote_port: Option<i64>,
    pub(super) local_port: Option<i64>,
    pub(super) report: Option<i64>,
    pub(super) command: Option<String>,
    pub(super) remote_session: Option<bool>,
    /// A type that has no place of its own in the code.
    pub(super) billed: Option<i32>,
}

/// Whether the table has DeviceId.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DeviceId {
    There,
    Missing,
}

fn text(values: &'static [Option<&'static str>]) -> impl Strategy<Value = Option<String>> {
    proptest::sample::select(values).prop_map(|value| value.map(str::to_owned))
}

/// Times of both sides of 1970, so of two dates, mostly of the same milliseconds.
pub(super) fn event() -> impl Strategy<Value = Event> {
    const ADDRESSES: [Option<&str>; 8] = [
        None,
        Some(""),
        Some("-"),
        Some("192.0.2.7"),
        Some("::ffff:192.0.2.7"),
        Some("2001:db8::1"),
        Some("2001:DB8:0::1"),
        Some("9.9.9.9"),
    ];
    let key = (
        prop_oneof![4 => -2_100i64..2_100, 1 => -90_000_000_000i64..90_000_000_000],
        text(&[None, Some(""), Some("aaaaaaaa1"), Some("aaaaaaaa2"), Some("aaaaaaaa"), Some("b")]),
        text(&[None, Some("ConnectionSuccess"), Some("ConnectionFailed")]),
        text(&ADDRESSES),
        proptest::sample::select(vec![None, Some(443), Some(9001)]),
        proptest::sample::select(vec![None, Some(50_000)]),
        proptest::sample::select(vec![None, Some(1), Some(2), Some(18_984_951_960)]),
    );
    let rest = (text(&[None, Some(""), Some("a"), Some("b")]), any::<Option<bool>>(), any::<Option<bool>>());
    (key, rest).prop_map(|((micros, device, action, address, remote_port, local_port, report), rest)| Event {
        micros,
        device,
        action,
        address,
        remote_port,
        local_port,
        report,
        command: rest.0,
        remote_session: rest.1,
        billed: rest.2.map(i32::from),
    })
}

/// The table's columns; RemoteIP does not stand last, as it does not in Defender's table.
pub(super) fn schema(device: DeviceId) -> SchemaRef {
    let fields = [
        ("Timestamp", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        ("DeviceId", DataType::Utf8),
        ("ActionType", DataType::Utf8),
        ("RemoteIP", DataType::Utf8),
        ("RemotePort", DataType::Int64),
        ("LocalPort", DataType::Int64),
        ("ReportId", DataType::Int64),
        ("InitiatingProcessCommandLine", DataType::Utf8),
        ("IsInitiatingProcessRemoteSession", DataType::Boolean),
        ("_BilledSize", DataType::Int32),
    ];
    let there = |name: &str| device == DeviceId::There || name != "DeviceId";
    let fields = fields.into_iter().filter(|(name, _)| there(name)).map(|(name, kind)| Field::new(name, kind, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

pub(super) fn batch(schema: &SchemaRef, events: &[Event]) -> RecordBatch {
    let texts = |of: fn(&Event) -> &Option<String>| -> ArrayRef {
        Arc::new(events.iter().map(|event| of(event).as_deref()).collect::<StringArray>())
    };
    let numbers =
        |of: fn(&Event) -> Option<i64>| -> ArrayRef { Arc::new(events.iter().map(of).collect::<Int64Array>()) };
    let column = |name: &str| -> ArrayRef {
        match name {
            "Timestamp" => {
                let times = TimestampMicrosecondArray::from_iter_values(events.iter().map(|event| event.micros));
                Arc::new(times.with_timezone("UTC"))
            }
            "DeviceId" => texts(|event| &event.device),
            "ActionType" => texts(|event| &event.action),
            "RemoteIP" => texts(|event| &event.address),
            "RemotePort" => numbers(|event| event.remote_port),
            "LocalPort" => numbers(|event| event.local_port),
            "ReportId" => numbers(|event| event.report),
            "InitiatingProcessCommandLine" => texts(|event| &event.command),
            "IsInitiatingProcessRemoteSession" => {
                Arc::new(events.iter().map(|event| event.remote_session).collect::<BooleanArray>())
            }
            _ => Arc::new(events.iter().map(|event| event.billed).collect::<Int32Array>()),
        }
    };
    let columns = schema.fields().iter().map(|field| column(field.name())).collect();
    RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
}

pub(super) fn events(batch: &RecordBatch) -> Vec<Event> {
    let text = |name: &str, row: usize| {
        let column = batch.column_by_name(name)?.as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let number = |name: &str, row: usize| {
        let column = batch.column_by_name(name).unwrap().as_primitive::<Int64Type>();
        column.is_valid(row).then(|| column.value(row))
    };
    let session = batch.column_by_name("IsInitiatingProcessRemoteSession").unwrap().as_boolean();
    let billed = batch.column_by_name("_BilledSize").unwrap().as_primitive::<Int32Type>();
    (0..batch.num_rows())
        .map(|row| Event {
            micros: batch.column(0).as_primitive::<TimestampMicrosecondType>().value(row),
            device: text("DeviceId", row),
            action: text("ActionType", row),
            address: text("RemoteIP", row),
            remote_port: number("RemotePort", row),
            local_port: number("LocalPort", row),
            report: number("ReportId", row),
            command: text("InitiatingProcessCommandLine", row),
            remote_session: session.is_valid(row).then(|| session.value(row)),
            billed: billed.is_valid(row).then(|| billed.value(row)),
        })
        .collect()
}

/// Null after every value.
fn last<T: Clone>(value: &Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value.clone())
}

impl Event {
    fn address_bits(&self) -> (bool, Option<u128>) {
        last(&self.address.as_deref().and_then(Address::parse).map(Address::bits))
    }

    fn millis(&self) -> i64 {
        self.micros.div_euclid(1_000)
    }

    fn order(&self, other: &Self, leads: &[Lead]) -> Ordering {
        let mut order = Ordering::Equal;
        for lead in leads {
            order = order.then_with(|| match lead {
                Lead::Address => self.address_bits().cmp(&other.address_bits()),
                Lead::Device => last(&self.device).cmp(&last(&other.device)),
                Lead::Time => self.millis().cmp(&other.millis()),
            });
        }
        let key = |e: &Self| {
            (
                (e.millis(), e.address_bits(), last(&e.device), last(&e.report)),
                (last(&e.action), last(&e.remote_port), last(&e.local_port)),
            )
        };
        order.then_with(|| key(self).cmp(&key(other))).then_with(|| self.all().cmp(&other.all()))
    }

    #[expect(clippy::type_complexity, reason = "a tuple is the plainest order there is")]
    fn all(
        &self,
    ) -> (
        (i64, (bool, Option<String>), (bool, Option<String>), (bool, Option<i64>), (bool, Option<i64>)),
        ((bool, Option<i64>), (bool, Option<String>), (bool, Option<bool>), (bool, Option<i32>)),
        (bool, Option<String>),
    ) {
        (
            (self.micros, last(&self.device), last(&self.action), last(&self.remote_port), last(&self.local_port)),
            (last(&self.report), last(&self.command), last(&self.remote_session), last(&self.billed)),
            last(&self.address),
        )
    }
}

/// What must come out, by date, and how many copies are dropped: the first of all copies by all columns, found by
/// comparing every row with every other of its key.
pub(super) fn expected(events: &[Event], order: &SortOrder) -> (BTreeMap<i64, Vec<Event>>, u64) {
    let mut kept: Vec<Event> = Vec::new();
    let mut firsts: BTreeMap<_, Event> = BTreeMap::new();
    for event in events {
        match (&event.device, event.report) {
            (Some(device), Some(report)) if !device.is_empty() => {
                let connection = (event.address_bits(), event.remote_port, event.local_port);
                let key = (device.clone(), report, event.millis(), event.action.clone(), connection);
                let first = firsts.entry(key).or_insert_with(|| event.clone());
                if event.all() < first.all() {
                    *first = event.clone();
                }
            }
            _ => kept.push(event.clone()),
        }
    }
    kept.extend(firsts.into_values());
    kept.sort_by(|a, b| a.order(b, order.leads()));
    let copies = (events.len() - kept.len()) as u64;
    let mut days: BTreeMap<i64, Vec<Event>> = BTreeMap::new();
    for event in kept {
        days.entry(event.micros.div_euclid(86_400_000_000)).or_default().push(event);
    }
    (days, copies)
}
