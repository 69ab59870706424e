//! Whatever the strategy and whatever the state of an index: the same findings, and the same coverage but for how it was read.
#![expect(clippy::unwrap_used, reason = "what goes wrong around the comparison has to fail the test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

use crate::agreement::{Case, Emphasis, agree, case, command};
use crate::naive::hunt::Hunt;

const STRATEGIES: [&str; 8] =
    ["in-list", "semi-join", "semi-join-static", "sort-merge", "set-function", "dictionary", "id-scan", "index"];

/// What happens to an index between its making and the hunt.
#[derive(Clone, Debug)]
enum Damage {
    Nothing,
    /// The file ends here.
    Cut(Index),
    /// A byte is another one.
    Flip(Index, u8),
    /// The index of another file lies there.
    Swapped,
    Gone,
    /// The data file was touched since.
    Stale,
    Foreign(Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        3 => Just(Damage::Nothing),
        2 => any::<Index>().prop_map(Damage::Cut),
        3 => (any::<Index>(), 1u8..).prop_map(|(at, change)| Damage::Flip(at, change)),
        1 => Just(Damage::Swapped),
        1 => Just(Damage::Gone),
        1 => Just(Damage::Stale),
        1 => proptest::collection::vec(any::<u8>(), 0..60).prop_map(Damage::Foreign),
    ]
}

fn listed(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(listed(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

impl Damage {
    fn happens(&self, root: &Path) {
        let indexes = listed(&root.join("index"), ".ctindex");
        for (number, path) in indexes.iter().enumerate() {
            let bytes = fs::read(path).unwrap();
            match self {
                Self::Nothing => {}
                Self::Cut(at) => fs::write(path, &bytes[..at.index(bytes.len())]).unwrap(),
                Self::Flip(at, change) => {
                    let mut bytes = bytes;
                    let at = at.index(bytes.len());
                    bytes[at] ^= change;
                    fs::write(path, bytes).unwrap();
                }
                Self::Swapped => {
                    let other = &indexes[(number + 1) % indexes.len()];
                    fs::copy(other, path).unwrap();
                }
                Self::Gone => fs::remove_file(path).unwrap(),
                Self::Stale => {
                    for file in listed(&root.join("events"), "") {
                        let times = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
                        fs::File::options().append(true).open(file).unwrap().set_times(times).unwrap();
                    }
                }
                Self::Foreign(bytes) => fs::write(path, bytes).unwrap(),
            }
        }
    }
}

/// The report and the coverage without its `reads`, or what the run said instead.
fn answer(mut command: Command, root: &Path) -> Result<(String, Value), String> {
    let output = command.output().unwrap();
    if !output.status.success() {
        return Err(format!("{:?} {}", output.status.code(), String::from_utf8_lossy(&output.stderr)));
    }
    let mut coverage: Value = serde_json::from_slice(&fs::read(root.join("coverage.json")).unwrap()).unwrap();
    coverage.as_object_mut().unwrap().remove("reads");
    Ok((String::from_utf8(output.stdout).unwrap(), coverage))
}

/// The same hunt as the case's, or the one that asks for names, too.
fn asked(root: &Path, case: &Case, names: bool) -> Command {
    let mut asked = command(root, "events", &case.question, case.threads);
    if names && case.question.intel.is_some() {
        let args: Vec<_> = asked.get_args().skip(2).map(|arg| arg.to_owned()).collect();
        let mut other = Command::new(asked.get_program());
        other.current_dir(root).args(["hunt", "intel_any"]).args(args);
        asked = other;
    }
    asked
}

fn check(root: &Path, (case, strategy, damage, names): &(Case, &str, Damage, bool)) -> Result<(), String> {
    case.store(root);
    let wanted = answer(asked(root, case, *names), root)?;
    let mut other = asked(root, case, *names);
    other.args(["--strategy", strategy]);
    if *strategy == "index" {
        let built = Command::new(other.get_program())
            .current_dir(root)
            .args(["index", "--events", "events", "--index", "index", "--quiet"])
            .output()
            .unwrap();
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        damage.happens(root);
        other.args(["--index", "index"]);
    }
    let shown = format!("{other:?} {damage:?}");
    match answer(other, root) {
        Ok(found) if found == wanted => Ok(()),
        Ok(found) => Err(format!("{shown}\nwanted {wanted:?}\nfound {found:?}")),
        // Joins compare exact addresses only, and say so.
        Err(said)
            if said.starts_with("Some(2)") && (said.contains("exact addresses") || said.contains("asks for names")) =>
        {
            Ok(())
        }
        Err(said) => Err(format!("{shown}\n{said}")),
    }
}

#[test]
fn every_strategy_and_any_index_give_the_same() {
    let emphasis = Emphasis { hunts: &[Hunt::TorExit, Hunt::IntelIp], copies: 30, bounds: 20 };
    let cases = (case(emphasis), select(STRATEGIES.to_vec()), damage(), prop::bool::weighted(0.2));
    agree("strategies", 2, cases, check);
}

#[test]
fn damaged_indexes_are_never_wrong() {
    let emphasis = Emphasis { hunts: &[Hunt::TorExit], copies: 10, bounds: 10 };
    let cases = (case(emphasis), Just("index"), damage(), prop::bool::weighted(0.3));
    agree("indexes", 4, cases, check);
}
