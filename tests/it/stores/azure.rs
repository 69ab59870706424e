//! A container is read as a folder is. Azurite is a process of Node's: where that is missing these tests say so and pass,
//! except where `CI` is set.

use std::time::{Duration, SystemTime};

use coldtrail_servers::{ACCOUNT, Azurite, Faults, KEY, Proxy, connection_string};
use serde_json::json;

use super::{Variables, ask, demo, hunt, same, signature};
use crate::runner::{Run, root};

/// Where the repository's `testdata` lies.
pub(super) const CONTAINER: &str = "telemetry";

/// An emulator with a container that holds these folders of `testdata`, or a word that there is none.
pub(super) fn azurite(folders: &[&str]) -> Option<Azurite> {
    let azurite = match Azurite::start() {
        Ok(azurite) => azurite,
        Err(missing) if std::env::var_os("CI").is_some() => panic!("CI must have Azurite: {missing}"),
        Err(missing) => {
            println!("skipped: {missing}");
            return None;
        }
    };
    azurite.create_container(CONTAINER).unwrap();
    for folder in folders {
        let path = root().join("testdata").join(folder);
        azurite.put_folder(CONTAINER, &format!("{folder}/"), &path).unwrap();
    }
    Some(azurite)
}

/// The connection string's variable.
pub(super) fn connected(azurite: &Azurite) -> Variables {
    vec![("AZURE_STORAGE_CONNECTION_STRING", azurite.connection_string())]
}

pub(super) fn in_an_hour() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

#[test]
fn the_demo_and_every_form_are_hunted_in_a_container_as_on_disk() {
    let Some(azurite) = azurite(&["demo", "archives/mixed", "archives/streaming"]) else { return };
    let variables = connected(&azurite);
    let stored = ask(&demo("az://telemetry/demo"), &variables);
    same(&stored, "az://telemetry", &demo("testdata/demo"), "demo");
    assert!(stored.json()["coverage"]["reads"]["requests"].as_u64().unwrap() > 20);
    for kind in ["mixed", "streaming"] {
        let stored = ask(&hunt(&[&format!("az://telemetry/archives/{kind}")]), &variables);
        same(&stored, "az://telemetry", &hunt(&[&format!("testdata/archives/{kind}")]), kind);
    }
    // The Data Lake form of the address.
    let lake = format!("abfss://telemetry@{ACCOUNT}.dfs.core.windows.net");
    let run = hunt(&[&format!("{lake}/archives/mixed")]).and(&["--endpoint", &azurite.endpoint()]);
    same(&ask(&run, &variables), &lake, &hunt(&["testdata/archives/mixed"]), "abfss");
    let pattern = hunt(&["az://telemetry/archives/*/**/*.json"]);
    let local = hunt(&["testdata/archives/{mixed,streaming}/**/*.json"]).go().expect(0).json();
    let report = ask(&pattern, &variables).expect(0).json();
    assert_eq!(report["findings"], local["findings"]);
    assert_eq!(report["coverage"]["files"]["found"], local["coverage"]["files"]["found"]);
    let plan = Run::new(&["plan", "--format", "ndjson", "--quiet", "--events", "az://telemetry/archives/streaming"]);
    let plan = ask(&plan, &variables).expect(0).json();
    assert_eq!((&plan["files"], plan["days"].as_array().unwrap().len()), (&json!(17), 3));
}

