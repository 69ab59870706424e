//! The rows of a file on a listed address or name, from the file's index.
//!
//! An index is asked once for a file and a scan. Whatever is wrong with it is counted with its reason, and the file is scanned.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::Bytes;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use parquet::arrow::arrow_reader::RowSelection;
use tokio::sync::OnceCell;

use super::probe::Probe;
use super::tally::ScanTally;
use crate::engine::index::{Hits, Index, Key, ReadRanges, Stale, Unusable, Wanted};
use crate::engine::indexing;
use crate::engine::lists::AddressList;
use crate::model::Address;
use crate::sources::telemetry::{DataFile, Origin, columns};
use crate::sources::{Shelf, ShelfItem};

/// Bytes read first of an index behind a network: usual ones are smaller.
const REMOTE_FIRST_BYTES: u64 = 1 << 20;
/// Bytes read first of an index on a disk, where another read is cheap: a description fits.
const LOCAL_FIRST_BYTES: u64 = 4 << 10;

/// The index that a file may have.
#[derive(Debug)]
pub(super) struct FileIndex {
    shelf: Shelf,
    answer: OnceCell<Option<Answer>>,
}

/// Rows by row group.
#[derive(Debug)]
pub(super) struct Answer {
    hits: Hits,
    unreadable: Hits,
}

impl FileIndex {
    pub(super) const fn on(shelf: Shelf) -> Self {
        Self { shelf, answer: OnceCell::const_new() }
    }

    /// What the index says; `None` where the file must be scanned.
    pub(super) async fn answer(&self, file: &DataFile, probe: &Probe, tally: &ScanTally) -> Option<&Answer> {
        let asked = self.answer.get_or_init(|| async {
            match self.ask(file, probe).await {
                Ok(answer) => {
                    tally.indexes_used.fetch_add(1, Ordering::Relaxed);
                    Some(answer)
                }
                Err(why) => {
                    tally.index_ignored(&file.display, &why.to_string());
                    None
                }
            }
        });
        asked.await.as_ref()
    }

    async fn ask(&self, file: &DataFile, probe: &Probe) -> Result<Answer, Unusable> {
        // An index holds what columns hold, and nothing that a path says.
        let is_in_path = |name: &str| matches!(file.shape.origins.get(name), Some(Origin::Path(_)));
        let names = probe.names();
        if is_in_path(columns::REMOTE_IP)
            || (names.remote_url && is_in_path("RemoteUrl"))
            || (names.additional_fields && is_in_path("AdditionalFields"))
        {
            return Err(Unusable::Stale(Stale::Names));
        }
        let item = IndexReader::of(self.shelf.item(&Key::file_name(&file.object.identity())));
        let key = indexing::key(file).ok_or(Unusable::Stale(Stale::Footer))?;
        let index = Index::open(Arc::new(item), &key).await?;
        if !index.row_groups().iter().eq(file.row_groups.iter().map(|group| &group.rows)) {
            return Err(Unusable::Stale(Stale::Footer));
        }
        Ok(Answer { hits: rows_of(&index, probe).await?, unreadable: index.unreadable().await? })
    }
}

impl Answer {
    /// The rows of a row group that has so many.
    pub(super) fn rows(&self, group: usize, rows: usize) -> RowSelection {
        RowSelection::from_consecutive_ranges(self.hits.of_group(group).iter().cloned(), rows)
    }

    /// How many rows of a row group hold text that is no address.
    pub(super) fn unreadable_rows(&self, group: usize) -> usize {
        self.unreadable.of_group(group).iter().map(ExactSizeIterator::len).sum()
    }
}

/// The rows for which a probe may say yes.
fn rows_of<'a>(index: &'a Index, probe: &'a Probe) -> BoxFuture<'a, Result<Hits, Unusable>> {
    async move {
        match probe {
            Probe::Address(list) => index.rows_of_addresses(&Listed(list.as_ref())).await,
            Probe::Event(list, names) => {
                let on_address = index.rows_of_addresses(&Listed(list.as_ref())).await?;
                let named = index.rows_of_names(*names, &|name| list.may_list_name(name)).await?;
                Ok(on_address.or(named))
            }
            Probe::All(probes) => {
                let mut all: Option<Hits> = None;
                for probe in probes {
                    let hits = rows_of(index, probe).await?;
                    all = Some(match all {
                        Some(all) => all.and(&hits),
                        None => hits,
                    });
                }
                Ok(all.unwrap_or_default())
            }
            Probe::Any(probes) => {
                let mut any = Hits::default();
                for probe in probes {
                    any = any.or(rows_of(index, probe).await?);
                }
                Ok(any)
            }
        }
    }
    .boxed()
}

/// A list as an index asks it.
struct Listed<'a>(&'a dyn AddressList);

impl Wanted for Listed<'_> {
    fn lists(&self, address: Address) -> bool {
        self.0.lists(address)
    }

    fn set(&self) -> Option<&crate::engine::index::AddressSet> {
        self.0.wanted()
    }
}

/// An index on its shelf.
#[derive(Debug)]
pub(crate) struct IndexReader(ShelfItem);

impl IndexReader {
    pub(crate) const fn of(item: ShelfItem) -> Self {
        Self(item)
    }
}

#[async_trait]
impl ReadRanges for IndexReader {
    async fn size(&self) -> io::Result<u64> {
        self.0.size().await
    }

    async fn read(&self, ranges: &[Range<u64>]) -> io::Result<Vec<Bytes>> {
        self.0.read(ranges).await
    }

    fn first_bytes(&self) -> u64 {
        if self.0.is_remote() { REMOTE_FIRST_BYTES } else { LOCAL_FIRST_BYTES }
    }
}
