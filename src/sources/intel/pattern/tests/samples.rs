//! The pairs of MISP attribute and STIX indicator that MISP's own exporter documents, where the sample files are.

use std::path::Path;

use serde_json::Value;

use super::{address, also, at_port, domain, understood, url};

fn patterns(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(patterns).collect(),
        Value::Object(members) => match members.get("pattern") {
            Some(Value::String(pattern)) => vec![pattern],
            _ => members.values().flat_map(patterns).collect(),
        },
        _ => Vec::new(),
    }
}

#[test]
fn misps_own_exports() {
    let Some(samples) = std::env::var_os("COLDTRAIL_SAMPLES") else {
        println!("skipped: COLDTRAIL_SAMPLES is not set");
        return;
    };
    let file = Path::new(&samples).join("stix/mispstix_attribute_mapping_network_stix21.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let pairs: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}"));
    for (kind, want) in [
        ("ip-dst", Some(address("5.6.7.8"))),
        ("ip-src", Some(address("1.2.3.4"))),
        ("ip-dst|port", Some(at_port(address("5.6.7.8"), 5678))),
        ("ip-src|port", Some(at_port(address("1.2.3.4"), 1234))),
        ("domain", Some(domain("circl.lu"))),
        ("hostname", Some(domain("circl.lu"))),
        ("hostname|port", Some(at_port(domain("circl.lu"), 8443))),
        ("domain|ip", Some(also(domain("circl.lu"), "149.13.33.14"))),
        ("url", Some(url("https://vm.misp-project.org/latest/"))),
        ("link", Some(url("https://misp-project.org/download/"))),
        ("uri", Some(url("https://vm.misp-project.org/latest/MISP_v2.4.155@ca03678.ova"))),
        ("AS", None),
    ] {
        let found = patterns(&pairs[kind]);
        let [pattern] = found.as_slice() else { panic!("{kind}: {found:?}") };
        let got = understood(pattern);
        assert_eq!(got.indicators, want.clone().into_iter().collect::<Vec<_>>(), "{kind}: {pattern}");
        assert_eq!(got.unsupported.len(), usize::from(want.is_none()), "{kind}: {pattern}");
    }
}
