//! The words that all rooms share.
//!
//! Addresses, prefixes, time, severities, relays, indicators, findings and coverage as plain values. Nothing here
//! reads a file, names DataFusion or knows the clock: every rule that decides what counts as the same address, the
//! same instant or the same finding is written once, here, and tested without I/O.

pub mod address;
pub mod bad_input;
pub mod bench;
pub mod blocks;
pub mod coverage;
pub mod direction;
pub mod exclusion;
pub mod finding;
pub mod format;
mod hashed;
pub mod host;
pub mod indicator;
pub mod indicators;
pub mod lexicon;
pub mod name_index;
pub mod plan;
pub mod prefix;
pub mod prefix_index;
pub mod relay;
pub mod risk;
pub mod severity;
pub mod strategy;
pub mod synthesis;
pub mod time;
pub mod tlp;

pub use address::Address;
pub use bad_input::OnBadInput;
pub use direction::Direction;
pub use format::{Format, RowsFormat};
pub use indicator::Indicator;
pub use indicators::Indicators;
pub use name_index::NameIndex;
pub use prefix::Prefix;
pub use prefix_index::PrefixIndex;
pub use relay::RelayInterval;
pub use severity::Severity;
pub use time::{Micros, Period};
pub use tlp::Tlp;
