//! Where data comes from: a path becomes a described dataset or a small table.
//!
//! Telemetry stays where it lies and is described (schema, files, statistics, time span); Tor lists and indicators are
//! read whole into plain values. Nothing here names DataFusion, so that a reader can be tested without a session, and
//! nothing here reads the environment: paths are resolved against a directory that the caller names.

mod csv_lines;
#[cfg(feature = "delta")]
pub mod delta;
pub mod error;
pub mod exclude;
pub mod fuzz;
pub mod intel;
pub mod location;
pub mod reach;
mod remote;
pub mod shelf;
pub mod store;
pub mod telemetry;
mod text;
pub mod tor;

pub use error::SourceError;
pub use reach::Reach;
pub use shelf::{Shelf, ShelfItem};
