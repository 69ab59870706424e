//! Who opened the connection: the first of three sources that decides (DESIGN §3.2).

use serde_json::Value;

use super::event::Event;

/// `Inbound`, `Outbound` or `Unknown`.
pub(crate) fn direction(event: &Event) -> &'static str {
    match event.connection_direction.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("inbound") => return "Inbound",
        Some("outbound") => return "Outbound",
        _ => {}
    }
    if let Some(Value::String(word)) = field(event, "direction") {
        match word.to_ascii_lowercase().as_str() {
            "in" => return "Inbound",
            "out" => return "Outbound",
            _ => {}
        }
    }
    match event.action.as_deref().unwrap_or_default() {
        "ConnectionSuccess" | "ConnectionFailed" | "ConnectionRequest" => "Outbound",
        "ConnectionSuccessAggregatedReport" | "ConnectionFailedAggregatedReport" => "Outbound",
        "ConnectionAttempt" | "ConnectionAcknowledged" => "Outbound",
        "InboundConnectionAccepted" | "InboundConnectionAttempt" | "InboundInternetScanInspected" => "Inbound",
        _ => "Unknown",
    }
}

/// How many connections the event stands for.
pub(crate) fn connections(event: &Event) -> i64 {
    let number = match field(event, "uniqueEventsAggregated") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        _ => None,
    };
    number.filter(|number| *number >= 1).unwrap_or(1)
}

/// One key of AdditionalFields; text that is no JSON object has none.
fn field(event: &Event, key: &str) -> Option<Value> {
    let fields: Value = serde_json::from_str(event.fields.as_deref()?).ok()?;
    fields.as_object()?.get(key).cloned()
}

#[cfg(test)]
mod tests {
    use super::super::event::blank;
    use super::*;

    #[test]
    fn the_first_source_that_decides_wins() {
        for (column, fields, action, want) in [
            (Some("INBOUND"), Some(r#"{"direction":"Out"}"#), Some("ConnectionSuccess"), "Inbound"),
            (Some("sideways"), Some(r#"{"direction":"in"}"#), Some("ConnectionSuccess"), "Inbound"),
            (None, Some(r#"{"direction":"#), Some("ConnectionSuccess"), "Outbound"),
            (None, Some(r#"{"nested":{"direction":"In"}}"#), Some("ConnectionFailed"), "Outbound"),
            (None, None, Some("InboundConnectionAcknowledged"), "Unknown"),
            (None, None, None, "Unknown"),
        ] {
            let event = Event {
                connection_direction: column.map(Into::into),
                fields: fields.map(Into::into),
                action: action.map(Into::into),
                ..blank()
            };
            assert_eq!(direction(&event), want, "{event:?}");
        }
    }

    #[test]
    fn an_aggregated_report_stands_for_many() {
        for (fields, want) in [
            (r#"{"uniqueEventsAggregated":"12"}"#, 12),
            (r#"{"uniqueEventsAggregated":7}"#, 7),
            (r#"{"uniqueEventsAggregated":0}"#, 1),
            (r#"{"uniqueEventsAggregated":"many"}"#, 1),
            ("", 1),
        ] {
            assert_eq!(connections(&Event { fields: Some(fields.into()), ..blank() }), want, "{fields}");
        }
    }
}
