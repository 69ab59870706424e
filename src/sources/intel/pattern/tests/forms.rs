//! Every form that feeds write, and what becomes of it.

use super::super::super::tally::{EMAIL, FILE_HASH, OTHER_KIND};
use super::super::observables::SEVERAL;
use super::{address, also, at_port, domain, url, yields};

#[test]
fn one_value() {
    yields("[ipv4-addr:value = '192.0.2.1']", &[address("192.0.2.1")], &[]);
    yields("[ipv4-addr:value='198.51.100.1/32']", &[address("198.51.100.1/32")], &[]);
    yields("[ipv6-addr:value == '2001:db8::1/128']", &[address("2001:db8::1/128")], &[]);
    yields("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", &[address("203.0.113.0/24")], &[]);
    yields("[domain-name:value = 'evil.example']", &[domain("evil.example")], &[]);
    yields("[hostname:value = 'c2.evil.example']", &[domain("c2.evil.example")], &[]);
    yields(r"[url:value = 'http://evil.example/it\'s\\x']", &[url(r"http://evil.example/it's\x")], &[]);
}

#[test]
fn misp_writes_ends_of_connections() {
    let end = |side, rest| {
        format!(
            "[network-traffic:{side}_ref.type = 'ipv4-addr' AND network-traffic:{side}_ref.value = '192.0.2.1'{rest}]"
        )
    };
    yields(&end("dst", ""), &[address("192.0.2.1")], &[]);
    yields(&end("src", ""), &[address("192.0.2.1")], &[]);
    yields(&end("dst", " AND network-traffic:dst_port = '5678'"), &[at_port(address("192.0.2.1"), 5678)], &[]);
    yields(&end("src", " AND network-traffic:src_port = 1234"), &[at_port(address("192.0.2.1"), 1234)], &[]);
    // The port of the other end says nothing of this one.
    yields(&end("dst", " AND network-traffic:src_port = 1234"), &[address("192.0.2.1")], &[]);
    yields(&end("dst", " AND network-traffic:protocols[*] = 'tcp'"), &[address("192.0.2.1")], &[]);
    yields("[network-traffic:dst_ref.value = '2001:db8::/32']", &[address("2001:db8::/32")], &[]);
    yields("[network-traffic:dst_ref.value = 'evil.example']", &[domain("evil.example")], &[]);
    yields(
        "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = 'evil.example']",
        &[domain("evil.example")],
        &[],
    );
    // Junk under an address type stays an address, so that whoever judges values calls it junk and not a host.
    yields(
        "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = 'evil.example']",
        &[address("evil.example")],
        &[],
    );
    yields(
        "[network-traffic:dst_ref.type = 'mac-addr' AND network-traffic:dst_ref.value = '02:00:00:00:00:01']",
        &[],
        &[OTHER_KIND],
    );
}

#[test]
fn a_domain_with_its_address_is_one_indicator() {
    yields(
        "[domain-name:value = 'evil.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1']",
        &[also(domain("evil.example"), "192.0.2.1")],
        &[],
    );
    yields(
        "[domain-name:resolves_to_refs[0].value = '192.0.2.1' AND domain-name:value = 'evil.example' \
         AND domain-name:x_misp_hostname = 'www']",
        &[also(domain("evil.example"), "192.0.2.1")],
        &[],
    );
    yields(
        "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '192.0.2.1' AND \
         network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = 'evil.example' AND \
         network-traffic:dst_port = 443]",
        &[at_port(also(domain("evil.example"), "192.0.2.1"), 443)],
        &[],
    );
    yields(
        "[url:value = 'http://evil.example/' AND url:x_misp_ip = '192.0.2.1' AND url:x_misp_port = '8080']",
        &[at_port(also(url("http://evil.example/"), "192.0.2.1"), 8080)],
        &[],
    );
    yields("[domain-name:resolves_to_refs[*].value = '192.0.2.1']", &[address("192.0.2.1")], &[]);
    yields(
        "[domain-name:value = 'evil.example' AND network-traffic:dst_port = '8443']",
        &[at_port(domain("evil.example"), 8443)],
        &[],
    );
}

