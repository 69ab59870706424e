//! The one conversion from what was typed to what a run needs.

use std::ffi::OsString;
use std::path::Path;

use clap::{ColorChoice as ClapColor, FromArgMatches as _};

use super::archives;
use super::args::{self, ColorChoice, CommandArgs, HuntArgs, SqlArgs, Typed};
use super::args_hunts::HuntsArgs;
use super::args_shared::{InputArgs, MatchingArgs, OutputArgs, PeriodArgs, RunArgs};
use super::bench;
use super::config::{
    Colors, Command, Destination, Duplicates, HuntConfig, HuntsCommand, Inputs, Limits, Matching, Output, QueryConfig,
    RowsOutput, RunConfig, SqlConfig,
};
use super::error::{CliError, Stream};
use super::generate::generate;
use super::lists;
use super::outputs;
use super::surroundings::Surroundings;
use super::tor_source::TorSource;
use crate::model::Period;
use crate::model::strategy::Strategy;

/// Help is not wider than this on any terminal, and not narrower.
const HELP_COLUMNS: (usize, usize) = (60, 100);
/// Named where --events is missing.
const HUNT_EXAMPLE: &str = "coldtrail hunt --events archive/ --tor tor.csv";

/// Reads a command line, the program's name first. The error is also how help and version come back.
pub fn parse(args: impl IntoIterator<Item = OsString>, surroundings: &Surroundings) -> Result<RunConfig, CliError> {
    let args: Vec<OsString> = args.into_iter().map(comment_first).collect();
    let (least, most) = HELP_COLUMNS;
    let columns = surroundings.terminal_columns().clamp(least, most);
    let typed = args::command()
        .color(ClapColor::Never)
        .term_width(columns)
        .try_get_matches_from(&args)
        .and_then(|matches| Typed::from_arg_matches(&matches))
        .map_err(|error| of_clap(&error, &args, surroundings))?;
    convert(typed, &args, surroundings)
}

/// A query that begins with a comment is no flag: a blank before it says so.
fn comment_first(arg: OsString) -> OsString {
    let is_comment = arg.to_str().is_some_and(|text| text.starts_with("-- ") || text.starts_with("--\n"));
    if is_comment { [OsString::from(" "), arg].into_iter().collect() } else { arg }
}

/// A hunt over the Tor table is no hunt without a list (exit 2); `tables` are those of the hunt's header.
pub fn require_tor(hunt: &str, tables: &[String], tor: &[TorSource]) -> Result<(), CliError> {
    if !tor.is_empty() || !tables.iter().any(|table| table == "TorRelays") {
        return Ok(());
    }
    Err(CliError::usage(format!(
        "hunt {hunt} needs a Tor list: name a CSV or text file of relay addresses with --tor, for example\n  coldtrail hunt {hunt} --events archive/ --tor tor.csv"
    )))
}

/// clap's own words, coloured where the reader's terminal shows colour.
fn of_clap(error: &clap::Error, args: &[OsString], surroundings: &Surroundings) -> CliError {
    let (stream, terminal) = if error.use_stderr() {
        (Stream::Stderr, surroundings.stderr_is_terminal)
    } else {
        (Stream::Stdout, surroundings.stdout_is_terminal)
    };
    // A command line that does not parse has no `--color` yet, and still must be obeyed.
    let typed = |word: &str| args.windows(2).any(|pair| pair[0] == "--color" && pair[1] == word);
    let joined = |word: &str| args.iter().any(|arg| *arg == *word);
    let never = typed("never") || joined("--color=never");
    let always = typed("always") || joined("--color=always");
    let coloured = always || (terminal && !surroundings.no_color && !never);
    let text = if coloured { error.render().ansi().to_string() } else { error.render().to_string() };
    CliError::new(text, u8::try_from(error.exit_code()).unwrap_or(2), stream)
}

