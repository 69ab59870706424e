//! One record becomes an entry of the listing, or a reason why not.

use std::fmt::Arguments;

use super::super::listing::{Entry, Listing};
use crate::model::prefix::{PrivateRanges, Refusal};
use crate::model::relay::Role;
use crate::model::{Micros, Prefix};

/// A list with nothing but addresses.
pub(super) const LIST: &str = "list";

/// A connection through the exit was seen to come from there.
pub(super) const SCAN: &str = "scan";

/// The relay publishes the address as its own.
pub(super) const OR_ADDRESS: &str = "or address";

/// What a record says beside its address.
#[derive(Clone, Copy)]
pub(super) struct Facts {
    /// What the relay does.
    pub(super) role: Role,
    /// Its OR port.
    pub(super) port: Option<u16>,
    /// [`LIST`], [`SCAN`] or [`OR_ADDRESS`].
    pub(super) observed_by: &'static str,
    /// The record's own time.
    pub(super) time: Option<Micros>,
}

impl Facts {
    /// An address and nothing else.
    pub(super) const NONE: Self = Self { role: Role::Unspecified, port: None, observed_by: LIST, time: None };
}

/// Adds an address or prefix, or counts why it cannot be used; `place` is such as `line 7`.
pub(super) fn add(list: &mut Listing, place: Arguments<'_>, address: &str, facts: Facts) {
    if let Err(refusal) = try_add(list, address, facts) {
        list.refuse(refusal.reason(), &place.to_string(), address);
    }
}

/// Adds an address or prefix, if it can be used.
pub(super) fn try_add(list: &mut Listing, address: &str, facts: Facts) -> Result<(), Refusal> {
    let prefix = Prefix::parse_listed(address, PrivateRanges::Refuse)?;
    let Facts { role, port, observed_by, time } = facts;
    list.entries.push(Entry { prefix, role, port, observed_by, time });
    Ok(())
}
