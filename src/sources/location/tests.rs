//! What each kind of name expands to.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

fn tree(paths: &[&str]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for path in paths {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    dir
}

fn relatives(source: &str, base: &Path) -> Vec<String> {
    expand(source, base).unwrap().files.into_iter().map(|file| file.relative).collect()
}

fn message(source: &str, base: &Path) -> String {
    expand(source, base).unwrap_err().to_string()
}

#[test]
fn a_directory_is_read_below_its_name_without_hidden_paths() {
    let dir = tree(&[
        "a/date=2026-07-02/b.parquet",
        "a/date=2026-07-01/c.parquet",
        "a/z",
        "a/.hidden",
        "a/_SUCCESS",
        "a/_tmp/x/y",
    ]);
    let expansion = expand("a/", dir.path()).unwrap();
    let names: Vec<_> = expansion.files.iter().map(|f| (f.relative.as_str(), f.display.as_str(), f.size)).collect();
    assert_eq!(
        names,
        [
            ("date=2026-07-01/c.parquet", "a/date=2026-07-01/c.parquet", 1),
            ("date=2026-07-02/b.parquet", "a/date=2026-07-02/b.parquet", 1),
            ("z", "a/z", 1),
        ]
    );
    assert!(expansion.files.iter().all(|f| f.path.is_absolute() && f.modified.0 > 0));
    let counts: Vec<_> = expansion.ignored.iter().map(|c| (c.name.as_str(), c.count)).collect();
    assert_eq!(counts, [("names that begin with .", 1), ("names that begin with _", 2)]);
}

#[test]
fn hidden_parts_of_the_named_place_itself_are_meant() {
    let dir = tree(&["_in/.x/a", "_in/.x/b"]);
    assert_eq!(relatives("_in/.x", dir.path()), ["a", "b"]);
    assert_eq!(relatives("_in/.x/a", dir.path()), ["a"]);
    assert_eq!(relatives("_in/.x/*", dir.path()), ["a", "b"]);
}

#[test]
fn naming_one_partition_keeps_its_keys() {
    let dir = tree(&["t/y=2026/m=07/a.parquet"]);
    for source in ["t/y=2026/m=07/a.parquet", "t/y=2026/m=07/", "t/y=2026/m=07/*.parquet", "t/y=2026", "t/y=*/m=*/*"] {
        assert_eq!(relatives(source, dir.path()), ["y=2026/m=07/a.parquet"], "{source}");
    }
    assert_eq!(relatives("t", dir.path()), ["y=2026/m=07/a.parquet"]);
}

#[test]
fn globs_stay_inside_a_part_unless_doubled() {
    let dir = tree(&["a/1.csv", "a/2.txt", "a/b/3.csv", "a/b/c/4.csv", "a/_x/5.csv"]);
    assert_eq!(relatives("a/*.csv", dir.path()), ["1.csv"]);
    assert_eq!(relatives("a/**/*.csv", dir.path()), ["1.csv", "b/3.csv", "b/c/4.csv"]);
    assert_eq!(relatives("a/{1,2}.*", dir.path()), ["1.csv", "2.txt"]);
    assert_eq!(relatives("*/?.[ct]*", dir.path()), ["a/1.csv", "a/2.txt"]);
    let absolute = format!("{}/a/b/*", dir.path().display());
    assert_eq!(relatives(&absolute, Path::new("/")), ["3.csv", "c/4.csv"]);
    assert_eq!(expand("*/1.csv", dir.path()).unwrap().files[0].display, "a/1.csv");
}

#[test]
fn a_glob_that_matches_directories_means_all_below_them() {
    let dir = tree(&["a/date=2026-07-01/x/1", "a/date=2026-07-02/2", "a/date=2026-08-01/3"]);
    assert_eq!(relatives("a/date=2026-07-*", dir.path()), ["date=2026-07-01/x/1", "date=2026-07-02/2"]);
}

#[test]
fn a_path_that_exists_wins_over_its_reading_as_a_pattern() {
    let dir = tree(&["a[1].csv", "a1.csv", "50% off=now.csv"]);
    assert_eq!(relatives("a[1].csv", dir.path()), ["a[1].csv"]);
    assert_eq!(relatives("50% off=now.csv", dir.path()), ["50% off=now.csv"]);
}

#[test]
fn file_urls_are_decoded_and_other_schemes_refused() {
    let dir = tree(&["a b/1.csv"]);
    let url = format!("file://{}/a%20b/1.csv", dir.path().display());
    assert_eq!(relatives(&url, Path::new("/")), ["1.csv"]);
    assert_eq!(relatives(&url.replace("file://", "FILE://localhost"), Path::new("/")), ["1.csv"]);
    assert!(message("file://a/b%2", Path::new("/")).contains("absolute path"));
    assert!(message("file:///a%zz", Path::new("/")).contains("percent-encoding"));
    for url in ["s3://bucket/x", "az://c/x", "abfss://c@a.dfs.core.windows.net/x", "https://check.torproject.org/x"] {
        assert!(message(url, Path::new("/")).contains("is not read here"), "{url}");
    }
}

#[test]
fn nothing_there_is_said_by_name() {
    let dir = tree(&["a/.only-hidden"]);
    assert_eq!(message("gone", dir.path()), "gone: no such file or directory; check the path, or the pattern's quotes");
    assert!(message("", dir.path()).contains("empty name"));
    assert!(message("a", dir.path()).contains("no file in this directory (left out: 1 names that begin with .)"));
    assert!(message("a/*.csv", dir.path()).contains("no file matches this pattern"));
    assert!(message("b/*.csv", dir.path()).contains("no directory b"));
    assert!(message("a/[", dir.path()).contains("not valid"));
}

#[test]
fn a_delta_table_is_refused_however_it_is_named() {
    let dir = tree(&["t/_delta_log/0.json", "t/p=1/a.parquet", "other/b.parquet"]);
    for source in ["t", ".", "t/*/*.parquet", "**/a.parquet"] {
        assert!(message(source, dir.path()).contains("Delta table"), "{source}");
    }
    assert_eq!(relatives("*/b.parquet", dir.path()), ["other/b.parquet"]);
}

#[cfg(unix)]
#[test]
fn links_are_followed_once_and_loops_end() {
    use std::os::unix::fs::symlink;
    let dir = tree(&["a/real/1", "elsewhere/2"]);
    symlink(dir.path().join("a"), dir.path().join("a/real/up")).unwrap();
    symlink(dir.path().join("a/real"), dir.path().join("a/again")).unwrap();
    symlink(dir.path().join("elsewhere"), dir.path().join("a/more")).unwrap();
    symlink(dir.path().join("elsewhere"), dir.path().join("elsewhere/self")).unwrap();
    symlink(dir.path().join("a/real/1"), dir.path().join("a/0")).unwrap();
    symlink(dir.path().join("nowhere"), dir.path().join("a/broken")).unwrap();
    let expansion = expand("a", dir.path()).unwrap();
    let files: Vec<_> = expansion.files.iter().map(|f| (f.relative.as_str(), f.size)).collect();
    assert_eq!(files, [("broken", 0), ("more/2", 1), ("real/1", 1)]);
    let counts: Vec<_> = expansion.ignored.iter().map(|c| (c.name.as_str(), c.count)).collect();
    assert_eq!(counts, [("links to a directory above them", 2), ("links to what is already listed", 2)]);
    assert_eq!(relatives("a/m*/*", dir.path()), ["more/2"]);
    assert_eq!(relatives("**/2", dir.path()), ["elsewhere/2"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_are_read_and_shown() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = tree(&[]);
    fs::write(dir.path().join(OsStr::from_bytes(b"caf\xe9.csv")), "x").unwrap();
    let files = expand(".", dir.path()).unwrap().files;
    assert_eq!(files[0].display, "./caf\u{fffd}.csv");
    assert!(files[0].path.exists());
}
