//! `hunting_directives`: nine lines that an analyst can work through, in the words of KQL.md.

use std::sync::Arc;

use arrow::array::{Array as _, ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use datafusion::common::Result;

use super::args::{Args, SetColumn, at};
use super::spec::{Arity, FunctionDoc, FunctionKind, ScalarSpec};

pub(super) static SPEC: ScalarSpec = ScalarSpec {
    doc: FunctionDoc {
        name: "hunting_directives",
        kind: FunctionKind::Scalar,
        syntax: "hunting_directives(what, direction, processes, cmds, accounts, ports, ti_hit, ti_type, ti_confidence, vt_link)",
        summary: "What an analyst should look at, as nine numbered lines. An empty set, type or confidence prints None; a truncated set ends with ` (+n more)`.",
        arguments: &[
            ("what", "what was communicated with: TOR, Indicator"),
            ("direction", "the finding's direction, as printed"),
            ("processes, cmds, accounts, ports", "what make_set returned"),
            ("ti_hit, ti_type, ti_confidence", "the indicator that speaks for the finding, or nulls"),
            ("vt_link", "the address's page"),
        ],
        returns: "list of nine Utf8",
        example: "SELECT hunting_directives('TOR', 'Outbound to Tor', make_set('tor.exe'), make_set('tor.exe -f x'), make_set('eve'), make_set(443), NULL, NULL, NULL, 'https://vt')[2]",
        result: "2. Processes: tor.exe",
    },
    arity: Arity::Exactly(10),
    returns: || DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
    evaluate: build,
};

fn build(args: &Args) -> Result<ArrayRef> {
    let (what, direction) = (args.text(0)?, args.text(1)?);
    let (processes, commands, accounts, ports) = (args.set(2)?, args.set(3)?, args.set(4)?, args.set(5)?);
    let (hit, ti_type, confidence, link) = (args.text(6)?, args.text(7)?, args.float(8)?, args.text(9)?);
    let mut list = ListBuilder::new(StringBuilder::new());
    for row in 0..args.rows {
        let confidence = confidence.is_valid(row).then(|| confidence.value(row));
        let lines = [
            format!(
                "1. {} communication detected ({}).",
                at(&what, row).unwrap_or("None"),
                at(&direction, row).unwrap_or("None")
            ),
            format!("2. Processes: {}", joined(&processes, row, ", ")?),
            format!("3. CommandLines: {}", joined(&commands, row, " | ")?),
            format!("4. Accounts involved: {}", joined(&accounts, row, ", ")?),
            format!("5. Ports used: {}", joined(&ports, row, ", ")?),
            format!(
                "6. TI Hit: {} | ThreatType={}",
                if hit.is_valid(row) { "Yes" } else { "No" },
                at(&ti_type, row).filter(|kind| !kind.is_empty()).unwrap_or("None")
            ),
            // A whole f64 prints without decimals.
            format!("7. TI Confidence: {}", confidence.map_or_else(|| "None".to_owned(), |c| c.to_string())),
            format!("8. VT Reputation: {}", at(&link, row).unwrap_or("None")),
            "9. Next steps: Check for data exfil, lateral movement, 3CX/F5 indicators, and anomalous OAuth tokens."
                .to_owned(),
        ];
        lines.iter().for_each(|line| list.values().append_value(line));
        list.append(true);
    }
    Ok(Arc::new(list.finish()))
}

fn joined(set: &SetColumn, row: usize, separator: &str) -> Result<String> {
    let items = set.items(row)?;
    if items.is_empty() {
        return Ok("None".to_owned());
    }
    let text = items.join(separator);
    Ok(match set.cut(row) {
        0 => text,
        cut => format!("{text} (+{cut} more)"),
    })
}
