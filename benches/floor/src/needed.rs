//! The pages that must be decompressed, as they are kept between runs, and the pass over them that is timed. It must do
//! nothing else, so that it stays a floor.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::BufReader;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::{Buf as _, Bytes, BytesMut, buf::Reader};
use parquet::basic::{Compression, Type as PhysicalType};
use parquet::column::page::PageReader as _;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::reader::{ChunkReader, Length, SerializedPageReader};
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor, ColumnPath, Type};
use serde::{Deserialize, Serialize};

use super::cores::on_all_cores;
use super::{Asked, find};

/// The pages that an archive must give for a list.
#[derive(Serialize, Deserialize)]
pub(super) struct Needed {
    events: PathBuf,
    tor: PathBuf,
    pub(super) files: Vec<FilePages>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FilePages {
    pub(super) path: PathBuf,
    /// The file's size, by which a file that was replaced is noticed.
    pub(super) bytes: u64,
    pub(super) runs: Vec<Run>,
}

/// Pages of one column chunk that follow each other without a gap, and are read at once.
#[derive(Serialize, Deserialize)]
pub(super) struct Run {
    pub(super) codec: Codec,
    pub(super) start: u64,
    /// Of each page, with its header.
    pub(super) sizes: Vec<i32>,
}

/// Compression without its level, which readers need not know.
#[derive(Serialize, Deserialize, Clone, Copy)]
pub(super) enum Codec {
    Uncompressed,
    Snappy,
    Gzip,
    Brotli,
    Lz4,
    Lz4Raw,
    Zstd,
}

/// What was done.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) pages: usize,
    pub(super) read: u64,
    pub(super) decompressed: u64,
}

impl Needed {
    /// The first pass, and its result in the `--pages` file.
    pub(super) fn find(asked: &Asked) -> Result<Self> {
        let listed = find::listed(&asked.tor)?;
        let paths = find::parquet_files(&asked.events)?;
        ensure!(!paths.is_empty(), "{}: no Parquet file is there", asked.events.display());
        let pages_of = |path: &PathBuf| find::pages_of(path, &listed).with_context(|| path.display().to_string());
        let files = on_all_cores(&paths, pages_of)?;
        let needed = Self { events: asked.events.clone(), tor: asked.tor.clone(), files };
        if let Some(kept) = &asked.pages {
            fs::write(kept, serde_json::to_vec(&needed)?).with_context(|| kept.display().to_string())?;
        }
        Ok(needed)
    }

    /// What an earlier run left there.
    pub(super) fn kept(path: &Path, asked: &Asked) -> Result<Self> {
        let needed = serde_json::from_reader::<_, Self>(BufReader::new(File::open(path)?));
        let needed = needed.with_context(|| format!("{}: holds no pages; delete it", path.display()))?;
        let is_same = needed.events == asked.events && needed.tor == asked.tor;
        ensure!(is_same, "{}: was made for {}; name another file", path.display(), needed.events.display());
        Ok(needed)
    }
}

impl FilePages {
    /// Reads and decompresses them.
    pub(super) fn decompress(&self) -> Result<Work> {
        let named = || self.path.display().to_string();
        let file = File::open(&self.path).with_context(named)?;
        let is_same = file.metadata().with_context(named)?.len() == self.bytes;
        ensure!(is_same, "{}: has another size than its pages were found in; delete the --pages file", named());
        let (mut work, mut buffer) = (Work::default(), BytesMut::new());
        for run in &self.runs {
            work = work.plus(run.decompress(&file, &mut buffer).with_context(named)?);
        }
        Ok(work)
    }
}

impl Run {
    fn decompress(&self, file: &File, buffer: &mut BytesMut) -> Result<Work> {
        let length = self.sizes.iter().map(|size| size.cast_unsigned() as usize).sum();
        // The memory is the same for each run, since what was split off is dropped by then.
        buffer.resize(length, 0);
        file.read_exact_at(buffer, self.start)?;
        let mut work = Work { read: length as u64, ..Work::default() };
        let mut at = self.start.cast_signed();
        let locate = |size: &i32| {
            let location = PageLocation { offset: at, compressed_page_size: *size, first_row_index: 0 };
            at += i64::from(*size);
            location
        };
        let locations = self.sizes.iter().map(locate).collect();
        // Of the chunk's metadata a reader of pages uses where they begin, and the codec.
        let builder = ColumnChunkMetaData::builder(any_column()?).set_compression(self.codec.of_parquet());
        let meta = builder.set_data_page_offset(self.start.cast_signed()).build()?;
        let source = Arc::new(InMemory { start: self.start, bytes: buffer.split().freeze() });
        let mut pages = SerializedPageReader::new(source, &meta, 0, Some(locations))?;
        while let Some(page) = pages.get_next_page()? {
            work.pages += 1;
            work.decompressed += page.buffer().len() as u64;
            black_box(page);
        }
        Ok(work)
    }
}

impl Work {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            pages: self.pages + other.pages,
            read: self.read + other.read,
            decompressed: self.decompressed + other.decompressed,
        }
    }
}

/// Bytes of a file under their offsets in it.
struct InMemory {
    start: u64,
    bytes: Bytes,
}

impl Length for InMemory {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for InMemory {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let length = self.len().saturating_sub(start);
        Ok(self.get_bytes(start, usize::try_from(length)?)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let inside = from.filter(|from| from.checked_add(length).is_some_and(|to| to <= self.bytes.len()));
        let from = inside.ok_or_else(|| ParquetError::EOF("a page lies outside of what was read".to_owned()))?;
        Ok(self.bytes.slice(from..from + length))
    }
}

/// A column of which nothing matters, since values are not read.
fn any_column() -> Result<ColumnDescPtr> {
    let of_type = Type::primitive_type_builder("column", PhysicalType::BYTE_ARRAY).build()?;
    Ok(Arc::new(ColumnDescriptor::new(Arc::new(of_type), 0, 0, ColumnPath::from("column"))))
}

impl Codec {
    /// The same without its level.
    pub(super) fn of(codec: Compression) -> Result<Self> {
        Ok(match codec {
            Compression::UNCOMPRESSED => Self::Uncompressed,
            Compression::SNAPPY => Self::Snappy,
            Compression::GZIP(_) => Self::Gzip,
            Compression::BROTLI(_) => Self::Brotli,
            Compression::LZ4 => Self::Lz4,
            Compression::LZ4_RAW => Self::Lz4Raw,
            Compression::ZSTD(_) => Self::Zstd,
            Compression::LZO => bail!("is compressed with LZO, which cannot be read"),
        })
    }

    fn of_parquet(self) -> Compression {
        match self {
            Self::Uncompressed => Compression::UNCOMPRESSED,
            Self::Snappy => Compression::SNAPPY,
            Self::Gzip => Compression::GZIP(Default::default()),
            Self::Brotli => Compression::BROTLI(Default::default()),
            Self::Lz4 => Compression::LZ4,
            Self::Lz4Raw => Compression::LZ4_RAW,
            Self::Zstd => Compression::ZSTD(Default::default()),
        }
    }
}
