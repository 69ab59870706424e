//! Where hunts come from: the ones inside the binary, and the files that a user adds.

use std::path::{Path, PathBuf};

use super::error::HuntError;
use super::nearest::did_you_mean_among;
use super::parse::{Hunt, parse};

/// The hunts of the binary: file name under `sql/`, and text.
const BUILT_IN: [(&str, &str); 4] = [
    ("sql/intel_any.sql", include_str!("../../sql/intel_any.sql")),
    ("sql/intel_ip.sql", include_str!("../../sql/intel_ip.sql")),
    ("sql/tor_exit.sql", include_str!("../../sql/tor_exit.sql")),
    ("sql/tor_relay.sql", include_str!("../../sql/tor_relay.sql")),
];

/// The hunts inside the binary, by id.
pub fn built_in() -> Result<Vec<Hunt>, HuntError> {
    BUILT_IN.into_iter().map(|(path, text)| parse(text, path)).collect()
}

/// One hunt from a file. `path` is how messages name it; a relative one starts at `base`.
pub fn load_file(path: &Path, base: &Path) -> Result<Hunt, HuntError> {
    let name = path.display().to_string();
    let bytes = std::fs::read(base.join(path)).map_err(|source| HuntError::Io { path: name.clone(), source })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| HuntError::File { path: name.clone(), message: "not UTF-8 text; save it as UTF-8".to_owned() })?;
    parse(&text, &name)
}

/// The `*.sql` files of a directory, by name, each as `path` joined with its name. Hidden files and folders below are
/// left alone; a directory without any is an error, because it is probably the wrong one. A file stands for itself.
pub fn files_in(path: &Path, base: &Path) -> Result<Vec<PathBuf>, HuntError> {
    let name = path.display().to_string();
    let refused = |source| HuntError::Io { path: name.clone(), source };
    if base.join(path).is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(base.join(path)).map_err(refused)? {
        let file = PathBuf::from(entry.map_err(refused)?.file_name());
        let hidden = file.to_string_lossy().starts_with('.');
        let is_sql = file.extension().is_some_and(|extension| extension == "sql");
        if is_sql && !hidden && base.join(path).join(&file).is_file() {
            files.push(path.join(file));
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(HuntError::File { path: name, message: "no .sql file in this directory".to_owned() });
    }
    Ok(files)
}

/// The hunts of a directory (`--hunts DIR`), by file name. An id that a built-in hunt has is an error: a hunt's name
/// must mean the same for everybody who reads its findings.
pub fn load_dir(path: &Path, base: &Path) -> Result<Vec<Hunt>, HuntError> {
    let built_in = built_in()?;
    let mut hunts: Vec<Hunt> = Vec::new();
    for file in files_in(path, base)? {
        let hunt = load_file(&file, base)?;
        if let Some(known) = built_in.iter().chain(&hunts).find(|known| known.id == hunt.id) {
            let message = format!("id `{}` is that of {}; rename one", hunt.id, named(known, &built_in));
            return Err(HuntError::File { path: hunt.path, message });
        }
        hunts.push(hunt);
    }
    Ok(hunts)
}

fn named(hunt: &Hunt, built_in: &[Hunt]) -> String {
    if built_in.contains(hunt) { format!("the built-in hunt {}", hunt.path) } else { hunt.path.clone() }
}

/// The hunt with this id.
pub fn find<'a>(hunts: &'a [Hunt], id: &str) -> Result<&'a Hunt, HuntError> {
    hunts.iter().find(|hunt| hunt.id == id).ok_or_else(|| {
        let known: Vec<&str> = hunts.iter().map(|hunt| hunt.id.as_str()).collect();
        let hint = did_you_mean_among(id, &known, "hunts are");
        HuntError::Unknown { id: id.to_owned(), hint: format!("{hint} (--hunts DIR adds your own)") }
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse::{SAMPLE, sample};
    use super::*;

    fn write(dir: &Path, name: &str, text: &str) {
        std::fs::write(dir.join(name), text).unwrap();
    }

    #[test]
    fn the_hunts_of_the_binary_are_sound_and_sorted() {
        let hunts = built_in().unwrap();
        let ids: Vec<&str> = hunts.iter().map(|hunt| hunt.id.as_str()).collect();
        assert_eq!(ids, ["intel_any", "intel_ip", "tor_exit", "tor_relay"]);
        assert!(find(&hunts, "tor_exit").unwrap().reads("TorRelays"));
        assert!(!find(&hunts, "intel_ip").unwrap().reads("TorRelays"));
    }

    #[test]
    fn a_directory_is_read_by_name() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "beacon.sql", SAMPLE);
        write(dir.path(), "a_beacon.sql", &SAMPLE.replace("id: beacon", "id: a_beacon"));
        write(dir.path(), ".hidden.sql", "");
        write(dir.path(), "README.md", "");
        let hunts = load_dir(Path::new("."), dir.path()).unwrap();
        let named: Vec<(&str, &str)> = hunts.iter().map(|hunt| (hunt.id.as_str(), hunt.path.as_str())).collect();
        assert_eq!(named, [("a_beacon", "./a_beacon.sql"), ("beacon", "./beacon.sql")]);
    }

    #[test]
    fn unusable_files_and_directories_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = |path: &str| load_dir(Path::new(path), dir.path()).unwrap_err().to_string();
        assert_eq!(error("."), ".: no .sql file in this directory");
        assert!(error("none").starts_with("none: "), "{}", error("none"));
        write(dir.path(), "tor_exit.sql", &SAMPLE.replace("id: beacon", "id: tor_exit"));
        assert_eq!(
            error("."),
            "./tor_exit.sql: id `tor_exit` is that of the built-in hunt sql/tor_exit.sql; rename one"
        );
        std::fs::write(dir.path().join("latin.sql"), [0x2d, 0xff]).unwrap();
        assert_eq!(
            load_file(Path::new("latin.sql"), dir.path()).unwrap_err().to_string(),
            "latin.sql: not UTF-8 text; save it as UTF-8"
        );
    }

    #[test]
    fn an_unknown_hunt_leads_to_the_nearest() {
        let hunts = [sample()];
        let error = |id: &str| find(&hunts, id).unwrap_err().to_string();
        assert_eq!(
            error("becaon"),
            "unknown hunt `becaon`; did you mean `beacon`? hunts are beacon (--hunts DIR adds your own)"
        );
        assert_eq!(error("nothing_like"), "unknown hunt `nothing_like`; hunts are beacon (--hunts DIR adds your own)");
    }
}
