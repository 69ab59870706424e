//! A hunt is a `.sql` file; this room turns its text into a checked [`Hunt`].
//!
//! Text only: the SQL is carried as it stands and planned elsewhere, so that a hunt can be listed, shown and refused
//! without an engine. Nothing here knows DataFusion, opens an archive or prints.
//!
//! # The file
//!
//! The leading `--` lines are the header; the SQL begins at the first line after them that is not blank.
//!
//! ```sql
//! -- id: beacon
//! -- title: Beaconing to rented servers
//! -- description: One line, or a long one that goes on
//! --   in lines that begin with two dashes and three blanks.
//! -- severity: medium
//! -- status: experimental
//! -- tables: DeviceNetworkEvents, ThreatIndicators
//! -- params: min_days integer = 3; since timestamp = 2026-01-01
//! -- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol, T1573 Encrypted Channel
//! -- author: A. Hunter
//! -- category: command and control
//! -- blind_spots: proxies that rewrite the address, traffic of devices without the sensor
//! -- false_positives: backup agents
//! -- references: https://attack.mitre.org/techniques/T1071/
//! -- fixtures: must_hit, must_miss
//!
//! SELECT …
//! ```
//!
//! * Every key stands exactly once, in any order. `params`, `references` and `false_positives` may be empty, and
//!   `fixtures` while the status is `experimental`.
//! * `id` is the file's stem: a small letter, then small letters, digits and underscores.
//! * Lists are separated by commas. A comma that belongs to an item is written `\,`.
//! * `params` is `name type = default; …`; the types are string, integer, number, boolean and timestamp. Only a string
//!   may default to nothing, and a semicolon that belongs to a default is written `\;`. A parameter named `tor_role`
//!   is the hunt's default for `--tor-role`: a string that is `exit`, `guard` or `any`.
//! * `attack` is `tactics LIST; techniques LIST`, each item an ATT&CK id and its name.
//! * Control characters and characters that reverse the reading direction are refused in the whole file, since hunts
//!   travel between people and are shown on terminals.

mod attack;
mod catalogue;
mod error;
mod header;
mod library;
mod nearest;
mod param;
mod parse;
mod show;
mod value;

pub use attack::AttackEntry;
pub use catalogue::catalogue_markdown;
pub use error::HuntError;
pub use library::{built_in, files_in, find, load_dir, load_file};
pub use param::{BoundParam, Param, ParamKind, ParamValue, bind, tor_role};
pub use parse::{Hunt, Status, TABLES, parse};
pub use show::{list, rows, show};
