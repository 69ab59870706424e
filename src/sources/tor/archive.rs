//! Archives of lists: tar, and tar packed with xz, as Tor's collector publishes its months.
//!
//! An archive comes from a stranger. Nothing of it is written to disk, what it unpacks to is limited in whole and per
//! member, and a name that climbs is refused although it would only be shown.

mod limited;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use lzma_rust2::XzReader;
use tar::{Entry, EntryType};

use self::limited::{Allowance, Limited};
use crate::sources::SourceError;
use crate::sources::text;

const XZ: &[u8] = b"\xfd7zXZ\x00";

/// What stands in the first header of a tar, and where.
const USTAR: &[u8] = b"ustar";
const USTAR_AT: usize = 257;
const BLOCK_BYTES: u64 = 512;

/// A list is a few megabytes at most.
const MEMBER_BYTES_MAX: u64 = 64 << 20;

/// Everything together, unpacked; a month of hourly lists is a tenth of a gigabyte.
const TOTAL_BYTES_MAX: u64 = 8 << 30;

/// A decade of hourly lists has 90,000.
const MEMBERS_MAX: u64 = 200_000;

/// Memory for unpacking, in KiB: xz itself never asks for more than 64 MiB unless told to.
const XZ_MEMORY_KIB: u32 = 256 << 10;

const CLIMBS: &str = "archive member with a name that leads out of it";
const NOT_UTF8_NAME: &str = "archive member with a name that is not UTF-8";
const NO_FILE: &str = "archive member that is a link or no file";
const TOO_LARGE: &str = "archive member larger than 64 MiB";
const EMPTY: &str = "empty archive member";
const NO_TEXT: &str = "archive member that is no UTF-8 text";

/// One list in an archive.
pub(super) struct Member<'a> {
    /// Its path in the archive, without a leading `./`.
    pub(super) name: &'a str,
    /// Its text, without byte order mark.
    pub(super) text: &'a str,
}

/// What the archive had beside its lists.
pub(super) struct ArchiveFacts {
    /// Members that are no lists, by reason. Folders are not counted.
    pub(super) refused: BTreeMap<&'static str, u64>,
}

/// Whether a file that begins with these 512 bytes is an archive.
pub(super) fn is_one(head: &[u8]) -> bool {
    head.starts_with(XZ) || is_tar(head)
}

fn is_tar(head: &[u8]) -> bool {
    head.get(USTAR_AT..).is_some_and(|magic| magic.starts_with(USTAR))
}

/// Shows every list, in the order of the archive.
///
/// # Errors
/// A damaged or oversized archive, after the members before the damage were shown; and what `each` says.
pub(super) fn members(
    path: &Path,
    display: &str,
    each: &mut dyn FnMut(Member<'_>) -> Result<(), SourceError>,
) -> Result<ArchiveFacts, SourceError> {
    let file = File::open(path).map_err(|source| SourceError::Io { path: display.into(), source })?;
    walk(BufReader::new(file), display, TOTAL_BYTES_MAX, each)
}

fn walk<'a>(
    mut packed: impl Read + 'a,
    display: &str,
    bytes_max: u64,
    each: &mut dyn FnMut(Member<'_>) -> Result<(), SourceError>,
) -> Result<ArchiveFacts, SourceError> {
    let damaged = |error: io::Error| text::unreadable(display, &format!("damaged archive: {error}; fetch it again"));
    let head = first(&mut packed, XZ.len() as u64).map_err(damaged)?;
    let is_xz = head == XZ;
    let whole = Cursor::new(head).chain(packed);
    let mut unpacked: Box<dyn Read + 'a> =
        if is_xz { Box::new(XzReader::new_mem_limit(whole, true, XZ_MEMORY_KIB)) } else { Box::new(whole) };
    let head = first(&mut unpacked, BLOCK_BYTES).map_err(damaged)?;
    if !is_tar(&head) {
        return Err(text::unreadable(display, "compressed with xz, and no tar archive inside; unpack it first"));
    }
    let allowance = Allowance::new(bytes_max);
    let mut archive = tar::Archive::new(Limited::new(Cursor::new(head).chain(unpacked), &allowance));
    let mut facts = ArchiveFacts { refused: BTreeMap::new() };
    let mut entries = archive.entries().map_err(damaged)?;
    for count in 1.. {
        // Between members stand only headers and names.
        allowance.renew(limited::HEADER_BYTES_MAX);
        let Some(entry) = entries.next() else { break };
        let mut entry = entry.map_err(damaged)?;
        if count > MEMBERS_MAX {
            return Err(text::unreadable(display, &format!("more than {MEMBERS_MAX} members; split the archive")));
        }
        allowance.renew(u64::MAX);
        match named(&mut entry).map_err(damaged)? {
            Content::List { name, text } => {
                each(Member { name: &name, text: text.strip_prefix('\u{feff}').unwrap_or(&text) })?;
            }
            Content::Refused(reason) => *facts.refused.entry(reason).or_default() += 1,
            Content::Folder => {}
        }
    }
    Ok(facts)
}

/// At most the first `count` bytes.
fn first(reader: &mut impl Read, count: u64) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(count).read_to_end(&mut head)?;
    Ok(head)
}

enum Content {
    List { name: String, text: String },
    Refused(&'static str),
    Folder,
}

/// Reads a member to its end, wanted or not, so that one that breaks off is noticed.
fn named<R: Read>(entry: &mut Entry<'_, R>) -> io::Result<Content> {
    let kind = entry.header().entry_type();
    if kind == EntryType::GNUSparse {
        // A few bytes would read as terabytes of zeros that no limit on the archive's own bytes sees.
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it has a sparse file"));
    }
    let size = entry.size();
    let name = name_of(&entry.path_bytes());
    let is_file = matches!(kind, EntryType::Regular | EntryType::Continuous);
    let reason = match (kind, &name) {
        (EntryType::Directory | EntryType::XGlobalHeader, _) => None,
        _ if !is_file => Some(NO_FILE),
        (_, Err(reason)) => Some(*reason),
        _ if size > MEMBER_BYTES_MAX => Some(TOO_LARGE),
        _ if size == 0 => Some(EMPTY),
        _ => Some(NO_TEXT),
    };
    if reason != Some(NO_TEXT) {
        io::copy(entry, &mut io::sink())?;
        return Ok(reason.map_or(Content::Folder, Content::Refused));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    let name = name.unwrap_or_default();
    if (bytes.len() as u64) < size {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, format!("it breaks off in {}", text::excerpt(&name))));
    }
    if text::foreign(&bytes).is_some() {
        return Ok(Content::Refused(NO_TEXT));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Content::List { name, text },
        Err(_) => Content::Refused(NO_TEXT),
    })
}

/// A member's name, if it stays inside the archive.
fn name_of(bytes: &[u8]) -> Result<String, &'static str> {
    let name = str::from_utf8(bytes).map_err(|_| NOT_UTF8_NAME)?;
    let climbs = name.starts_with('/')
        || name.contains('\\')
        || name.split('/').any(|part| part == "..")
        || name.chars().any(char::is_control);
    if climbs { Err(CLIMBS) } else { Ok(name.trim_start_matches("./").to_string()) }
}
