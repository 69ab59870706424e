//! What the run says about stores, as plain data.
//!
//! Only `cli` reads the environment. It hands on the variables listed here, and nothing in this room asks the process
//! for others, so that a test, a library caller and the command see the same rules.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// The environment variables that name credentials, accounts and endpoints.
pub const VARIABLES: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_ALLOW_HTTP",
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_ENDPOINT",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IMDSV1_FALLBACK",
    "AWS_METADATA_ENDPOINT",
    "AWS_PROFILE",
    "AWS_PROXY_EXCLUDES",
    "AWS_PROXY_URL",
    "AWS_REGION",
    "AWS_REQUEST_PAYER",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_S3_EXPRESS",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_SKIP_SIGNATURE",
    "AWS_SSE_BUCKET_KEY_ENABLED",
    "AWS_SSE_CUSTOMER_KEY_BASE64",
    "AWS_SSE_KMS_KEY_ID",
    "AWS_UNSIGNED_PAYLOAD",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AZURE_ALLOW_HTTP",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PROXY_EXCLUDES",
    "AZURE_PROXY_URL",
    "AZURE_SKIP_SIGNATURE",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_ACCOUNT",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_BLOB_ENDPOINT",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_USE_EMULATOR",
    "AZURE_TENANT_ID",
    "AZURITE_BLOB_STORAGE_URL",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_BUCKET_NAME",
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SKIP_SIGNATURE",
    "IDENTITY_ENDPOINT",
];

/// How stores are reached.
#[derive(Clone)]
pub struct StoreOptions {
    /// The variables of [`VARIABLES`] that are set.
    pub environment: BTreeMap<String, String>,
    /// The user's home directory, for `~/.aws`.
    pub home: Option<PathBuf>,
    /// Attempts after the first, per request.
    pub retries: usize,
    /// The longest that one request may take, answer included.
    pub timeout: Duration,
    /// Ask without credentials.
    pub anonymous: bool,
    /// The store's address in place of the provider's own (`--endpoint`).
    pub endpoint: Option<String>,
    /// Ranges of one object that are less than this many bytes apart are fetched as one.
    pub coalesce_bytes: u64,
    /// Ranges of one object, and folders of one listing, that are asked for at the same time.
    pub parallel: usize,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            environment: BTreeMap::new(),
            home: None,
            retries: 8,
            timeout: Duration::from_secs(60),
            anonymous: false,
            endpoint: None,
            // A round trip of 30 ms on a connection of 50 MB/s is 1.5 MB, but many are under way at once.
            coalesce_bytes: 256 << 10,
            parallel: 16,
        }
    }
}

impl StoreOptions {
    /// The first of these variables that is set and not empty.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.environment.get(*name).map(|value| value.trim()).filter(|v| !v.is_empty()))
    }

    /// Whether a variable says yes.
    pub(super) fn says_yes(&self, names: &[&str]) -> bool {
        self.first(names)
            .is_some_and(|value| ["1", "true", "yes", "on", "y", "t"].iter().any(|yes| value.eq_ignore_ascii_case(yes)))
    }

    /// Whether an address without encryption may be used: on this machine always, elsewhere only on demand.
    pub(super) fn allows(&self, address: &url::Url) -> bool {
        address.scheme() == "https" || is_loopback(address) || self.says_yes(&["AWS_ALLOW_HTTP", "AZURE_ALLOW_HTTP"])
    }
}

/// Whether an address is on this machine.
pub(super) fn is_loopback(address: &url::Url) -> bool {
    match address.host() {
        Some(url::Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl fmt::Debug for StoreOptions {
    /// Names of variables, never their values: which of them hold secrets is for their providers to decide.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreOptions")
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .field("home", &self.home)
            .field("retries", &self.retries)
            .field("timeout", &self.timeout)
            .field("anonymous", &self.anonymous)
            .field("endpoint", &self.endpoint.as_deref().map(super::redact::redact))
            .field("coalesce_bytes", &self.coalesce_bytes)
            .field("parallel", &self.parallel)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_never_show_a_value() {
        let environment = VARIABLES.iter().map(|name| ((*name).to_string(), format!("value-of-{name}"))).collect();
        let options = StoreOptions { environment, ..StoreOptions::default() };
        let shown = format!("{options:?}");
        assert!(shown.contains("AWS_SECRET_ACCESS_KEY") && !shown.contains("value-of"), "{shown}");
    }

    #[test]
    fn the_list_of_variables_is_sorted_and_without_repetition() {
        assert!(VARIABLES.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn plain_http_is_for_this_machine_or_on_demand() {
        let url = |text: &str| url::Url::parse(text).unwrap();
        let mut options = StoreOptions::default();
        for local in ["http://127.0.0.1:9000", "http://localhost:10000/x", "http://[::1]:80", "https://example.org"] {
            assert!(options.allows(&url(local)), "{local}");
        }
        assert!(!options.allows(&url("http://storage.example.org")));
        options.environment.insert("AWS_ALLOW_HTTP".into(), "true".into());
        assert!(options.allows(&url("http://storage.example.org")));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let environment = BTreeMap::from([("AWS_REGION".to_string(), " ".to_string())]);
        let options = StoreOptions { environment, ..StoreOptions::default() };
        assert_eq!(options.first(&["AWS_REGION"]), None);
    }
}
