//! The page reader against the ordinary one, over files of every kind and over damaged ones.

mod archive;
mod corpus;
mod damage;
mod files;
mod numbers;
mod picks;
mod refusals;

/// So many times the usual number of cases, which the environment may raise.
fn cases(times: u32) -> proptest::test_runner::Config {
    let usual = proptest::test_runner::Config::default();
    proptest::test_runner::Config { cases: usual.cases.saturating_mul(times), ..usual }
}
