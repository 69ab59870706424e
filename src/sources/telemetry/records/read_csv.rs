//! CSV records of a block.

use super::csv_text::{Field, Scanner, fields};
use super::keys::Meaning;
use super::read::Reading;
use super::split::line_ends;
use super::{Block, Header, Reject, marks};

/// Columns that name a row's table.
const TABLES: [&str; 3] = ["Type", "$table", "TableName"];

/// How a header's columns are used.
struct Plan {
    /// For every wanted column its field.
    sources: Vec<Option<usize>>,
    /// The field that names the table.
    table: Option<usize>,
    /// The numbers of columns that are not wanted.
    unknown: Vec<usize>,
}

impl Plan {
    fn new(header: &Header, reading: &mut Reading<'_>) -> Self {
        let meanings: Vec<Meaning> = header.names.iter().map(|name| reading.keys.meaning(name, &mut 0)).collect();
        let mut sources = vec![None; reading.keys.wanted.len()];
        // The exact spelling comes last, and so wins.
        for exact in [false, true] {
            for (field, meaning) in meanings.iter().enumerate() {
                if let Some((column, is_exact)) = meaning.column
                    && is_exact == exact
                    && let Some(source) = sources.get_mut(column)
                {
                    *source = Some(field);
                }
            }
        }
        let table = TABLES.iter().find_map(|table| header.names.iter().position(|name| name == table));
        let mut unknown: Vec<usize> = meanings.iter().filter_map(|meaning| meaning.unknown).collect();
        unknown.sort_unstable();
        unknown.dedup();
        Self { sources, table, unknown }
    }
}

/// Reads every record.
pub(super) fn records(block: &Block, header: &Header, reading: &mut Reading<'_>) {
    let plan = Plan::new(header, reading);
    let mut scanner = Scanner::default();
    let mut cells = Vec::new();
    let (mut start, mut line) = (0, block.first_line);
    while start < block.bytes.len() {
        let rest = block.bytes.get(start..).unwrap_or_default();
        let length = scanner.record_end(rest, header.delimiter).unwrap_or(rest.len());
        let bytes = rest.get(..length).unwrap_or_default();
        if !bytes.trim_ascii().is_empty()
            && let Err(reason) = record(bytes, header, &plan, line, &mut cells, reading)
        {
            reading.tally.reject(Reject::new(line, reason, bytes));
        }
        line += line_ends(bytes);
        start += length;
    }
}

fn record(
    bytes: &[u8],
    header: &Header,
    plan: &Plan,
    line: u64,
    cells: &mut Vec<Field>,
    reading: &mut Reading<'_>,
) -> Result<(), String> {
    let text =
        std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8 text at byte {}", error.valid_up_to() + 1))?;
    fields(bytes, header.delimiter, cells)?;
    let (found, expected) = (cells.len(), header.names.len());
    if found != expected {
        return Err(format!("{found} fields, but the header has {expected}"));
    }
    let table = plan.table.and_then(|field| cells.get(field)).map(|field| field.text(text)).unwrap_or_default();
    let table = marks::table_name(&table);
    if !table.is_empty() && !marks::is_this_table(table) {
        reading.tally.other_table(table);
        return Ok(());
    }
    let texts = plan.sources.iter().map(|source| Some(cells.get((*source)?)?.text(text)));
    reading.columns.push_texts(texts);
    for number in &plan.unknown {
        reading.keys.count_unknown(*number);
    }
    reading.tally.row(line);
    Ok(())
}
