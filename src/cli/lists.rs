//! The conversion of what `tor` and `intel` take.

use std::path::Path;

use super::args_lists::{IntelArgs, IntelListArgs, ShowTorArgs, TorArgs, TorListArgs};
use super::args_shared::{BadInput, FeedArgs};
use super::config::{Feeds, IntelCommand, IntelLists, ListFormat, PrivateAddresses, TorCommand, TorLists, TorQuestion};
use super::error::CliError;
use super::outputs;
use super::surroundings::Surroundings;
use crate::model::OnBadInput;

/// `tor`.
pub(super) fn tor(typed: TorArgs, surroundings: &Surroundings) -> Result<TorCommand, CliError> {
    match typed {
        TorArgs::Build { lists, output } => {
            let lists =
                tor_lists(lists, surroundings, "coldtrail tor build --tor snapshots/ --output tor-history.parquet")?;
            let inputs: Vec<outputs::Named<'_>> =
                lists.tor.iter().map(|tor| ("--tor", Path::new(&tor.source))).collect();
            outputs::check(&[("--output", &output)], &inputs, &surroundings.cwd)?;
            Ok(TorCommand::Build { lists, output })
        }
        TorArgs::Show(typed) => show_tor(typed, surroundings),
    }
}

fn show_tor(typed: ShowTorArgs, surroundings: &Surroundings) -> Result<TorCommand, CliError> {
    let example = "coldtrail tor show 192.0.2.7 --at 2026-03-14 --tor tor-history.parquet";
    let question = match (typed.address, typed.file) {
        (Some(address), _) => TorQuestion::Address(address),
        (None, Some(file)) => TorQuestion::File(file),
        (None, None) => return Err(CliError::usage(format!("name an address, for example\n  {example}"))),
    };
    Ok(TorCommand::Show {
        lists: tor_lists(typed.lists, surroundings, example)?,
        question,
        at: typed.at.map(|moment| moment.start(surroundings.now)),
        role: typed.tor_role,
        tolerance: typed.tolerance.0,
        format: list_format(typed.format, surroundings),
    })
}

fn tor_lists(typed: TorListArgs, surroundings: &Surroundings, example: &str) -> Result<TorLists, CliError> {
    if typed.tor.is_empty() {
        return Err(CliError::usage(format!("no Tor list: name one with --tor, for example\n  {example}")));
    }
    Ok(TorLists {
        tor: typed.tor,
        as_of: typed.tor_as_of.map(|moment| moment.start(surroundings.now)),
        on_bad_input: on_bad_input(typed.on_bad_input),
    })
}

/// `intel`.
pub(super) fn intel(typed: IntelArgs, surroundings: &Surroundings) -> Result<IntelCommand, CliError> {
    match typed {
        IntelArgs::Build { lists, output } => {
            let lists = intel_lists(lists, "coldtrail intel build --intel feeds/ --output intel.parquet")?;
            let inputs: Vec<outputs::Named<'_>> =
                lists.intel.iter().map(|source| ("--intel", Path::new(source))).collect();
            outputs::check(&[("--output", &output)], &inputs, &surroundings.cwd)?;
            Ok(IntelCommand::Build { lists, output })
        }
        IntelArgs::Show { value, lists, tlp_max, format } => Ok(IntelCommand::Show {
            lists: intel_lists(lists, "coldtrail intel show evil.example --intel intel.parquet")?,
            value,
            tlp_max,
            format: list_format(format, surroundings),
        }),
    }
}

fn intel_lists(typed: IntelListArgs, example: &str) -> Result<IntelLists, CliError> {
    if typed.intel.is_empty() {
        return Err(CliError::usage(format!("no indicators: name a feed with --intel, for example\n  {example}")));
    }
    Ok(IntelLists { intel: typed.intel, feeds: feeds(&typed.feeds), on_bad_input: on_bad_input(typed.on_bad_input) })
}

/// What the marks of feeds mean.
pub(super) const fn feeds(typed: &FeedArgs) -> Feeds {
    Feeds {
        private_addresses: if typed.allow_private { PrivateAddresses::Admit } else { PrivateAddresses::Refuse },
        misp_to_ids: typed.misp_to_ids,
        opencti_confidence: typed.opencti_confidence,
    }
}

/// What becomes of an input that cannot be read.
pub(super) const fn on_bad_input(typed: BadInput) -> OnBadInput {
    match typed {
        BadInput::Fail => OnBadInput::Fail,
        BadInput::Skip => OnBadInput::Skip,
    }
}

fn list_format(typed: Option<ListFormat>, surroundings: &Surroundings) -> ListFormat {
    typed.unwrap_or(if surroundings.stdout_is_terminal { ListFormat::Table } else { ListFormat::Ndjson })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{parsed, refused};
    use super::*;
    use crate::cli::Command;
    use crate::model::relay::RoleFilter;
    use crate::model::time::DAY_MICROS;
    use crate::model::{Micros, Tlp};

    #[test]
    fn lists_are_merged_into_a_file() {
        let Command::Tor(TorCommand::Build { lists, output }) =
            parsed("tor build --tor exit=a/ --tor b.json --tor-as-of 2026-07-01 -o h.parquet").unwrap().command
        else {
            panic!("no build")
        };
        assert_eq!((lists.tor.len(), lists.tor[0].role), (2, Some(RoleFilter::Exit)));
        assert_eq!((lists.as_of, output.to_str()), (Micros::parse("2026-07-01"), Some("h.parquet")));
        assert!(refused("tor build -o h.parquet").contains("--tor snapshots/"));
        assert!(refused("tor build --tor h.parquet -o h.parquet").contains("h.parquet"));
        assert!(refused("intel build -o i.parquet").contains("--intel feeds/"));
    }

    #[test]
    fn a_list_is_asked_about_one_address_or_a_file_of_them() {
        let show = |line: &str| match parsed(&format!("tor show --tor h {line}")).unwrap().command {
            Command::Tor(TorCommand::Show { question, at, role, tolerance, format, .. }) => {
                (question, at, role, tolerance, format)
            }
            other => panic!("no show: {other:?}"),
        };
        let (question, at, role, tolerance, format) = show("192.0.2.7 --at 2026-03-14");
        assert_eq!(question, TorQuestion::Address("192.0.2.7".into()));
        assert_eq!((at, role, tolerance), (Micros::parse("2026-03-14"), RoleFilter::Any, DAY_MICROS));
        assert_eq!(format, ListFormat::Ndjson);
        assert_eq!(show("--file f --format csv").0, TorQuestion::File("f".into()));
        assert!(refused("tor show --tor h 192.0.2.7 --file f").contains("cannot be used with"));
        assert!(refused("tor show 192.0.2.7").contains("no Tor list"));
        assert!(refused("tor show --tor h").contains("ADDRESS"));
    }

    #[test]
    fn a_feed_is_asked_about_a_value() {
        let Command::Intel(IntelCommand::Show { lists, value, tlp_max, format }) =
            parsed("intel show evil.example --intel i --tlp-max green --format table --misp-to-ids only")
                .unwrap()
                .command
        else {
            panic!("no show")
        };
        assert_eq!((value.as_str(), tlp_max, format), ("evil.example", Some(Tlp::Green), ListFormat::Table));
        assert_eq!(lists.feeds.misp_to_ids, crate::cli::MispToIds::Only);
        assert!(refused("intel show x --intel i --tlp-max purple").contains("amber+strict"));
    }
}
