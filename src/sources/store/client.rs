//! What every network store shares: time limits, attempts, connections, and whether an address may be used.

use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, HeaderValue, RetryConfig};
use url::Url;

use super::StoreError;
use super::options::StoreOptions;
use super::place::Place;

/// Longest wait for a connection.
const CONNECT_SECONDS: u64 = 5;
/// Longest wait for an identity service: it is next door or it is not there.
const IDENTITY_SECONDS: u64 = 2;
/// Attempts of one request go on for no longer than this, since its signature ages.
const ATTEMPTS_SECONDS_MAX: u64 = 290;
/// Idle connections kept per host; more would only be opened again.
const IDLE_MAX: usize = 128;

/// Options of the HTTP client.
pub(super) fn options(options: &StoreOptions) -> ClientOptions {
    ClientOptions::new()
        .with_user_agent(HeaderValue::from_static(concat!("coldtrail/", env!("CARGO_PKG_VERSION"))))
        .with_connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .with_timeout(options.timeout)
        .with_pool_max_idle_per_host(IDLE_MAX)
}

/// Attempts of one request: at once, then after 0.1 s and more.
pub(super) fn retry(options: &StoreOptions) -> RetryConfig {
    let attempts = u32::try_from(options.retries).unwrap_or(u32::MAX).saturating_add(1);
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: options.retries,
        retry_timeout: options.timeout.saturating_mul(attempts).min(Duration::from_secs(ATTEMPTS_SECONDS_MAX)),
    }
}

/// Attempts of a question to an identity service.
pub(super) fn once_more() -> RetryConfig {
    RetryConfig { max_retries: 1, retry_timeout: Duration::from_secs(IDENTITY_SECONDS), ..RetryConfig::default() }
}

/// An address that options, a variable or a profile gives.
pub(super) fn endpoint(place: &Place, options: &StoreOptions, text: &str) -> Result<Url, StoreError> {
    let refused = |reason: String| StoreError::Settings { url: place.source().into(), reason };
    let url = Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
        .ok_or_else(|| refused("the endpoint is not a URL such as https://storage.example.org".into()))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(refused("the endpoint holds a user name or a query; give the address alone".into()));
    }
    if !options.allows(&url) {
        return Err(refused(format!(
            "the endpoint {url} is not encrypted; use https://, or set AWS_ALLOW_HTTP=true if the network is trusted"
        )));
    }
    Ok(url)
}
