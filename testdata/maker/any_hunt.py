"""Fixtures of `intel_any`: an invented STIX 2.1 bundle, an invented MISP event, and events that name what they list."""

import json
from datetime import datetime, timezone

from .forms import FORMS, write
from .relay_hunt import save
from .rows import Reporter, event, fake_hex

OBJECT = "https://files.example.net/drop/stage2.bin"
RED, GREEN, AMBER = "tlp:red", "tlp:green", "tlp:amber"
# Marking definitions that every publisher refers to by these ids.
MARKINGS = {
    GREEN: "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
    AMBER: "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    RED: "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}


def make(root):
    hit, miss = root / "intel_any" / "must_hit", root / "intel_any" / "must_miss"
    write(hit / "events.parquet", hits(), FORMS["iso"])
    write(miss / "events.parquet", near_misses(), FORMS["xdr"])
    for folder in (hit, miss):
        (folder / "intel").mkdir(parents=True, exist_ok=True)
        save(folder / "intel" / "bundle.json", bundle())
        save(folder / "intel" / "misp-event.json", misp())
    lines = "".join(json.dumps(found) + "\n" for found in expected())
    (hit / "expected.ndjson").write_text(lines, encoding="utf-8", newline="\n")


def stix_id(kind, name):
    digits = fake_hex(f"any {name}", 32)
    return f"{kind}--{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def bundle():
    publisher = {
        "type": "identity",
        "spec_version": "2.1",
        "id": stix_id("identity", "publisher"),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "Larchfield Exchange",
        "identity_class": "organization",
    }

    def one(name, pattern, confidence=None, until=None, marking=AMBER, **more):
        indicator = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": stix_id("indicator", name),
            "created": "2026-01-10T00:00:00.000Z",
            "modified": "2026-01-10T00:00:00.000Z",
            "created_by_ref": publisher["id"],
            "name": name,
            "indicator_types": ["malicious-activity"],
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2026-01-10T00:00:00Z",
            "object_marking_refs": [MARKINGS[marking]],
        }
        if confidence is not None:
            indicator["confidence"] = confidence
        if until:
            indicator["valid_until"] = until
        return indicator | more

    indicators = [
        one("landing page", "[domain-name:value = 'Evil.Example']", 85),
        one("second stage", f"[url:value = '{OBJECT}']", 60, marking=GREEN),
        one("old relay", "[ipv4-addr:value = '198.51.100.80']", 40, "2026-02-01T00:00:00Z"),
        one(
            "pair",
            "[domain-name:value = 'pair.example' AND domain-name:resolves_to_refs[*].value = '203.0.113.55']",
            70,
        ),
        one("range", "[ipv4-addr:value ISSUBSET '203.0.113.64/28' OR domain-name:value = 'range.example']"),
        one("below", "[domain-name:value = 'cdn.below.example']", 70),
        # Nothing but its description says that it was wrong.
        one(
            "mistaken",
            "[ipv4-addr:value = '198.51.100.82' OR domain-name:value = 'mistaken.example']",
            90,
            description="Confidence: 90; State: falsepos;",
        ),
        # Withdrawn with and without an end.
        one("withdrawn", "[ipv4-addr:value = '198.51.100.81']", 95, revoked=True),
        one("ended", "[domain-name:value = 'ended.example']", 95, "2026-03-02T12:00:00Z", revoked=True),
    ]
    return {"type": "bundle", "id": stix_id("bundle", "all"), "objects": [publisher, *indicators]}


def misp():
    def attribute(number, kind, value, *tags, to_ids=True, **more):
        return {
            "uuid": f"5d0e4bb1-93b4-4d3e-8c0e-{number:012d}",
            "type": kind,
            "category": "Network activity",
            "value": value,
            "to_ids": to_ids,
            "deleted": False,
            "timestamp": str(int(datetime(2026, 1, 15, tzinfo=timezone.utc).timestamp())),
            "Tag": [{"name": tag} for tag in tags],
        } | more

    usually, rarely = 'misp:confidence-level="usually-confident"', 'misp:confidence-level="rarely-confident"'
    attributes = [
        attribute(1, "ip-dst|port", "198.51.100.90|8443", RED, 'misp:confidence-level="completely-confident"'),
        attribute(2, "domain", "tunnel.example", usually, to_ids=False),
        attribute(3, "hostname", "panel.hosting.example"),
        attribute(4, "domain", "front.example", rarely, first_seen="2026-03-05T00:00:00.000000+00:00"),
        attribute(5, "ip-dst", "198.51.100.91", deleted=True),
        attribute(6, "domain", "taken-back.example", deleted=True),
        attribute(7, "sha256", fake_hex("any file", 64)),
    ]
    objects = [{"name": "domain-ip", "Attribute": [attribute(8, "ip-dst", "2001:DB8:9::/48", "tlp:white")]}]
    told = {
        "uuid": "5d0e4bb1-93b4-4d3e-8c0e-0000000000aa",
        "info": "an invented intrusion set",
        "date": "2026-01-14",
        "Orgc": {"name": "Larchfield CERT"},
        "Tag": [{"name": GREEN}],
        "Attribute": attributes,
        "Object": objects,
    }
    return {"response": [{"Event": told}]}


