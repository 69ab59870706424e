//! The columns that begin with InitiatingProcess, up to the token: the process, its parent and its account.
//!
//! Identifiers and creation times follow from device, program and day, so that events of one process agree.

use std::fmt::Write as _;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringBuilder};

use super::columns::{Named, Words, times};
use super::event::{Event, Process, World};
use super::pool::Pool;
use super::programs::Programs;
use super::random::mix;
use crate::model::time::DAY_MICROS;

const LIMITED: usize = 1;
const NO_TOKEN: usize = 2;

/// InitiatingProcessSHA1 to InitiatingProcessTokenElevation.
pub(super) fn columns(world: &World, words: &Words, events: &[Event]) -> Vec<Named> {
    let programs = &world.programs;
    let version = |pool: &Pool| pool.column(events.iter().map(|e| e.process.map(|p| p.version as usize)));
    // Programs of Linux have no version resource.
    let resource = |pool: &Pool| {
        let has = |p: &Process| Programs::has_version_info(p.version as usize);
        pool.column(events.iter().map(|e| e.process.filter(has).map(|p| p.version as usize)))
    };
    let mut columns = vec![
        ("InitiatingProcessSHA1", version(&programs.sha1)),
        ("InitiatingProcessSHA256", version(&programs.sha256)),
        ("InitiatingProcessMD5", version(&programs.md5)),
        ("InitiatingProcessFileName", version(&programs.files)),
        ("InitiatingProcessFileSize", numbers(events, |e| e.process.map(|p| programs.sizes[p.version as usize]))),
        ("InitiatingProcessVersionInfoCompanyName", resource(&programs.companies)),
        ("InitiatingProcessVersionInfoProductName", resource(&programs.products)),
        ("InitiatingProcessVersionInfoProductVersion", resource(&programs.versions)),
        ("InitiatingProcessVersionInfoInternalFileName", resource(&programs.files)),
        ("InitiatingProcessVersionInfoOriginalFileName", resource(&programs.files)),
        ("InitiatingProcessVersionInfoFileDescription", resource(&programs.descriptions)),
        ("InitiatingProcessId", numbers(events, |e| Some(identity(e).map_or(0, process_id)))),
        (
            "InitiatingProcessCommandLine",
            programs.commands.column(events.iter().map(|e| e.process.map(|p| p.command as usize))),
        ),
        ("InitiatingProcessCreationTime", times(events.iter().map(|e| Some(created(e, identity(e)?))))),
        ("InitiatingProcessFolderPath", version(&programs.folders)),
        ("InitiatingProcessParentFileName", version(&programs.parents)),
        ("InitiatingProcessParentId", numbers(events, |e| Some(identity(e).map_or(0, |n| process_id(mix(n)))))),
        ("InitiatingProcessParentCreationTime", times(events.iter().map(|e| parent_created(e, identity(e)?)))),
    ];
    columns.extend(account(world, words, events));
    columns
}

/// The account and its token.
fn account(world: &World, words: &Words, events: &[Event]) -> Vec<Named> {
    let devices = &world.devices;
    let of = |pool: &Pool| pool.column(events.iter().map(|e| e.process.map(|p| p.account as usize)));
    let is_user = |p: &Process| devices.is_user(p.account as usize);
    let of_user =
        |pool: &Pool| pool.column(events.iter().map(|e| e.process.filter(is_user).map(|p| p.account as usize)));
    let level = |e: &Event| e.process.map(|p| usize::from(!is_user(&p)));
    let elevation = |e: &Event| Some(e.process.map_or(NO_TOKEN, |p| if is_user(&p) { LIMITED } else { 0 }));
    vec![
        ("InitiatingProcessAccountDomain", of(&devices.account_domains)),
        ("InitiatingProcessAccountName", of(&devices.account_names)),
        ("InitiatingProcessAccountSid", of(&devices.account_sids)),
        ("InitiatingProcessAccountUpn", of_user(&devices.account_upns)),
        ("InitiatingProcessAccountObjectId", of_user(&devices.account_object_ids)),
        ("InitiatingProcessIntegrityLevel", words.levels.column(events.iter().map(level))),
        ("InitiatingProcessTokenElevation", words.elevations.column(events.iter().map(elevation))),
    ]
}

/// InitiatingProcessUniqueId: a decimal number as text, `0` where there is no process.
pub(super) fn unique_ids(events: &[Event]) -> ArrayRef {
    let mut texts = StringBuilder::with_capacity(events.len(), events.len() * 16);
    for event in events {
        // Writing into a builder cannot fail.
        let _ = write!(texts, "{}", identity(event).map_or(0, |n| n >> 11));
        texts.append_value("");
    }
    Arc::new(texts.finish())
}

fn numbers(events: &[Event], of: impl Fn(&Event) -> Option<i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter(events.iter().map(of)))
}

/// A number for the process, the same in all its events of a day.
fn identity(event: &Event) -> Option<u64> {
    let process = event.process?;
    let day = event.micros.div_euclid(DAY_MICROS) as u64;
    Some(mix(u64::from(event.device) << 32 ^ u64::from(process.version) << 8 ^ u64::from(process.instance) ^ day << 52))
}

/// Windows hands out multiples of 4.
const fn process_id(identity: u64) -> i64 {
    ((identity >> 20) % 8_000 * 4 + 404) as i64
}

/// Within the two days before the event's day.
const fn created(event: &Event, identity: u64) -> i64 {
    event.micros - event.micros.rem_euclid(DAY_MICROS) - (identity % (2 * DAY_MICROS as u64)) as i64
}

fn parent_created(event: &Event, identity: u64) -> Option<i64> {
    Some(created(event, identity) - (mix(identity) % 60_000_000) as i64)
}
