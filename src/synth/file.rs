//! One event file: drawn, encoded and written piece by piece, so that memory depends on the row group and not on the
//! archive.

use std::fs::File;
use std::path::Path;

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
use super::place::Place;
use super::random::{Purpose, stream};
use crate::model::synthesis::SynthConfig;

/// The folder of the events.
pub(super) const EVENTS: &str = "events";
/// Rows that are drawn and encoded at a time.
const PIECE: u64 = 16_384;
/// Rows of a data page: fine enough that a hunt can skip most pages around a hit.
const PAGE_ROWS: usize = 20_000;

/// Writes one file of the events and returns its size. `on_rows` hears of every piece.
pub(super) fn write(
    config: &SynthConfig,
    world: &World,
    plan: &FilePlan,
    hits: &[Hit],
    place: &Place,
    on_rows: &dyn Fn(u64),
) -> Result<u64, SynthError> {
    let (file, unfinished) = place.begin(&Path::new(EVENTS).join(&plan.path))?;
    let rng = stream(config.seed, Purpose::File, plan.index);
    let mut draw = Draw::new(world, Clock::new(plan), rng, hits);
    encode(file, config, world, &mut draw, plan.rows, on_rows)
        .map_err(|e| SynthError::parquet(unfinished.target(), e))?;
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
