//! Small archives whose answer was worked out by hand.

use serde_json::json;

use super::super::event::{Event, Number, When, blank};
use super::{Hunt, Question, answer};

/// 2026-03-10T00:00:00Z.
const DAY: i64 = 1_773_100_800_000_000;

fn question(hunt: Hunt) -> Question {
    Question {
        hunt,
        tor: "192.0.2.7\n198.51.100.0/24\n".into(),
        history: None,
        intel: None,
        from_micros: None,
        to_micros: None,
        at_event: false,
        keep_duplicates: false,
        set_limit: 1_000,
    }
}

fn event(device: &str, address: &str, micros: i64, process: &str) -> Event {
    Event {
        time: Some(When::Nanos((DAY + micros) * 1_000)),
        device_id: Some("d".into()),
        device_name: Some(device.into()),
        action: Some("ConnectionSuccess".into()),
        remote_ip: Some(address.into()),
        remote_port: Some(Number::Whole(443)),
        local_port: Some(Number::Whole(50_000)),
        process: Some(process.into()),
        ..blank()
    }
}

#[test]
fn one_finding_has_all_spellings_of_an_address() {
    let events = [
        event("wks", "::ffff:192.0.2.7", 5, "b"),
        event("wks", "192.0.2.7", 0, "a"),
        event("wks", "192.0.2.8", 0, "a"),
    ];
    let answer = answer(&events, &question(Hunt::TorExit));
    assert_eq!((answer.findings.len(), answer.matched, answer.copies), (1, 2, 0));
    let finding = &answer.findings[0];
    assert_eq!(finding["RemoteIP"], "192.0.2.7");
    assert_eq!(
        (&finding["FirstSeen"], &finding["LastSeen"]),
        (&json!("2026-03-10T00:00:00.000000Z"), &json!("2026-03-10T00:00:00.000005Z"))
    );
    assert_eq!(
        (&finding["Processes"], &finding["Ports"], &finding["LocalPorts"]),
        (&json!(["a", "b"]), &json!([443]), &json!([]))
    );
    assert_eq!(
        (&finding["RiskLevel"], &finding["Direction"], &finding["Count"]),
        (&json!("MEDIUM"), &json!("Outbound to Tor"), &json!(2))
    );
}

#[test]
fn the_period_holds_its_start_and_not_its_end() {
    let events =
        [event("wks", "192.0.2.7", 0, "a"), event("wks", "192.0.2.7", 1, "a"), event("wks", "192.0.2.7", 2, "a")];
    let asked = Question { from_micros: Some(DAY + 1), to_micros: Some(DAY + 2), ..question(Hunt::TorExit) };
    assert_eq!(answer(&events, &asked).matched, 1);
}

#[test]
fn indicators_give_the_level_and_never_multiply() {
    let intel = "Indicator,ConfidenceScore,ThreatType\n192.0.2.7,50,C2\n192.0.2.0/24,80,Botnet\n192.0.2.7,90,tor\n";
    let asked = Question { intel: Some(intel.into()), ..question(Hunt::IntelIp) };
    let answer = answer(&[event("wks", "192.0.2.7", 0, "a")], &asked);
    let finding = &answer.findings[0];
    assert_eq!(
        (&finding["Count"], &finding["TI_Matches"], &finding["RiskLevel"]),
        (&json!(1), &json!(3), &json!("CRITICAL"))
    );
    assert_eq!((&finding["TI_Hit"], &finding["TI_Type"]), (&json!("192.0.2.0/24"), &json!("Botnet")));
    assert_eq!((&finding["TI_Validity"], &finding["Direction"]), (&json!("undated"), &json!("Outbound")));
}

#[test]
fn findings_come_by_severity_count_time_and_name() {
    let mut events =
        vec![event("b", "192.0.2.7", 9, "a"), event("", "192.0.2.7", 9, "a"), event("a", "192.0.2.7", 9, "a")];
    events.extend([event("z", "198.51.100.1", 8, "a"), event("z", "198.51.100.1", 9, "a")]);
    let inbound = Event { action: Some("InboundConnectionAccepted".into()), ..event("a", "192.0.2.7", 0, "a") };
    events.push(inbound);
    let answer = answer(&events, &question(Hunt::TorExit));
    let order: Vec<_> = answer.findings.iter().map(|f| (f["DeviceName"].clone(), f["RiskLevel"].clone())).collect();
    assert_eq!(
        json!(order),
        json!([["z", "MEDIUM"], ["a", "MEDIUM"], ["b", "MEDIUM"], [null, "MEDIUM"], ["a", "LOW"]])
    );
}

#[test]
fn long_sets_are_cut_and_say_so() {
    let events = ["c", "a", "b"].map(|process| event("wks", "192.0.2.7", 0, process));
    let finding = &answer(&events, &Question { set_limit: 2, ..question(Hunt::TorExit) }).findings[0];
    assert_eq!(finding["Processes"], json!(["a", "b"]));
    assert_eq!(finding["SetsTruncated"], json!([{"Set": "Processes", "Kept": 2, "Cut": 1}]));
}
