//! What S3 refuses is one sentence that names the URL and what is missing, from `hunt` and from `plan`, and never a key.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use coldtrail_servers::{Access, Clock, Policy, Token};

use super::{S3, Variables, ask, demo, hunt, with, without};
use crate::runner::Run;

const SOURCE: &str = "s3://telemetry/archives/plain";

fn plan(source: &str) -> Run {
    Run::new(&["plan", "--quiet", "--retries", "1", "--timeout", "5", "--events", source])
}

/// Both commands refuse with these words, and soon.
#[track_caller]
fn refused(source: &str, variables: &Variables, words: &[&str]) {
    let words: Vec<&str> = words.iter().copied().chain([source]).collect();
    let begun = Instant::now();
    for run in [hunt(&[source]).and(&["--retries", "1", "--timeout", "5"]), plan(source)] {
        ask(&run, variables).refused(&words);
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn wrong_credentials() {
    let s3 = S3::with(&["archives/plain"]);
    let variables = s3.variables();
    refused(SOURCE, &with(variables.clone(), "AWS_SECRET_ACCESS_KEY", "wr0ng/wr0ng+key"), &["AWS_SECRET_ACCESS_KEY"]);
    refused(SOURCE, &with(variables.clone(), "AWS_ACCESS_KEY_ID", "AKIDWRONG"), &["AWS_ACCESS_KEY_ID"]);
    let half = without(variables.clone(), &["AWS_SECRET_ACCESS_KEY"]);
    refused(SOURCE, &half, &["AWS_SECRET_ACCESS_KEY is not"]);
    let none = without(variables.clone(), &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
    let none = with(none, "AWS_EC2_METADATA_DISABLED", "true");
    refused(SOURCE, &none, &["no credentials", "--anonymous"]);
    // Without keys a private bucket says which permission the public lacks.
    let run = hunt(&[SOURCE]).and(&["--anonymous"]);
    ask(&run, &none).refused(&[SOURCE, "s3:ListBucket"]);
}

#[test]
fn an_expired_token_and_a_wrong_clock() {
    let s3 = S3::with(&["archives/plain"]);
    let variables = with(s3.variables(), "AWS_SESSION_TOKEN", "FwoGZXIvYXdzEXAMPLEt0ken0000000001");
    s3.server.set_policy(Policy { token: Token::Expired, ..Policy::default() });
    refused(SOURCE, &variables, &["expired", "AWS_SESSION_TOKEN"]);
    s3.server.set_policy(Policy { clock: Clock::Skewed, ..Policy::default() });
    refused(SOURCE, &variables, &["clock"]);
    s3.server.set_policy(Policy::default());
    ask(&hunt(&[SOURCE]), &variables).expect(0);
}

#[test]
fn missing_permissions() {
    let s3 = S3::with(&["archives/plain"]);
    let variables = s3.variables();
    s3.server.set_policy(Policy { list: Access::Forbidden, ..Policy::default() });
    refused(SOURCE, &variables, &["s3:ListBucket", "telemetry"]);
    refused("s3://telemetry/archives/plain/*.parquet", &variables, &["s3:ListBucket"]);
    // Who may read one object need not list.
    let one = "s3://telemetry/archives/plain/events.parquet";
    ask(&hunt(&[one]), &variables).expect(0);
    s3.server.set_policy(Policy { read: Access::Forbidden, ..Policy::default() });
    for run in [hunt(&[SOURCE]), plan(SOURCE)] {
        let answer = ask(&run, &variables);
        assert_eq!(answer.code, Some(3), "{}", answer.stderr);
        assert!(answer.stderr.contains("s3:GetObject"), "{}", answer.stderr);
        assert!(answer.stderr.contains("s3://telemetry/archives/plain/events.parquet"), "{}", answer.stderr);
    }
    s3.server.set_policy(Policy { list: Access::Forbidden, read: Access::Forbidden, ..Policy::default() });
    refused(SOURCE, &variables, &["s3:"]);
}

#[test]
fn wrong_names() {
    let s3 = S3::with(&["archives/plain"]);
    let variables = s3.variables();
    refused("s3://nowhere/archives/plain", &variables, &["no bucket nowhere"]);
    refused("s3://telemetry/archives/plainn", &variables, &["check"]);
    refused("s3://", &variables, &["bucket"]);
    refused("s4://telemetry/x", &variables, &["s4"]);
    refused("s3://telemetry/archives//plain", &variables, &["//"]);
}

#[test]
fn nobody_listens() {
    let s3 = S3::with(&["archives/plain"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed = format!("http://127.0.0.1:{port}");
    refused(SOURCE, &with(s3.variables(), "AWS_ENDPOINT_URL", &closed), &["nobody listens", "endpoint"]);
    refused(SOURCE, &with(s3.variables(), "AWS_ENDPOINT_URL", "no address"), &["endpoint"]);
    let names = with(s3.variables(), "AWS_ENDPOINT_URL", "http://user:pa55word@127.0.0.1:9/");
    let answer = ask(&hunt(&[SOURCE]), &names);
    answer.refused(&[SOURCE, "endpoint"]);
    assert!(!answer.stderr.contains("pa55word"), "{}", answer.stderr);
    // Everything readable over the network is not sent by accident.
    let open = without(with(s3.variables(), "AWS_ENDPOINT_URL", "http://storage.example.org"), &["AWS_ALLOW_HTTP"]);
    refused(SOURCE, &open, &["not encrypted", "AWS_ALLOW_HTTP"]);
}

/// Lists and feeds are refused by their own URL.
#[test]
fn lists_and_feeds_are_refused_by_their_url() {
    let s3 = S3::with(&["demo"]);
    let (tor, intel) = ("s3://telemetry/demo/no-list.txt", "s3://nowhere/demo/intel");
    let run = demo("testdata/demo").and(&["--tor", tor]);
    ask(&run, &s3.variables()).refused(&[tor]);
    let run = demo("testdata/demo").and(&["--intel", intel]);
    ask(&run, &s3.variables()).refused(&[intel, "no bucket nowhere"]);
    s3.server.set_policy(Policy { read: Access::Forbidden, ..Policy::default() });
    let run = demo("testdata/demo").and(&["--tor", "s3://telemetry/demo/tor-history"]);
    let answer = ask(&run, &s3.variables());
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    assert!(answer.stderr.contains("s3:GetObject"), "{}", answer.stderr);
}

/// A forbidden object is a bad input like any other, and what else is there is found.
#[test]
fn what_may_not_be_read_can_be_skipped() {
    let s3 = S3::with(&["archives/plain"]);
    s3.server.set_policy(Policy { read: Access::Forbidden, ..Policy::default() });
    let run = hunt(&[SOURCE, "testdata/archives/vector"]).and(&["--on-bad-input", "skip"]);
    let report = ask(&run, &s3.variables()).expect(4).json();
    let skipped = &report["coverage"]["files"]["skipped"];
    assert_eq!(skipped[0]["path"], "s3://telemetry/archives/plain/events.parquet");
    assert_eq!(report["findings"].as_array().unwrap().len(), 8);
    // A bucket that is not there is a typing mistake, not a bad file.
    let run = hunt(&["s3://nowhere/x", "testdata/archives/vector"]).and(&["--on-bad-input", "skip"]);
    ask(&run, &s3.variables()).refused(&["s3://nowhere/x"]);
}

/// A signed address that cannot be reached is named without its signature, whatever it was given for.
#[test]
fn a_signed_address_is_named_without_its_signature() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut shown = Vec::new();
    for scheme in ["https", "http"] {
        let url = format!("{scheme}://127.0.0.1:{port}/x.csv?sv=2022-11-02&sig=s1gn4ture%3D");
        for more in [["--events", &url], ["--tor", &url], ["--tor", &format!("exit={url}")], ["--intel", &url]] {
            let run = demo("testdata/demo").and(&more).and(&["--retries", "0", "--timeout", "5"]);
            let answer = ask(&run, &[]);
            assert_eq!(answer.code, Some(3), "{more:?}: {}", answer.stderr);
            assert!(answer.stderr.contains(&format!("127.0.0.1:{port}/x.csv")), "{more:?}: {}", answer.stderr);
            if answer.stderr.contains("s1gn4ture") {
                shown.push(answer.stderr);
            }
        }
    }
    assert!(shown.is_empty(), "{}", shown.concat());
}
