//! The merged file of `coldtrail intel build`: every usable indicator once, in the order in which they speak, as Parquet.
//!
//! The columns are those of `ThreatIndicators` and what else an indicator has; the file's own metadata say which version
//! wrote it and what each source held. Reading it costs no judgement of values, only checks: a file may come from anywhere.

mod read;
mod write;

#[cfg(test)]
mod tests;

pub(super) use read::FORMAT;
pub use write::write;

/// The member of the file's metadata that tells it.
const KEY: &str = "coldtrail.intel";
/// The version of the columns; it grows when one changes its meaning or goes.
const VERSION: u32 = 1;

/// The columns, in order.
const COLUMNS: [&str; 17] = [
    "TI_Indicator",
    "Kind",
    "Prefix",
    "TI_Confidence",
    "ThreatType",
    "TLP",
    "Tags",
    "Name",
    "Source",
    "Id",
    "ValidFrom",
    "ValidUntil",
    "State",
    "Port",
    "ToIds",
    "Also",
    "Target",
];
