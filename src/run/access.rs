//! How the run reaches object stores: what was typed becomes the options of the stores' room.

use std::time::Duration;

use crate::cli::Access;
use crate::sources::store::{StoreOptions, Stores, VARIABLES};

/// The run's stores. Nothing is asked before a source names one of them.
pub(super) fn stores(access: &Access) -> Stores {
    let environment = access.environment.0.iter();
    Stores::new(StoreOptions {
        environment: environment
            .filter(|(name, _)| VARIABLES.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect(),
        home: access.home.clone(),
        retries: access.retries,
        timeout: Duration::from_secs(access.timeout_seconds),
        anonymous: access.anonymous,
        endpoint: access.endpoint.clone(),
        ..StoreOptions::default()
    })
}
