//! Answers of real providers, shortened, and what is said about them.

use super::super::loopback::{Loopback, answer, quick, run};
use super::super::options::StoreOptions;
use super::super::{Stores, Wanted, list};
use super::*;

/// Asks a server that answers everything alike, as S3.
fn s3(status: &'static str, body: &'static str, doing: Doing) -> Explained {
    let length = format!("Content-Length: {}", body.len());
    let server = Loopback::new(move |_, _| answer(status, &[&length], body));
    let (_, store, place) = server.s3(StoreOptions { retries: 1, ..quick() });
    let error = match doing {
        Doing::List => return explained(run(list(&store, &place, &Wanted::ALL)).unwrap_err()),
        Doing::Open => run(store.head_of(place.prefix())).unwrap_err(),
        Doing::Read | Doing::Write => run(store.get_range_of(place.prefix(), 0..4, None)).unwrap_err(),
    };
    explain(&error, &place, doing)
}

/// The same as Azure.
fn azure(status: &'static str, headers: &'static [&'static str], body: &'static str, doing: Doing) -> Explained {
    let length = format!("Content-Length: {}", body.len());
    let server = Loopback::new(move |_, _| {
        let mut lines = headers.to_vec();
        lines.push(&length);
        answer(status, &lines, body)
    });
    let environment = [
        ("AZURE_STORAGE_ACCOUNT".to_string(), "acct".to_string()),
        ("AZURE_STORAGE_SAS_TOKEN".to_string(), "?sv=2024&sig=s3cr3tsig".to_string()),
    ];
    let options = StoreOptions {
        endpoint: Some(server.url.clone()),
        environment: environment.into_iter().collect(),
        retries: 1,
        ..quick()
    };
    let stores = Stores::new(options);
    let place = Place::parse("az://c/a", stores.options()).unwrap().unwrap();
    let store = stores.get(&place).unwrap();
    match doing {
        Doing::List => explained(run(list(&store, &place, &Wanted::ALL)).unwrap_err()),
        Doing::Open => explain(&run(store.head_of(place.prefix())).unwrap_err(), &place, doing),
        _ => explain(&run(store.get_range_of(place.prefix(), 0..4, None)).unwrap_err(), &place, doing),
    }
}

fn explained(error: super::super::StoreError) -> Explained {
    match error {
        super::super::StoreError::Failed(explained) => explained,
        other => panic!("{other}"),
    }
}

fn is(said: &Explained, kind: Trouble, want: &str) {
    assert_eq!(said.kind, kind, "{said}");
    assert!(said.sentence.contains(want), "{said}");
    assert!(
        !said.sentence.contains("s3cr3t") && !said.sentence.ends_with('.') && !said.sentence.contains('\n'),
        "{said}"
    );
}

#[test]
fn s3_says_what_is_missing() {
    use Doing::{List, Open, Read, Write};
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    is(&s3("403 Forbidden", denied, List), Trouble::ListForbidden, "they need s3:ListBucket on b");
    is(&s3("403 Forbidden", denied, Read), Trouble::ReadForbidden, "s3:GetObject on b/*");
    is(&s3("403 Forbidden", denied, Write), Trouble::WriteForbidden, "s3:PutObject");
    is(&s3("403 Forbidden", "", Open), Trouble::ReadForbidden, "s3:GetObject on b/*");
    is(
        &s3("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>", Read),
        Trouble::NoObject,
        "s3://b/a: there is no such object",
    );
    let wrong = "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>s3cr3t</StringToSign><SignatureProvided>s3cr3t</SignatureProvided></Error>";
    is(&s3("403 Forbidden", wrong, List), Trouble::BadCredentials, "AWS_SECRET_ACCESS_KEY");
    is(
        &s3("403 Forbidden", "<Error><Code>InvalidAccessKeyId</Code></Error>", List),
        Trouble::BadCredentials,
        "AWS_ACCESS_KEY_ID",
    );
    is(
        &s3("400 Bad Request", "<Error><Code>ExpiredToken</Code><Token-0>s3cr3t</Token-0></Error>", List),
        Trouble::ExpiredToken,
        "AWS_SESSION_TOKEN anew",
    );
    is(
        &s3("403 Forbidden", "<Error><Code>RequestTimeTooSkewed</Code></Error>", List),
        Trouble::ClockSkew,
        "set the clock",
    );
    let region = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-3'</Message></Error>";
    is(&s3("400 Bad Request", region, List), Trouble::WrongRegion, "set AWS_REGION=eu-west-3");
    is(&s3("503 Slow Down", "<Error><Code>SlowDown</Code></Error>", List), Trouble::Throttled, "fewer requests");
    is(&s3("500 Oops", "<html>s3cr3t", Read), Trouble::Other, "status 500");
}

#[test]
fn azure_says_what_is_missing() {
    use Doing::{List, Open, Read};
    let code = |code: &'static str| match code {
        "ContainerNotFound" => "<Error><Code>ContainerNotFound</Code></Error>",
        "AuthorizationPermissionMismatch" => "<Error><Code>AuthorizationPermissionMismatch</Code></Error>",
        "PublicAccessNotPermitted" => "<Error><Code>PublicAccessNotPermitted</Code></Error>",
        "ResourceNotFound" => "<Error><Code>ResourceNotFound</Code></Error>",
        "BlobNotFound" => "<Error><Code>BlobNotFound</Code></Error>",
        "AuthorizationFailure" => "<Error><Code>AuthorizationFailure</Code></Error>",
        other => panic!("{other}"),
    };
    is(&azure("404 Not Found", &[], code("ContainerNotFound"), List), Trouble::NoBucket, "no container c in acct");
    let mismatch = code("AuthorizationPermissionMismatch");
    is(
        &azure("403 Forbidden", &[], mismatch, List),
        Trouble::ListForbidden,
        "permission l of a shared access signature",
    );
    is(&azure("403 Forbidden", &[], mismatch, Read), Trouble::ReadForbidden, "Storage Blob Data Reader");
    is(
        &azure("409 Conflict", &[], code("PublicAccessNotPermitted"), List),
        Trouble::NoCredentials,
        "AZURE_STORAGE_SAS_TOKEN",
    );
    is(&azure("404 Not Found", &[], code("ResourceNotFound"), List), Trouble::NoBucket, "asked without credentials");
    is(&azure("404 Not Found", &[], code("BlobNotFound"), Read), Trouble::NoObject, "az://c/a: there is no such blob");
    is(&azure("403 Forbidden", &[], code("AuthorizationFailure"), Read), Trouble::ReadForbidden, "network rules");
    let expired = "<Error><Code>AuthenticationFailed</Code><Message>Server failed</Message><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Mon, 01 Jun 2026 00:00:00 GMT] - Expiry [Tue, 02 Jun 2026 00:00:00 GMT] - Current [Wed, 01 Jul 2026 00:00:00 GMT]</AuthenticationErrorDetail></Error>";
    is(&azure("403 Forbidden", &[], expired, List), Trouble::ExpiredToken, "expired at 2026-06-02T00:00:00Z");
    let early = "<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature not valid in the specified time frame: Start [Wed, 01 Jul 2026 00:00:00 GMT] - Expiry [Thu, 02 Jul 2026 00:00:00 GMT] - Current [Mon, 01 Jun 2026 00:00:00 GMT]</AuthenticationErrorDetail></Error>";
    is(&azure("403 Forbidden", &[], early, List), Trouble::ExpiredToken, "valid only from 2026-07-01T00:00:00Z");
    let wrong = "<Error><Code>AuthenticationFailed</Code><AuthenticationErrorDetail>Signature did not match. String to sign used was s3cr3t</AuthenticationErrorDetail></Error>";
    is(&azure("403 Forbidden", &[], wrong, List), Trouble::BadCredentials, "belongs to this account");
    let header: &[&str] = &["x-ms-error-code: BlobArchived"];
    is(&azure("409 Conflict", header, "", Open), Trouble::ReadForbidden, "rehydrate");
}

