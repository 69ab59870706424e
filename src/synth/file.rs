//! One event file: drawn, encoded and written piece by piece, so that memory depends on the row group and not on the
//! archive. It appears under its name only when it is whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::clock::Clock;
use super::columns::{Words, batch};
use super::draw::Draw;
use super::error::SynthError;
use super::event::World;
use super::hits::Hit;
use super::layout::FilePlan;
use super::random::{Purpose, stream};
use crate::model::synthesis::SynthConfig;

/// Rows that are drawn and encoded at a time.
const PIECE: u64 = 16_384;
/// Rows of a data page: fine enough that a hunt can skip most pages around a hit.
const PAGE_ROWS: usize = 20_000;

/// Writes one file below `root` and returns its size. `on_rows` hears of every piece.
pub(super) fn write(
    config: &SynthConfig,
    world: &World,
    plan: &FilePlan,
    hits: &[Hit],
    root: &Path,
    on_rows: &dyn Fn(u64),
) -> Result<u64, SynthError> {
    let unfinished = Unfinished::new(&root.join(&plan.path))?;
    let rng = stream(config.seed, Purpose::File, plan.index);
    let mut draw = Draw::new(world, Clock::new(plan), rng, hits);
    let file = File::create(&unfinished.path).map_err(|e| SynthError::io(&unfinished.path, e))?;
    encode(file, config, world, &mut draw, plan.rows, on_rows).map_err(|e| SynthError::parquet(&unfinished.path, e))?;
    unfinished.finish()
}

fn encode(
    file: File,
    config: &SynthConfig,
    world: &World,
    draw: &mut Draw<'_>,
    rows: u64,
    on_rows: &dyn Fn(u64),
) -> Result<(), ParquetError> {
    let words = Words::new();
    let schema = batch(world, &words, &[])?.schema();
    // Dictionaries are a matter of this process: the file says only that the columns are text, as exports do.
    let options = ArrowWriterOptions::new().with_properties(properties(config)?).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(file, schema, options)?;
    let mut left = rows;
    while left > 0 {
        let piece = left.min(PIECE);
        let events: Vec<_> = (0..piece).map(|_| draw.next_event()).collect();
        writer.write(&batch(world, &words, &events)?)?;
        left -= piece;
        on_rows(piece);
    }
    writer.close()?;
    Ok(())
}

fn properties(config: &SynthConfig) -> Result<WriterProperties, ParquetError> {
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(config.row_group_rows))
        .set_created_by(concat!("coldtrail generate ", env!("CARGO_PKG_VERSION")).to_owned())
        .build())
}

/// A file under a hidden name, which readers pass over; removed unless it is finished.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// Where to write.
    pub(super) path: PathBuf,
    target: PathBuf,
}

impl Unfinished {
    /// Makes the folder of `target` if need be.
    pub(super) fn new(target: &Path) -> Result<Self, SynthError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| SynthError::io(folder, e))?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self { path: folder.join(format!(".{name}.tmp")), target: target.to_owned() })
    }

    /// Gives the file its name; returns its size.
    pub(super) fn finish(self) -> Result<u64, SynthError> {
        fs::rename(&self.path, &self.target).map_err(|e| SynthError::io(&self.target, e))?;
        Ok(fs::metadata(&self.target).map_err(|e| SynthError::io(&self.target, e))?.len())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After `finish` there is nothing under this name; before, the failure that led here is the one to report.
        let _ = fs::remove_file(&self.path);
    }
}
