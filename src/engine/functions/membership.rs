//! `tor_match`, `tor_role_at` and `intel_match`: the membership questions, bound to the run's lists.
//!
//! Asked in a filter with IS NOT NULL, they are also what a scan recognises, so that it looks at addresses before it reads
//! anything else.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature};

use super::args::Args;
use super::questions::Questions;
use super::spec::{Arity, FunctionDoc, FunctionKind, check_question, signature};
use crate::engine::lists::{AddressList, IntelBook, TorBook, TorMatch};
use crate::engine::rows::{self, IntelRow};

pub(super) const TOR_MATCH_DOC: FunctionDoc = FunctionDoc {
    name: "tor_match",
    kind: FunctionKind::Scalar,
    syntax: "tor_match(remote_ip, timestamp [, remote_port])",
    summary: "What the Tor lists of the run say of an address at a time: null when it was no relay then (--tor-match says how strictly). An event without a time cannot be judged and does not match. With the port, ORPort says whether it is the relay's own (`same`) or not (`other`), where the list names one.",
    arguments: &[("remote_ip", "an address"), ("timestamp", "when"), ("remote_port", "the peer's port")],
    returns: "null, or a struct (Role, Evidence, SeenFrom, SeenTo, ORPort)",
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
    syntax: "intel_match(remote_ip, timestamp [, remote_port [, remote_url, additional_fields]])",
    summary: "What the indicators of the run say of an event: null when none matches. Addresses and prefixes are looked for in remote_ip, domains (with their subdomains) and URLs in remote_url and in the host, query and server_name of additional_fields, where these are given. Hit, Confidence, Type, Validity and ToIds are those of the indicator that speaks loudest (highest confidence, longest prefix, latest start); Matches lists them all. Hit is null when they say only tor, anonymization or benign. A port that an indicator names is told (`same` or `other`) and is never a condition.",
    arguments: INTEL_ARGUMENTS,
    returns: "null, or a struct (Hit, Confidence, Type, Validity, ToIds, Matches)",
    example: "SELECT intel_match('192.0.2.7', to_timestamp_micros(0))['Confidence']",
    result: "85",
};

/// The arguments of `intel_match` and `intel_summary`.
pub(super) const INTEL_ARGUMENTS: &[(&str, &str)] = &[
    ("remote_ip", "an address"),
    ("timestamp", "when"),
    ("remote_port", "the peer's port"),
    ("remote_url", "a host name or URL"),
    ("additional_fields", "JSON"),
];

/// `tor_match`, and `tor_role_at` which is its Role.
#[derive(Debug)]
pub(crate) struct TorMatchFn {
    book: Arc<TorBook>,
    doc: FunctionDoc,
    signature: Signature,
}

impl TorMatchFn {
    pub(super) fn tor_match(book: Arc<TorBook>) -> Self {
        Self { book, doc: TOR_MATCH_DOC, signature: signature(Arity::OneOf(&[2, 3])) }
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
        let questions = Questions::of(Args::new(args)?.arrays())?;
        let answer = |row| self.book.match_at(questions.address(row)?, questions.time(row), questions.port(row));
        let matches: Vec<Option<TorMatch>> = (0..questions.rows()).map(answer).collect();
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
    signature: Signature,
}

impl IntelMatchFn {
    pub(super) fn new(book: Arc<IntelBook>) -> Self {
        Self { book, signature: signature(Arity::OneOf(&[2, 3, 5])) }
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
        let questions = Questions::of(Args::new(args)?.arrays())?;
        let answer = |row| {
            let (time, names) = (questions.time(row), questions.names(row));
            let matches = self.book.match_at(questions.address(row), time, questions.port(row), &names);
            let hit = self.book.hit(matches.iter().map(|one| one.position));
            let validity = hit.zip(time).map(|(hit, time)| self.book.validity(hit, time).as_str());
            (!matches.is_empty()).then_some(IntelRow { matches, validity })
        };
        let answers: Vec<Option<IntelRow>> = (0..questions.rows()).map(answer).collect();
        Ok(ColumnarValue::Array(Arc::new(rows::intel_structs(&self.book, &answers)?)))
    }
}
