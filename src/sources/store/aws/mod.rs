//! Amazon S3 and what speaks its protocol: which credentials are used, and where the bucket is.
//!
//! In order: `--anonymous`, keys from the environment, a named profile, web identity, the default profile, a container's
//! credentials, and last the identity of the machine. The environment wins over profiles, as in Amazon's own tools.

mod profile;

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use url::Url;

use self::profile::{Keys, Profile};
use super::StoreError;
use super::client;
use super::identity::Bounded;
use super::options::StoreOptions;
use super::place::Place;
use super::redact::redact;
use super::secret::Secret;
use super::traffic::Traffic;
use super::wire::Wire;

/// What to say where no credentials are found.
const ADVICE: &str = "no credentials: this machine has no instance role, and no variable or profile is set; set \
                      AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or use --anonymous for a public bucket";

/// Variables that the builder reads as they are.
const PASSED_ON: &[&str] = &[
    "AWS_CHECKSUM_ALGORITHM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IMDSV1_FALLBACK",
    "AWS_METADATA_ENDPOINT",
    "AWS_PROXY_EXCLUDES",
    "AWS_PROXY_URL",
    "AWS_S3_EXPRESS",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SSE_BUCKET_KEY_ENABLED",
    "AWS_SSE_CUSTOMER_KEY_BASE64",
    "AWS_SSE_KMS_KEY_ID",
    "AWS_UNSIGNED_PAYLOAD",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
];

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Proof {
    Anonymous,
    Keys(Keys),
    /// What the builder finds in these variables.
    Named(Vec<(AmazonS3ConfigKey, String)>),
    Machine,
}

/// Where the bucket is and how it is asked.
#[derive(Debug)]
struct Access {
    region: String,
    endpoint: Option<Url>,
    proof: Proof,
}

/// Builds the store of a place.
pub(super) fn build(
    place: &Place,
    options: &StoreOptions,
    traffic: &Arc<Traffic>,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let settings = |reason: String| StoreError::Settings { url: place.source().into(), reason };
    let access = access(place, options)?;
    let allow_http = access.endpoint.as_ref().is_some_and(|endpoint| endpoint.scheme() == "http");
    let failed = |error: object_store::Error| settings(redact(&error.to_string()));
    let builder = || {
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client::options(options).with_allow_http(allow_http))
            .with_retry(client::retry(options))
            .with_http_connector(Wire::new(traffic))
            .with_bucket_name(place.bucket())
            .with_region(&access.region)
            .with_request_payer(is_payer(options));
        for name in PASSED_ON {
            if let (Some(value), Ok(key)) = (options.first(&[name]), name.to_ascii_lowercase().parse()) {
                builder = builder.with_config(key, value);
            }
        }
        if let Some(service) = options.first(&["AWS_EC2_METADATA_SERVICE_ENDPOINT"]) {
            builder = builder.with_metadata_endpoint(service.trim_end_matches('/'));
        }
        match &access.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint.as_str().trim_end_matches('/')),
            None => builder,
        }
    };
    let ready = match &access.proof {
        Proof::Anonymous => builder().with_skip_signature(true),
        Proof::Keys(keys) => {
            let ready = builder().with_access_key_id(&keys.id).with_secret_access_key(keys.secret.reveal());
            match &keys.token {
                Some(token) => ready.with_token(token.reveal()),
                None => ready,
            }
        }
        Proof::Named(named) => {
            named.iter().fold(builder(), |builder, (key, value)| builder.with_config(*key, value.clone()))
        }
        Proof::Machine if options.says_yes(&["AWS_EC2_METADATA_DISABLED"]) => return Err(settings(ADVICE.into())),
        Proof::Machine => {
            let asking = builder().with_retry(client::once_more()).build().map_err(failed)?;
            builder().with_credentials(Arc::new(Bounded::new(Arc::clone(asking.credentials()), ADVICE)))
        }
    };
    Ok(Arc::new(ready.build().map_err(failed)?))
}

