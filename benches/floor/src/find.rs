//! The first pass: which pages an answer needs. It is not timed, so it reads whatever it likes, with the ordinary reader.

use std::collections::HashSet;
use std::fs::{self, File};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use arrow::array::AsArray as _;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader as _};
use parquet::file::metadata::{
    ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData,
};
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::SerializedPageReader;

use super::needed::{Codec, FilePages, Run};

/// The column that is asked.
const ASKED: &str = "RemoteIP";

/// The other columns that `tor_exit` reads of the rows with a hit: those that it names, those from which Direction is
/// derived, and those by which copies of an event are known.
const READ_OF_HITS: [&str; 15] = [
    "Timestamp",
    "DeviceId",
    "DeviceName",
    "ActionType",
    "ConnectionDirection",
    "RemotePort",
    "LocalPort",
    "RemoteUrl",
    "ReportId",
    "InitiatingProcessFileName",
    "InitiatingProcessFolderPath",
    "InitiatingProcessCommandLine",
    "InitiatingProcessAccountName",
    "InitiatingProcessSHA256",
    "AdditionalFields",
];

/// The pages of one file that must be decompressed.
pub(super) fn pages_of(path: &Path, listed: &HashSet<IpAddr>) -> Result<FilePages> {
    let file = Arc::new(File::open(path)?);
    let reader = ParquetMetaDataReader::new().with_offset_index_policy(PageIndexPolicy::Required);
    let meta = Arc::new(reader.parse_and_finish(&*file)?);
    let asked = column_of(&meta, ASKED).with_context(|| format!("has no column {ASKED}"))?;
    let mut runs = Vec::new();
    for group in 0..meta.num_row_groups() {
        let chunk = |column| Chunk::of(&file, &meta, group, column);
        let hits = hits_of(&file, &meta, group, asked, listed)?;
        runs.extend(chunk(asked)?.runs_of_asked(listed)?);
        for column in READ_OF_HITS.iter().filter_map(|name| column_of(&meta, name)) {
            runs.extend(chunk(column)?.runs_of_hits(&hits)?);
        }
    }
    Ok(FilePages { path: path.to_owned(), bytes: file.metadata()?.len(), runs })
}

fn column_of(meta: &ParquetMetaData, name: &str) -> Option<usize> {
    meta.file_metadata().schema_descr().columns().iter().position(|column| column.path().string() == name)
}

/// The rows of a row group whose address is listed, ascending.
fn hits_of(
    file: &File,
    meta: &Arc<ParquetMetaData>,
    group: usize,
    column: usize,
    listed: &HashSet<IpAddr>,
) -> Result<Vec<i64>> {
    let described = ArrowReaderMetadata::try_new(Arc::clone(meta), ArrowReaderOptions::default())?;
    let only = ProjectionMask::leaves(meta.file_metadata().schema_descr(), [column]);
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file.try_clone()?, described)
        .with_row_groups(vec![group])
        .with_projection(only)
        .build()?;
    let (mut hits, mut row) = (Vec::new(), 0);
    for batch in reader {
        let texts = cast(batch?.column(0), &DataType::Utf8)?;
        for text in texts.as_string::<i32>() {
            if text.and_then(address).is_some_and(|address| listed.contains(&address)) {
                hits.push(row);
            }
            row += 1;
        }
    }
    Ok(hits)
}

/// A column chunk with where its pages are.
struct Chunk<'a> {
    file: &'a Arc<File>,
    group: &'a RowGroupMetaData,
    meta: &'a ColumnChunkMetaData,
    locations: &'a [PageLocation],
}

impl<'a> Chunk<'a> {
    fn of(file: &'a Arc<File>, meta: &'a ParquetMetaData, group: usize, column: usize) -> Result<Self> {
        let index = meta.offset_index().and_then(|groups| groups.get(group)?.get(column));
        let locations = index.context("has no offset index")?.page_locations();
        let group = meta.row_group(group);
        Ok(Self { file, group, meta: group.column(column), locations })
    }

