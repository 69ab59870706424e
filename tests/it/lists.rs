//! Dated Tor lists and indicators of every kind, end to end: what is judged at the event, what is withheld, what is merged.
#![cfg(test)]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::runner::{Ran, Run};

/// A finding of the demo: three events between 2026-03-13 and 2026-03-27.
const ADDRESS: &str = "203.0.113.70";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn hunt(tor: &Path) -> Run {
    Run::new(&["hunt", "--events", "testdata/demo/events"]).path("--tor", tor)
}

fn finding(ran: &Ran) -> Option<Value> {
    ran.lines().into_iter().find(|finding| finding["RemoteIP"] == ADDRESS)
}

#[test]
fn a_history_decides_where_it_covers_and_says_where_it_does_not() {
    // Listed until the 14th; the lists go on to the 20th.
    let lists: Vec<(String, String)> = (1..=20)
        .map(|day| {
            let relay = if day <= 14 { format!("{ADDRESS}\n") } else { String::new() };
            (format!("lists/2026-03-{day:02}.txt"), format!("{relay}192.0.2.250\n192.0.2.251\n"))
        })
        .collect();
    let lists: Vec<(&str, &str)> = lists.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = folder(&lists);
    let tor = folder.path().join("lists");
    let events = |more: &[&str]| {
        let found = finding(&hunt(&tor).and(more).go().expect(0));
        found.map(|found| (found["Count"].as_u64().unwrap(), found["TorEvidence"].as_str().unwrap().to_owned()))
    };
    let (at_event, of_event) = events(&["--tor-match", "at-event"]).unwrap();
    assert_eq!((at_event, of_event.as_str()), (1, "inside"));
    // After the 21st nothing is known, and a listed address matches and says so in the best of its evidence.
    let (auto, _) = events(&[]).unwrap();
    let (loose, _) = events(&["--tor-match", "loose"]).unwrap();
    assert_eq!((auto, loose), (2, 3));
    let found = finding(&hunt(&tor).and(&["--from", "2026-03-25"]).go().expect(0)).unwrap();
    assert_eq!((&found["TorEvidence"], &found["Count"]), (&"no coverage".into(), &1.into()));
    assert_eq!(found["TorSeenTo"], "2026-03-14T00:00:00.000000Z");
    let ran = hunt(&tor).and(&["--tor-match", "at-event", "--format", "json"]).go().expect(0);
    let facts = &ran.json()["coverage"]["tor"];
    assert_eq!((&facts["matching"], &facts["events_left_out"]), (&"at-event".into(), &2.into()));
    assert!(facts["events_not_covered"].as_u64().unwrap() > 0);
    assert!(ran.stderr.contains("no Tor snapshot covers"), "{}", ran.stderr);
    // What was merged is the same history.
    let merged = folder.path().join("merged.parquet");
    Run::new(&["tor", "build"]).path("--tor", &tor).path("--output", &merged).go().expect(0);
    for how in ["auto", "at-event", "loose"] {
        let of = |tor: &Path| hunt(tor).and(&["--tor-match", how]).go().expect(0).stdout;
        assert_eq!(of(&tor), of(&merged), "{how}");
    }
}