def fields(**members):
    return json.dumps(members)


def hits():
    r = Reporter()

    def row(second, device, remote, action="ConnectionSuccess", port=443, process="a.exe", **more):
        time = f"2026-03-02T10:{second // 60:02d}:{second % 60:02d}"
        return event(r, time, device, action, remote, port, process, "ann" if process else None, **more)

    return [
        # The domain itself, a subdomain, and a URL below it.
        row(1, "wks-1", "192.0.2.10", RemoteUrl="evil.example"),
        row(2, "wks-1", "192.0.2.10", RemoteUrl="www.EVIL.example."),
        row(3, "wks-1", "192.0.2.10", "ConnectionFailed", RemoteUrl="https://a.b.evil.example:8443/x"),
        # Names that only inspected connections tell.
        row(
            4,
            "wks-2",
            "192.0.2.11",
            "HttpConnectionInspected",
            80,
            None,
            AdditionalFields=fields(direction="Out", host="panel.hosting.example", method="GET", uri="/"),
        ),
        row(
            5,
            "wks-2",
            "192.0.2.53",
            "DnsConnectionInspected",
            53,
            None,
            AdditionalFields=fields(direction="Out", query="x7.t.tunnel.example", qtype_name="TXT"),
        ),
        row(
            6,
            "wks-2",
            "192.0.2.12",
            "SslConnectionInspected",
            443,
            None,
            AdditionalFields=fields(direction="Out", server_name="front.example"),
        ),
        # A URL is compared with its path, whatever its scheme and fragment.
        row(7, "wks-3", "192.0.2.13", RemoteUrl="http://FILES.example.net/drop/stage2.bin#now"),
        # Address and port: the port is told and asks for nothing.
        row(8, "wks-4", "198.51.100.90", port=8_443),
        row(9, "wks-5", "198.51.100.90", port=443),
        row(10, "wks-5", "198.51.100.90", "InboundConnectionAccepted", 50_111, LocalPort=8_443),
        # Expired, and an AND of a domain and its address that both hold.
        row(11, "wks-6", "198.51.100.80"),
        row(12, "wks-6", "203.0.113.55", RemoteUrl="https://pair.example/login"),
        row(13, "wks-6", "203.0.113.79", "ConnectionFound"),
        row(14, "wks-6", "2001:db8:9:ffff::1"),
        # Retired later, but in use at this time.
        row(15, "wks-7", "192.0.2.14", RemoteUrl="ended.example"),
        # Two indicators on one event, in two fields.
        row(16, "wks-8", "203.0.113.64", RemoteUrl="evil.example"),
        # The address is unreadable and the name is not.
        row(17, "wks-9", None, RemoteUrl="range.example"),
    ]


def near_misses():
    r = Reporter()

    def row(second, remote, action="ConnectionSuccess", port=443, day="02", **more):
        return event(r, f"2026-03-{day}T12:00:{second:02d}", "wks-9", action, remote, port, "a.exe", "ann", **more)

    inspected = "HttpConnectionInspected"
    names = [
        "notevil.example",
        "evil.example.org",
        "evil-example.net",
        "example",
        "evil",
        "https://good.example/?next=https://evil.example/",
        "https://evil.example@good.example/",
        "good.example/evil.example",
        # The parent of an indicator, and its sibling.
        "below.example",
        "www.below.example",
        "hosting.example",
        # A URL indicator is no indicator on its host, on its folder or on a longer path.
        "files.example.net",
        "https://files.example.net/",
        "https://files.example.net/drop/",
        "https://files.example.net/drop/stage2.bin.txt",
        "https://files.example.net/DROP/stage2.bin",
        "https://files.example.net:8443/drop/stage2.bin",
        "https://files.example.net/drop/stage2.bin?v=2",
        "taken-back.example",
        "mistaken.example",
        "ended.example",
        # Both halves of an AND are needed.
        "pair.example",
        "",
        "-",
    ]
    rows = [row(n, "192.0.2.20", RemoteUrl=name) for n, name in enumerate(names)]
    rows += [
        row(30, "203.0.113.55", RemoteUrl="other.example"),
        row(31, "198.51.100.91"),
        row(32, "198.51.100.81"),
        row(43, "198.51.100.82"),
        row(33, "203.0.113.63"),
        row(34, "203.0.113.80"),
        row(35, "2001:db8:a::1"),
        row(36, "198.51.100.90:8443"),
        # Names in other members, and in JSON that is none.
        row(37, "192.0.2.21", inspected, AdditionalFields=fields(direction="Out", host="notevil.example")),
        row(38, "192.0.2.21", inspected, AdditionalFields=fields(direction="Out", referrer="http://evil.example/")),
        row(39, "192.0.2.21", inspected, AdditionalFields=fields(direction="Out", user_agent="evil.example")),
        row(40, "192.0.2.21", inspected, AdditionalFields='{"host":"evil.example"'),
        row(41, "192.0.2.21", inspected, AdditionalFields=fields(details={"host": "evil.example"})),
        row(42, "192.0.2.21", "DnsConnectionInspected", 53, AdditionalFields=fields(query="example")),
        event(
            r, "2026-03-02T12:01:00", "wks-9", "ConnectionSuccess", "192.0.2.21", 443, "a.exe", "ann", "evil.example"
        ),
        # A name that is listed, and no time.
        event(r, None, "wks-9", "ConnectionSuccess", "192.0.2.21", 443, "a.exe", "ann", RemoteUrl="evil.example"),
    ]
    return rows


