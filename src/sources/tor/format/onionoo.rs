//! The `details` document of Onionoo: every relay with its addresses, ports and flags at one time.
//!
//! Each relay is read by itself, so that one with a field of another kind is counted and the rest is kept. Flags say
//! the role; a relay that is exit and guard is both. Bridges have disguised addresses and are only counted.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use std::borrow::Cow;
use std::net::SocketAddr;

use super::super::listing::Listing;
use super::record::{self, Facts, OR_ADDRESS, SCAN};
use super::{Format, field, json_list};
use crate::model::relay::Role;

/// The format.
pub(super) const FORMAT: Format = Format { name: "Onionoo details", recognises, read };

const BRIDGE: &str = "bridge with a sanitised address";
const NOT_RUNNING: &str = "relay that is not running";
const NOT_A_RELAY: &str = "not a relay";
const NO_ADDRESS: &str = "relay without an address";
const NO_SOCKET: &str = "not an address with a port";

fn recognises(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains("\"relays\"")
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    relays_published: Option<Cow<'a, str>>,
    #[serde(borrow)]
    relays: Vec<&'a RawValue>,
    #[serde(default)]
    bridges: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Relay<'a> {
    #[serde(borrow, default)]
    nickname: Cow<'a, str>,
    #[serde(borrow, default)]
    or_addresses: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    exit_addresses: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    flags: Vec<Cow<'a, str>>,
    #[serde(default = "yes")]
    running: bool,
}

/// Onionoo can be asked for some fields only; what does not say that it is down counts as up.
const fn yes() -> bool {
    true
}

fn read(text: &str) -> Result<Listing, String> {
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| json_list::damaged(&error))?;
    let dated = document.relays_published.as_deref().and_then(field::time);
    let mut list = Listing { dated, ..Listing::default() };
    for (at, raw) in document.relays.iter().enumerate() {
        list.records += 1;
        match serde_json::from_str::<Relay<'_>>(raw.get()) {
            Ok(relay) => relay.add(&mut list, at),
            Err(_) => list.refuse(NOT_A_RELAY, &format!("relays[{at}]"), raw.get()),
        }
    }
    for at in 0..document.bridges.len() {
        list.records += 1;
        list.refuse(BRIDGE, &format!("bridges[{at}]"), "");
    }
    Ok(list)
}

impl Relay<'_> {
    fn add(&self, list: &mut Listing, at: usize) {
        if !self.running {
            return list.refuse(NOT_RUNNING, &format!("relays[{at}]"), &self.nickname);
        }
        if self.or_addresses.is_empty() && self.exit_addresses.is_empty() {
            return list.refuse(NO_ADDRESS, &format!("relays[{at}]"), &self.nickname);
        }
        let roles = self.roles();
        for text in &self.or_addresses {
            let Ok(socket) = text.trim().parse::<SocketAddr>() else {
                list.refuse(NO_SOCKET, &format!("relays[{at}]"), text);
                continue;
            };
            let (address, before) = (socket.ip().to_string(), list.entries.len());
            for role in &roles {
                let port = Some(socket.port()).filter(|port| *port != 0);
                let facts = Facts { role: *role, port, observed_by: OR_ADDRESS, time: None };
                record::add(list, format_args!("relays[{at}]"), &address, facts);
                if list.entries.len() == before {
                    break;
                }
            }
        }
        for text in &self.exit_addresses {
            let facts = Facts { role: Role::Exit, observed_by: SCAN, ..Facts::NONE };
            record::add(list, format_args!("relays[{at}]"), text, facts);
        }
    }

    fn roles(&self) -> Vec<Role> {
        let named = [("Exit", Role::Exit), ("Guard", Role::Guard)];
        let has = |flag: &str| self.flags.iter().any(|own| own == flag);
        let roles: Vec<Role> = named.into_iter().filter(|(flag, _)| has(flag)).map(|(_, role)| role).collect();
        if roles.is_empty() { vec![Role::Middle] } else { roles }
    }
}

#[cfg(test)]
mod tests;
