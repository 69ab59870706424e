//! `event_signals`: what an event says of itself, for the score.

use std::sync::Arc;

use arrow::array::{Array as _, Int64Array};
use arrow::datatypes::DataType;

use super::args::at;
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};
use crate::model::risk::EventFields;
use crate::model::{Direction, risk};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "event_signals",
        kind: FunctionKind::Scalar,
        syntax: "event_signals(action_type, direction, file_name, folder_path, command_line, remote_port, remote_url)",
        summary: "What one event says of itself, as bits to be joined with bit_or over a group: 1 established, 2 accepted inbound, 4 Tor client, 8 script host, 16 download tool, 32 other LOLBin.",
        arguments: &[
            ("action_type", "ActionType"),
            ("direction", "Direction"),
            ("file_name", "InitiatingProcessFileName"),
            ("folder_path", "InitiatingProcessFolderPath"),
            ("command_line", "InitiatingProcessCommandLine"),
            ("remote_port", "RemotePort"),
            ("remote_url", "RemoteUrl"),
        ],
        returns: "Int64",
        example: "SELECT event_signals('ConnectionSuccess', 'Outbound', 'curl.exe', NULL, 'curl --socks5 127.0.0.1:9050', 443, NULL)",
        result: "21",
    },
    arity: Arity::Exactly(7),
    returns: || DataType::Int64,
    evaluate: |args| {
        let (action, direction, file) = (args.text(0)?, args.text(1)?, args.text(2)?);
        let (folder, command, port, url) = (args.text(3)?, args.text(4)?, args.integer(5)?, args.text(6)?);
        let signals = |row| {
            risk::signals(EventFields {
                action_type: at(&action, row),
                direction: at(&direction, row).and_then(Direction::of_text),
                file_name: at(&file, row),
                folder_path: at(&folder, row),
                command_line: at(&command, row),
                remote_port: port.is_valid(row).then(|| port.value(row)),
                remote_url: at(&url, row),
            })
        };
        Ok(Arc::new(Int64Array::from_iter_values((0..args.rows).map(signals))))
    },
};