def expected():
    """By hand, in the order of a report."""
    out, into, unknown = "Outbound", "Inbound", "Unknown direction"
    at, after, before = "valid at event", "published after event", "expired before event"
    # device, address, direction, second, count, level, indicator, confidence, validity
    told = [
        ("wks-1", "192.0.2.10", out, 1, 3, "CRITICAL", "Evil.Example", 85.0, at),
        ("wks-4", "198.51.100.90", out, 8, 1, "CRITICAL", "198.51.100.90", 100.0, at),
        ("wks-5", "198.51.100.90", out, 9, 1, "CRITICAL", "198.51.100.90", 100.0, at),
        ("wks-5", "198.51.100.90", into, 10, 1, "CRITICAL", "198.51.100.90", 100.0, at),
        ("wks-7", "192.0.2.14", out, 15, 1, "CRITICAL", "ended.example", 95.0, at),
        ("wks-8", "203.0.113.64", out, 16, 1, "CRITICAL", "Evil.Example", 85.0, at),
        ("wks-2", "192.0.2.11", out, 4, 1, "HIGH", "panel.hosting.example", None, at),
        ("wks-2", "192.0.2.53", out, 5, 1, "HIGH", "tunnel.example", 75.0, at),
        ("wks-2", "192.0.2.12", out, 6, 1, "HIGH", "front.example", 25.0, after),
        ("wks-3", "192.0.2.13", out, 7, 1, "HIGH", OBJECT, 60.0, at),
        ("wks-6", "198.51.100.80", out, 11, 1, "HIGH", "198.51.100.80", 40.0, before),
        ("wks-6", "203.0.113.55", out, 12, 1, "HIGH", "pair.example", 70.0, at),
        ("wks-6", "203.0.113.79", unknown, 13, 1, "HIGH", "203.0.113.64/28", None, at),
        ("wks-6", "2001:db8:9:ffff::1", out, 14, 1, "HIGH", "2001:DB8:9::/48", None, at),
        ("wks-9", None, out, 17, 1, "HIGH", "range.example", None, at),
    ]
    return [
        {
            "DeviceName": f"{device}.larchfield.example",
            "RemoteIP": address,
            "Direction": direction,
            "FirstSeen": f"2026-03-02T10:00:{second:02d}.000000Z",
            "Count": count,
            "RiskLevel": level,
            "TI_Hit": hit,
            "TI_Confidence": confidence,
            "TI_Validity": validity,
            "TI_Matches": matches(second),
        }
        for device, address, direction, second, count, level, hit, confidence, validity in told
    ]


def matches(second):
    """What TI_Matches says of the event of that second: field, kind, the publisher's mark, its port, its TLP level."""
    address, url = ("RemoteIP", "address", None), ("RemoteUrl", "domain", None)
    told = {
        4: [("AdditionalFields.host", "domain", True, None, "green")],
        5: [("AdditionalFields.query", "domain", False, None, "green")],
        6: [("AdditionalFields.server_name", "domain", True, None, "green")],
        7: [("RemoteUrl", "url", None, None, "green")],
        8: [("RemoteIP", "address", True, "same", "red")],
        9: [("RemoteIP", "address", True, "other", "red")],
        10: [("RemoteIP", "address", True, "other", "red")],
        11: [(*address, None, "amber")],
        13: [("RemoteIP", "prefix", None, None, "amber")],
        14: [("RemoteIP", "prefix", True, None, "clear")],
        16: [(*url, None, "amber"), ("RemoteIP", "prefix", None, None, "amber")],
    }
    names = ("field", "Kind", "to_ids", "port", "TLP")
    return [dict(zip(names, one, strict=True)) for one in told.get(second, [(*url, None, "amber")])]
