//! The arguments that say how object stores are reached, as clap reads them.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

/// How s3://, az://, abfss:// and https:// are reached.
#[derive(Args, Debug)]
#[command(next_help_heading = "Object stores")]
pub(super) struct StoreArgs {
    /// Address of a store that is not the provider's own, such as http://127.0.0.1:9000
    #[arg(long, value_name = "URL", value_parser = NonEmptyStringValueParser::new())]
    pub(super) endpoint: Option<String>,
    /// Ask without credentials, whatever the environment holds
    #[arg(long)]
    pub(super) anonymous: bool,
    /// Attempts after the first one, per request
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(0..=50))]
    pub(super) retries: u8,
    /// Longest wait for one request, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub(super) timeout: u16,
}