fn convert(typed: Typed, args: &[OsString], surroundings: &Surroundings) -> Result<RunConfig, CliError> {
    let access = match &typed.command {
        CommandArgs::Hunt(args) => Some(&args.stores),
        CommandArgs::Sql(args) => Some(&args.stores),
        CommandArgs::Plan(args) => Some(&args.stores),
        CommandArgs::Index(args) => Some(&args.stores),
        CommandArgs::Convert(args) => Some(&args.stores),
        CommandArgs::Bench(args) => Some(&args.stores),
        CommandArgs::Tor(args) => Some(args.stores()),
        CommandArgs::Intel(args) => Some(args.stores()),
        CommandArgs::Hunts(_) | CommandArgs::Generate(_) => None,
    };
    let access = access.map(|stores| archives::access(stores, surroundings)).unwrap_or_default();
    let command = match typed.command {
        CommandArgs::Plan(args) => Command::Plan(archives::plan(args, surroundings)?),
        CommandArgs::Index(args) => Command::Index(archives::index(args, surroundings)?),
        CommandArgs::Convert(args) => Command::Convert(archives::convert(args, surroundings)?),
        CommandArgs::Bench(typed) => Command::Bench(Box::new(bench::bench(*typed, args, surroundings)?)),
        CommandArgs::Hunt(args) => Command::Hunt(Box::new(hunt(args, surroundings)?)),
        CommandArgs::Sql(args) => Command::Sql(Box::new(sql(args, surroundings)?)),
        CommandArgs::Hunts(args) => Command::Hunts(hunts(args)),
        CommandArgs::Tor(args) => Command::Tor(lists::tor(args, surroundings)?),
        CommandArgs::Intel(args) => Command::Intel(lists::intel(args, surroundings)?),
        CommandArgs::Generate(args) => Command::Generate(generate(args, surroundings)?),
    };
    let seen = surroundings.stdout_is_terminal && reports_to_stdout(&command);
    let color = |seen: bool| match typed.color {
        ColorChoice::Auto => seen && !surroundings.no_color,
        ColorChoice::Always => true,
        ColorChoice::Never => false,
    };
    let width = |seen: bool| if seen { surroundings.terminal_columns() } else { surroundings.file_columns() };
    Ok(RunConfig {
        command,
        access,
        cwd: surroundings.cwd.clone(),
        now: surroundings.now,
        quiet: typed.quiet,
        color: Colors { report: color(seen), messages: color(surroundings.stderr_is_terminal) },
        progress: surroundings.stderr_is_terminal && !typed.quiet,
        width: width(seen),
        message_width: width(surroundings.stderr_is_terminal),
    })
}

fn reports_to_stdout(command: &Command) -> bool {
    let query = match command {
        Command::Hunt(hunt) => &hunt.query,
        Command::Sql(sql) => &sql.query,
        Command::Hunts(_)
        | Command::Generate(_)
        | Command::Tor(_)
        | Command::Intel(_)
        | Command::Plan(_)
        | Command::Index(_)
        | Command::Bench(_)
        | Command::Convert(_) => return true,
    };
    query.output.destination == Destination::Stdout
}

fn hunt(typed: HuntArgs, surroundings: &Surroundings) -> Result<HuntConfig, CliError> {
    let rows = typed.rows.map(outputs::rows).transpose()?;
    let shared = Shared {
        input: typed.input,
        period: typed.period,
        matching: typed.matching,
        output: typed.output,
        run: typed.run,
    };
    let query = shared.convert(HUNT_EXAMPLE, rows.as_ref(), surroundings)?;
    Ok(HuntConfig { hunt: typed.which.hunt, hunts_dir: typed.which.hunts, params: typed.which.param, rows, query })
}

fn sql(typed: SqlArgs, surroundings: &Surroundings) -> Result<SqlConfig, CliError> {
    let shared = Shared {
        input: typed.input,
        period: typed.period,
        matching: typed.matching,
        output: typed.output,
        run: typed.run,
    };
    let example = "coldtrail sql --events archive/ \"SELECT count(*) FROM DeviceNetworkEvents\"";
    Ok(SqlConfig { sql: typed.query, query: shared.convert(example, None, surroundings)? })
}

fn hunts(typed: HuntsArgs) -> HuntsCommand {
    match typed {
        HuntsArgs::List(library) => HuntsCommand::List { hunts_dir: library.hunts },
        HuntsArgs::Show { id, library } => HuntsCommand::Show { id, hunts_dir: library.hunts },
        HuntsArgs::Check { path, library } => HuntsCommand::Check { path, hunts_dir: library.hunts },
    }
}

/// The argument groups of `hunt`, `sql` and `bench`.
pub(super) struct Shared {
    pub(super) input: InputArgs,
    pub(super) period: PeriodArgs,
    pub(super) matching: MatchingArgs,
    pub(super) output: OutputArgs,
    pub(super) run: RunArgs,
}

