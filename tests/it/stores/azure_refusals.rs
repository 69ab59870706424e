//! What Azure refuses is one sentence that names the URL and what is missing, and never a key or a signature.

use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use coldtrail_servers::{ACCOUNT, Azurite, KEY, connection_string};

use super::azure::{CONTAINER, azurite, connected, in_an_hour};
use super::{Variables, ask, hunt, signature};
use crate::runner::Run;

const SOURCE: &str = "az://telemetry/archives/plain";

fn plan(source: &str) -> Run {
    Run::new(&["plan", "--quiet", "--retries", "1", "--timeout", "5", "--events", source])
}

#[track_caller]
fn refused(source: &str, variables: &Variables, words: &[&str]) {
    let words: Vec<&str> = words.iter().copied().chain([source]).collect();
    for run in [hunt(&[source]).and(&["--retries", "1", "--timeout", "5"]), plan(source)] {
        ask(&run, variables).refused(&words);
    }
}

fn signed(azurite: &Azurite, permissions: &str, expiry: SystemTime) -> Variables {
    vec![
        ("AZURE_STORAGE_ACCOUNT", ACCOUNT.to_owned()),
        ("AZURE_STORAGE_BLOB_ENDPOINT", azurite.endpoint()),
        ("AZURE_STORAGE_SAS_TOKEN", azurite.sas(CONTAINER, permissions, expiry)),
    ]
}

#[test]
fn wrong_keys_names_and_addresses() {
    let Some(azurite) = azurite(&["archives/plain"]) else { return };
    let wrong = KEY.replace("Eby8", "AAAA");
    let string = azurite.connection_string().replace(KEY, &wrong);
    refused(SOURCE, &vec![("AZURE_STORAGE_CONNECTION_STRING", string)], &["key"]);
    refused("az://nowhere/archives", &connected(&azurite), &["no container nowhere"]);
    refused("az://telemetry/archives/plainn", &connected(&azurite), &["check"]);
    refused("az://Not_A_Name!/x", &connected(&azurite), &["container"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let closed = connection_string(&format!("http://127.0.0.1:{port}/{ACCOUNT}"));
    refused(SOURCE, &vec![("AZURE_STORAGE_CONNECTION_STRING", closed)], &["nobody listens"]);
    // A key in the wrong place of the string is not repeated.
    let pasted = vec![("AZURE_STORAGE_CONNECTION_STRING", format!("AccountName={ACCOUNT};AccountKey={KEY};{KEY}"))];
    refused(SOURCE, &pasted, &["AZURE_STORAGE_CONNECTION_STRING"]);
    refused(SOURCE, &Vec::new(), &["AZURE_STORAGE_ACCOUNT"]);
    let public =
        vec![("AZURE_STORAGE_ACCOUNT", ACCOUNT.to_owned()), ("AZURE_STORAGE_BLOB_ENDPOINT", azurite.endpoint())];
    let run = hunt(&[SOURCE]).and(&["--anonymous"]);
    ask(&run, &public).refused(&[SOURCE, "credentials"]);
}

#[test]
fn signatures_that_expired_or_lack_a_permission() {
    let Some(azurite) = azurite(&["archives/plain"]) else { return };
    let hour = Duration::from_secs(3600);
    refused(SOURCE, &signed(&azurite, "rl", SystemTime::now() - hour), &["expired"]);
    refused(SOURCE, &signed(&azurite, "r", in_an_hour()), &["list"]);
    // Who may read one blob need not list.
    let one = "az://telemetry/archives/plain/events.parquet";
    ask(&hunt(&[one]), &signed(&azurite, "r", in_an_hour())).expect(0);
    for run in [hunt(&[SOURCE]), plan(SOURCE)] {
        let answer = ask(&run, &signed(&azurite, "l", in_an_hour()));
        assert_eq!(answer.code, Some(3), "{}", answer.stderr);
        assert!(answer.stderr.contains(one) && answer.stderr.contains("read"), "{}", answer.stderr);
    }
    // In a URL, as people paste it.
    let url = format!("{}/telemetry/archives/plain/events.parquet", azurite.endpoint());
    for sas in [azurite.sas(CONTAINER, "rl", SystemTime::now() - hour), azurite.sas("another", "rl", in_an_hour())] {
        let answer = ask(&hunt(&[&format!("{url}?{sas}")]), &[]);
        answer.refused(&[&url]);
        let secret = signature(&sas).unwrap();
        assert!(!answer.stderr.contains(&secret) && !answer.stderr.contains("sig="), "{}", answer.stderr);
    }
}
