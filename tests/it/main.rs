//! The real binary, run as users run it, and the rules that a test can read from the tree.

mod agreement;
mod architecture;
mod archives;
mod bad_input;
mod bench;
mod delta;
mod demo;
mod docs;
mod guide;
mod hostile;
mod index;
mod lists;
mod naive;
mod outputs;
mod runner;
mod samples;
mod slt;
mod stores;
mod strategies;
mod telemetry;
