//! What the fuzz targets call: readers of strangers' text, which must answer anything and never panic.

use super::{intel, tor};

/// Reads a text as a STIX pattern. A pattern must print as a text that is the same pattern.
///
/// # Panics
/// When it does not.
pub fn stix_pattern(text: &str) {
    intel::check_pattern(text);
}

/// Reads a text through every recogniser and reader of Tor lists.
pub fn tor_list(text: &str) {
    tor::probe_all(text);
}

/// Reads bytes as MISP documents and exports.
pub fn misp(bytes: &[u8]) {
    intel::read_misp(bytes);
}