impl Shared {
    fn convert(
        self,
        example: &str,
        rows: Option<&RowsOutput>,
        surroundings: &Surroundings,
    ) -> Result<QueryConfig, CliError> {
        if self.input.events.is_empty() {
            return Err(CliError::usage(format!(
                "no telemetry: name a file, a directory, a pattern or a URL with --events, for example\n  {example}"
            )));
        }
        self.convert_any(rows, surroundings)
    }

    /// The same where telemetry may be made later.
    pub(super) fn convert_any(
        self,
        rows: Option<&RowsOutput>,
        surroundings: &Surroundings,
    ) -> Result<QueryConfig, CliError> {
        if self.run.strategy == Strategy::Index && self.run.index.is_none() {
            return Err(CliError::usage(
                "--strategy index needs --index DIR; `coldtrail index --events SRC --index DIR` makes one".to_owned(),
            ));
        }
        self.check_files(rows, surroundings)?;
        let destination = outputs::destination(self.output.output);
        let format = outputs::format(self.output.format, &destination, surroundings.stdout_is_terminal)?;
        Ok(QueryConfig {
            inputs: inputs(self.input),
            period: period(&self.period, surroundings)?,
            matching: matching(&self.matching, surroundings),
            limits: limits(&self.run, self.output.set_limit, surroundings),
            output: Output {
                format,
                destination,
                coverage: self.output.coverage,
                exclude: self.output.exclude,
                fail_on: self.output.fail_on,
            },
        })
    }

    fn check_files(&self, rows: Option<&RowsOutput>, surroundings: &Surroundings) -> Result<(), CliError> {
        let report = self.output.output.as_deref().filter(|path| path.as_os_str() != "-");
        let outputs: Vec<outputs::Named<'_>> = [
            report.map(|path| ("--output", path)),
            self.output.coverage.as_deref().map(|path| ("--coverage", path)),
            rows.map(|rows| ("--rows", rows.path.as_path())),
        ]
        .into_iter()
        .flatten()
        .collect();
        let events = self.input.events.iter().map(|source| ("--events", Path::new(source)));
        let tor = self.input.tor.iter().map(|tor| ("--tor", Path::new(&tor.source)));
        let intel = self.input.intel.iter().map(|source| ("--intel", Path::new(source)));
        let exclude = self.output.exclude.as_deref().map(|path| ("--exclude", path));
        let inputs: Vec<outputs::Named<'_>> = events.chain(tor).chain(intel).chain(exclude).collect();
        outputs::check(&outputs, &inputs, &surroundings.cwd)
    }
}

fn inputs(typed: InputArgs) -> Inputs {
    let on_bad_input = lists::on_bad_input(typed.reading.on_bad_input);
    let (date_order, delta_version) = (typed.reading.date_order, typed.reading.delta_version);
    Inputs { events: typed.events, tor: typed.tor, intel: typed.intel, date_order, delta_version, on_bad_input }
}

pub(super) fn period(typed: &PeriodArgs, surroundings: &Surroundings) -> Result<Period, CliError> {
    let from = typed.from.map(|moment| moment.start(surroundings.now));
    let to = typed.to.map(|moment| moment.end(surroundings.now));
    match (from, to) {
        (Some(from), Some(to)) if from >= to => {
            Err(CliError::usage(format!("the period is empty: --from is {from}, and --to is {to}; swap or widen them")))
        }
        _ => Ok(Period { from, to }),
    }
}

fn matching(typed: &MatchingArgs, surroundings: &Surroundings) -> Matching {
    Matching {
        tor_role: typed.tor_role,
        tor_match: typed.tor_match,
        tolerance: typed.tolerance.0,
        tor_as_of: typed.tor_as_of.map(|moment| moment.start(surroundings.now)),
        intel_match: typed.intel_match,
        intel_grace: typed.intel_grace.0,
        intel_tor: typed.intel_tor,
        tlp_max: typed.tlp_max,
        feeds: lists::feeds(&typed.feeds),
        duplicates: if typed.keep_duplicates { Duplicates::Keep } else { Duplicates::Remove },
    }
}

fn limits(typed: &RunArgs, set_limit: u32, surroundings: &Surroundings) -> Limits {
    Limits {
        threads: typed.threads.map_or(surroundings.cores.max(1), usize::from),
        memory_bytes_max: typed.memory_limit,
        set_limit: usize::try_from(set_limit).unwrap_or(usize::MAX),
        strategy: typed.strategy,
        index: typed.index.clone(),
    }
}
