//! Google Cloud Storage, in builds with the cargo feature `gs`.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

use super::StoreError;
use super::client;
use super::identity::Bounded;
use super::options::StoreOptions;
use super::place::Place;
use super::redact::redact;
use super::traffic::Traffic;
use super::wire::Wire;

/// What to say where no credentials are found.
const ADVICE: &str = "no credentials: this machine has no service account, and no variable is set; set \
                      GOOGLE_APPLICATION_CREDENTIALS to a key file, or use --anonymous for a public bucket";

/// Builds the store of a place.
pub(super) fn build(
    place: &Place,
    options: &StoreOptions,
    traffic: &Arc<Traffic>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let failed = |error: object_store::Error| StoreError::Settings {
        url: place.source().into(),
        reason: redact(&error.to_string()),
    };
    let builder = || {
        GoogleCloudStorageBuilder::new()
            .with_client_options(client::options(options))
            .with_retry(client::retry(options))
            .with_http_connector(Wire::new(traffic))
            .with_bucket_name(place.bucket())
    };
    if options.anonymous || options.says_yes(&["GOOGLE_SKIP_SIGNATURE"]) {
        return Ok(Arc::new(builder().with_skip_signature(true).build().map_err(failed)?));
    }
    for (names, key) in [
        (&["GOOGLE_SERVICE_ACCOUNT_KEY"][..], GoogleConfigKey::ServiceAccountKey),
        (&["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"][..], GoogleConfigKey::ServiceAccount),
        (&["GOOGLE_APPLICATION_CREDENTIALS"][..], GoogleConfigKey::ApplicationCredentials),
    ] {
        if let Some(value) = options.first(names) {
            return Ok(Arc::new(builder().with_config(key, value).build().map_err(failed)?));
        }
    }
    let asking = builder().with_retry(client::once_more()).build().map_err(failed)?;
    let bounded = Bounded::new(Arc::clone(asking.credentials()), ADVICE);
    Ok(Arc::new(builder().with_credentials(Arc::new(bounded)).build().map_err(failed)?))
}
