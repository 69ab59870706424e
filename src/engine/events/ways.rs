//! Which way the rows of row groups were found, and why not a faster one.

use parquet::arrow::arrow_reader::RowSelection;
use parquet::file::metadata::ParquetMetaData;

use super::tally::ScanTally;
use crate::engine::pages::Scan;
use crate::model::coverage::ReadWay;

/// How the rows of a row group on a listed address are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// An index named them.
    Index,
    /// The pages were read without making text.
    Ids,
    /// The dictionary alone held no listed address.
    Dictionary,
    /// The column was decoded and every row judged.
    Rows,
}

impl Way {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Ids => "id-scan",
            Self::Dictionary => "dictionary",
            Self::Rows => "rows",
        }
    }

    pub(super) const fn why(self) -> &'static str {
        match self {
            Self::Index => "an index of the file names the rows",
            Self::Ids => "the pages can be read as they are",
            Self::Dictionary => "every page points into a dictionary without a listed address",
            Self::Rows => "the column is decoded",
        }
    }
}

impl ScanTally {
    /// Counts a row group; `why` is what kept it from a faster way.
    pub(super) fn way(&self, way: Way, why: Option<String>) {
        let mut ways = self.ways();
        *ways.entry((way, why.unwrap_or_else(|| way.why().to_owned()))).or_default() += 1;
    }

    /// The ways that row groups went, fastest first.
    #[must_use]
    pub fn read_ways(&self) -> Vec<ReadWay> {
        let of = |((way, why), row_groups): (&(Way, String), &u64)| ReadWay {
            way: way.as_str().to_owned(),
            why: why.clone(),
            row_groups: *row_groups,
        };
        self.ways().iter().map(of).collect()
    }

    /// Counts what a scan of pages looked at.
    pub(super) fn scanned(&self, scan: &Scan, has_dictionary: bool) {
        let values = usize::try_from(scan.texts + scan.values_decoded).unwrap_or(usize::MAX);
        Self::add(&self.rows_decoded, values);
        self.pages_read(Some((scan.pages - scan.skipped_pages) as usize + usize::from(has_dictionary)));
    }

    /// Counts every page of the chunks of some columns of a row group.
    pub(super) fn whole_chunks(&self, places: &ParquetMetaData, group: usize, roots: &[usize]) {
        let descr = places.file_metadata().schema_descr();
        for leaf in (0..descr.num_columns()).filter(|leaf| roots.contains(&descr.get_column_root_idx(*leaf))) {
            let pages = page_starts(places, group, leaf).map(|starts| starts.len());
            let has_dictionary = places.row_group(group).column(leaf).dictionary_page_offset().is_some();
            self.pages_read(pages.map(|pages| pages + usize::from(has_dictionary)));
        }
    }

    /// Counts the pages of some columns of a row group that hold selected rows.
    pub(super) fn selected_pages(
        &self,
        places: &ParquetMetaData,
        group: usize,
        roots: &[usize],
        selection: &RowSelection,
    ) {
        let descr = places.file_metadata().schema_descr();
        for leaf in (0..descr.num_columns()).filter(|leaf| roots.contains(&descr.get_column_root_idx(*leaf))) {
            let pages = page_starts(places, group, leaf).map(|starts| pages_with(&starts, selection));
            let has_dictionary = places.row_group(group).column(leaf).dictionary_page_offset().is_some();
            self.pages_read(pages.map(|pages| pages + usize::from(has_dictionary)));
        }
    }

    /// Counts pages that were decompressed; `None` where nobody knows how many.
    pub(super) fn pages_read(&self, pages: Option<usize>) {
        match pages {
            Some(pages) => Self::add(&self.pages, pages),
            None => Self::add(&self.pages_unknown, 1),
        }
    }
}

/// How many of the pages that begin at these rows hold a selected row.
fn pages_with(starts: &[usize], selection: &RowSelection) -> usize {
    let (mut pages, mut row, mut last) = (0, 0, None);
    for selector in selection.iter() {
        if !selector.skip && selector.row_count > 0 {
            let page_of = |row: usize| starts.partition_point(|start| *start <= row).saturating_sub(1);
            let (from, to) = (page_of(row), page_of(row + selector.row_count - 1));
            let from = if last == Some(from) { from + 1 } else { from };
            pages += (to + 1).saturating_sub(from);
            last = Some(to);
        }
        row += selector.row_count;
    }
    pages
}

/// The first rows of a chunk's pages, where the file has a page index.
fn page_starts(places: &ParquetMetaData, group: usize, leaf: usize) -> Option<Vec<usize>> {
    let places = places.offset_index()?.get(group)?.get(leaf)?.page_locations();
    Some(places.iter().map(|page| usize::try_from(page.first_row_index).unwrap_or(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::arrow::arrow_reader::RowSelector;

    #[test]
    fn a_page_counts_once_however_many_of_its_rows_are_selected() {
        let selection = RowSelection::from(vec![
            RowSelector::skip(3),
            RowSelector::select(1),
            RowSelector::skip(2),
            RowSelector::select(2),
            RowSelector::skip(4),
            RowSelector::select(9),
        ]);
        assert_eq!(pages_with(&[0], &selection), 1);
        assert_eq!(pages_with(&[0, 7, 8, 12, 20, 21], &selection), 4);
        assert_eq!(pages_with(&[0, 5, 9, 11, 30], &selection), 3);
    }
}
