//! An index beside each data file: which addresses and names occur in it, and in which rows.
//!
//! A hunt with any list, prefix set or feed intersects the index with what it wants and reads only rows with hits. An
//! index can make a hunt faster and never wrong: it belongs to one state of one file ([`Key`]), every byte that is used
//! is checked, and whatever is not as it should be is an [`Unusable`], upon which the file is scanned instead.
//!
//! The module knows neither Parquet nor stores: a caller pushes what it decoded into a [`Builder`], and reads through
//! [`ReadRanges`]. It must not decide what an event's names are beyond [`names_of_url`], nor judge times.
//!
//! The file, little endian, from its start: the magic and the version; then, segment after segment, for IPv4, IPv6 and
//! names each the blocks of keys, the blocks of rows and the directory of both; the rows whose text is no address; then
//! the description (key, row groups, lengths of everything) and a fixed last record. Only lengths are stored, so parts can
//! neither overlap nor leave gaps, and every part's checksum stands in the part that leads to it.

mod bits;
mod build;
mod directory;
mod fuzzing;
mod hits;
mod key;
mod key_blocks;
mod layout;
mod names;
mod query;
mod read;
mod row_blocks;
mod segment;
mod unusable;
mod wanted;
mod wire;

#[cfg(test)]
mod tests;

pub use build::{Builder, Class, NameTable};
pub use fuzzing::fuzz;
pub use hits::Hits;
pub use key::{Key, Names};
pub use names::{host_of_url_key, names_of_url};
pub use read::{Index, ReadRanges};
pub use unusable::{Part, Stale, Unusable};
pub use wanted::{AddressSet, Wanted};
