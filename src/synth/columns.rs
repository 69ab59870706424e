//! Events as the 46 columns of Defender's DeviceNetworkEvents, in its order and under its names.
//!
//! Nothing is drawn here: a column is a pure function of the events.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use arrow::error::ArrowError;

use super::event::{Action, Event, Peer, World};
use super::fields::additional_fields;
use super::pool::Pool;
use super::process_columns;
use super::random::mix;

/// A column under its name.
pub(super) type Named = (&'static str, ArrayRef);

/// Texts of few values.
#[derive(Debug)]
pub(super) struct Words {
    actions: Pool,
    protocols: Pool,
    types: Pool,
    pub(super) levels: Pool,
    pub(super) elevations: Pool,
}

const TCP: usize = 0;
const UDP: usize = 1;
const ICMP: usize = 2;
const TCP_V4: usize = 3;

const PUBLIC: usize = 0;
const PRIVATE: usize = 1;
const MAPPED: usize = 2;
const NO_TYPE: usize = 3;

impl Words {
    pub(super) fn new() -> Self {
        Self {
            actions: Pool::new(Action::ALL.iter().map(|action| format!("{action:?}"))),
            protocols: Pool::new(["Tcp", "Udp", "Icmp", "TcpV4"]),
            types: Pool::new(["Public", "Private", "FourToSixMapping", ""]),
            levels: Pool::new(["Medium", "System", "High"]),
            elevations: Pool::new(["TokenElevationTypeDefault", "TokenElevationTypeLimited", "None"]),
        }
    }
}

/// The events as one batch.
pub(super) fn batch(world: &World, words: &Words, events: &[Event]) -> Result<RecordBatch, ArrowError> {
    let columns = connection(world, words, events)
        .into_iter()
        .chain(process_columns::columns(world, words, events))
        .chain(rest(world, events));
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
}

/// Timestamp to RemoteIPType: who talked to whom.
fn connection(world: &World, words: &Words, events: &[Event]) -> Vec<Named> {
    let device = || events.iter().map(|e| Some(e.device as usize));
    let port = |of: fn(&Event) -> Option<u16>| -> ArrayRef {
        Arc::new(Int32Array::from_iter(events.iter().map(|e| of(e).map(i32::from))))
    };
    let services = &world.services;
    let remote_url = events.iter().map(|e| e.service.filter(|_| names_the_peer(e)).map(|s| s as usize));
    vec![
        ("Timestamp", times(events.iter().map(|e| Some(e.micros)))),
        ("DeviceId", world.devices.ids.column(device())),
        ("DeviceName", world.devices.names.column(device())),
        ("ActionType", words.actions.column(events.iter().map(|e| Some(e.action as usize)))),
        ("RemoteIP", remote_ips(world, events)),
        ("RemotePort", port(|e| e.remote_port)),
        ("RemoteUrl", services.hosts.column(remote_url)),
        ("LocalIP", world.devices.local_ips.column(events.iter().map(|e| local_ip(e, world)))),
        ("LocalPort", port(|e| e.local_port)),
        ("Protocol", words.protocols.column(events.iter().map(protocol))),
        ("LocalIPType", words.types.column(events.iter().map(|e| address_type(e, Some(PRIVATE))))),
        ("RemoteIPType", words.types.column(events.iter().map(|e| address_type(e, kind(e, world))))),
    ]
}

/// ReportId to LogonID.
fn rest(world: &World, events: &[Event]) -> Vec<Named> {
    let rows = events.len();
    let mut fields = StringBuilder::with_capacity(rows, rows * 64);
    events.iter().for_each(|e| fields.append_option(additional_fields(e, world)));
    let users = |e: &Event| e.process.map(|p| world.devices.is_user(p.account as usize));
    let remote = |e: &Event| {
        e.process
            .is_some_and(|p| world.devices.is_user(p.account as usize) && mix(u64::from(p.account)).is_multiple_of(50))
    };
    let remote_from = |e: &Event| remote(e).then_some((e.device as usize + 1) % world.devices.len());
    vec![
        ("ReportId", Arc::new(Int64Array::from_iter_values(events.iter().map(|e| e.report_id)))),
        ("AppGuardContainerId", Arc::new(StringArray::new_null(rows))),
        ("AdditionalFields", Arc::new(fields.finish())),
        ("InitiatingProcessSessionId", Arc::new(Int64Array::from_iter(events.iter().map(|e| users(e).map(i64::from))))),
        ("IsInitiatingProcessRemoteSession", Arc::new(BooleanArray::from_iter(events.iter().map(|e| Some(remote(e)))))),
        ("InitiatingProcessRemoteSessionDeviceName", world.devices.names.column(events.iter().map(remote_from))),
        ("InitiatingProcessRemoteSessionIP", world.devices.local_ips.column(events.iter().map(remote_from))),
        ("InitiatingProcessUniqueId", process_columns::unique_ids(events)),
        ("LogonID", Arc::new(Int64Array::new_null(rows))),
    ]
}

pub(super) fn times(micros: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
}

fn remote_ips(world: &World, events: &[Event]) -> ArrayRef {
    let mut texts = StringBuilder::with_capacity(events.len(), events.len() * 16);
    for event in events {
        let mapped = event.mapped && event.peer_address(&world.services).is_some_and(|a| a.is_v4());
        match event.peer {
            Peer::Nobody => texts.append_null(),
            Peer::Empty => texts.append_value(""),
            Peer::Service(index) if !mapped => texts.append_value(world.services.address_texts.get(index as usize)),
            Peer::Service(_) | Peer::Address(_) => {
                if let Some(address) = event.peer_address(&world.services) {
                    // Writing into a builder cannot fail.
                    let _ = if mapped { write!(texts, "::ffff:{address}") } else { write!(texts, "{address}") };
                }
                texts.append_value("");
            }
        }
    }
    Arc::new(texts.finish())
}

/// DNS rows name the host that was asked for, in AdditionalFields only.
fn names_the_peer(event: &Event) -> bool {
    matches!(
        event.action,
        Action::ConnectionSuccess
            | Action::ConnectionFailed
            | Action::ConnectionRequest
            | Action::HttpConnectionInspected
    )
}

/// The device's address of the peer's family, written in the peer's form.
fn local_ip(event: &Event, world: &World) -> Option<usize> {
    let (device, devices) = (event.device as usize, world.devices.len());
    match event.peer_address(&world.services) {
        None => (event.action != Action::ListeningConnectionCreated).then_some(device),
        Some(address) if !address.is_v4() => Some(devices + device),
        Some(_) if event.mapped => Some(2 * devices + device),
        Some(_) => Some(device),
    }
}

fn protocol(event: &Event) -> Option<usize> {
    match (event.action, event.remote_port) {
        (Action::NetworkSignatureInspected, _) => None,
        (Action::ListeningConnectionCreated, _) => Some(TCP_V4),
        (Action::IcmpConnectionInspected, _) => Some(ICMP),
        (_, Some(53 | 123)) => Some(UDP),
        // QUIC.
        (Action::ConnectionSuccess, Some(443)) if event.salt.is_multiple_of(11) => Some(UDP),
        _ => Some(TCP),
    }
}

/// Public or private; `None` where there is no peer.
fn kind(event: &Event, world: &World) -> Option<usize> {
    let address = event.peer_address(&world.services)?;
    Some(match IpAddr::from(address) {
        IpAddr::V4(v4) if v4.is_private() => PRIVATE,
        _ => PUBLIC,
    })
}

/// What the sensor writes of an address: nothing at all on packets, and the empty text or null on inspected rows.
fn address_type(event: &Event, kind: Option<usize>) -> Option<usize> {
    match event.action {
        Action::ConnectionFound => None,
        action if action.is_packet() => None,
        action if action.is_inspected() => (event.salt & 2 == 0).then_some(NO_TYPE),
        _ if event.mapped => kind.map(|_| MAPPED),
        _ => kind,
    }
}
