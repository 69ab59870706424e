//! One file of a web server.
//!
//! The signed query of a presigned URL is part of the server's address here and nowhere else.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::http::HttpBuilder;

use super::StoreError;
use super::client;
use super::options::StoreOptions;
use super::place::Place;
use super::redact::redact;
use super::traffic::Traffic;
use super::wire::Wire;

/// Builds the store of a place.
pub(super) fn build(
    place: &Place,
    options: &StoreOptions,
    traffic: &Arc<Traffic>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let url = match &place.secret {
        Some(query) => format!("{}?{}", place.bucket(), query.reveal()),
        None => place.bucket().to_string(),
    };
    let allow_http = place.bucket().starts_with("http://");
    let store = HttpBuilder::new()
        .with_url(url)
        .with_client_options(client::options(options).with_allow_http(allow_http))
        .with_retry(client::retry(options))
        .with_http_connector(Wire::new(traffic))
        .build();
    let failed = |error: object_store::Error| StoreError::Settings {
        url: place.source().into(),
        reason: redact(&error.to_string()),
    };
    Ok(Arc::new(store.map_err(failed)?))
}
