//! Findings and coverage become bytes.
//!
//! A result is Arrow batches in their final order, a schema and the coverage of the run. Every format reads cells through
//! one module and knows no hunt: columns of `model::finding::COLUMNS` have their meaning where they are present, any
//! other column is shown as it is. Nothing here sorts, counts or judges, opens a file, or asks a terminal for its width.
//! What came from telemetry is hostile: each format neutralises it where it writes it.

mod bench;
mod cell;
mod csv;
mod error;
mod facts;
mod hostile;
mod json;
mod json_text;
mod lists;
mod markdown;
mod ndjson;
mod parquet;
mod plan;
mod record;
mod rows;
mod summary;
mod table;

#[cfg(test)]
mod samples;

use std::io::{BufWriter, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::model::Format;
use crate::model::coverage::Coverage;

pub use bench::{bench_chart, bench_json, bench_table};
pub use error::ReportError;
pub use json::coverage_json;
pub use lists::{intel_sources, rows_csv, rows_ndjson, rows_table, tor_sources};
pub use plan::{plan_ndjson, plan_table};
pub use rows::RowsWriter;
pub use summary::summary;

/// How text for people is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether ANSI colours are wanted.
    pub color: bool,
}

/// Writes a whole report. Only [`Format::Table`] looks at the style.
///
/// # Errors
/// When the output cannot be written, or a batch does not have the given schema.
pub fn write(
    format: Format,
    style: Style,
    schema: &Schema,
    batches: &[RecordBatch],
    coverage: &Coverage,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Table => table::write(style, schema, batches, coverage, &mut out)?,
        Format::Ndjson => ndjson::write(schema, batches, &mut out)?,
        Format::Json => json::write(schema, batches, coverage, &mut out)?,
        Format::Csv => csv::write(schema, batches, &mut out)?,
        Format::Parquet => parquet::write(schema, batches, &mut out)?,
        Format::Markdown => markdown::write(schema, batches, coverage, &mut out)?,
    }
    Ok(out.flush()?)
}