#[test]
fn alternatives_are_several_indicators() {
    let both = [address("192.0.2.1"), address("192.0.2.2")];
    yields("[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2']", &both, &[]);
    yields("[ipv4-addr:value = '192.0.2.1'] OR [ipv4-addr:value = '192.0.2.2']", &both, &[]);
    yields("[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2', '192.0.2.1')]", &both, &[]);
    yields("([ipv4-addr:value in ('192.0.2.1')] or [ipv4-addr:value = '192.0.2.2'])", &both, &[]);
    yields(
        "[(ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2') AND network-traffic:dst_port = 443]",
        &both.clone().map(|one| at_port(one, 443)),
        &[],
    );
    // AND binds closer than OR.
    yields(
        "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2' AND network-traffic:dst_port = 443]",
        &[address("192.0.2.1"), at_port(address("192.0.2.2"), 443)],
        &[],
    );
    yields(
        "[(network-traffic:dst_ref.type = 'ipv4-addr' OR network-traffic:dst_ref.type = 'domain-name') AND \
         network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port IN (80, '443')]",
        &[at_port(address("192.0.2.1"), 80), at_port(address("192.0.2.1"), 443)],
        &[],
    );
}

#[test]
fn several_observables_together_are_none() {
    for pattern in [
        "[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value = '192.0.2.2']",
        "[ipv4-addr:value = '192.0.2.1' AND domain-name:value = 'evil.example']",
        "[ipv4-addr:value = '192.0.2.1'] AND [domain-name:value = 'evil.example']",
        "[ipv4-addr:value = '192.0.2.1' AND file:name = 'x.exe']",
        "[ipv4-addr:value = '192.0.2.1'] AND [file:name = 'x.exe']",
        "[network-traffic:src_ref.value = '192.0.2.1' AND network-traffic:dst_ref.value = '192.0.2.2']",
        "[domain-name:value = 'a.example' AND domain-name:resolves_to_refs[*].value = '192.0.2.1' AND \
         domain-name:resolves_to_refs[*].value = '192.0.2.2']",
        "[ipv4-addr:value = '192.0.2.1' AND domain-name:resolves_to_refs[*].value = '192.0.2.2']",
        "[file:name = 'x.exe' AND domain-name:resolves_to_refs[*].value = '192.0.2.2']",
        "[file:name = 'x.exe' AND email-message:subject = 'x']",
        "[ipv4-addr:value = '192.0.2.1' AND network-traffic:extensions.'http-request-ext'.request_value = '/x']",
    ] {
        yields(pattern, &[], &[SEVERAL]);
    }
    yields("[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value = '192.0.2.1']", &[address("192.0.2.1")], &[]);
}