    /// Where the dictionary is: what lies before the first data page.
    fn dictionary(&self) -> Option<PageLocation> {
        let (start, first) = (self.meta.byte_range().0.cast_signed(), self.locations.first()?.offset);
        let size = i32::try_from(first - start).ok().filter(|size| *size > 0)?;
        Some(PageLocation { offset: start, compressed_page_size: size, first_row_index: 0 })
    }

    fn pages(&self, locations: Vec<PageLocation>) -> Result<SerializedPageReader<File>> {
        let rows = usize::try_from(self.group.num_rows())?;
        Ok(SerializedPageReader::new(Arc::clone(self.file), self.meta, rows, Some(locations))?)
    }

    /// Of the asked column: the dictionary, and the data pages that may hold a listed address as far as it can tell.
    fn runs_of_asked(&self, listed: &HashSet<IpAddr>) -> Result<Vec<Run>> {
        let mut needed: Vec<PageLocation> = self.dictionary().into_iter().collect();
        let mut is_in_dictionary = false;
        let mut data = self.locations.iter();
        for page in self.pages(self.locations.to_vec())? {
            let page = page?;
            if let Page::DictionaryPage { buf, .. } = &page {
                is_in_dictionary = any_listed(buf, listed);
            } else if let Some(location) = data.next().filter(|_| is_in_dictionary || !points_into_dictionary(&page)) {
                needed.push(location.clone());
            }
        }
        self.runs(needed)
    }

    /// Of another column: the pages that hold these rows, and the dictionary if one of them points into it.
    fn runs_of_hits(&self, hits: &[i64]) -> Result<Vec<Run>> {
        let holding = |row: &i64| self.locations.partition_point(|page| page.first_row_index <= *row).checked_sub(1);
        let mut numbers: Vec<usize> = hits.iter().filter_map(holding).collect();
        numbers.dedup();
        let mut needed: Vec<PageLocation> = numbers.iter().filter_map(|at| self.locations.get(*at)).cloned().collect();
        let mut is_dictionary_needed = false;
        for location in &needed {
            let mut reader = self.pages(vec![location.clone()])?;
            // What lies before the first of the locations is taken for the dictionary.
            if location.offset != self.meta.byte_range().0.cast_signed() {
                reader.skip_next_page()?;
            }
            let page = reader.get_next_page()?.ok_or_else(|| anyhow!("a page is not where the index has it"))?;
            is_dictionary_needed |= points_into_dictionary(&page);
        }
        needed.splice(0..0, self.dictionary().filter(|_| is_dictionary_needed));
        self.runs(needed)
    }

    /// Pages in ascending order, joined where they touch.
    fn runs(&self, pages: Vec<PageLocation>) -> Result<Vec<Run>> {
        let codec = Codec::of(self.meta.compression())?;
        let mut runs: Vec<Run> = Vec::new();
        let mut end = None;
        for page in pages {
            match runs.last_mut().filter(|_| end == Some(page.offset)) {
                Some(run) => run.sizes.push(page.compressed_page_size),
                None => {
                    runs.push(Run { codec, start: page.offset.cast_unsigned(), sizes: vec![page.compressed_page_size] })
                }
            }
            end = Some(page.offset + i64::from(page.compressed_page_size));
        }
        Ok(runs)
    }
}

fn points_into_dictionary(page: &Page) -> bool {
    matches!(page.encoding(), Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY)
}

/// Whether a dictionary, which is texts behind their lengths, has a listed address.
fn any_listed(mut entries: &[u8], listed: &HashSet<IpAddr>) -> bool {
    while let Some((length, rest)) = entries.split_first_chunk::<4>() {
        let Some((text, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else { return false };
        if std::str::from_utf8(text).ok().and_then(address).is_some_and(|address| listed.contains(&address)) {
            return true;
        }
        entries = rest;
    }
    false
}

/// IPv4 addresses that are written as IPv6 are IPv4 addresses.
fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// The addresses of a list. A line that begins with none, such as a header, is passed over.
pub(super) fn listed(path: &Path) -> Result<HashSet<IpAddr>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let listed: HashSet<IpAddr> = text.lines().filter_map(|line| address(line.split(',').next()?)).collect();
    ensure!(!listed.is_empty(), "{}: has no address", path.display());
    Ok(listed)
}

pub(super) fn parquet_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(parquet_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
