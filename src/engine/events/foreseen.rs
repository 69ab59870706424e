//! Which way `auto` would find the listed rows of each row group, as far as footers and indexes tell before pages are read.

use std::collections::BTreeMap;
use std::sync::Arc;

use parquet::basic::Type;

use super::ids::TextChunk;
use super::indexed::IndexReader;
use super::ways::Way;
use crate::engine::index::{Index, Key};
use crate::engine::indexing;
use crate::model::Period;
use crate::model::coverage::ReadWay;
use crate::sources::Shelf;
use crate::sources::telemetry::{Content, DataFile, Dataset, Origin, Place, columns};

/// The ways of the row groups that a period touches, fastest first. A hunt may find pages that it cannot read as they are, and
/// takes the plain way then.
pub async fn foreseen(dataset: &Dataset, period: Period, index: Option<&Shelf>) -> Vec<ReadWay> {
    let mut ways: BTreeMap<(Way, String), u64> = BTreeMap::new();
    for file in &dataset.files {
        let indexed = match index {
            Some(shelf) => has_index(file, shelf).await,
            None => false,
        };
        for (at, group) in file.row_groups.iter().enumerate().filter(|(_, group)| group.rows > 0) {
            let (way, why) = match group.place(period) {
                Place::Outside => continue,
                Place::Cut => (Way::Rows, "a bound of the period cuts the row group"),
                Place::Inside if indexed => (Way::Index, Way::Index.why()),
                Place::Inside => by_footer(file, at),
            };
            *ways.entry((way, why.to_owned())).or_default() += 1;
        }
    }
    ways.into_iter().map(|((way, why), row_groups)| ReadWay { way: way.as_str().to_owned(), why, row_groups }).collect()
}

async fn has_index(file: &DataFile, shelf: &Shelf) -> bool {
    let Some(key) = indexing::key(file) else { return false };
    let item = IndexReader::of(shelf.item(&Key::file_name(&key.path)));
    Index::open(Arc::new(item), &key).await.is_ok()
}

fn by_footer(file: &DataFile, group: usize) -> (Way, &'static str) {
    let Content::Parquet(metadata) = &file.content else {
        return (Way::Rows, "a text export is read record by record");
    };
    let root = match file.shape.origins.get(columns::REMOTE_IP) {
        Some(Origin::Column { index, .. }) => *index,
        Some(Origin::Path(_)) => return (Way::Rows, "the path says the address"),
        None => return (Way::Rows, "the file has no RemoteIP"),
    };
    match TextChunk::of(metadata, group, root) {
        None => (Way::Rows, "RemoteIP is nested or repeated"),
        Some(chunk) if chunk.physical_type() != Type::BYTE_ARRAY => (Way::Rows, "RemoteIP is not stored as text"),
        Some(_) => (Way::Ids, Way::Ids.why()),
    }
}
