//! `hashes.csv` of a MISP feed: an MD5 of each attribute's value with its event's uuid. It lets servers look for known
//! values without reading events; there is nothing in it that could be matched, and it is no list of malicious files.

use super::super::{Context, Sink, TextFormat};
use super::is_uuid;
use crate::sources::SourceError;

/// The format.
pub(super) const FORMAT: TextFormat = TextFormat { name: "MISP feed hashes", recognises, read };

fn recognises(head: &str) -> bool {
    let mut lines: Vec<&str> = head.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    // The last line may be cut where the head ends.
    if lines.len() > 1 && !head.ends_with('\n') {
        lines.pop();
    }
    !lines.is_empty() && lines.into_iter().all(is_pair)
}

fn is_pair(line: &str) -> bool {
    line.split_once(',').is_some_and(|(hash, uuid)| {
        let hash = hash.trim().trim_matches('"');
        hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && is_uuid(uuid.trim().trim_matches('"'))
    })
}

fn read(_: &Context<'_>, _: &mut Sink<'_>) -> Result<(), SourceError> {
    Ok(())
}
