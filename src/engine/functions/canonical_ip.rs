//! `canonical_ip`: one address, one text.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;

use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::Address;

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "canonical_ip",
        kind: FunctionKind::Scalar,
        syntax: "canonical_ip(text)",
        summary: "The canonical text of an address: IPv4 dotted, IPv4-mapped IPv6 as IPv4, IPv6 per RFC 5952 without zone id. Null where the text is no address: ports, brackets and leading zeros make none.",
        arguments: &[("text", "an address in any spelling")],
        returns: "Utf8 or null",
        example: "SELECT canonical_ip('::FFFF:192.0.2.7')",
        result: "192.0.2.7",
    },
    arity: Arity::Exactly(1),
    returns: || DataType::Utf8,
    evaluate: |args| {
        let out: StringArray =
            args.text(0)?.iter().map(|t| t.and_then(Address::parse).map(|a| a.to_string())).collect();
        Ok(Arc::new(out))
    },
};
