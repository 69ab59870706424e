//! Which state of which file an index belongs to.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::unusable::{Stale, Unusable};
use super::wire::{Cursor, put_text};

/// Bytes of the path's hash in the name of an index file.
const NAME_BYTES: usize = 16;

/// One state of one data file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Key {
    /// The file's path or URL, in the one spelling that the caller uses for it.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its ETag, or else its modification time.
    pub version: String,
    /// The SHA-256 of its footer's bytes.
    pub footer: [u8; 32],
}

/// Which columns the names of an index come from. What a hunt asks and an index has not, the index cannot answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The names of RemoteUrl, by [`names_of_url`](super::names_of_url).
    pub remote_url: bool,
    /// The names of inspected connections in AdditionalFields.
    pub additional_fields: bool,
}

impl Key {
    /// The name of the index of a file in a directory of indexes. It follows from the path alone, so that a refreshed
    /// index takes the place of the stale one.
    #[must_use]
    pub fn file_name(path: &str) -> String {
        let hash = Sha256::digest(path.as_bytes());
        let mut name = hash.iter().take(NAME_BYTES).fold(String::new(), |mut name, byte| {
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
        name.push_str(".ctindex");
        name
    }

    /// What differs from the file that is there.
    pub(super) fn check(&self, there: &Self) -> Result<(), Unusable> {
        let differs = [
            (self.path != there.path, Stale::Path),
            (self.size != there.size, Stale::Size),
            (self.version != there.version, Stale::Version),
            (self.footer != there.footer, Stale::Footer),
        ];
        differs.iter().find(|(differs, _)| *differs).map_or(Ok(()), |(_, stale)| Err(Unusable::Stale(*stale)))
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_text(out, &self.path);
        out.extend_from_slice(&self.size.to_le_bytes());
        put_text(out, &self.version);
        out.extend_from_slice(&self.footer);
    }

    pub(super) fn take(from: &mut Cursor<'_>) -> Option<Self> {
        let path = from.text()?.to_owned();
        let size = from.u64()?;
        let version = from.text()?.to_owned();
        let footer = from.bytes(32)?.try_into().ok()?;
        Some(Self { path, size, version, footer })
    }
}

impl Names {
    /// Whether this holds all names that are asked for.
    #[must_use]
    pub const fn hold(self, asked: Self) -> bool {
        (self.remote_url || !asked.remote_url) && (self.additional_fields || !asked.additional_fields)
    }

    pub(super) fn to_byte(self) -> u8 {
        u8::from(self.remote_url) | u8::from(self.additional_fields) << 1
    }

    pub(super) const fn of_byte(byte: u8) -> Option<Self> {
        if byte > 3 {
            return None;
        }
        Some(Self { remote_url: byte & 1 != 0, additional_fields: byte & 2 != 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_index_is_flat_and_follows_from_the_path() {
        let name = Key::file_name("s3://bucket/a/b.parquet");
        assert_eq!(name.len(), 2 * NAME_BYTES + ".ctindex".len());
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'));
        assert_ne!(name, Key::file_name("s3://bucket/a/c.parquet"));
    }

    #[test]
    fn names_that_are_not_asked_for_may_be_missing() {
        let url = Names { remote_url: true, additional_fields: false };
        let both = Names { remote_url: true, additional_fields: true };
        assert!(url.hold(url) && both.hold(url) && url.hold(Names::default()) && !url.hold(both));
    }
}
