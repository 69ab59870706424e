//! coldtrail: an offline hunt engine over archived Microsoft Defender network telemetry.

pub mod model;
