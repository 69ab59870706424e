//! Microsoft Sentinel's two indicator tables, as Parquet, CSV and JSON.
//!
//! Both are append-only logs in which every unexpired indicator is written again each week; [`log`] keeps what is
//! newest. The tables differ in their columns, which is what [`current`] and [`legacy`] know.

pub(super) mod csv;
pub(super) mod current;
pub(super) mod json;
pub(super) mod legacy;
pub(super) mod log;
mod stix;

#[cfg(test)]
mod tests;

use self::log::Standing;

/// What free text says of an indicator: feeds that have no flag of their own write it into the description.
pub(super) fn described(description: Option<&str>) -> Standing {
    let text = description.unwrap_or_default().to_ascii_lowercase();
    if text.contains("state: falsepos") {
        Standing::Deleted
    } else if text.contains("state: inactive") {
        Standing::Retired
    } else {
        Standing::Active
    }
}
