//! Object stores: from a URL and plain options to a store and its listing.
//!
//! A source such as `s3://bucket/prefix` becomes a [`Place`], the run's [`Stores`] make one [`Store`] of it, and [`list`]
//! says which objects lie there without asking for those that a period rules out. [`explain`] turns whatever a provider
//! answers into one sentence with a remedy. Nothing here reads the process's environment, judges what an object
//! contains, or shows a key, a token or a signed query.

mod aws;
mod azure;
mod body;
mod changed;
mod client;
mod error;
mod etag;
mod explain;
#[cfg(feature = "gs")]
mod gs;
mod identity;
mod list;
mod options;
mod place;
mod ranges;
mod redact;
mod registry;
mod secret;
mod stored;
mod traffic;
mod upload;
mod web;
mod wire;

#[cfg(test)]
mod loopback;
#[cfg(test)]
mod stored_tests;
#[cfg(test)]
mod testing;

pub use changed::Changed;
pub use error::StoreError;
pub use explain::{Doing, Explained, Trouble, explain};
pub use list::{Entry, Listing, Wanted, list};
pub use options::{StoreOptions, VARIABLES};
pub(in crate::sources) use place::percent_decoded;
pub use place::{Place, Scheme};
pub use redact::redact;
pub use registry::Stores;
pub use secret::Secret;
pub use stored::Store;
pub use traffic::Traffic;
pub use upload::{Upload, delete, put};
