//! The small inputs of a run, read whole: Tor lists and indicator feeds.

use super::RunError;
use crate::cli::{Feeds, MispToIds, OpenctiConfidence, PrivateAddresses, TorSource};
use crate::model::prefix::PrivateRanges;
use crate::model::relay::{Role, RoleFilter};
use crate::model::{Micros, OnBadInput};
use crate::sources::Reach;
use crate::sources::intel::{self, IntelOptions, IntelTable};
use crate::sources::tor::{self, TorRequest, TorTable};

/// Reads the Tor lists.
pub(super) fn tor(
    lists: &[TorSource],
    as_of: Option<Micros>,
    on_bad: OnBadInput,
    reach: Reach<'_>,
) -> Result<TorTable, RunError> {
    let requests: Vec<TorRequest<'_>> = lists
        .iter()
        .map(|typed| TorRequest { source: &typed.source, role: typed.role.map(stated_role), as_of })
        .collect();
    Ok(tor::load(&requests, reach, on_bad)?)
}

/// Reads the feeds.
pub(super) fn intel(
    sources: &[String],
    feeds: Feeds,
    on_bad: OnBadInput,
    reach: Reach<'_>,
) -> Result<IntelTable, RunError> {
    let options = IntelOptions {
        private: match feeds.private_addresses {
            PrivateAddresses::Refuse => PrivateRanges::Refuse,
            PrivateAddresses::Admit => PrivateRanges::Allow,
        },
        misp_to_ids: match feeds.misp_to_ids {
            MispToIds::All => intel::MispToIds::All,
            MispToIds::Only => intel::MispToIds::Only,
        },
        opencti: match feeds.opencti_confidence {
            OpenctiConfidence::Confidence => intel::OpenctiConfidence::Confidence,
            OpenctiConfidence::Score => intel::OpenctiConfidence::Score,
        },
    };
    Ok(intel::load(sources, reach, options, on_bad)?)
}

/// What the user says that a list holds; one that mixes roles says nothing of each.
const fn stated_role(filter: RoleFilter) -> Role {
    match filter {
        RoleFilter::Exit => Role::Exit,
        RoleFilter::Guard => Role::Guard,
        RoleFilter::Any => Role::Unspecified,
    }
}
