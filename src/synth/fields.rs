//! AdditionalFields: JSON text whose keys depend on the ActionType, all values being text except where a packet is told.

use serde::Serialize;

use super::event::{Action, Event, World};
use super::random::{hex, mix};

#[derive(Serialize)]
struct Dns<'a> {
    direction: &'a str,
    trans_id: String,
    rtt: String,
    query: &'a str,
    qclass: &'a str,
    qclass_name: &'a str,
    qtype: &'a str,
    qtype_name: &'a str,
    rcode: &'a str,
    rcode_name: &'a str,
    #[serde(rename = "AA")]
    authoritative: &'a str,
    #[serde(rename = "RD")]
    recursion_desired: &'a str,
    answers: String,
    #[serde(rename = "TTLs")]
    ttls: String,
    rejected: &'a str,
    uid: String,
    ts: String,
}

#[derive(Serialize)]
struct Http<'a> {
    direction: &'a str,
    host: &'a str,
    method: &'a str,
    uri: String,
    status_code: &'a str,
    status_msg: &'a str,
    user_agent: &'a str,
    request_body_len: &'a str,
    response_body_len: String,
    version: &'a str,
}

#[derive(Serialize)]
struct Ssl<'a> {
    direction: &'a str,
    version: &'a str,
    cipher: &'a str,
    curve: &'a str,
    server_name: &'a str,
    resumed: &'a str,
    established: &'a str,
    next_protocol: &'a str,
    uid: String,
    ts: String,
}

#[derive(Serialize)]
struct Icmp<'a> {
    direction: &'a str,
    conn_state: &'a str,
    duration: String,
    orig_bytes: String,
    orig_pkts: &'a str,
    resp_bytes: &'a str,
    uid: String,
}

/// The other inspected protocols.
#[derive(Serialize)]
struct Inspected<'a> {
    direction: &'a str,
    uid: String,
    ts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    helo: Option<&'a str>,
}

#[derive(Serialize)]
struct Signature<'a> {
    #[serde(rename = "SignatureName")]
    name: &'a str,
    #[serde(rename = "SignatureMatchedContent")]
    content: String,
    #[serde(rename = "SamplePacketContent")]
    sample: &'a str,
}

#[derive(Serialize)]
struct Packet<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'a str>,
    #[serde(rename = "Source Mac")]
    source: String,
    #[serde(rename = "Destination Mac")]
    destination: String,
    #[serde(rename = "Tcp Flags")]
    flags: u8,
    #[serde(rename = "Packet Size")]
    size: u64,
}

#[derive(Serialize)]
struct Aggregated {
    #[serde(rename = "uniqueEventsAggregated")]
    events: String,
}

#[derive(Serialize)]
struct Posix<'a> {
    #[serde(rename = "InitiatingProcessPosixEffectiveUser")]
    user: PosixUser<'a>,
    #[serde(rename = "InitiatingProcessCurrentWorkingDirectory")]
    directory: &'a str,
}

#[derive(Serialize)]
struct PosixUser<'a> {
    #[serde(rename = "Name")]
    name: &'a str,
    #[serde(rename = "DomainName")]
    domain: &'a str,
    #[serde(rename = "PosixUserId")]
    id: u32,
}

/// The text of one row; `None` is null.
pub(super) fn additional_fields(event: &Event, world: &World) -> Option<String> {
    let n = mix(event.salt);
    let direction = if n % 100 < 92 { "Out" } else { "In" };
    let host = event.service.map_or("", |service| world.services.hosts.get(service as usize));
    match event.action {
        Action::DnsConnectionInspected => json(&dns(n, host)),
        Action::HttpConnectionInspected => json(&http(n, direction, host)),
        Action::SslConnectionInspected => json(&ssl(n, direction, host)),
        Action::IcmpConnectionInspected => json(&icmp(n, direction)),
        Action::SshConnectionInspected => json(&inspected(n, direction, Some("SSH-2.0-OpenSSH_9.6"), None)),
        Action::SmtpConnectionInspected => json(&inspected(n, direction, None, Some("mail.corp.example"))),
        Action::NtlmAuthenticationInspected => json(&inspected(n, direction, None, None)),
        Action::NetworkSignatureInspected => json(&Signature {
            name: ["HTTP_Client", "SSH", "TLS_Client"][(n % 3) as usize],
            content: format!("%16%03%01%02{}", hex(n, 12)),
            sample: "",
        }),
        Action::ConnectionAttempt
        | Action::ConnectionAcknowledged
        | Action::InboundConnectionAttempt
        | Action::InboundConnectionAcknowledged => json(&packet(n, event.action)),
        Action::ConnectionSuccessAggregatedReport | Action::ConnectionFailedAggregatedReport => {
            json(&Aggregated { events: (2 + n % 60).to_string() })
        }
        Action::ConnectionRequest => {
            json(&Posix { user: PosixUser { name: "root", domain: "localhost", id: 0 }, directory: "/" })
        }
        _ => [None, None, None, Some(""), Some("{}")][(n % 5) as usize].map(str::to_owned),
    }
}

