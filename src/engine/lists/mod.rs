//! The run's Tor relays and indicators, ready to answer one question per event: is this address on the list, and what
//! does the list say of it at that time?
//!
//! Both are plain data behind an index of prefixes, shared by functions, tables and scans. Membership is never a join:
//! an event can match or not, and can never be multiplied by several entries.

mod intel;
mod tor;

pub use intel::{IntelBook, IntelRules};
pub use tor::TorBook;
pub(super) use tor::TorMatch;

use crate::model::Address;

/// What a scan asks before it knows the time: may an event on this address match?
pub(crate) trait AddressList: std::fmt::Debug + Send + Sync {
    /// Whether any entry covers the address, at whatever time.
    fn lists(&self, address: Address) -> bool;
}
