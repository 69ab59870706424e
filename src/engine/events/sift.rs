//! The first pass over a piece of a file: which of its rows may matter.
//!
//! Each row group goes the first of these ways that it and `--strategy` allow: an index names the rows; the pages of RemoteIP are
//! read as they are; its dictionary alone ends it; or its column is decoded and every row judged. Each gives the same rows.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{BooleanArray, BooleanBufferBuilder};
use datafusion::common::Result;
use futures::TryStreamExt as _;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};
use parquet::file::metadata::ParquetMetaData;

use super::ids::{Listed, Rows, TextChunk};
use super::names::RowNames;
use super::opener::{EventOpener, column, parquet_error, same_address};
use super::probe::{Probe, Sieve};
use super::scan::EventPiece;
use super::tally::ScanTally;
use super::ways::Way;
use crate::engine::index::Names;
use crate::model::strategy::Strategy;
use crate::sources::telemetry::{DataFile, Origin, Place, StoreReader, columns};

/// What decides about the rows of one row group.
struct Deciding<'a> {
    names: RowNames<'a>,
    /// The column of the address; `None` where the path says it, or nothing does.
    address: Option<usize>,
    /// The column of the time, where a bound of the period cuts the row group.
    time: Option<usize>,
    /// Whether a row may match for its address, or for a name that the path says.
    may_match: bool,
}

impl EventOpener {
    /// The row groups that may hold wanted rows, with the rows, or `None` for all of them.
    pub(super) async fn sift(
        &self,
        piece: &EventPiece,
        metadata: &Arc<ParquetMetaData>,
        mut reader: StoreReader,
    ) -> Result<Vec<(usize, Option<Rows>)>> {
        let mut wanted = Vec::new();
        let indexed = match (&piece.index, self.question()) {
            (Some(index), Some(probe)) => index.answer(&piece.file, probe, &self.spec.tally).await,
            _ => None,
        };
        let is_answered = |place: Place| indexed.is_some() && place == Place::Inside;
        let open: Vec<(usize, Place)> =
            piece.row_groups.iter().filter(|(_, place)| !is_answered(*place)).copied().collect();
        reader.fetch_ahead(&self.deciding_chunks(piece, &open, metadata)).await.map_err(parquet_error)?;
        for (group, place) in &piece.row_groups {
            ScanTally::add(&self.spec.tally.row_groups_done, 1);
            let rows = match &indexed {
                _ if self.question().is_none() && *place == Place::Inside => {
                    wanted.push((*group, None));
                    continue;
                }
                Some(answer) if is_answered(*place) => {
                    self.spec.tally.way(Way::Index, None);
                    ScanTally::add(&self.spec.tally.unreadable_addresses, answer.unreadable_rows(*group));
                    Rows::from(answer.rows(*group, rows_of(&piece.file, *group)))
                }
                _ => self.sift_group(&piece.file, metadata, &reader, *group, *place).await?,
            };
            if rows.selection.selects_any() {
                wanted.push((*group, Some(rows)));
            } else {
                ScanTally::add(&self.spec.tally.row_groups_without_match, 1);
            }
        }
        Ok(wanted)
    }

    /// The question, where the scan answers it before it reads whole events: a join answers it above.
    pub(super) fn question(&self) -> Option<&Probe> {
        self.probe.as_ref().filter(|_| !self.spec.strategy.is_join())
    }

    /// Where the columns that decide lie in the file, so that all of them are one round trip.
    fn deciding_chunks(
        &self,
        piece: &EventPiece,
        groups: &[(usize, Place)],
        metadata: &Arc<ParquetMetaData>,
    ) -> Vec<Range<u64>> {
        let root = |name: &str| match piece.file.shape.origins.get(name) {
            Some(Origin::Column { index, .. }) => Some(*index),
            _ => None,
        };
        let is_cut = groups.iter().any(|(_, place)| *place == Place::Cut);
        let mut roots: Vec<usize> = root(columns::TIMESTAMP).filter(|_| is_cut).into_iter().collect();
        if let Some(probe) = self.question() {
            roots.extend(root(columns::REMOTE_IP));
            roots.extend(RowNames::of(&piece.file, probe).roots());
        }
        let descr = metadata.file_metadata().schema_descr();
        let leaves: Vec<usize> =
            (0..descr.num_columns()).filter(|leaf| roots.contains(&descr.get_column_root_idx(*leaf))).collect();
        if let ([_], false, Some(root)) = (roots.as_slice(), is_cut, root(columns::REMOTE_IP)) {
            let chunks = groups.iter().filter_map(|(group, _)| TextChunk::of(metadata, *group, root));
            return chunks.map(|chunk| chunk.dictionary().unwrap_or_else(|| chunk.range())).collect();
        }
        let chunks = groups.iter().filter_map(|(group, _)| metadata.row_groups().get(*group));
        chunks
            .flat_map(|group| leaves.iter().map(|leaf| group.column(*leaf).byte_range()))
            .map(|(start, length)| start..start.saturating_add(length))
            .collect()
    }

