//! Where a conversion's scan hands on what becomes no event. A hunt counts such records and goes on.

use std::fmt;

use crate::sources::telemetry::{End, Reject};

/// A record that becomes no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The line on which it begins, where the file has lines.
    pub line: Option<u64>,
    /// Why.
    pub reason: String,
    /// What it holds.
    pub record: String,
}

impl From<Reject> for Rejected {
    fn from(reject: Reject) -> Self {
        Self { line: Some(reject.line), reason: reject.reason, record: reject.record }
    }
}

/// Takes records that become no event. Files come in parallel, the records of one file in its order.
pub trait Rejects: fmt::Debug + Send + Sync {
    /// Takes some of one file, named as the user would name it.
    fn rejected(&self, file: &str, records: Vec<Rejected>);

    /// A text export was read to its end.
    fn ended(&self, file: &str, end: End);
}
