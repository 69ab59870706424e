//! Which versions a log holds, by the names in it. Asked only when something went wrong: a log may have thousands of
//! commits, and the log's reader lists just those after the last checkpoint.

use std::collections::BTreeSet;

use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{ObjectStore as _, Result};

use super::log_store::LogFiles;

/// The log's folder below the table's root.
const LOG: &str = "_delta_log";

/// What is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Present {
    /// Versions with a commit.
    pub(super) commits: BTreeSet<u64>,
    /// Versions with a checkpoint, or a part of one.
    pub(super) checkpoints: BTreeSet<u64>,
}

impl Present {
    /// One more name of the log.
    pub(super) fn add(&mut self, name: &str) {
        self.commits.extend(of_commit(name));
        self.checkpoints.extend(of_checkpoint(name));
    }

    /// The newest version, if there is any.
    pub(super) fn latest(&self) -> Option<u64> {
        self.commits.last().max(self.checkpoints.last()).copied()
    }

    /// The oldest version that can be rebuilt: replay starts at commit 0 or at a checkpoint.
    pub(super) fn oldest(&self) -> u64 {
        if self.commits.contains(&0) { 0 } else { self.checkpoints.first().copied().unwrap_or_default() }
    }

    /// The commits that a version needs: those after the checkpoint before it.
    pub(super) fn needed(&self, version: u64) -> std::ops::RangeInclusive<u64> {
        self.checkpoints.range(..=version).next_back().map_or(0, |checkpoint| checkpoint + 1)..=version
    }
}

/// The path of a commit below the table's root.
pub(super) fn commit(version: u64) -> String {
    format!("{LOG}/{version:020}.json")
}

/// The version of a commit's file name.
pub(super) fn of_commit(name: &str) -> Option<u64> {
    number(name.strip_suffix(".json")?)
}

/// The version of the name of a checkpoint or of a part of one.
fn of_checkpoint(name: &str) -> Option<u64> {
    let (version, rest) = name.split_once(".checkpoint.")?;
    (rest.ends_with("parquet") || rest.ends_with("json")).then(|| number(version))?
}

fn number(text: &str) -> Option<u64> {
    (text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// Lists the log.
///
/// # Errors
/// As the store says.
pub(super) async fn present(log: &LogFiles) -> Result<Present> {
    let mut entries = log.list(Some(&Path::from(LOG)));
    let mut present = Present::default();
    while let Some(entry) = entries.try_next().await? {
        present.add(entry.location.filename().unwrap_or_default());
    }
    Ok(present)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_log_say_their_versions() {
        assert_eq!(of_commit("00000000000000000012.json"), Some(12));
        for other in ["12.json", "00000000000000000012.json.tmp", "0000000000000000001x.json", "_last_checkpoint"] {
            assert_eq!(of_commit(other), None, "{other}");
        }
        for name in ["checkpoint.parquet", "checkpoint.0000000001.0000000002.parquet", "checkpoint.80a083e8-7026.json"]
        {
            assert_eq!(of_checkpoint(&format!("00000000000000000010.{name}")), Some(10), "{name}");
        }
        assert_eq!(of_commit("00000000000000000010.checkpoint.80a083e8-7026.json"), None);
        assert_eq!(of_checkpoint("00000000000000000010.crc"), None);
    }

    #[test]
    fn replay_starts_at_the_checkpoint_before() {
        let present = Present { commits: (8..=12).collect(), checkpoints: [5, 10].into() };
        assert_eq!((present.oldest(), present.latest()), (5, Some(12)));
        assert_eq!(present.needed(12), 11..=12);
        assert_eq!(present.needed(9), 6..=9);
    }
}
