//! CSV after RFC 4180, safe to open in a spreadsheet.
//!
//! A text cell that a spreadsheet would take for a formula gets a leading apostrophe; numbers are left alone. Lists and
//! structs are JSON text in one cell.

use std::borrow::Cow;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use super::ReportError;
use super::cell::text;
use super::hostile::visible_in_csv;
use super::record::{Record, records};

/// Rows that are written as they come.
pub(super) struct CsvSink<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvSink<W> {
    /// Writes the header.
    pub(super) fn new(schema: &Schema, out: W) -> Result<Self, ReportError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(schema.fields().iter().map(|field| neutral(field.name()).into_owned()))?;
        Ok(Self { writer })
    }

    /// Writes the rows of the batches.
    pub(super) fn write(&mut self, schema: &Schema, batches: &[RecordBatch]) -> Result<(), ReportError> {
        for record in records(schema, batches) {
            self.row(record)?;
        }
        Ok(())
    }

    fn row(&mut self, record: Record<'_>) -> Result<(), ReportError> {
        for (_, cell) in record.cells() {
            match text::csv(cell)? {
                text::Csv::Text(text) => self.writer.write_field(neutral(&text).as_bytes())?,
                text::Csv::Value(text) => self.writer.write_field(text)?,
            }
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// Hands what is buffered to the output.
    pub(super) fn finish(mut self) -> Result<(), ReportError> {
        Ok(self.writer.flush()?)
    }
}

/// Writes header and rows.
pub(super) fn write(schema: &Schema, batches: &[RecordBatch], out: &mut impl Write) -> Result<(), ReportError> {
    let mut sink = CsvSink::new(schema, out)?;
    sink.write(schema, batches)?;
    sink.finish()
}

/// The characters after which spreadsheets expect a formula, also behind their own trimming.
fn neutral(text: &str) -> Cow<'_, str> {
    let visible = visible_in_csv(text);
    if visible.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{visible}"))
    } else {
        visible
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field};

    use super::*;
    use crate::model::finding::COLUMNS;
    use crate::report::samples;

    #[test]
    fn formulas_are_neutral_and_numbers_are_not_touched() {
        let schema = Schema::new(vec![Field::new("=h", DataType::Utf8, true), Field::new("n", DataType::Int64, true)]);
        let text = vec![
            Some("=1+1"),
            Some("+a"),
            Some("-b"),
            Some("@c"),
            Some("\td"),
            Some("\re"),
            Some("a \"q\", b\nc"),
            Some("\u{1b}[m"),
            None,
        ];
        let numbers = Int64Array::from(vec![Some(-1), None, None, None, None, None, None, None, Some(0)]);
        let batch =
            RecordBatch::try_new(Arc::new(schema.clone()), vec![Arc::new(StringArray::from(text)), Arc::new(numbers)])
                .unwrap();
        let mut out = Vec::new();
        write(&schema, &[batch], &mut out).unwrap();
        let want = "'=h,n\n'=1+1,-1\n'+a,\n'-b,\n'@c,\n'\td,\n\"'\re\",\n\"a \"\"q\"\", b\nc\",\n\\x1b[m,\n,0\n";
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }

    #[test]
    fn lists_are_json_in_one_cell() {
        let (schema, batches, _) = samples::report();
        let mut out = Vec::new();
        write(&schema, &batches, &mut out).unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), COLUMNS);
        let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        let at = |row: usize, name: &str| records[row][COLUMNS.iter().position(|c| *c == name).unwrap()].to_owned();
        assert_eq!(at(0, "Ports"), "[443,9001]");
        let factors: serde_json::Value = serde_json::from_str(&at(0, "RiskFactors")).unwrap();
        assert_eq!(factors[0], serde_json::json!({"Factor": "level CRITICAL", "Points": 80}));
        assert_eq!(at(samples::FINDINGS - 1, "Processes"), "[]");
        assert_eq!(at(samples::FINDINGS - 1, "TI_Confidence"), "");
        assert!(at(1, "DeviceName").starts_with("'=cmd"));
    }
}
