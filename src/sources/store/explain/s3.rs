//! The codes of S3 and of what speaks its protocol.

use super::facts::{Facts, plain};
use super::{Doing, Place, Said, Trouble, forbidden, throttled};

pub(super) fn said(facts: &Facts, place: &Place, doing: Doing) -> Option<Said> {
    let bucket = place.bucket();
    let text = |kind: Trouble, text: &str| Some((kind, text.to_string()));
    match facts.code.as_deref().unwrap_or_default() {
        "NoSuchBucket" | "InvalidBucketName" => Some((
            Trouble::NoBucket,
            format!("there is no bucket {bucket}; check its name, and AWS_ENDPOINT_URL if it is not at Amazon"),
        )),
        "NoSuchKey" => text(Trouble::NoObject, "there is no such object (any more); check the name"),
        "AccessDenied" if facts.detail.contains("expired") => {
            text(Trouble::ExpiredToken, "the signed URL has expired; ask for a new one")
        }
        "AccessDenied" if facts.detail.contains("kms:") => Some((
            forbidden(doing),
            "the credentials may not use the bucket's encryption key; they need kms:Decrypt (and kms:GenerateDataKey \
             to write) on it"
                .into(),
        )),
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "NotSignedUp" => Some(denied(bucket, doing)),
        "InvalidAccessKeyId" => text(
            Trouble::BadCredentials,
            "the store does not know this access key; check AWS_ACCESS_KEY_ID or the profile",
        ),
        "SignatureDoesNotMatch" => text(
            Trouble::BadCredentials,
            "the secret key does not belong to this access key; check AWS_SECRET_ACCESS_KEY or the profile",
        ),
        "ExpiredToken" | "TokenRefreshRequired" | "RequestExpired" | "ExpiredTokenException" => text(
            Trouble::ExpiredToken,
            "the session token has expired; sign in again and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and \
             AWS_SESSION_TOKEN anew",
        ),
        "InvalidToken" => text(
            Trouble::BadCredentials,
            "the session token does not belong to this access key; set AWS_SESSION_TOKEN anew, or unset it",
        ),
        "RequestTimeTooSkewed" => text(
            Trouble::ClockSkew,
            "this machine's clock differs from the store's by more than 15 minutes; set the clock",
        ),
        "PermanentRedirect"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException"
        | "TemporaryRedirect" => Some((Trouble::WrongRegion, elsewhere(facts, bucket))),
        "SlowDown"
        | "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequests"
        | "ServiceUnavailable" => Some(throttled()),
        "InvalidObjectState" => {
            text(Trouble::ReadForbidden, "the object is archived in a cold storage class; restore it first")
        }
        _ if facts.text.contains("redirect without LOCATION") => Some((Trouble::WrongRegion, elsewhere(facts, bucket))),
        // The answer to a question for a size has no body, so there is no code.
        "" if facts.status == Some(403) => Some(denied(bucket, doing)),
        "" if facts.status == Some(301) => Some((Trouble::WrongRegion, elsewhere(facts, bucket))),
        _ => None,
    }
}

fn denied(bucket: &str, doing: Doing) -> Said {
    let said = match doing {
        Doing::List => format!("the credentials may not list this bucket; they need s3:ListBucket on {bucket}"),
        Doing::Open | Doing::Read => format!(
            "the credentials may not read this; they need s3:GetObject on {bucket}/* (without s3:ListBucket, an object \
             that does not exist looks the same)"
        ),
        Doing::Write => format!(
            "the credentials may not write here; they need s3:PutObject and s3:AbortMultipartUpload on {bucket}/*"
        ),
    };
    (forbidden(doing), said)
}

fn elsewhere(facts: &Facts, bucket: &str) -> String {
    let expecting = || facts.detail.split_once("expecting '").and_then(|(_, after)| after.split('\'').next());
    match facts.region.as_deref().or_else(expecting).and_then(plain) {
        Some(region) => format!("the bucket {bucket} is in the region {region}; set AWS_REGION={region}"),
        None => format!("the bucket {bucket} is in another region; set AWS_REGION to it"),
    }
}
