//! The traffic light protocol: how far an indicator's text may go (FIRST TLP 1.0 and 2.0, and the `amber+strict` between).

use std::str::FromStr;

/// A level, the most open first. Unmarked text is handled as [`Tlp::Amber`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tlp {
    /// `clear`, before version 2 `white`.
    Clear,
    /// The community.
    Green,
    /// The organisation and its clients.
    Amber,
    /// The organisation only.
    AmberStrict,
    /// The recipients only.
    Red,
}

impl Tlp {
    /// Every level, the most open first.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The word, in small letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// Reads a feed's word: `TLP:AMBER`, `tlp: white`, `Amber+Strict`, in any case.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let word =
            text.strip_prefix("tlp").map_or(text.as_str(), |rest| rest.trim_start_matches([':', ' ', '=', '-', '_']));
        match word.trim().trim_matches('"') {
            "white" | "clear" => Some(Self::Clear),
            "green" => Some(Self::Green),
            "amber" => Some(Self::Amber),
            "amber+strict" | "amber-strict" | "amber strict" | "amber_strict" => Some(Self::AmberStrict),
            "red" => Some(Self::Red),
            _ => None,
        }
    }

    /// The strictest of the levels that the words name.
    #[must_use]
    pub fn strictest<'a>(words: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        words.into_iter().filter_map(Self::of_text).max()
    }

    /// What stands in the place of withheld text.
    #[must_use]
    pub const fn withheld(self) -> &'static str {
        match self {
            Self::Clear => "[TLP:CLEAR withheld]",
            Self::Green => "[TLP:GREEN withheld]",
            Self::Amber => "[TLP:AMBER withheld]",
            Self::AmberStrict => "[TLP:AMBER+STRICT withheld]",
            Self::Red => "[TLP:RED withheld]",
        }
    }
}

/// Reads the word of `--tlp-max`, which is one that [`Tlp::of_text`] knows.
impl FromStr for Tlp {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::of_text(text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_spell_levels_in_many_ways() {
        for (text, want) in [
            ("TLP:AMBER", Some(Tlp::Amber)),
            ("tlp:amber+strict", Some(Tlp::AmberStrict)),
            (" White ", Some(Tlp::Clear)),
            ("TLP: RED", Some(Tlp::Red)),
            ("tlp", None),
            ("amber+", None),
            ("ex:amber", None),
        ] {
            assert_eq!(Tlp::of_text(text), want, "{text}");
        }
        assert_eq!(Tlp::strictest(["tlp:green", "x", "TLP:AMBER"]), Some(Tlp::Amber));
        assert!(Tlp::ALL.is_sorted());
    }
}