    /// The rows of a row group that lie in the period and on a listed address.
    async fn sift_group(
        &self,
        file: &DataFile,
        metadata: &Arc<ParquetMetaData>,
        reader: &StoreReader,
        group: usize,
        place: Place,
    ) -> Result<Rows> {
        let rows = rows_of(file, group);
        // A file without addresses still has events in the period.
        let (address, may_match) = match (self.question(), file.shape.origins.get(columns::REMOTE_IP)) {
            (None, _) => (None, true),
            (Some(_), Some(Origin::Column { index, .. })) => (Some(*index), true),
            (Some(probe), Some(Origin::Path(address))) => (None, probe.answers_text(address)),
            (Some(_), None) => (None, false),
        };
        let names = self.question().map_or_else(RowNames::default, |probe| RowNames::of(file, probe));
        let may_match = may_match || names.is_in_path();
        let time = match (place, file.shape.origins.get(columns::TIMESTAMP)) {
            (Place::Cut, Some(Origin::Column { index, .. })) => Some(*index),
            (Place::Cut, Some(Origin::Path(time))) => {
                if !self.is_inside(time).contains(&Some(true)) {
                    return Ok(no_rows().into());
                }
                ScanTally::add(&self.spec.tally.in_period, rows);
                None
            }
            (Place::Cut, None) => return Ok(no_rows().into()),
            _ => None,
        };
        let deciding = Deciding { names, address, time, may_match };
        if deciding.roots().is_empty() {
            let all = if may_match { vec![RowSelector::select(rows)] } else { Vec::new() };
            return Ok(RowSelection::from(all).into());
        }
        if self.question().is_some()
            && let Some(listed) = self.without_text(&deciding, metadata, reader, group).await?
        {
            return Ok(listed);
        }
        Ok(self.judge(&deciding, file, metadata, reader, group).await?.into())
    }

    /// The rows where nothing but addresses decides and their pages answer without a text made; `None` where the ordinary reader
    /// must answer.
    async fn without_text(
        &self,
        deciding: &Deciding<'_>,
        metadata: &Arc<ParquetMetaData>,
        reader: &StoreReader,
        group: usize,
    ) -> Result<Option<Rows>> {
        let tally = &self.spec.tally;
        let plain = |why: &str| {
            tally.way(Way::Rows, Some(why.to_owned()));
            Ok(None)
        };
        let Some(probe) = self.question() else { return Ok(None) };
        if self.spec.strategy == Strategy::SetFunction {
            return plain("--strategy set-function");
        }
        if deciding.time.is_some() {
            return plain("a bound of the period cuts the row group");
        }
        let names: Vec<(Names, usize)> = match deciding.names.of_texts() {
            Some(_) if !matches!(probe, Probe::Address(_) | Probe::Event(..)) => {
                return plain("several lists decide, and names, too");
            }
            Some(names) if self.spec.strategy != Strategy::Dictionary => names,
            _ if !deciding.names.has_any() => Vec::new(),
            _ => return plain("names decide, too"),
        };
        let Some(root) = deciding.address else { return Ok(None) };
        let Some(chunk) = TextChunk::of(metadata, group, root) else {
            return plain("RemoteIP is nested or repeated");
        };
        let listed = match self.spec.strategy {
            Strategy::Dictionary => chunk.by_dictionary(reader, probe, &self.kept).await?,
            _ if names.is_empty() => chunk.by_pages(reader, probe, &self.kept, tally).await?,
            _ => self.with_names(&chunk, &names, probe, metadata, reader, group).await?,
        };
        match listed {
            Listed::Rows(rows, way) => {
                tally.way(way, None);
                Ok(Some(rows))
            }
            Listed::Beyond(why) => plain(&why),
        }
    }