#[test]
fn nobody_there() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let stores = Stores::new(StoreOptions { retries: 1, ..quick() });
    let place = Place::parse(&format!("http://{closed}/x?key=s3cr3t"), stores.options()).unwrap().unwrap();
    let store = stores.get(&place).unwrap();
    let said = explained(run(list(&store, &place, &Wanted::ALL)).unwrap_err());
    is(&said, Trouble::Unreachable, "connection refused");
    let error = run(store.get_range_of(place.prefix(), 0..1, None)).unwrap_err();
    is(&explain(&error, &place, Doing::Read), Trouble::Unreachable, "nobody listens");
}

#[test]
fn a_machine_without_an_identity_is_told_what_to_set() {
    // A closed port stands for the metadata service that is not there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (source, variable, want) in [
        ("s3://b/a", "AWS_METADATA_ENDPOINT", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"),
        ("abfss://c@acct.dfs.core.windows.net/a", "IDENTITY_ENDPOINT", "AZURE_STORAGE_CONNECTION_STRING"),
    ] {
        let environment = [(variable.to_string(), format!("http://{closed}"))].into_iter().collect();
        let stores = Stores::new(StoreOptions { environment, ..StoreOptions::default() });
        let place = Place::parse(source, stores.options()).unwrap().unwrap();
        let store = stores.get(&place).unwrap();
        let start = std::time::Instant::now();
        let said = explained(run(list(&store, &place, &Wanted::ALL)).unwrap_err());
        is(&said, Trouble::NoCredentials, want);
        assert!(said.sentence.contains("--anonymous") && start.elapsed().as_secs() < 8, "{said}");
    }
}