/// Every way to say who asks.
#[test]
fn keys_signatures_and_the_public() {
    let Some(azurite) = azurite(&["archives/plain"]) else { return };
    let source = "az://telemetry/archives/plain";
    let local = hunt(&["testdata/archives/plain"]);
    let account = || ("AZURE_STORAGE_ACCOUNT", ACCOUNT.to_owned());
    let endpoint = || ("AZURE_STORAGE_BLOB_ENDPOINT", azurite.endpoint());
    let sas = azurite.sas(CONTAINER, "rl", in_an_hour());
    for (what, variables) in [
        ("a key", vec![account(), endpoint(), ("AZURE_STORAGE_KEY", KEY.to_owned())]),
        ("a signature", vec![account(), endpoint(), ("AZURE_STORAGE_SAS_TOKEN", sas.clone())]),
        ("a signature with its ?", vec![account(), endpoint(), ("AZURE_STORAGE_SAS_TOKEN", format!("?{sas}"))]),
        (
            "a signature in a connection string",
            vec![(
                "AZURE_STORAGE_CONNECTION_STRING",
                format!("AccountName={ACCOUNT};BlobEndpoint={};SharedAccessSignature={sas}", azurite.endpoint()),
            )],
        ),
        (
            "the emulator",
            vec![
                ("AZURE_STORAGE_USE_EMULATOR", "true".to_owned()),
                ("AZURITE_BLOB_STORAGE_URL", azurite.endpoint().replace(&format!("/{ACCOUNT}"), "")),
            ],
        ),
    ] {
        same(&ask(&hunt(&[source]), &variables), "az://telemetry", &local, what);
    }
    // The signature in the URL: it opens the object and is never seen.
    let url = format!("{}/telemetry/archives/plain/events.parquet", azurite.endpoint());
    let answer = ask(&hunt(&[&format!("{url}?{sas}")]), &[]).expect(0);
    let secret = signature(&sas).unwrap();
    assert!(!answer.stdout.contains(&secret) && !answer.stderr.contains(&secret), "{answer:?}");
    assert!(answer.stdout.contains(&url), "the coverage names the file: {}", answer.stdout);
    let expected = local.go().expect(0).json();
    assert_eq!(answer.json()["findings"], expected["findings"]);
}

fn event(n: usize) -> Vec<u8> {
    let event = json!({
        "Timestamp": format!("2026-07-18T{:02}:{:02}:{:02}Z", 10 + n / 3600, n / 60 % 60, n % 60),
        "DeviceId": "d1", "DeviceName": "wks-1.larchfield.example", "ReportId": n,
        "ActionType": "ConnectionSuccess", "RemoteIP": "198.51.100.7", "RemotePort": 443,
    });
    format!("{event}\n").into_bytes()
}

#[test]
fn two_containers_of_one_account_do_not_collide() {
    let Some(azurite) = azurite(&[]) else { return };
    azurite.create_container("second").unwrap();
    azurite.put_blob(CONTAINER, "same/e.json", &event(1)).unwrap();
    azurite.put_blob("second", "same/e.json", &event(2)).unwrap();
    let run = hunt(&["az://telemetry/same", "az://second/same"]);
    let report = ask(&run, &connected(&azurite)).expect(0).json();
    assert_eq!(report["findings"][0]["Count"], 2);
    assert_eq!(report["findings"][0]["LastSeen"], "2026-07-18T10:00:02.000000Z");
    assert_eq!(report["coverage"]["files"]["read"], 2);
}

#[test]
fn more_than_a_thousand_blobs_and_odd_names() {
    let Some(azurite) = azurite(&[]) else { return };
    for n in 0..1050 {
        azurite.put_blob(CONTAINER, &format!("many/{:02}/{n}.json", n % 23), &event(n)).unwrap();
    }
    let proxy = Proxy::start(&azurite.endpoint(), Faults::default()).unwrap();
    let variables = [("AZURE_STORAGE_CONNECTION_STRING", connection_string(&proxy.endpoint()))];
    let report = ask(&hunt(&["az://telemetry/many"]), &variables).expect(0).json();
    assert_eq!((&report["coverage"]["files"]["read"], &report["findings"][0]["Count"]), (&json!(1050), &json!(1050)));
    assert!(proxy.counts().total.list >= 1);

    let names = ["with blank/part 1.json", "per%20cent%/100%.json", "a=b/c=d.json", "größe/日本.json", "p+p/a+b.json"];
    let more = ["hash#hash/a#b.json", "what/is?this.json", "and&more/a&b.json"];
    for name in names.iter().chain(&more) {
        azurite.put_blob(CONTAINER, name, &event(7)).unwrap();
        let folder = format!("az://telemetry/{}/", name.split('/').next().unwrap());
        for source in [folder, format!("az://telemetry/{name}")] {
            let answer = ask(&hunt(&[&source]), &connected(&azurite));
            assert_eq!(answer.code, Some(0), "{source}: {}", answer.stderr);
            assert_eq!(answer.json()["findings"][0]["Count"], 1, "{source}");
        }
    }
}
