//! The run's Tor relays and indicators, ready to answer one question per event: is this event on the list, and what
//! does the list say of it at that time?
//!
//! Both are plain data behind an index, shared by functions, tables and scans. Membership is never a join: an event can
//! match or not, and can never be multiplied by several entries.

mod answer;
mod intel;
mod question;
mod tor;

#[cfg(test)]
mod tests;

pub use answer::{TorAnswer, Verdict};
pub(super) use intel::{Field, IntelMatch};
pub use intel::{IntelBook, IntelCounts, IntelRules};
pub(super) use question::EventNames;
pub(super) use tor::{PortAgreement, TorMatch};
pub use tor::{TorBook, TorRules};

use super::index::AddressSet;
use crate::model::blocks::Blocks;
use crate::model::{Address, Micros, Prefix};

/// What a scan asks before it knows the whole event: may one on this address match?
pub(crate) trait AddressList: std::fmt::Debug + Send + Sync {
    /// Whether any entry covers the address, at whatever time.
    fn lists(&self, address: Address) -> bool;

    /// Near which addresses anything may be listed.
    fn blocks(&self) -> &Blocks;

    /// The addresses and prefixes of all entries, as often as they have them.
    fn entries(&self) -> Box<dyn Iterator<Item = Prefix> + '_>;

    /// Everything that is listed, in order, where that is less than an index holds.
    fn wanted(&self) -> Option<&AddressSet>;

    /// Whether an event with this name, host of a domain or of a URL, may be listed for it.
    fn may_list_name(&self, _name: &str) -> bool {
        false
    }

    /// Whether any entry stands for a name that the event has.
    fn lists_name(&self, _names: &EventNames) -> bool {
        false
    }

    /// Whether the address is listed, and the event's time alone is why it does not match.
    fn is_left_out(&self, _address: Address, _time: Micros) -> bool {
        false
    }
}
