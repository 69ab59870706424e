//! Exports made on the spot: events that only a test needs, one form and one fault each.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::runner::Run;

/// The address that every hit talks to.
pub(super) const LISTED: &str = "198.51.100.66";

/// A folder with a list of [`LISTED`] and room for exports.
pub(super) struct Made {
    folder: TempDir,
}

impl Made {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("tor.txt"), format!("{LISTED}\n")).unwrap();
        fs::create_dir(folder.path().join("events")).unwrap();
        Self { folder }
    }

    /// The folder of the exports.
    pub(super) fn events(&self) -> PathBuf {
        self.folder.path().join("events")
    }

    /// Writes one export.
    pub(super) fn put(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.events().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Brings an export of the repository's bad ones.
    pub(super) fn bring(&self, name: &str) -> PathBuf {
        let target = self.events().join(name);
        fs::copy(crate::runner::root().join("testdata/bad").join(name), &target).unwrap();
        target
    }

    /// A hunt over all of them.
    pub(super) fn hunt(&self) -> Run {
        self.hunt_in(&self.events())
    }

    /// A hunt over one path.
    pub(super) fn hunt_in(&self, path: &Path) -> Run {
        Run::new(&["hunt", "--format", "json", "--quiet"])
            .path("--tor", &self.folder.path().join("tor.txt"))
            .path("--events", path)
    }
}

/// An event as the advanced hunting schema has it, a hit on the list, `n` seconds after ten o'clock.
pub(super) fn event(n: usize) -> Value {
    json!({
        "Timestamp": format!("2026-07-18T{:02}:{:02}:{:02}Z", 10 + n / 3600, n / 60 % 60, n % 60),
        "DeviceId": "d1",
        "DeviceName": "wks-1.larchfield.example",
        "ReportId": n,
        "ActionType": "ConnectionSuccess",
        "RemoteIP": LISTED,
        "RemotePort": 443,
        "LocalIP": "100.64.0.9",
        "LocalPort": 50000,
        "Protocol": "Tcp",
        "InitiatingProcessFileName": "a.exe",
    })
}

/// Events as JSON lines.
pub(super) fn lines(events: impl IntoIterator<Item = Value>) -> String {
    events.into_iter().map(|event| format!("{event}\n")).collect()
}

/// The sum of all findings' events.
pub(super) fn hits(report: &Value) -> u64 {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["Count"].as_u64().unwrap()).sum()
}
