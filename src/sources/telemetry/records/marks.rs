//! The words by which a record of this table is told from anything else.

/// Columns of `DeviceNetworkEvents` that nothing else in an export's packaging is called.
const MARKS: [&str; 9] =
    ["RemoteIP", "ActionType", "DeviceId", "DeviceName", "ReportId", "RemotePort", "RemoteUrl", "LocalIP", "LocalPort"];

/// Marks that a connection has and other device tables lack.
const NETWORK: [&str; 5] = ["RemoteIP", "RemotePort", "RemoteUrl", "LocalIP", "LocalPort"];

/// Times that only an event's own columns are called.
const TIMES: [&str; 4] = ["Timestamp", "Timestamp [UTC]", "TimeGenerated", "TimeGenerated [UTC]"];

/// The table.
const TABLE: &str = "DeviceNetworkEvents";

/// How streaming envelopes prefix a table's name.
const PREFIX: &str = "AdvancedHunting-";

/// Whether only an event has a key of this name.
pub(super) fn is_mark(name: &str) -> bool {
    name.get(..17).is_some_and(|start| start.eq_ignore_ascii_case("InitiatingProcess"))
        || MARKS.iter().any(|mark| mark.eq_ignore_ascii_case(name))
}

/// Whether only an event of a connection has a column of this name.
pub(super) fn is_network_mark(name: &str) -> bool {
    NETWORK.iter().any(|mark| mark.eq_ignore_ascii_case(name))
}

/// Whether it is one of the names of the event's time.
pub(super) fn is_time(name: &str) -> bool {
    TIMES.iter().any(|time| time.eq_ignore_ascii_case(name))
}

/// A table's name without the prefix that envelopes give it.
pub(super) fn table_name(category: &str) -> &str {
    strip_prefix(category).unwrap_or(category)
}

/// Whether a `category` is a table's name and not just any category.
pub(super) fn has_prefix(category: &str) -> bool {
    strip_prefix(category).is_some()
}

/// Whether a table's name, without prefix, is this table's.
pub(super) fn is_this_table(name: &str) -> bool {
    name.eq_ignore_ascii_case(TABLE)
}

fn strip_prefix(category: &str) -> Option<&str> {
    let (start, rest) = category.split_at_checked(PREFIX.len())?;
    start.eq_ignore_ascii_case(PREFIX).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_prefix() {
        assert!(is_this_table(table_name("advancedhunting-devicenetworkevents")));
        assert!(is_this_table(table_name("DeviceNetworkEvents")));
        assert_eq!(table_name("AdvancedHunting-DeviceEvents"), "DeviceEvents");
        assert!(is_mark("remoteip") && is_mark("InitiatingProcessId") && !is_mark("message") && !is_mark("Timestamp"));
    }
}