    /// The rows on a listed address, and those with a listed name in a column of texts.
    async fn with_names(
        &self,
        addresses: &TextChunk,
        names: &[(Names, usize)],
        probe: &Probe,
        metadata: &Arc<ParquetMetaData>,
        reader: &StoreReader,
        group: usize,
    ) -> Result<Listed> {
        let tally = &self.spec.tally;
        let mut named = Vec::new();
        for (column, root) in names {
            let Some(chunk) = TextChunk::of(metadata, group, *root) else {
                return Ok(Listed::Beyond("a column of names is nested or repeated".to_owned()));
            };
            match chunk.named(reader, self.kept.names_of(probe, *column), tally).await? {
                Ok(rows) => named.push(rows),
                Err(why) => return Listed::beyond(&why),
            }
        }
        // Last, since it counts what cannot be read, and must count it once.
        let listed = addresses.by_pages(reader, probe, &self.kept, tally).await?;
        let Listed::Rows(rows, _) = listed else { return Ok(listed) };
        let all = named.iter().fold(rows.selection, |all, named| all.union(named));
        Ok(Listed::Rows(all.into(), Way::Ids))
    }

    /// Decodes the columns that decide, and judges every row.
    async fn judge(
        &self,
        deciding: &Deciding<'_>,
        file: &DataFile,
        metadata: &Arc<ParquetMetaData>,
        reader: &StoreReader,
        group: usize,
    ) -> Result<RowSelection> {
        let Deciding { names, address, time, may_match } = deciding;
        let tally = &self.spec.tally;
        if self.spec.counts_pages && self.question().is_some() {
            let places = reader.clone().with_page_places(metadata).await.map_err(parquet_error)?;
            tally.whole_chunks(&places, group, &deciding.roots());
        }
        let builder = self.stream(file, reader.clone(), metadata, &deciding.roots())?;
        let mut stream = builder.with_row_groups(vec![group]).build().map_err(parquet_error)?;
        let mut mask = BooleanBufferBuilder::new(rows_of(file, group));
        let by_row = self.spec.strategy == Strategy::SetFunction;
        let mut sieve = self.question().map(|probe| Sieve::new(probe, by_row));
        // Only where every page points into the dictionary does the dictionary speak for all rows.
        let may_stop_early = file.shape.addresses_in_dictionary && time.is_none() && !by_row;
        while let Some(batch) = stream.try_next().await.map_err(parquet_error)? {
            if sieve.is_some() {
                ScanTally::add(&tally.rows_decoded, batch.num_rows());
            }
            let inside = match time {
                Some(_) => Some(self.is_inside(&self.times(file, &batch)?)),
                None => None,
            };
            if let Some(inside) = &inside {
                ScanTally::add(&tally.in_period, inside.iter().filter(|i| **i == Some(true)).count());
            }
            match (&mut sieve, address) {
                (Some(sieve), at) if at.is_some() || (names.has_any() && !may_match) => {
                    let addresses = match at {
                        Some(at) => Arc::clone(column(&batch, file, *at)?),
                        None => same_address(file, batch.num_rows())?,
                    };
                    let named = names.judge(&batch, file, sieve.probe())?;
                    sieve.sift(&addresses, &named, inside.as_deref(), &mut mask)?;
                    if may_stop_early && sieve.is_barren() {
                        return Ok(no_rows());
                    }
                }
                _ => inside.iter().flatten().for_each(|inside| mask.append(*may_match && *inside == Some(true))),
            }
        }
        if let Some(sieve) = sieve {
            ScanTally::add(&tally.unreadable_addresses, sieve.unreadable);
            ScanTally::add(&tally.unreadable_times, sieve.timeless);
        }
        Ok(RowSelection::from_filters(&[BooleanArray::new(mask.finish(), None)]))
    }
}

impl Deciding<'_> {
    fn roots(&self) -> Vec<usize> {
        self.address.into_iter().chain(self.time).chain(self.names.roots()).collect()
    }
}

fn rows_of(file: &DataFile, group: usize) -> usize {
    file.row_groups.get(group).map_or(0, |g| usize::try_from(g.rows).unwrap_or(0))
}

fn no_rows() -> RowSelection {
    RowSelection::from(Vec::<RowSelector>::new())
}
