//! A container is read as a folder is. Azurite is a process of Node's: where that is missing these tests say so and pass,
//! except where `CI` is set.

use std::time::{Duration, SystemTime};

use coldtrail_servers::{ACCOUNT, Azurite, KEY};
use serde_json::json;

use super::{Variables, ask, demo, hunt, same, signature};
use crate::runner::{Run, files_below, root};

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
    let stored = ask(&hunt(&["az://telemetry/archives/mixed"]), &variables);
    same(&stored, "az://telemetry", &hunt(&["testdata/archives/mixed"]), "mixed");
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
}

/// The signature in the URL opens the object, and no form of any answer shows it.
#[test]
fn a_signature_in_a_url_is_never_shown() {
    let Some(azurite) = azurite(&["archives/plain", "demo/intel"]) else { return };
    azurite.put_blob(CONTAINER, "tor.txt", &std::fs::read(root().join("testdata/archives/tor.txt")).unwrap()).unwrap();
    let feed = files_below(&root().join("testdata/demo/intel")).remove(0);
    let feed = format!("demo/intel/{}", feed.file_name().unwrap().to_str().unwrap());
    let sas = azurite.sas(CONTAINER, "rl", in_an_hour());
    let url = |name: &str| format!("{}/telemetry/{name}?{sas}", azurite.endpoint());
    let secret = signature(&sas).unwrap();
    let hidden = |run: &Run, what: &str| {
        let answer = ask(run, &[]);
        assert_eq!(answer.code, Some(0), "{what}: {}", answer.stderr);
        let lines = answer.stdout.lines().chain(answer.stderr.lines());
        let shown = lines.filter(|line| line.contains(&secret) || line.contains("sig=")).map(str::to_owned);
        (answer.stdout.clone(), shown.map(|line| format!("{what}: {line}")).collect::<Vec<String>>())
    };
    let events = url("archives/plain/events.parquet");
    let (report, mut shown) = hidden(&hunt(&[&events]), "json");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["findings"], hunt(&["testdata/archives/plain"]).go().expect(0).json()["findings"]);
    let everything = ["--events", &events, "--tor", &url("tor.txt"), "--intel", &url(&feed)];
    for format in ["table", "markdown", "ndjson", "csv", "json"] {
        shown.extend(hidden(&Run::new(&["hunt", "--format", format]).and(&everything), format).1);
    }
    for format in ["table", "ndjson"] {
        let plan = Run::new(&["plan", "--footers", "--format", format, "--events", &events]);
        shown.extend(hidden(&plan, &format!("plan {format}")).1);
    }
    let folder = tempfile::TempDir::new().unwrap();
    let coverage = folder.path().join("coverage.json");
    let rows = folder.path().join("rows.ndjson");
    let run = Run::new(&["hunt"]).and(&everything).path("--coverage", &coverage).path("--rows", &rows);
    shown.extend(hidden(&run, "files").1);
    for file in [coverage, rows] {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter(|line| line.contains("sig="));
        shown.extend(lines.map(|line| format!("{}: {line}", file.display())));
    }
    assert!(shown.is_empty(), "the signature is shown:\n{}", shown.join("\n"));
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
    for n in 0..1010 {
        azurite.put_blob(CONTAINER, &format!("many/{:02}/{n}.json", n % 23), &event(n)).unwrap();
    }
    let plan = Run::new(&["plan", "--format", "ndjson", "--quiet", "--events", "az://telemetry/many"]);
    assert_eq!(ask(&plan, &connected(&azurite)).expect(0).json()["files"], 1010);
    let report = ask(&hunt(&["az://telemetry/many/0[7-9]/*.json"]), &connected(&azurite)).expect(0).json();
    assert_eq!((&report["coverage"]["files"]["read"], &report["findings"][0]["Count"]), (&json!(132), &json!(132)));

    for name in
        ["with blank/part 1.json", "per%20cent%/100%.json", "a=b/größe.json", "p+p/a+b.json", "hash#/is?this.json"]
    {
        azurite.put_blob(CONTAINER, name, &event(7)).unwrap();
        let folder = format!("az://telemetry/{}/", name.split('/').next().unwrap());
        for source in [folder, format!("az://telemetry/{name}")] {
            let answer = ask(&hunt(&[&source]), &connected(&azurite));
            assert_eq!(answer.code, Some(0), "{source}: {}", answer.stderr);
            assert_eq!(answer.json()["findings"][0]["Count"], 1, "{source}");
        }
    }
}
