//! Azurite, directly and behind the proxy. Without Node these tests say so and pass.

use std::time::{Duration, SystemTime};

use coldtrail_servers::{ACCOUNT, Azurite, Fault, Faults, KEY, Kind, Proxy, RequestError, Rule};
use futures::TryStreamExt;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::path::Path;
use object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt};

use super::{pattern, retries};

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
fn azurite() -> Option<Azurite> {
    match Azurite::start() {
        Ok(azurite) => Some(azurite),
        Err(missing) => {
            println!("skipped: {missing}");
            None
        }
    }
}

fn builder(endpoint: &str) -> MicrosoftAzureBuilder {
    MicrosoftAzureBuilder::new()
        .with_account(ACCOUNT)
        .with_container_name("logs")
        .with_endpoint(endpoint.to_owned())
        .with_allow_http(true)
        .with_retry(retries(3))
}

#[tokio::test]
async fn blobs_go_in_and_come_out_through_the_proxy() {
    let Some(azurite) = azurite() else { return };
    let proxy = Proxy::start(&azurite.endpoint(), Faults::default()).expect("starts");
    azurite.create_container("logs").expect("makes");
    azurite.create_container("logs").expect("stays");
    let content = pattern(3_000_000);
    azurite.put_blob("logs", "y=2024/a b/ü%+.json", &content).expect("puts");
    let key = Path::parse("y=2024/a b/ü%25+.json").expect("a path");
    let client = builder(&proxy.endpoint()).with_access_key(KEY).build().expect("a client");
    let listed: Vec<_> = client.list(None).try_collect().await.expect("lists");
    assert_eq!(listed.len(), 1);
    let key = if listed[0].location == key { key } else { listed[0].location.clone() };
    let got = client.get(&key).await.expect("gets");
    let etag = got.meta.e_tag.clone();
    assert!(got.bytes().await.expect("reads") == content);
    assert!(client.get_range(&key, 5..50_005).await.expect("gets") == content[5..50_005]);
    client.put(&Path::from("new"), "x".into()).await.expect("puts");
    let counts = proxy.counts();
    assert_eq!((counts.total.list, counts.total.get, counts.total.range_get, counts.total.put), (1, 1, 1, 1));
    let object = counts.object("/devstoreaccount1/logs/y=2024/a b/ü%+.json");
    assert_eq!(object.bytes_down, 3_050_000, "{counts:?}");
    azurite.put_blob("logs", "y=2024/a b/ü%+.json", b"other").expect("replaces");
    let changed = client.get_opts(&key, GetOptions { if_match: etag, ..GetOptions::default() }).await;
    assert!(matches!(changed, Err(Error::Precondition { .. })), "{changed:?}");
    azurite.delete_blob("logs", "new").expect("deletes");
    assert!(matches!(client.head(&Path::from("new")).await, Err(Error::NotFound { .. })));
    let refused = azurite.put_blob("nowhere", "x", b"");
    assert!(matches!(&refused, Err(RequestError::Refused(404, code)) if code == "ContainerNotFound"), "{refused:?}");
}

#[tokio::test]
async fn signatures_expire_and_allow_what_they_say() {
    let Some(azurite) = azurite() else { return };
    azurite.create_container("logs").expect("makes");
    azurite.put_blob("logs", "k", b"content").expect("puts");
    let client = |permissions: &str, expiry: SystemTime| {
        let sas = azurite.sas("logs", permissions, expiry);
        builder(&azurite.endpoint()).with_config(AzureConfigKey::SasKey, sas).build().expect("a client")
    };
    let later = SystemTime::now() + Duration::from_secs(3600);
    let good = client("rl", later);
    assert_eq!(good.get(&Path::from("k")).await.expect("gets").bytes().await.expect("reads"), "content");
    assert_eq!(good.list(None).try_collect::<Vec<_>>().await.expect("lists").len(), 1);
    let no_list = client("r", later).list(None).try_collect::<Vec<_>>().await.expect_err("may not list");
    assert!(no_list.to_string().contains("AuthorizationPermissionMismatch"), "{no_list}");
    let expired = client("rl", SystemTime::now() - Duration::from_secs(3600));
    let error = expired.get(&Path::from("k")).await.expect_err("expired").to_string();
    assert!(error.contains("AuthenticationFailed") || error.contains("AuthorizationFailure"), "{error}");
}

#[tokio::test]
async fn faults_speak_azures_language() {
    let Some(azurite) = azurite() else { return };
    azurite.create_container("logs").expect("makes");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("in")).expect("makes");
    std::fs::write(folder.path().join("in/k"), "content").expect("writes");
    azurite.put_folder("logs", "up/", folder.path()).expect("puts");
    let rule = Rule::new(Fault::SlowDown).kinds(&[Kind::Get]).first(2);
    let proxy = Proxy::start(&azurite.endpoint(), Faults::rules([rule])).expect("starts");
    let client = builder(&proxy.endpoint()).with_access_key(KEY).build().expect("a client");
    let got = client.get(&Path::from("up/in/k")).await.expect("gets at the third try");
    assert_eq!(got.bytes().await.expect("reads"), "content");
    assert_eq!((proxy.counts().total.get, proxy.counts().total.refused), (3, 2));
}
