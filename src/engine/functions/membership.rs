//! `tor_match`, `tor_role_at` and `intel_match`: the membership questions, bound to the run's lists.
//!
//! Asked in a filter with IS NOT NULL, they are also what a scan recognises, so that it looks at addresses before it reads
//! anything else.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{Array as _, RecordBatch, StringArray};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature};

use super::args::{Args, at};
use super::spec::{Arity, FunctionDoc, FunctionKind, check_question, signature};
use crate::engine::lists::{AddressList, IntelBook, TorBook, TorMatch};
use crate::engine::rows::{self, IntelRow};
use crate::model::{Address, Micros};

pub(super) const TOR_MATCH_DOC: FunctionDoc = FunctionDoc {
    name: "tor_match",
    kind: FunctionKind::Scalar,
    syntax: "tor_match(remote_ip, timestamp)",
    summary: "What the Tor lists of the run say of an address at a time: null when it is not on them. An event without a time cannot be judged and does not match.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when")],
    returns: "null, or a struct (Role, Evidence, SeenFrom, SeenTo)",
    example: "SELECT tor_match('192.0.2.7', to_timestamp_micros(0))['Evidence']",
    result: "undated",
};

pub(super) const TOR_ROLE_DOC: FunctionDoc = FunctionDoc {
    name: "tor_role_at",
    kind: FunctionKind::Scalar,
    syntax: "tor_role_at(remote_ip, timestamp)",
    summary: "The roles that the address had in the Tor network at that time, sorted and joined by a comma; null when it is not listed.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when")],
    returns: "Utf8 or null",
    example: "SELECT tor_role_at('::ffff:192.0.2.7', to_timestamp_micros(0))",
    result: "exit",
};

pub(super) const INTEL_MATCH_DOC: FunctionDoc = FunctionDoc {
    name: "intel_match",
    kind: FunctionKind::Scalar,
    syntax: "intel_match(remote_ip, timestamp)",
    summary: "What the indicators of the run say of an address at a time: null when none matches. Hit, Confidence, Type and Validity are those of the indicator that speaks loudest (highest confidence, longest prefix, latest start); Matches lists them all. Hit is null when they say only tor, anonymization or benign.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when")],
    returns: "null, or a struct (Hit, Confidence, Type, Validity, Matches)",
    example: "SELECT intel_match('192.0.2.7', to_timestamp_micros(0))['Confidence']",
    result: "85",
};

/// `tor_match`, and `tor_role_at` which is its Role.
#[derive(Debug)]
pub(crate) struct TorMatchFn {
    book: Arc<TorBook>,
    doc: FunctionDoc,
    signature: Signature,
}

impl TorMatchFn {
    pub(super) fn tor_match(book: Arc<TorBook>) -> Self {
        Self { book, doc: TOR_MATCH_DOC, signature: signature(Arity::Exactly(2)) }
    }

    pub(super) fn tor_role_at(book: Arc<TorBook>) -> Self {
        Self { book, doc: TOR_ROLE_DOC, signature: signature(Arity::Exactly(2)) }
    }

    /// The list that it asks.
    pub(crate) fn book(&self) -> Arc<dyn AddressList> {
        Arc::clone(&self.book) as Arc<dyn AddressList>
    }

    fn is_match(&self) -> bool {
        self.doc.name == TOR_MATCH_DOC.name
    }
}

impl PartialEq for TorMatchFn {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.book, &other.book) && self.doc.name == other.doc.name
    }
}

impl Eq for TorMatchFn {}

impl Hash for TorMatchFn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.doc.name.hash(state);
    }
}

impl ScalarUDFImpl for TorMatchFn {
    fn name(&self) -> &str {
        self.doc.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        check_question(self.doc.name, args)?;
        Ok(if self.is_match() { DataType::Struct(rows::tor_fields()) } else { DataType::Utf8 })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let args = Args::new(args)?;
        let matches: Vec<Option<TorMatch>> =
            questions(&args)?.into_iter().map(|(address, time)| self.book.match_at(address?, time)).collect();
        if self.is_match() {
            return Ok(ColumnarValue::Array(Arc::new(rows::tor_structs(&matches)?)));
        }
        let roles: StringArray = matches.iter().map(|m| m.as_ref().map(TorMatch::role_text)).collect();
        Ok(ColumnarValue::Array(Arc::new(roles)))
    }
}

/// `intel_match`.
#[derive(Debug)]
pub(crate) struct IntelMatchFn {
    book: Arc<IntelBook>,
    table: RecordBatch,
    signature: Signature,
}

impl IntelMatchFn {
    pub(super) fn new(book: Arc<IntelBook>, table: RecordBatch) -> Self {
        Self { book, table, signature: signature(Arity::Exactly(2)) }
    }

    /// The list that it asks.
    pub(crate) fn book(&self) -> Arc<dyn AddressList> {
        Arc::clone(&self.book) as Arc<dyn AddressList>
    }
}

impl PartialEq for IntelMatchFn {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.book, &other.book)
    }
}

impl Eq for IntelMatchFn {}

impl Hash for IntelMatchFn {
    fn hash<H: Hasher>(&self, state: &mut H) {
        INTEL_MATCH_DOC.name.hash(state);
    }
}

impl ScalarUDFImpl for IntelMatchFn {
    fn name(&self) -> &str {
        INTEL_MATCH_DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        check_question(INTEL_MATCH_DOC.name, args)?;
        Ok(DataType::Struct(rows::intel_fields()))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let args = Args::new(args)?;
        let answer = |(address, time): (Option<Address>, Option<Micros>)| {
            let found = self.book.match_at(address?, time)?;
            let hit = self.book.hit(&found.matches).and_then(|at| self.book.get(at));
            let validity = hit.zip(time).map(|(indicator, time)| indicator.validity(time).as_str());
            Some(IntelRow { matches: found.matches, validity })
        };
        let answers: Vec<Option<IntelRow>> = questions(&args)?.into_iter().map(answer).collect();
        Ok(ColumnarValue::Array(Arc::new(rows::intel_structs(&self.book, &self.table, &answers)?)))
    }
}

/// Address and time of each row.
fn questions(args: &Args) -> Result<Vec<(Option<Address>, Option<Micros>)>> {
    let (addresses, times) = (args.text(0)?, args.time(1)?);
    let of_row = |row| {
        let address = at(&addresses, row).and_then(Address::parse);
        (address, times.is_valid(row).then(|| Micros(times.value(row))))
    };
    Ok((0..args.rows).map(of_row).collect())
}
