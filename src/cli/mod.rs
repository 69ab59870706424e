//! What was typed becomes a [`RunConfig`].
//!
//! Two types: the arguments as clap reads them (`args*`), and what a run needs (`config`). The conversion between them
//! happens once, checks everything that can be checked without opening an input, and is the only code that knows the
//! environment, the working directory, the clock and the terminal, all of them through [`Surroundings`]. Nothing here
//! reads an archive, prints or exits.

mod archives;
mod args;
mod args_archives;
mod args_bench;
mod args_generate;
mod args_hunts;
mod args_lists;
mod args_shared;
mod args_stores;
mod bench;
mod config;
mod config_archives;
mod config_bench;
mod convert;
mod error;
mod generate;
mod lists;
mod moment;
mod outputs;
mod size;
mod span;
mod stopwatch;
mod surroundings;
mod tor_source;

#[cfg(test)]
mod tests;

pub use args::command;
pub use config::{
    Colors, Command, Destination, Duplicates, Feeds, GenerateConfig, HuntConfig, HuntsCommand, Inputs, IntelCommand,
    IntelLists, IntelMatch, IntelTor, Limits, ListFormat, Matching, MispToIds, OpenctiConfidence, Output,
    PrivateAddresses, QueryConfig, RowsOutput, RunConfig, SqlConfig, TorCommand, TorLists, TorQuestion,
};
pub use config_archives::{Access, Archive, ConvertConfig, IndexConfig, PlanConfig, Secrets};
pub use config_bench::{BenchConfig, Child};
pub use convert::{parse, require_tor};
pub use error::{CliError, Stream};
pub use stopwatch::Stopwatch;
pub use surroundings::Surroundings;
pub use tor_source::TorSource;
