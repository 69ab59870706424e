//! `finding_id`: the name of a finding, the same in every run.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;

use super::args::at;
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::finding;

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "finding_id",
        kind: FunctionKind::Scalar,
        syntax: "finding_id(hunt, device_name, remote_ip, direction)",
        summary: "16 hex digits of SHA-256 over the four, with U+001F between and null as U+0000: the same finding has the same id however many events it has.",
        arguments: &[
            ("hunt", "the hunt's id"),
            ("device_name", "DeviceName"),
            ("remote_ip", "RemoteIP, canonical"),
            ("direction", "the finding's direction, as printed"),
        ],
        returns: "Utf8",
        example: "SELECT finding_id('tor_exit', 'wks-1', '192.0.2.7', 'Outbound to Tor')",
        result: "e247568eefa83110",
    },
    arity: Arity::Exactly(4),
    returns: || DataType::Utf8,
    evaluate: |args| {
        let (hunt, device, address, direction) = (args.text(0)?, args.text(1)?, args.text(2)?, args.text(3)?);
        let id = |row| {
            finding::finding_id(
                at(&hunt, row).unwrap_or("\u{0}"),
                at(&device, row),
                at(&address, row),
                at(&direction, row),
            )
        };
        Ok(Arc::new(StringArray::from_iter_values((0..args.rows).map(id))))
    },
};
