//! What is wrong with a log that cannot be replayed, said by file and line.
//!
//! The log's reader parses many commits at once and its message names none of them. This looks again, only after a
//! failure, for what damages logs: a commit that is missing, and one that is cut off or otherwise no JSON.

use object_store::ObjectStoreExt as _;
use object_store::path::Path;
use serde_json::Value;

use super::log_store::LogFiles;
use super::versions::{self, Present};

/// The first damage on the way to a version, if it is of a kind that can be named.
pub(super) async fn find(log: &LogFiles, present: &Present, version: u64) -> Option<String> {
    for at in present.needed(version) {
        let name = versions::commit(at);
        if !present.commits.contains(&at) {
            return Some(format!("{name} is missing"));
        }
        let bytes = match log.get(&Path::from(name.as_str())).await {
            Ok(answer) => answer.bytes().await.ok()?,
            Err(_) => return None,
        };
        if let Some(what) = wrong(&bytes) {
            return Some(format!("{name} {what}"));
        }
    }
    None
}

/// What is wrong with a commit: one JSON object a line.
fn wrong(commit: &[u8]) -> Option<String> {
    let lines = commit.split(|byte| *byte == b'\n').enumerate();
    let mut filled = lines.filter(|(_, line)| !line.trim_ascii().is_empty()).peekable();
    if filled.peek().is_none() {
        return Some("is empty".into());
    }
    filled.find_map(|(number, line)| match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(_)) => None,
        Ok(_) => Some(format!("line {}: no JSON object", number + 1)),
        Err(error) if error.is_eof() => Some(format!("line {} breaks off", number + 1)),
        Err(_) => Some(format!("line {}: no JSON", number + 1)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_named_by_line() {
        assert_eq!(wrong(b"{\"add\":{}}\r\n\n{\"remove\":{}}"), None);
        assert_eq!(wrong(b"{\"add\":{}}\n{\"add\":{\"path").as_deref(), Some("line 2 breaks off"));
        assert_eq!(wrong(b"\0\0\0\0").as_deref(), Some("line 1: no JSON"));
        assert_eq!(wrong(b"[]\n").as_deref(), Some("line 1: no JSON object"));
        assert_eq!(wrong(b" \n").as_deref(), Some("is empty"));
    }
}
