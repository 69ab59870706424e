//! `coldtrail tor`: lists and histories merged into one file, and questions about single addresses.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, ListBuilder, RecordBatch, StringArray, StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use tempfile::TempDir;

use super::interrupt::Guard;
use super::{Console, Outcome, RunError, access, lists, output};
use crate::cli::{CliError, ListFormat, RunConfig, TorCommand, TorLists, TorQuestion};
use crate::engine::{TorAnswer, TorBook, TorRules};
use crate::model::relay::TorMatching;
use crate::model::{Address, Micros};
use crate::report::{self, ReportError, Style};
use crate::sources::Reach;
use crate::sources::tor::{self as tor_sources, TorTable};

/// Neighbours that are named; the rest is counted.
const NEIGHBOURS_SHOWN: usize = 10;

/// Runs the subcommand.
pub(super) async fn run(
    config: RunConfig,
    command: TorCommand,
    console: Console,
    guard: Guard,
) -> Result<Outcome, RunError> {
    // Reading lists takes seconds, and must not keep Ctrl+C waiting.
    let work = tokio::task::spawn_blocking(move || execute(&config, command, &console, &guard));
    work.await.unwrap_or_else(|error| Err(RunError::System(format!("internal error: {error}"))))
}

fn execute(config: &RunConfig, command: TorCommand, console: &Console, guard: &Guard) -> Result<Outcome, RunError> {
    match command {
        TorCommand::Build { lists, output } => build(config, &lists, &output, console, guard),
        TorCommand::Show { lists, question, at, role, tolerance, format } => {
            let table = load(config, &lists, guard)?;
            let rules = TorRules { roles: role, matching: TorMatching::Auto, tolerance };
            let asked = asked(&question, at, &config.cwd)?;
            let book = TorBook::new(&table.intervals, &table.spans, rules);
            let batch = answers(&book, &asked).map_err(|error| failed(error.into()))?;
            super::intel::print(config, &batch, format, console)?;
            say(config, &table, format, console);
            Ok(outcome(&table))
        }
    }
}

fn load(config: &RunConfig, lists: &TorLists, guard: &Guard) -> Result<TorTable, RunError> {
    let stores = access::stores(&config.access);
    let folder = || guard.folder(TempDir::new);
    let reach = Reach { base: &config.cwd, stores: Some(&stores), folder: &folder };
    lists::tor(&lists.tor, lists.as_of, lists.on_bad_input, reach)
}

fn build(
    config: &RunConfig,
    lists: &TorLists,
    path: &Path,
    console: &Console,
    guard: &Guard,
) -> Result<Outcome, RunError> {
    let table = load(config, lists, guard)?;
    output::write_file(path, &config.cwd, guard, |out| {
        tor_sources::write_built(&table, out).map_err(|error| ReportError::from(std::io::Error::other(error)))
    })?;
    say(config, &table, ListFormat::Table, console);
    if !config.quiet {
        for source in table.facts.iter().filter(|source| source.seen_from.is_none()) {
            console.say(&format!(
                "warning: {} is undated and is written so: its addresses match at any time; --tor-as-of states its date",
                source.source
            ));
        }
        let bytes = std::fs::metadata(config.cwd.join(path)).map_or(0, |meta| meta.len());
        let plural = if table.intervals.len() == 1 { "" } else { "s" };
        console.say(&format!("{}: {} interval{plural}, {bytes} bytes", path.display(), table.intervals.len()));
    }
    Ok(outcome(&table))
}

/// What the lists held, for people.
fn say(config: &RunConfig, table: &TorTable, format: ListFormat, console: &Console) {
    if config.quiet || (format != ListFormat::Table && table.skipped.is_empty()) {
        return;
    }
    let style = Style { width: config.message_width, color: config.color.messages };
    console.with_stderr(|out| {
        let _ = report::tor_sources(&table.facts, &table.skipped, style, out);
    });
}

fn outcome(table: &TorTable) -> Outcome {
    if table.skipped.is_empty() { Outcome::Done } else { Outcome::Skipped }
}

fn failed(error: ReportError) -> RunError {
    RunError::Output { target: "stdout".to_owned(), error }
}

/// One question; the address is `None` where the text is none.
struct Asked {
    text: String,
    address: Option<Address>,
    time: Option<Micros>,
}

