//! The arguments of `hunts`, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What to do with hunts.
#[derive(Subcommand, Debug)]
pub(super) enum HuntsArgs {
    /// Every hunt, one per line
    List(LibraryArgs),
    /// One hunt: its header, what it cannot see, its SQL
    Show {
        /// The hunt's id
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        library: LibraryArgs,
    },
    /// Plan hunts against the tables without data; errors name file and line
    #[command(after_help = "Example:\n  coldtrail hunts check my_hunts/beacon.sql")]
    Check {
        /// A .sql file or a directory of them [default: every hunt]
        #[arg(value_name = "PATH", conflicts_with = "hunts")]
        path: Option<PathBuf>,
        #[command(flatten)]
        library: LibraryArgs,
    },
}

/// Where hunts come from.
#[derive(Args, Debug)]
pub(super) struct LibraryArgs {
    /// Add the .sql files of a directory
    #[arg(long, value_name = "DIR")]
    pub(super) hunts: Option<PathBuf>,
}
