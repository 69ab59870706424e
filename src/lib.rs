//! coldtrail: an offline hunt engine over archived Microsoft Defender network telemetry.
//!
//! The rooms, in reading order; `ARCHITECTURE.md` says what each may import.

pub mod cli;
pub mod engine;
pub mod hunt;
pub mod model;
pub mod report;
pub mod run;
pub mod sources;
pub mod synth;
