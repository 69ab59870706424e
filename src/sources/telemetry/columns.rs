//! The columns of `DeviceNetworkEvents`: Defender's own (`reference/telemetry.md` 1.1), under their own names, in their own
//! order, and the kind of value that each holds whatever type a file gives it.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instant.
    Time,
    /// Text.
    Text,
    /// A port.
    Port,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A JSON object, as text.
    Json,
}

/// The event's time under the name that queries use.
pub const TIMESTAMP: &str = "Timestamp";
/// The peer's address, canonical.
pub const REMOTE_IP: &str = "RemoteIP";
/// The peer's address as the file has it.
pub const REMOTE_IP_RAW: &str = "RemoteIPRaw";
/// The derived direction.
pub const DIRECTION: &str = "Direction";
/// The file that an event was read from, as the user would name it.
pub const SOURCE_FILE: &str = "SourceFile";

/// Names under which exports keep the event's time, best first. `_time` is what a shipper took the event's time to be.
pub const TIME_NAMES: [&str; 5] = ["Timestamp", "Timestamp [UTC]", "TimeGenerated", "TimeGenerated [UTC]", "_time"];

/// Columns that coldtrail derives; a file's own column of such a name is not read.
pub const DERIVED: [&str; 3] = [REMOTE_IP_RAW, DIRECTION, SOURCE_FILE];

/// Defender's columns in Defender's order.
pub const DEFENDER: [(&str, Kind); 46] = [
    ("Timestamp", Kind::Time),
    ("DeviceId", Kind::Text),
    ("DeviceName", Kind::Text),
    ("ActionType", Kind::Text),
    ("RemoteIP", Kind::Text),
    ("RemotePort", Kind::Port),
    ("RemoteUrl", Kind::Text),
    ("LocalIP", Kind::Text),
    ("LocalPort", Kind::Port),
    ("Protocol", Kind::Text),
    ("LocalIPType", Kind::Text),
    ("RemoteIPType", Kind::Text),
    ("InitiatingProcessSHA1", Kind::Text),
    ("InitiatingProcessSHA256", Kind::Text),
    ("InitiatingProcessMD5", Kind::Text),
    ("InitiatingProcessFileName", Kind::Text),
    ("InitiatingProcessFileSize", Kind::Integer),
    ("InitiatingProcessVersionInfoCompanyName", Kind::Text),
    ("InitiatingProcessVersionInfoProductName", Kind::Text),
    ("InitiatingProcessVersionInfoProductVersion", Kind::Text),
    ("InitiatingProcessVersionInfoInternalFileName", Kind::Text),
    ("InitiatingProcessVersionInfoOriginalFileName", Kind::Text),
    ("InitiatingProcessVersionInfoFileDescription", Kind::Text),
    ("InitiatingProcessId", Kind::Integer),
    ("InitiatingProcessCommandLine", Kind::Text),
    ("InitiatingProcessCreationTime", Kind::Time),
    ("InitiatingProcessFolderPath", Kind::Text),
    ("InitiatingProcessParentFileName", Kind::Text),
    ("InitiatingProcessParentId", Kind::Integer),
    ("InitiatingProcessParentCreationTime", Kind::Time),
    ("InitiatingProcessAccountDomain", Kind::Text),
    ("InitiatingProcessAccountName", Kind::Text),
    ("InitiatingProcessAccountSid", Kind::Text),
    ("InitiatingProcessAccountUpn", Kind::Text),
    ("InitiatingProcessAccountObjectId", Kind::Text),
    ("InitiatingProcessIntegrityLevel", Kind::Text),
    ("InitiatingProcessTokenElevation", Kind::Text),
    ("ReportId", Kind::Integer),
    ("AppGuardContainerId", Kind::Text),
    ("AdditionalFields", Kind::Json),
    ("InitiatingProcessSessionId", Kind::Integer),
    ("IsInitiatingProcessRemoteSession", Kind::Boolean),
    ("InitiatingProcessRemoteSessionDeviceName", Kind::Text),
    ("InitiatingProcessRemoteSessionIP", Kind::Text),
    ("InitiatingProcessUniqueId", Kind::Text),
    ("LogonID", Kind::Integer),
];

/// Columns beyond Defender's that have a fixed kind where a file has them: Sentinel's, and the one of KQL.md.
pub const EXTRA: [(&str, Kind); 4] = [
    ("ConnectionDirection", Kind::Text),
    ("TimeGenerated", Kind::Time),
    ("MachineGroup", Kind::Text),
    ("TenantId", Kind::Text),
];

/// The kind of a known column.
#[must_use]
pub fn kind(name: &str) -> Option<Kind> {
    DEFENDER.iter().chain(&EXTRA).find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// The known column that a file's column is: the same name, or the same but for case.
#[must_use]
pub fn known(name: &str) -> Option<&'static str> {
    let all = || DEFENDER.iter().chain(&EXTRA).map(|(known, _)| *known);
    all().find(|known| *known == name).or_else(|| all().find(|known| known.eq_ignore_ascii_case(name)))
}

/// Whether a file's column may hold times: one of a known column, or of the names of the event's time.
#[must_use]
pub fn may_be_time(name: &str) -> bool {
    let bare = name.strip_suffix(" [UTC]").unwrap_or(name);
    known(bare).and_then(kind) == Some(Kind::Time) || TIME_NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
