//! `coldtrail intel`: feeds merged into one file, and the indicators that stand for a value.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, FieldRef, Schema};
use arrow::error::ArrowError;
use tempfile::TempDir;

use super::interrupt::Guard;
use super::{Console, Outcome, RunError, access, lists, output, red};
use crate::cli::{CliError, IntelCommand, IntelLists, ListFormat, RunConfig};
use crate::engine::{self, IntelBook, IntelRules};
use crate::model::coverage::{IntelSource, Skipped};
use crate::report::{self, ReportError, Style};
use crate::sources::Reach;
use crate::sources::intel::{self, IntelTable};

/// Runs the subcommand.
pub(super) async fn run(
    config: RunConfig,
    command: IntelCommand,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    // Reading lists takes seconds, and must not keep Ctrl+C waiting.
    let work = tokio::task::spawn_blocking(move || execute(&config, command, &console, &guard));
    work.await.unwrap_or_else(|error| Err(RunError::System(format!("internal error: {error}"))))
}

fn execute(config: &RunConfig, command: IntelCommand, console: &Console, guard: &Guard) -> Result<Outcome, RunError> {
    match command {
        IntelCommand::Build { lists, output } => build(config, &lists, &output, console, guard),
        IntelCommand::Show { lists, value, tlp_max, format } => {
            let table = load(config, &lists, guard)?;
            let found = intel::find(&table, &value).map_err(|reason| CliError::usage(format!("{value}: {reason}")))?;
            let skipped = table.skipped;
            let book = IntelBook::new(table.indicators, IntelRules { tlp_max, ..IntelRules::default() });
            let batch = engine::indicator_rows(&book, &found)
                .and_then(|rows| with_marks(&rows, &book, &found))
                .map_err(|error| RunError::Output { target: "stdout".to_owned(), error: error.into() })?;
            print(config, &batch, format, console)?;
            if !config.quiet && red::is_shown(std::slice::from_ref(&batch)) {
                console.say(red::WARNING);
            }
            say(config, &[], &skipped, console);
            Ok(outcome(&skipped))
        }
    }
}

/// The rows with what `TI_Matches` also tells: the port that the publisher names, and the mark for detection.
fn with_marks(rows: &RecordBatch, book: &IntelBook, positions: &[u32]) -> Result<RecordBatch, ArrowError> {
    let of = || positions.iter().filter_map(|at| book.get(*at));
    let ports: Int64Array = of().map(|one| one.port.map(i64::from)).collect();
    let marks: BooleanArray = of().map(|one| one.to_ids).collect();
    let mut fields: Vec<FieldRef> = rows.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new("Port", DataType::Int64, true)));
    fields.push(Arc::new(Field::new("ToIds", DataType::Boolean, true)));
    let columns: Vec<ArrayRef> =
        rows.columns().iter().cloned().chain([Arc::new(ports) as ArrayRef, Arc::new(marks) as ArrayRef]).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn load(config: &RunConfig, lists: &IntelLists, guard: &Guard) -> Result<IntelTable, RunError> {
    let stores = access::stores(&config.access);
    let folder = || guard.folder(TempDir::new);
    let reach = Reach { base: &config.cwd, stores: Some(&stores), folder: &folder };
    lists::intel(&lists.intel, lists.feeds, lists.on_bad_input, reach)
}

fn build(
    config: &RunConfig,
    lists: &IntelLists,
    path: &Path,
    console: &Console,
    guard: &Guard,
) -> Result<Outcome, RunError> {
    let table = load(config, lists, guard)?;
    output::write_file(path, &config.cwd, guard, |out| {
        intel::write_built(&table, out).map_err(|error| ReportError::from(std::io::Error::other(error)))
    })?;
    say(config, &table.facts, &table.skipped, console);
    if !config.quiet {
        for source in table.facts.iter().filter(|source| source.kept() == 0) {
            console.say(&format!("warning: {} holds no usable indicator", source.source));
        }
        let bytes = std::fs::metadata(config.cwd.join(path)).map_or(0, |meta| meta.len());
        let plural = if table.indicators.len() == 1 { "" } else { "s" };
        console.say(&format!("{}: {} indicator{plural}, {bytes} bytes", path.display(), table.indicators.len()));
    }
    Ok(outcome(&table.skipped))
}

/// What the feeds held, for people.
fn say(config: &RunConfig, sources: &[IntelSource], skipped: &[Skipped], console: &Console) {
    if config.quiet {
        return;
    }
    let style = Style { width: config.message_width, color: config.color.messages };
    console.with_stderr(|out| {
        let _ = report::intel_sources(sources, skipped, style, out);
    });
}

const fn outcome(skipped: &[Skipped]) -> Outcome {
    if skipped.is_empty() { Outcome::Done } else { Outcome::Skipped }
}

/// Writes rows to stdout in the form that was asked for.
pub(super) fn print(
    config: &RunConfig,
    batch: &RecordBatch,
    format: ListFormat,
    console: &Console,
) -> Result<(), RunError> {
    let style = Style { width: config.width, color: config.color.report };
    let written = console.with_stdout(|out| match format {
        ListFormat::Table => report::rows_table(batch, style, out),
        ListFormat::Ndjson => report::rows_ndjson(batch, out),
        ListFormat::Csv => report::rows_csv(batch, out),
    });
    written.map_err(|error| RunError::Output { target: "stdout".to_owned(), error })
}
