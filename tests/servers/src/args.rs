//! The binary's command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as Group, Parser, Subcommand};
use coldtrail_servers::{Fault, Faults, Rule};

/// Object stores on loopback, with a proxy in front that counts, delays and breaks.
///
/// Prints `export NAME='value'` lines for a shell, runs until its stdin closes or SIGINT or SIGTERM comes, then prints the
/// counts as JSON. Meanwhile GET /__coldtrail/counts gives them, and POST /__coldtrail/reset sets them to zero.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// S3 over a folder: each sub-folder is a bucket
    S3 {
        /// The folder
        folder: PathBuf,
        #[arg(long, default_value = "key")]
        access_key: String,
        #[arg(long, default_value = "secret")]
        secret_key: String,
        #[command(flatten)]
        between: Between,
    },
    /// Azure's emulator, installed from npm on first use, empty and in memory
    Azurite {
        /// Make a container, and fill it from a folder (may be repeated)
        #[arg(long, value_name = "CONTAINER[=FOLDER]", value_parser = load)]
        load: Vec<(String, Option<PathBuf>)>,
        #[command(flatten)]
        between: Between,
    },
    /// Only the proxy, in front of any HTTP server
    Proxy {
        /// Such as http://127.0.0.1:9000
        upstream: String,
        #[command(flatten)]
        between: Between,
    },
}

/// What stands between client and server.
#[derive(Debug, Group)]
pub(crate) struct Between {
    /// The port that clients use (0: any free one)
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Added to each request, such as 30ms
    #[arg(long, value_parser = duration)]
    delay: Option<Duration>,
    /// For each connection and direction, such as 50MB/s
    #[arg(long, value_parser = bandwidth)]
    bandwidth: Option<u64>,
    /// slow-down, internal-error, too-many-requests, reset, stall, or with bytes: reset-after:N, cut-after:N, shorten:N,
    /// stall-after:N
    #[arg(long, value_parser = fault)]
    fault: Option<Fault>,
    /// The fault only for paths with this end
    #[arg(long, requires = "fault")]
    suffix: Option<String>,
    /// The fault for every nth of those
    #[arg(long, requires = "fault")]
    every: Option<u64>,
    /// The fault for the first n of those
    #[arg(long, requires = "fault", conflicts_with = "every")]
    first: Option<u64>,
    /// Run on when stdin is closed
    #[arg(long)]
    pub(crate) stay: bool,
}

impl Between {
    pub(crate) fn faults(&self) -> Faults {
        let rule = self.fault.clone().map(|fault| {
            let mut rule = Rule::new(fault);
            if let Some(suffix) = &self.suffix {
                rule = rule.suffix(suffix);
            }
            match (self.every, self.first) {
                (Some(n), _) => rule.every(n),
                (None, Some(n)) => rule.first(n),
                (None, None) => rule,
            }
        });
        Faults { delay: self.delay.unwrap_or_default(), bandwidth: self.bandwidth, rules: rule.into_iter().collect() }
    }
}

fn load(text: &str) -> Result<(String, Option<PathBuf>), String> {
    let (container, folder) = match text.split_once('=') {
        Some((container, folder)) => (container, Some(PathBuf::from(folder))),
        None => (text, None),
    };
    match container {
        "" => Err("expected CONTAINER or CONTAINER=FOLDER".to_owned()),
        _ => Ok((container.to_owned(), folder)),
    }
}

/// A number with one of these units.
fn quantity(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.parse::<f64>().ok().map(|number| number * factor)
}

fn duration(text: &str) -> Result<Duration, String> {
    quantity(text, &[("ms", 0.001), ("s", 1.0)])
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a duration such as 30ms or 1.5s".to_owned())
}

fn bandwidth(text: &str) -> Result<u64, String> {
    let number = quantity(text.trim_end_matches("/s"), &[("KB", 1e3), ("MB", 1e6), ("GB", 1e9)]);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive, and a fraction of a byte is nothing"
    )]
    number
        .map(|number| number as u64)
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a bandwidth such as 50MB/s (1 MB = 1,000,000 bytes)".to_owned())
}

fn fault(text: &str) -> Result<Fault, String> {
    let (name, bytes) = match text.split_once(':') {
        Some((name, bytes)) => (name, Some(bytes.parse::<u64>().map_err(|_| format!("{bytes}: expected bytes"))?)),
        None => (text, None),
    };
    match (name, bytes) {
        ("slow-down", None) => Ok(Fault::SlowDown),
        ("internal-error", None) => Ok(Fault::InternalError),
        ("too-many-requests", None) => Ok(Fault::TooManyRequests),
        ("reset", None) => Ok(Fault::Reset),
        ("stall", None) => Ok(Fault::Stall),
        ("reset-after", Some(bytes)) => Ok(Fault::ResetAfter(bytes)),
        ("cut-after", Some(bytes)) => Ok(Fault::CutAfter(bytes)),
        ("stall-after", Some(bytes)) => Ok(Fault::StallAfter(bytes)),
        ("shorten", Some(bytes)) => Ok(Fault::Shorten(bytes)),
        _ => Err("no such fault, or one that needs :BYTES or takes none; see --help".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_need_their_unit() {
        assert_eq!(duration("30ms"), Ok(Duration::from_millis(30)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert!(duration("30").is_err() && duration("ms").is_err() && duration("3h").is_err());
        assert_eq!(bandwidth("50MB/s"), Ok(50_000_000));
        assert_eq!(bandwidth("400KB"), Ok(400_000));
        assert!(bandwidth("50").is_err() && bandwidth("0MB/s").is_err());
    }

    #[test]
    fn faults_and_containers_are_read() {
        assert!(matches!(fault("cut-after:10"), Ok(Fault::CutAfter(10))));
        assert!(fault("cut-after").is_err() && fault("reset:1").is_err() && fault("flood").is_err());
        assert_eq!(load("logs=/a=b"), Ok(("logs".to_owned(), Some(PathBuf::from("/a=b")))));
        assert_eq!(load("logs"), Ok(("logs".to_owned(), None)));
        assert!(load("=x").is_err());
    }
}