fn json(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

fn dns(n: u64, query: &str) -> Dns<'_> {
    Dns {
        direction: "Out",
        trans_id: (n & 0xffff).to_string(),
        rtt: format!("0.{:06}", n >> 16 & 0x1_ffff),
        query,
        qclass: "1",
        qclass_name: "C_INTERNET",
        qtype: "1",
        qtype_name: "A",
        rcode: "0",
        rcode_name: "NOERROR",
        authoritative: "false",
        recursion_desired: "true",
        // What a resolver answers inside is a private address: no answer must look like a relay.
        answers: format!("[\"10.16.{}.{}\"]", n >> 40 & 0xff, n >> 48 & 0xff),
        ttls: format!("[{}.0]", n % 3_600),
        rejected: "false",
        uid: uid(n),
        ts: ticks(n),
    }
}

fn http<'a>(n: u64, direction: &'a str, host: &'a str) -> Http<'a> {
    Http {
        direction,
        host,
        method: if n.is_multiple_of(7) { "POST" } else { "GET" },
        uri: format!("/v{}/items/{}?t={}", n % 4, n >> 32 & 0xffff, hex(n, 10)),
        status_code: "200",
        status_msg: "OK",
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
        request_body_len: "0",
        response_body_len: (n >> 20 & 0xf_ffff).to_string(),
        version: "1.1",
    }
}

fn ssl<'a>(n: u64, direction: &'a str, server_name: &'a str) -> Ssl<'a> {
    Ssl {
        direction,
        version: if n.is_multiple_of(5) { "TLSv12" } else { "TLSv13" },
        cipher: "TLS_AES_256_GCM_SHA384",
        curve: "x25519",
        server_name,
        resumed: "false",
        established: "true",
        next_protocol: "h2",
        uid: uid(n),
        ts: ticks(n),
    }
}

fn icmp(n: u64, direction: &str) -> Icmp<'_> {
    Icmp {
        direction,
        conn_state: "OTH",
        duration: format!("0.{:06}", n % 900_000),
        orig_bytes: (32 + n % 64).to_string(),
        orig_pkts: "1",
        resp_bytes: "0",
        uid: uid(n),
    }
}

fn inspected<'a>(n: u64, direction: &'a str, client: Option<&'a str>, helo: Option<&'a str>) -> Inspected<'a> {
    Inspected { direction, uid: uid(n), ts: ticks(n), client, helo }
}

/// SYN has flags 2, SYN-ACK 18. Only what discovery saw has a direction, and not always.
fn packet(n: u64, action: Action) -> Packet<'static> {
    let acknowledged = matches!(action, Action::ConnectionAcknowledged | Action::InboundConnectionAcknowledged);
    let discovered = matches!(action, Action::ConnectionAttempt | Action::ConnectionAcknowledged);
    Packet {
        direction: (discovered && n.is_multiple_of(3)).then_some("In"),
        source: mac(n),
        destination: mac(n >> 9),
        flags: if acknowledged { 18 } else { 2 },
        size: 60 + n % 12,
    }
}

fn uid(n: u64) -> String {
    format!("C{}", hex(n ^ 1, 17))
}

/// Windows FILETIME ticks.
fn ticks(n: u64) -> String {
    format!("1341{:014}", n % 100_000_000_000_000)
}

fn mac(n: u64) -> String {
    let h = hex(n & 0xfff, 6);
    format!("00-15-5D-{}-{}-{}", &h[..2], &h[2..4], &h[4..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::synthesis::SynthConfig;
    use crate::synth::event::Peer;

    #[test]
    fn every_text_is_json_or_empty_and_inspected_rows_have_a_direction() {
        let world = World::new(&SynthConfig { devices: 10, ..SynthConfig::default() });
        for action in Action::ALL {
            for salt in 0..200 {
                let event = Event {
                    micros: 0,
                    device: 0,
                    action,
                    peer: Peer::Nobody,
                    mapped: false,
                    service: Some(3),
                    remote_port: None,
                    local_port: None,
                    process: None,
                    report_id: 1,
                    salt,
                };
                let Some(text) = additional_fields(&event, &world).filter(|text| !text.is_empty()) else { continue };
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                let direction = value.get("direction").and_then(|d| d.as_str());
                if action.is_inspected() && action != Action::NetworkSignatureInspected {
                    assert!(matches!(direction, Some("In" | "Out")), "{text}");
                }
            }
        }
    }
}
