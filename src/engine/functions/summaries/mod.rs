//! `tor_summary` and `intel_summary`: what the lists say of all events of a finding together.
//!
//! An indicator is collapsed here, per group and before anything is counted against it, so that ten indicators on one
//! address are ten entries of TI_Matches and never ten times the events.

mod intel;
mod tor;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::Result;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, GroupsAccumulator, Signature};

use self::intel::IntelSummaries;
use self::tor::TorSummaries;
use super::grouped::{Many, One};
use super::membership::INTEL_ARGUMENTS;
use super::spec::{Arity, FunctionDoc, FunctionKind, check_question, signature};
use crate::engine::lists::{IntelBook, TorBook};
use crate::engine::rows;
use crate::sources::telemetry::time_type;

pub(super) const TOR_DOC: FunctionDoc = FunctionDoc {
    name: "tor_summary",
    kind: FunctionKind::Aggregate,
    syntax: "tor_summary(remote_ip, timestamp [, remote_port])",
    summary: "tor_match over the events of a group: every role that matched, the best evidence, the earliest start and the latest end, and ORPort `same` when any event went to the relay's own port.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when"), ("remote_port", "the peer's port")],
    returns: "null, or a struct (Role, Evidence, SeenFrom, SeenTo, ORPort)",
    example: "SELECT tor_summary(ip, to_timestamp_micros(0))['Role'] FROM (VALUES ('192.0.2.7'), ('192.0.2.9')) AS t(ip)",
    result: "exit",
};

pub(super) const INTEL_DOC: FunctionDoc = FunctionDoc {
    name: "intel_summary",
    kind: FunctionKind::Aggregate,
    syntax: "intel_summary(remote_ip, timestamp [, remote_port [, remote_url, additional_fields]])",
    summary: "intel_match over the events of a group: every indicator that matched any of them, with every field in which it did, and of the one that speaks loudest the best validity over the events that it matched.",
    arguments: INTEL_ARGUMENTS,
    returns: "null, or a struct (Hit, Confidence, Type, Validity, ToIds, Matches)",
    example: "SELECT intel_summary(ip, to_timestamp_micros(0))['Hit'] FROM (VALUES ('192.0.2.7'), ('192.0.2.9')) AS t(ip)",
    result: "192.0.2.7",
};

/// The run's list that a summary asks.
#[derive(Debug, Clone)]
enum Book {
    Tor(Arc<TorBook>),
    Intel(Arc<IntelBook>),
}

/// A summary, bound to its list.
#[derive(Debug)]
pub(super) struct Summary {
    book: Book,
    signature: Signature,
}

impl Summary {
    pub(super) fn tor(book: Arc<TorBook>) -> Self {
        Self { book: Book::Tor(book), signature: signature(Arity::OneOf(&[2, 3])) }
    }

    pub(super) fn intel(book: Arc<IntelBook>) -> Self {
        Self { book: Book::Intel(book), signature: signature(Arity::OneOf(&[2, 3, 5])) }
    }
}

impl PartialEq for Summary {
    fn eq(&self, other: &Self) -> bool {
        match (&self.book, &other.book) {
            (Book::Tor(a), Book::Tor(b)) => Arc::ptr_eq(a, b),
            (Book::Intel(a), Book::Intel(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for Summary {}

impl Hash for Summary {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl AggregateUDFImpl for Summary {
    fn name(&self) -> &str {
        match self.book {
            Book::Tor(_) => TOR_DOC.name,
            Book::Intel(_) => INTEL_DOC.name,
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        check_question(self.name(), args)?;
        Ok(DataType::Struct(match self.book {
            Book::Tor(_) => rows::tor_fields(),
            Book::Intel(_) => rows::intel_fields(),
        }))
    }

    fn state_fields(&self, _args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let field = |name, data_type| Arc::new(Field::new(name, data_type, true));
        Ok(match self.book {
            Book::Tor(_) => vec![
                field("roles", DataType::Int64),
                field("evidence", DataType::Int64),
                field("seen_from", time_type()),
                field("seen_to", time_type()),
                field("or_port", DataType::Int64),
            ],
            Book::Intel(_) => {
                vec![field("matches", DataType::List(Arc::new(Field::new("item", DataType::Int64, true))))]
            }
        })
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(match &self.book {
            Book::Tor(book) => Box::new(One::new(TorSummaries::new(Arc::clone(book)))),
            Book::Intel(book) => Box::new(One::new(IntelSummaries::new(Arc::clone(book)))),
        })
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(match &self.book {
            Book::Tor(book) => Box::new(Many(TorSummaries::new(Arc::clone(book)))),
            Book::Intel(book) => Box::new(Many(IntelSummaries::new(Arc::clone(book)))),
        })
    }
}
