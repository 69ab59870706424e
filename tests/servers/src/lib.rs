//! Object stores on loopback for tests and benches, and a proxy that stands between a client and one of them.
//!
//! - [`S3Server`]: S3 over a folder, in process.
//! - [`Azurite`]: Microsoft's Azure Blob emulator, installed from npm on first use.
//! - [`Proxy`]: counts requests and bytes, adds delay and a bandwidth limit, and fails where [`Faults`] say.
//!
//! All listen on ephemeral ports of 127.0.0.1 and stop when dropped; none needs or touches the caller's async runtime.
//! Nothing of coldtrail is known here, so that these servers can judge it and its peers alike.

mod azurite;
mod proxy;
mod s3;
mod serving;

pub use azurite::{ACCOUNT, Azurite, KEY, Missing, RequestError, connection_string};
pub use proxy::{Action, Counts, Dialect, Fault, Faults, Kind, Proxy, Rule, Seen, Tally};
pub use s3::{Access, Clock, Policy, REGION, S3Server, Token};