#[test]
fn what_is_not_understood_is_counted_and_spoils_no_sibling() {
    for (condition, reason) in [
        ("ipv4-addr:value != '192.0.2.1'", "pattern with !="),
        ("ipv4-addr:value NOT = '192.0.2.1'", "pattern with NOT"),
        ("NOT (ipv4-addr:value = '192.0.2.1' OR url:value = 'x')", "pattern with NOT"),
        ("domain-name:value LIKE '%.evil.example'", "pattern with LIKE"),
        ("url:value MATCHES '^http://\\d'", "pattern with MATCHES"),
        ("ipv4-addr:value ISSUPERSET '192.0.2.1/32'", "pattern with ISSUPERSET"),
        ("domain-name:value ISSUBSET 'evil.example'", "pattern with ISSUBSET on a name"),
        ("ipv4-addr:value > '192.0.2.1'", "pattern with < or >"),
        ("ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port >= 1024", "pattern with < or >"),
        ("EXISTS ipv4-addr:value", "pattern with EXISTS"),
        ("ipv4-addr:value = 7", "pattern with a value of the wrong type"),
        ("ipv4-addr:value IN ()", "pattern with an empty IN"),
        (
            "ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = 1 AND network-traffic:dst_port = 2",
            "pattern that contradicts itself",
        ),
        ("file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e'", FILE_HASH),
        ("file:hashes.'SHA-256' = 'x' AND file:size > 7", FILE_HASH),
        ("file:name MATCHES '^a'", FILE_HASH),
        ("NOT EXISTS file:name", FILE_HASH),
        ("email-message:from_ref.value = 'a@evil.example'", EMAIL),
        ("autonomous-system:number = '64496'", OTHER_KIND),
        ("network-traffic:dst_port = 443", OTHER_KIND),
        ("windows-registry-key:key = 'HKLM\\\\x'", OTHER_KIND),
    ] {
        yields(&format!("[{condition}]"), &[], &[reason]);
        yields(&format!("[{condition} OR ipv4-addr:value = '192.0.2.9']"), &[address("192.0.2.9")], &[reason]);
        yields(&format!("[{condition}] OR [ipv4-addr:value = '192.0.2.9']"), &[address("192.0.2.9")], &[reason]);
    }
    yields(
        "[ipv4-addr:value = '192.0.2.1'] FOLLOWEDBY [url:value = 'x'] OR [url:value = 'y']",
        &[],
        &["pattern with FOLLOWEDBY"],
    );
    yields("[file:name = 'x'] AND [file:size = 7]", &[], &[FILE_HASH]);
}

#[test]
fn a_port_that_is_none_is_left_out() {
    for port in ["70000", "-1", "'https'", "443.5", "true"] {
        yields(
            &format!("[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = {port}]"),
            &[address("192.0.2.1")],
            &["port is no number from 0 to 65535 (kept without it)"],
        );
    }
    for port in ["443", "443.0", "'443'", "'443.0'"] {
        yields(
            &format!("[ipv4-addr:value = '192.0.2.1' AND network-traffic:dst_port = {port}]"),
            &[at_port(address("192.0.2.1"), 443)],
            &[],
        );
    }
}

#[test]
fn qualifiers_keep_the_indicator() {
    let one = [address("192.0.2.1")];
    yields("[ipv4-addr:value = '192.0.2.1'] WITHIN 5.5 SECONDS REPEATS 1 TIMES", &one, &[]);
    let repeats = "pattern with REPEATS (kept without it)";
    yields("[ipv4-addr:value = '192.0.2.1'] REPEATS 5 TIMES WITHIN 60 SECONDS", &one, &[repeats]);
    for start in ["t'2025-01-01T00:00:00Z' STOP t'2025-02-01T00:00:00Z'", "'2025-01-01' STOP '2025-02-01'"] {
        let reason = "pattern with START and STOP (kept without it)";
        yields(&format!("([ipv4-addr:value = '192.0.2.1']) START {start}"), &one, &[reason]);
    }
    yields("[file:name = 'x'] REPEATS 5 TIMES", &[], &[FILE_HASH]);
}

#[test]
fn a_product_has_a_bound_and_a_list_has_none() {
    let list = |count: usize| (0..count).map(|n| format!("'198.51.100.{n}'")).collect::<Vec<_>>().join(", ");
    let with_ports = |addresses, ports: &str| {
        let addresses = list(addresses);
        format!("[ipv4-addr:value IN ({addresses}) AND network-traffic:dst_port IN ({ports})]")
    };
    assert_eq!(super::understood(&with_ports(500, "80, 443")).indicators.len(), 1_000);
    yields(&with_ports(501, "80, 443"), &[], &["pattern with more than 1,000 combinations"]);
    assert_eq!(super::understood(&format!("[ipv4-addr:value IN ({})]", list(5_000))).indicators.len(), 5_000);
}
