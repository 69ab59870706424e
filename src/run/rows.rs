//! `--rows`: the matched events, each with the id of its finding and the file that it was read from.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::RunError;
use super::interrupt::Guard;
use super::output::Pending;
use crate::cli::RowsOutput;
use crate::engine::Spool;
use crate::model::Direction;
use crate::report::{ReportError, RowsWriter};
use crate::sources::telemetry::{Dataset, columns};

/// Device, address and direction of a finding: what an event has too.
type Key = (Option<String>, Option<String>, Option<Direction>);

/// The ids of findings, also of those that an exclusion will remove.
#[derive(Default)]
pub(super) struct Ids(HashMap<Key, String>);

impl Ids {
    /// Reads the ids of a result; one without the columns of a finding has none.
    pub(super) fn of(batches: &[RecordBatch]) -> Self {
        let mut ids = HashMap::new();
        for batch in batches {
            let Some(found) = text(batch, "FindingId") else { continue };
            for row in 0..batch.num_rows() {
                ids.insert(key(batch, row), found.value(row).to_owned());
            }
        }
        Self(ids)
    }
}

fn text<'a>(batch: &'a RecordBatch, name: &str) -> Option<&'a StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}

fn key(batch: &RecordBatch, row: usize) -> Key {
    let value = |name| text(batch, name).filter(|column| column.is_valid(row)).map(|column| column.value(row));
    let device = value("DeviceName").filter(|device| !device.is_empty());
    (device.map(str::to_owned), value("RemoteIP").map(str::to_owned), value("Direction").and_then(Direction::of_text))
}

/// Writes the spooled events.
pub(super) fn write(
    spool: &Spool,
    ids: &Ids,
    dataset: &Dataset,
    output: &RowsOutput,
    base: &Path,
    guard: &Guard,
) -> Result<(), RunError> {
    let layout = Layout::new(spool.schema(), dataset);
    let pending = Pending::create(&output.path, base, guard)?;
    let failed = |error: ReportError| pending.failed(error);
    let mut writer =
        RowsWriter::create(output.format, Arc::clone(&layout.schema), pending.writer()?).map_err(failed)?;
    for batch in spool.read_back().map_err(|error| failed(error.into()))? {
        let batch = layout.batch(&batch.map_err(|error| failed(error.into()))?, ids).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    pending.finish()
}

/// The columns of the output: those that some file has, the derived ones, FindingId and SourceFile.
struct Layout {
    schema: SchemaRef,
    /// Positions in the spool.
    kept: Vec<usize>,
    source: usize,
}

impl Layout {
    fn new(spooled: &SchemaRef, dataset: &Dataset) -> Self {
        let somewhere = |name: &str| {
            matches!(name, columns::DIRECTION | columns::REMOTE_IP_RAW)
                || dataset.files.iter().any(|file| file.shape.origins.contains_key(name))
        };
        let kept: Vec<usize> = (0..spooled.fields().len()).filter(|at| somewhere(spooled.field(*at).name())).collect();
        let mut fields: Vec<Arc<Field>> = kept.iter().map(|at| Arc::new(spooled.field(*at).clone())).collect();
        fields.push(Arc::new(Field::new("FindingId", DataType::Utf8, true)));
        fields.push(Arc::new(Field::new(columns::SOURCE_FILE, DataType::Utf8, true)));
        let source = spooled.index_of(columns::SOURCE_FILE).unwrap_or_default();
        Self { schema: Arc::new(Schema::new(fields)), kept, source }
    }

    fn batch(&self, batch: &RecordBatch, ids: &Ids) -> Result<RecordBatch, ReportError> {
        let found: StringArray =
            (0..batch.num_rows()).map(|row| ids.0.get(&key(batch, row)).map(String::as_str)).collect();
        let mut columns: Vec<ArrayRef> = self.kept.iter().map(|at| Arc::clone(batch.column(*at))).collect();
        columns.push(Arc::new(found));
        columns.push(Arc::clone(batch.column(self.source)));
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
