//! Who opened the connection, as far as an event says.
//!
//! DeviceNetworkEvents has no direction column, so it is derived (DESIGN §3.2): a `ConnectionDirection` column if
//! somebody added one, else the `direction` key of AdditionalFields, else what the ActionType means
//! (`reference/telemetry.md`, section 1.3). What none of them decides is unknown, never inbound.

use std::fmt;

/// The direction of a connection, seen from the device.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Direction {
    /// The peer opened it.
    Inbound,
    /// The device opened it.
    Outbound,
    /// The event does not say.
    Unknown,
}

impl Direction {
    /// The word in `DeviceNetworkEvents.Direction`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "Inbound",
            Self::Outbound => "Outbound",
            Self::Unknown => "Unknown",
        }
    }

    /// The direction that a printed text begins with: the view's own word, or a hunt's spelling such as
    /// `Outbound to Tor` or `Unknown direction`.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let word = text.split(' ').next()?;
        [Self::Inbound, Self::Outbound, Self::Unknown].into_iter().find(|d| d.as_str() == word)
    }

    /// The first of the three sources that decides.
    #[must_use]
    pub fn derive(
        connection_direction: Option<&str>,
        additional_fields: Option<&str>,
        action_type: Option<&str>,
    ) -> Self {
        connection_direction
            .and_then(|word| in_or_out(word, "Inbound", "Outbound"))
            .or_else(|| additional_fields.and_then(direction_key))
            .or_else(|| action_type.and_then(of_action_type))
            .unwrap_or(Self::Unknown)
    }
}

fn in_or_out(word: &str, inbound: &str, outbound: &str) -> Option<Direction> {
    if word.eq_ignore_ascii_case(inbound) {
        Some(Direction::Inbound)
    } else if word.eq_ignore_ascii_case(outbound) {
        Some(Direction::Outbound)
    } else {
        None
    }
}

/// Unreadable JSON decides nothing. Most values have no such key, so the text is searched before it is parsed; a key may be
/// spelled with escapes.
fn direction_key(json: &str) -> Option<Direction> {
    if !json.contains("direction") && !json.contains('\\') {
        return None;
    }
    let fields: serde_json::Value = serde_json::from_str(json).ok()?;
    in_or_out(fields.get("direction")?.as_str()?, "In", "Out")
}

fn of_action_type(action_type: &str) -> Option<Direction> {
    match action_type {
        "ConnectionSuccess"
        | "ConnectionFailed"
        | "ConnectionRequest"
        | "ConnectionSuccessAggregatedReport"
        | "ConnectionFailedAggregatedReport"
        | "ConnectionAttempt"
        | "ConnectionAcknowledged" => Some(Direction::Outbound),
        "InboundConnectionAccepted" | "InboundConnectionAttempt" | "InboundInternetScanInspected" => {
            Some(Direction::Inbound)
        }
        _ => None,
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_source_that_decides_wins() {
        use Direction::{Inbound, Outbound, Unknown};
        for (column, fields, action, want) in [
            (Some("INBOUND"), Some(r#"{"direction":"Out"}"#), Some("ConnectionSuccess"), Inbound),
            (Some("sideways"), Some(r#"{"direction":"in"}"#), Some("ConnectionSuccess"), Inbound),
            (Some(""), Some(r#"{"direction":"#), Some("ConnectionSuccess"), Outbound),
            (None, Some(r#"{"direction":1}"#), Some("InboundConnectionAccepted"), Inbound),
            (None, Some(r#"{"d\u0069rection":"In"}"#), Some("ConnectionSuccess"), Inbound),
            (None, Some("[]"), Some("ConnectionAttempt"), Outbound),
            (None, None, Some("InboundConnectionAcknowledged"), Unknown),
            (None, None, Some("connectionsuccess"), Unknown),
            (None, None, Some("ListeningConnectionCreated"), Unknown),
            (None, None, None, Unknown),
        ] {
            assert_eq!(Direction::derive(column, fields, action), want, "{column:?} {fields:?} {action:?}");
        }
    }

    #[test]
    fn the_spelling_of_a_hunt_leads_back_to_the_word() {
        assert_eq!(Direction::of_text("Outbound to Tor"), Some(Direction::Outbound));
        assert_eq!(Direction::of_text("Unknown direction"), Some(Direction::Unknown));
        assert_eq!(Direction::of_text("outbound"), None);
    }
}
