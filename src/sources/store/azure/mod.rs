//! Azure Blob Storage: which credentials are used, and where the account is.
//!
//! In order: the signature in the URL, `--anonymous`, the connection string, an account key, a token or a shared access
//! signature from the environment, workload identity, a client secret, and last the identity of the machine. A key or
//! signature that belongs to one account is never sent to another.

mod connection;

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use url::Url;

use self::connection::{EMULATOR_ACCOUNT, EMULATOR_ENDPOINT, EMULATOR_KEY};
use super::StoreError;
use super::client;
use super::identity::Bounded;
use super::options::StoreOptions;
use super::place::Place;
use super::redact::redact;
use super::secret::Secret;
use super::traffic::Traffic;
use super::wire::Wire;

pub(super) use self::connection::ConnectionString;

/// What to say where no credentials are found.
const ADVICE: &str = "no credentials: this machine has no managed identity, and no variable is set; set \
                      AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY, AZURE_STORAGE_SAS_TOKEN, or AZURE_TENANT_ID, \
                      AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or use --anonymous for a public container";

/// What a request is authorised with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Proof {
    Anonymous,
    Sas(Secret),
    Key(Secret),
    Token(Secret),
    Workload { client: String, tenant: String, file: String },
    ClientSecret { client: String, tenant: String, secret: Secret },
    Machine,
}

/// Where the account is and how it is asked.
#[derive(Debug)]
struct Access {
    account: String,
    endpoint: Option<Url>,
    proof: Proof,
}

/// Builds the store of a place.
pub(super) fn build(
    place: &Place,
    options: &StoreOptions,
    traffic: &Arc<Traffic>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let access = access(place, options)?;
    let allow_http = access.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
    let failed = |error: object_store::Error| settings(place, redact(&error.to_string()));
    let builder = || {
        let mut builder = MicrosoftAzureBuilder::new()
            .with_client_options(client::options(options).with_allow_http(allow_http))
            .with_retry(client::retry(options))
            .with_http_connector(Wire::new(traffic))
            .with_account(&access.account)
            .with_container_name(place.bucket());
        for (name, key) in [
            ("AZURE_AUTHORITY_HOST", AzureConfigKey::AuthorityHost),
            ("IDENTITY_ENDPOINT", AzureConfigKey::MsiEndpoint),
        ] {
            if let Some(value) = options.first(&[name]) {
                builder = builder.with_config(key, value);
            }
        }
        match &access.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint.as_str().trim_end_matches('/').to_string()),
            None => builder,
        }
    };
    let ready = match &access.proof {
        Proof::Anonymous => builder().with_skip_signature(true),
        Proof::Sas(sas) => builder().with_config(AzureConfigKey::SasKey, sas.reveal()),
        Proof::Key(key) => builder().with_access_key(key.reveal()),
        Proof::Token(token) => builder().with_bearer_token_authorization(token.reveal()),
        Proof::Workload { client, tenant, file } => {
            builder().with_client_id(client).with_tenant_id(tenant).with_federated_token_file(file)
        }
        Proof::ClientSecret { client, tenant, secret } => {
            builder().with_client_secret_authorization(client, secret.reveal(), tenant)
        }
        Proof::Machine => {
            let mut asking = builder().with_retry(client::once_more());
            if let Some(client) = options.first(&["AZURE_CLIENT_ID"]) {
                asking = asking.with_client_id(client);
            }
            let asking = asking.build().map_err(failed)?;
            builder().with_credentials(Arc::new(Bounded::new(Arc::clone(asking.credentials()), ADVICE)))
        }
    };
    Ok(Arc::new(ready.build().map_err(failed)?))
}