#[test]
fn a_tolerance_that_leaves_holes_is_told() {
    let folder = folder(&[("l/2026-03-01.txt", "192.0.2.1\n"), ("l/2026-03-31.txt", "192.0.2.1\n")]);
    let said = |more: &[&str]| {
        let ran = hunt(&folder.path().join("l")).and(more).go().expect(0);
        ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(said(&[]).contains("widen it to 360 hours or more"), "{}", said(&[]));
    assert!(!said(&["--tolerance", "15d"]).contains("widen it"));
}

const BUNDLE: &str = r#"{"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","spec_version":"2.1","id":"indicator--1",
  "pattern":"[network-traffic:dst_ref.value = '203.0.113.70' AND network-traffic:dst_port = 443]","pattern_type":"stix",
  "valid_from":"2026-01-01T00:00:00Z","confidence":90,"indicator_types":["malicious-activity"],"labels":["secret-actor"],
  "object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]}]}"#;

#[test]
fn red_text_is_withheld_and_its_weight_stays() {
    let folder = folder(&[("bundle.json", BUNDLE), ("tor.txt", "203.0.113.70\n")]);
    let run = |more: &[&str]| {
        hunt(&folder.path().join("tor.txt"))
            .path("--intel", &folder.path().join("bundle.json"))
            .and(more)
            .go()
            .expect(0)
    };
    let (shown, hidden) = (run(&[]), run(&["--tlp-max", "amber+strict"]));
    assert!(shown.stderr.contains("TLP:RED") && !hidden.stderr.contains("TLP:RED"), "{}", shown.stderr);
    let (shown, hidden) = (finding(&shown).unwrap(), finding(&hidden).unwrap());
    for column in ["RiskLevel", "RiskScore", "TI_Confidence", "Count", "TI_Validity", "FindingId"] {
        assert_eq!(shown[column], hidden[column], "{column}");
    }
    assert_eq!((&shown["RiskLevel"], &shown["TI_Hit"]), (&"CRITICAL".into(), &ADDRESS.into()));
    assert_eq!(shown["TI_Matches"][0]["port"], "same");
    assert_eq!(hidden["TI_Hit"], "[TLP:RED withheld]");
    let text = hidden.to_string();
    assert!(!text.contains("secret-actor") && !text.contains("malicious-activity"), "{text}");
    assert_eq!(hidden["HuntingDirectives"][5], "6. TI Hit: Yes | ThreatType=[TLP:RED withheld]");
    assert_eq!(hidden["TI_Matches"][0]["TLP"], "red");
}

#[test]
fn what_a_publisher_does_not_mean_for_detection_matches_and_earns_no_points() {
    let event = |to_ids: bool| {
        format!(
            r#"{{"Event":{{"uuid":"5e9f0000-0000-4000-8000-000000000001","info":"case","date":"2026-01-01","Attribute":[
               {{"uuid":"5e9f0000-0000-4000-8000-000000000002","type":"ip-dst","category":"Network activity",
                 "value":"{ADDRESS}","to_ids":{to_ids},"timestamp":"1767225600"}}]}}}}"#
        )
    };
    let (yes, no) = (event(true), event(false));
    let folder = folder(&[("yes.json", &yes), ("no.json", &no), ("tor.txt", "203.0.113.70\n")]);
    let run = |name: &str, more: &[&str]| {
        hunt(&folder.path().join("tor.txt")).path("--intel", &folder.path().join(name)).and(more).go().expect(0)
    };
    let (meant, not) = (finding(&run("yes.json", &[])).unwrap(), finding(&run("no.json", &[])).unwrap());
    assert_eq!((&meant["RiskLevel"], &not["RiskLevel"]), (&"HIGH".into(), &"HIGH".into()));
    assert_eq!((&meant["TI_Matches"][0]["to_ids"], &not["TI_Matches"][0]["to_ids"]), (&true.into(), &false.into()));
    let points = |finding: &Value| finding["RiskFactors"].to_string().contains("intelligence valid at event");
    assert!(points(&meant) && !points(&not));
    let only = run("no.json", &["--misp-to-ids", "only", "--format", "json"]).json();
    assert_eq!(only["coverage"]["intel"]["usable"], 0);
    assert_eq!(only["coverage"]["intel"]["sources"][0]["ignored"][0]["name"], "to_ids false");
    let all = run("no.json", &["--format", "json"]).json();
    assert_eq!(all["coverage"]["intel"]["not_to_ids"], 1);
}

#[test]
fn merged_feeds_hunt_as_the_feeds_do() {
    let folder = folder(&[("bundle.json", BUNDLE)]);
    let merged = folder.path().join("merged.parquet");
    let feeds = ["--intel", "testdata/demo/intel"];
    let bundle = folder.path().join("bundle.json");
    Run::new(&["intel", "build"]).and(&feeds).path("--intel", &bundle).path("--output", &merged).go().expect(0);
    let base = || Run::new(&["hunt", "intel_any", "--events", "testdata/demo/events"]);
    let of_feeds = base().and(&feeds).path("--intel", &bundle).go().expect(0);
    let of_merged = base().path("--intel", &merged).go().expect(0);
    assert_eq!(of_feeds.stdout, of_merged.stdout);
    assert!(of_feeds.lines().iter().any(|finding| finding["TI_Matches"][0]["field"] != "RemoteIP"));
    let ran = Run::new(&["intel", "show", ADDRESS]).path("--intel", &merged).go().expect(0);
    assert_eq!((&ran.lines()[0]["Port"], &ran.lines()[0]["Kind"]), (&443.into(), &"address".into()));
}
