//! `ip_in`: whether an address lies in a prefix.

use std::sync::Arc;

use arrow::array::BooleanArray;
use arrow::datatypes::DataType;

use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::{Address, Prefix};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "ip_in",
        kind: FunctionKind::Scalar,
        syntax: "ip_in(address, prefix)",
        summary: "Whether an address lies in a prefix, both compared as 128-bit numbers.",
        arguments: &[("address", "an address in any spelling"), ("prefix", "an address or a prefix in CIDR notation")],
        returns: "Boolean; null where either is not readable",
        example: "SELECT ip_in('::ffff:192.0.2.7', '192.0.2.0/24')",
        result: "true",
    },
    arity: Arity::Exactly(2),
    returns: || DataType::Boolean,
    evaluate: |args| {
        let (addresses, prefixes) = (args.text(0)?, args.text(1)?);
        let answer = |address: Option<&str>, prefix: Option<&str>| {
            Some(Prefix::parse(prefix?).ok()?.contains(Address::parse(address?)?))
        };
        let out: BooleanArray =
            addresses.iter().zip(&prefixes).map(|(address, prefix)| answer(address, prefix)).collect();
        Ok(Arc::new(out))
    },
};
