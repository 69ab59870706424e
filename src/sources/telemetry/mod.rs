//! An archive of DeviceNetworkEvents, described: its files, what they say of themselves, and the one table that they are.
//!
//! Opening an archive reads footers and the heads of text exports, decides how each file spells the table's columns, and
//! says which row groups a period touches; `engine` reads the rows.

pub mod columns;
pub mod convert;
mod dataset;
#[cfg(feature = "delta")]
mod delta_table;
mod epoch;
mod find;
mod footer;
mod object;
mod parquet_file;
pub mod path_time;
mod reader;
pub mod records;
mod schema;
mod shape;
mod shapes;
mod survey;
mod text_file;
mod times;

pub use convert::{Conversion, TimeForm};
pub use dataset::{Content, DataFile, Dataset, Request, Stage, open, open_found};
pub use find::{Findings, Found, find};
pub use object::{Home, Object, ObjectError};
pub use path_time::PathSpan;
pub use reader::StoreReader;
pub use records::{Block, ReadBlock, Reject, Wanted, read as read_block};
pub use schema::{declared, time_type};
pub use shape::{FileShape, Origin, Origins};
pub use survey::{Listed, Survey, survey};
pub use text_file::{End, Step, TextExport, TextFault};
pub use times::{Place, RowGroup, TimeBounds};

/// The unit of every numeric time column of a file.
type Units = std::collections::BTreeMap<String, crate::model::time::EpochUnit>;
