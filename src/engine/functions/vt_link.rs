//! `vt_link`: where an analyst reads more about an address.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;

use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::finding;

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "vt_link",
        kind: FunctionKind::Scalar,
        syntax: "vt_link(address)",
        summary: "The address's page at VirusTotal. A link for people: coldtrail never fetches it.",
        arguments: &[("address", "an address")],
        returns: "Utf8; null for null",
        example: "SELECT vt_link('192.0.2.7')",
        result: "https://www.virustotal.com/gui/ip-address/192.0.2.7",
    },
    arity: Arity::Exactly(1),
    returns: || DataType::Utf8,
    evaluate: |args| {
        let out: StringArray = args.text(0)?.iter().map(|address| address.map(finding::vt_link)).collect();
        Ok(Arc::new(out))
    },
};