fn asked(question: &TorQuestion, at: Option<Micros>, base: &Path) -> Result<Vec<Asked>, RunError> {
    match question {
        TorQuestion::Address(text) => match Address::parse(text) {
            Some(address) => Ok(vec![Asked { text: text.clone(), address: Some(address), time: at }]),
            None => Err(CliError::usage(format!("{text} is no IPv4 or IPv6 address")).into()),
        },
        TorQuestion::File(path) => {
            let name = path.display();
            let text = std::fs::read_to_string(base.join(path))
                .map_err(|error| RunError::System(format!("{name}: {error}; check the path given with --file")))?;
            let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().map(str::trim);
            lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line_asked(line, at)).collect()
        }
    }
}

/// `ADDRESS` or `ADDRESS,TIME`. A line without an address is answered too, so that no line is lost.
fn line_asked(line: &str, at: Option<Micros>) -> Result<Asked, RunError> {
    let (address, time) = line.split_once([',', ';', '\t']).unwrap_or((line, ""));
    let time = match time.trim().trim_matches('"') {
        "" => at,
        text => match Micros::parse(text) {
            Some(time) => Some(time),
            None => {
                let reason = format!("{text} is no time: write ADDRESS,TIME with a time such as 2026-03-14T15:09:00Z");
                return Err(RunError::System(format!("--file: {reason}")));
            }
        },
    };
    let address = address.trim().trim_matches('"');
    Ok(Asked { text: address.to_owned(), address: Address::parse(address), time })
}

fn schema() -> Schema {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let time = |name| Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true);
    let texts = |name| Field::new(name, DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))), true);
    Schema::new(vec![
        text("Query"),
        time("Time"),
        text("Answer"),
        text("Evidence"),
        text("Role"),
        time("SeenBefore"),
        time("SeenAfter"),
        texts("Intervals"),
        text("Neighbourhood"),
        Field::new("NeighbourCount", DataType::Int64, true),
        texts("Neighbours"),
    ])
}

fn answers(book: &TorBook, asked: &[Asked]) -> Result<RecordBatch, arrow::error::ArrowError> {
    let answers: Vec<Option<TorAnswer<'_>>> = asked.iter().map(|one| Some(book.ask(one.address?, one.time))).collect();
    let text = |of: &dyn Fn(&TorAnswer<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(answers.iter().map(|answer| of(answer.as_ref()?)).collect::<StringArray>())
    };
    let time =
        |of: &dyn Fn(&TorAnswer<'_>) -> Option<Micros>| -> ArrayRef { times(answers.iter().map(|a| of(a.as_ref()?))) };
    let texts = |of: &dyn Fn(&TorAnswer<'_>) -> Vec<String>| -> ArrayRef {
        let mut list = ListBuilder::new(StringBuilder::new());
        answers.iter().for_each(|answer| list.append_value(answer.iter().flat_map(of).map(Some)));
        Arc::new(list.finish())
    };
    let verdict =
        |answer: &Option<TorAnswer<'_>>| answer.as_ref().map_or("not an address", |answer| answer.verdict.as_str());
    let count = |answer: &Option<TorAnswer<'_>>| i64::try_from(answer.as_ref()?.neighbours.len()).ok();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(asked.iter().map(|one| &one.text))),
        times(asked.iter().map(|one| one.time)),
        Arc::new(StringArray::from_iter_values(answers.iter().map(verdict))),
        text(&|answer| answer.evidence.map(|evidence| evidence.as_str().to_owned())),
        text(&|answer| roles(answer)),
        time(&|answer| answer.before),
        time(&|answer| answer.after),
        texts(&|answer| answer.intervals.iter().map(|interval| interval.to_string()).collect()),
        text(&|answer| Some(answer.neighbourhood.to_string())),
        Arc::new(answers.iter().map(count).collect::<Int64Array>()),
        texts(&|answer| answer.neighbours.iter().take(NEIGHBOURS_SHOWN).map(ToString::to_string).collect()),
    ];
    RecordBatch::try_new(Arc::new(schema()), columns)
}

fn roles(answer: &TorAnswer<'_>) -> Option<String> {
    let mut roles: Vec<&str> = answer.intervals.iter().map(|interval| interval.role.as_str()).collect();
    roles.sort_unstable();
    roles.dedup();
    (!roles.is_empty()).then(|| roles.join(", "))
}

fn times(values: impl Iterator<Item = Option<Micros>>) -> ArrayRef {
    Arc::new(values.map(|time| time.map(|time| time.0)).collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
}