fn access(place: &Place, options: &StoreOptions) -> Result<Access, StoreError> {
    let connection = options
        .first(&["AZURE_STORAGE_CONNECTION_STRING"])
        .map(ConnectionString::parse)
        .transpose()
        .map_err(|reason| settings(place, format!("AZURE_STORAGE_CONNECTION_STRING cannot be used: {reason}")))?;
    let is_emulated = options.says_yes(&["AZURE_STORAGE_USE_EMULATOR"]) && place.endpoint.is_none();
    let account = match (&place.account, is_emulated) {
        (Some(account), _) => account.clone(),
        (None, true) => EMULATOR_ACCOUNT.into(),
        (None, false) => {
            let reason = "no storage account is named; set AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING, or \
                          write abfss://container@account.dfs.core.windows.net/prefix";
            return Err(settings(place, reason.into()));
        }
    };
    let connection = connection.filter(|string| string.account.as_deref() == Some(account.as_str()));
    let emulated = || {
        let base = options.first(&["AZURITE_BLOB_STORAGE_URL"]);
        is_emulated.then(|| base.map_or(EMULATOR_ENDPOINT.into(), |base| with_account(base, &account)))
    };
    let endpoint = options
        .endpoint
        .as_deref()
        .map(|named| with_account(named, &account))
        .or_else(|| place.endpoint.clone())
        .or_else(|| connection.as_ref().and_then(|string| string.endpoint.clone()))
        .or_else(emulated)
        .or_else(|| {
            let named = options.first(&["AZURE_STORAGE_BLOB_ENDPOINT", "AZURE_STORAGE_ENDPOINT"]);
            named.map(|named| with_account(named, &account))
        });
    let endpoint = endpoint.map(|endpoint| client::endpoint(place, options, &endpoint)).transpose()?;
    let proof = proof(place, options, connection.as_ref(), &account, is_emulated);
    Ok(Access { account, endpoint, proof })
}

fn proof(
    place: &Place,
    options: &StoreOptions,
    connection: Option<&ConnectionString>,
    account: &str,
    is_emulated: bool,
) -> Proof {
    if let Some(sas) = &place.secret {
        return Proof::Sas(sas.clone());
    }
    if options.anonymous || options.says_yes(&["AZURE_SKIP_SIGNATURE"]) {
        return Proof::Anonymous;
    }
    if let Some(key) = connection.and_then(|string| string.key.clone()) {
        return Proof::Key(key);
    }
    if let Some(sas) = connection.and_then(|string| string.sas.clone()) {
        return Proof::Sas(sas);
    }
    let named = options.first(&["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT"]);
    let own =
        |names: &[&str]| options.first(names).filter(|_| named.is_none_or(|named| named == account)).map(Secret::new);
    if let Some(key) = own(&["AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY"]) {
        return Proof::Key(key);
    }
    if let Some(sas) = own(&["AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"]) {
        return Proof::Sas(sas);
    }
    if let Some(token) = options.first(&["AZURE_STORAGE_TOKEN"]) {
        return Proof::Token(Secret::new(token));
    }
    if is_emulated {
        return Proof::Key(Secret::new(EMULATOR_KEY));
    }
    let one = |name: &str| options.first(&[name]).map(str::to_string);
    if let (Some(client), Some(tenant)) = (one("AZURE_CLIENT_ID"), one("AZURE_TENANT_ID")) {
        if let Some(file) = one("AZURE_FEDERATED_TOKEN_FILE") {
            return Proof::Workload { client, tenant, file };
        }
        if let Some(secret) = one("AZURE_CLIENT_SECRET").map(Secret::new) {
            return Proof::ClientSecret { client, tenant, secret };
        }
    }
    // A web address without a signature is asked as a browser would, unless the machine is known to have an identity.
    if place.encoded && options.first(&["IDENTITY_ENDPOINT", "AZURE_CLIENT_ID"]).is_none() {
        return Proof::Anonymous;
    }
    Proof::Machine
}

/// A bare address serves many accounts, so the account is the first part of the path there.
fn with_account(endpoint: &str, account: &str) -> String {
    let Ok(url) = Url::parse(endpoint) else { return endpoint.into() };
    let is_bare = !matches!(url.host(), Some(url::Host::Domain(name)) if name.contains('.'));
    if is_bare && url.path() == "/" { format!("{}/{account}", endpoint.trim_end_matches('/')) } else { endpoint.into() }
}

fn settings(place: &Place, reason: String) -> StoreError {
    StoreError::Settings { url: place.source().into(), reason }
}

#[cfg(test)]
mod tests;