fn access(place: &Place, options: &StoreOptions) -> Result<Access, StoreError> {
    let refused = |reason: String| StoreError::Settings { url: place.source().into(), reason };
    let (proof, profile) = proof(place, options).map_err(refused)?;
    let region = place.region.clone();
    let region = region.or_else(|| options.first(&["AWS_REGION", "AWS_DEFAULT_REGION"]).map(str::to_string));
    let region = region.or(profile.region).unwrap_or_else(|| "us-east-1".into());
    let named = options.first(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]).map(str::to_string);
    // A web address says itself which service is meant; only the flag is more explicit than that.
    let named = named.or(profile.endpoint).filter(|_| !place.encoded);
    let china = region.starts_with("cn-").then(|| format!("https://s3.{region}.amazonaws.com.cn"));
    let endpoint = options.endpoint.clone().or(named).or(china);
    let endpoint = endpoint.map(|endpoint| client::endpoint(place, options, &endpoint)).transpose()?;
    Ok(Access { region, endpoint, proof })
}

fn proof(place: &Place, options: &StoreOptions) -> Result<(Proof, Profile), String> {
    let keys = environment_keys(options)?;
    let is_anonymous = options.anonymous || options.says_yes(&["AWS_SKIP_SIGNATURE"]);
    // A profile that cannot give keys is no reason to stop where keys are not taken from it.
    let read = profile::read(options);
    if is_anonymous || keys.is_some() {
        return Ok((keys.filter(|_| !is_anonymous).map_or(Proof::Anonymous, Proof::Keys), read.unwrap_or_default()));
    }
    let is_named = options.first(&["AWS_PROFILE"]).is_some();
    if is_named {
        let profile = read?;
        let missing = "the profile that AWS_PROFILE names has no aws_access_key_id and aws_secret_access_key";
        let keys = profile.keys.clone().ok_or(missing)?;
        return Ok((Proof::Keys(keys), profile));
    }
    if let Some(found) = all_of(options, &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"], &["AWS_ROLE_SESSION_NAME"]) {
        return Ok((Proof::Named(found), read.unwrap_or_default()));
    }
    let profile = read?;
    if let Some(keys) = profile.keys.clone() {
        return Ok((Proof::Keys(keys), profile));
    }
    let container = all_of(options, &["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], &[]).or_else(|| {
        all_of(options, &["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"], &[])
    });
    if let Some(found) = container {
        return Ok((Proof::Named(found), profile));
    }
    // A web address without any credentials is asked as a browser would.
    Ok((if place.encoded { Proof::Anonymous } else { Proof::Machine }, profile))
}

fn environment_keys(options: &StoreOptions) -> Result<Option<Keys>, String> {
    let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| options.first(&[name]));
    match (id, secret) {
        (Some(id), Some(secret)) => Ok(Some(Keys {
            id: id.into(),
            secret: Secret::new(secret),
            token: options.first(&["AWS_SESSION_TOKEN"]).map(Secret::new),
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not".into()),
        (None, Some(_)) => Err("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not".into()),
    }
}

fn all_of(options: &StoreOptions, needed: &[&str], also: &[&str]) -> Option<Vec<(AmazonS3ConfigKey, String)>> {
    let read = |name: &&str| {
        let value = options.first(&[name])?;
        Some((name.to_ascii_lowercase().parse().ok()?, value.to_string()))
    };
    let mut found = needed.iter().map(read).collect::<Option<Vec<_>>>()?;
    found.extend(also.iter().filter_map(read));
    Some(found)
}

/// Amazon's own tools write `requester`, others `true`.
fn is_payer(options: &StoreOptions) -> bool {
    options.says_yes(&["AWS_REQUEST_PAYER"]) || options.first(&["AWS_REQUEST_PAYER"]) == Some("requester")
}

#[cfg(test)]
mod tests;
