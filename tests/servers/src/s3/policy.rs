//! What the S3 server refuses, as a test sets it.
//!
//! Refusals are S3's own codes and statuses, given after the signature was checked, so that a wrong key still says so first.

use std::sync::{Arc, RwLock};

use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

/// Whether a kind of request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Access {
    /// It is answered.
    #[default]
    Allowed,
    /// It gets 403 `AccessDenied`.
    Forbidden,
}

/// The state of the client's session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Token {
    /// Good, or none needed.
    #[default]
    Valid,
    /// Every request gets 400 `ExpiredToken`.
    Expired,
}

/// The client's clock against the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// Near enough.
    #[default]
    Right,
    /// Every request gets 403 `RequestTimeTooSkewed`.
    Skewed,
}

/// What the server refuses; the default refuses only what is not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `ListObjects` and `ListObjectsV2`. When forbidden, a missing object is 403 as well, as in S3.
    pub list: Access,
    /// `GetObject` and `HeadObject`.
    pub read: Access,
    /// Puts, uploads in parts, copies and deletes.
    pub write: Access,
    /// Requests without a signature.
    pub anonymous: Access,
    /// Session tokens.
    pub token: Token,
    /// Clocks.
    pub clock: Clock,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            list: Access::Allowed,
            read: Access::Allowed,
            write: Access::Allowed,
            anonymous: Access::Forbidden,
            token: Token::Valid,
            clock: Clock::Right,
        }
    }
}

/// The policy in force, shared by the server's handle and its connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gate(Arc<RwLock<Policy>>);

impl Gate {
    pub(crate) fn policy(&self) -> Policy {
        *self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn set(&self, policy: Policy) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = policy;
    }
}

#[async_trait::async_trait]
impl S3Access for Gate {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let policy = self.policy();
        if request.credentials().is_none() && policy.anonymous == Access::Forbidden {
            return Err(s3_error!(AccessDenied, "Access Denied"));
        }
        if policy.token == Token::Expired {
            return Err(s3_error!(ExpiredToken, "The provided token has expired."));
        }
        if policy.clock == Clock::Skewed {
            return Err(s3_error!(
                RequestTimeTooSkewed,
                "The difference between the request time and the current time is too large."
            ));
        }
        let access = match request.s3_op().name() {
            "ListObjects" | "ListObjectsV2" => policy.list,
            "GetObject" | "HeadObject" => policy.read,
            "HeadBucket" | "GetBucketLocation" | "ListBuckets" => Access::Allowed,
            _ => policy.write,
        };
        match access {
            Access::Allowed => Ok(()),
            Access::Forbidden => Err(s3_error!(AccessDenied, "Access Denied")),
        }
    }
}

/// One account, which answers an unknown access key as S3 does (s3s's own says `NotSignedUp`).
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

#[async_trait::async_trait]
impl S3Auth for Account {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            Ok(SecretKey::from(self.secret_key.clone()))
        } else {
            Err(s3_error!(InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records."))
        }
    }
}
