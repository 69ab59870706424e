//! A Tor list as typed: a source, with the role of its relays where the user states it.

use crate::model::relay::RoleFilter;

/// One `--tor` value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TorSource {
    /// What the user says the list holds; `None` leaves it to the source. `any` says that it mixes roles.
    pub role: Option<RoleFilter>,
    /// File, directory, glob or URL, as typed.
    pub source: String,
}

/// Reads `SRC`, or `exit=SRC`, `guard=SRC`, `any=SRC`. Any other `=` belongs to the path.
pub(super) fn tor_source(text: &str) -> Result<TorSource, String> {
    let stated = text.split_once('=').and_then(|(word, source)| Some((word.parse::<RoleFilter>().ok()?, source)));
    let (role, source) = stated.map_or((None, text), |(role, source)| (Some(role), source));
    if source.is_empty() {
        return Err("name a file, a directory or a pattern, such as exit=tor.csv".to_owned());
    }
    Ok(TorSource { role, source: source.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_words_state_a_role() {
        for (text, role, source) in [
            ("tor.csv", None, "tor.csv"),
            ("exit=tor.csv", Some(RoleFilter::Exit), "tor.csv"),
            ("guard=a=b.csv", Some(RoleFilter::Guard), "a=b.csv"),
            ("any=lists/*.txt", Some(RoleFilter::Any), "lists/*.txt"),
            ("day=2026-07-18/tor.csv", None, "day=2026-07-18/tor.csv"),
            ("./exit=tor.csv", None, "./exit=tor.csv"),
            ("EXIT=tor.csv", None, "EXIT=tor.csv"),
        ] {
            assert_eq!(tor_source(text), Ok(TorSource { role, source: source.to_owned() }), "{text}");
        }
        assert!(tor_source("exit=").is_err());
        assert!(tor_source("").is_err());
    }
}
