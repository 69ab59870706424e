//! `network_direction`: who opened the connection.

use std::sync::Arc;

use arrow::array::StringArray;
use arrow::datatypes::DataType;

use super::args::at;
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::Direction;

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "network_direction",
        kind: FunctionKind::Scalar,
        syntax: "network_direction(connection_direction, additional_fields, action_type)",
        summary: "The direction of a connection, from the first of three sources that decides: a ConnectionDirection column, the `direction` key of AdditionalFields, the meaning of the ActionType. Never a guess: what none decides is Unknown. `DeviceNetworkEvents.Direction` is this function.",
        arguments: &[
            ("connection_direction", "Inbound or Outbound in any case; anything else decides nothing"),
            ("additional_fields", "JSON text"),
            ("action_type", "Defender's ActionType"),
        ],
        returns: "Outbound, Inbound or Unknown",
        example: "SELECT network_direction(NULL, '{\"direction\":\"In\"}', 'ConnectionAttempt')",
        result: "Inbound",
    },
    arity: Arity::Exactly(3),
    returns: || DataType::Utf8,
    evaluate: |args| {
        let (column, fields, action) = (args.text(0)?, args.text(1)?, args.text(2)?);
        let derive = |row| Direction::derive(at(&column, row), at(&fields, row), at(&action, row)).as_str();
        Ok(Arc::new(StringArray::from_iter_values((0..args.rows).map(derive))))
    },
};
