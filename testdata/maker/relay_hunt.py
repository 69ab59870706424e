"""Fixtures of `tor_relay`: three invented Onionoo documents, a MISP event, and events on guards, middles and exits."""

import json

from .forms import FORMS, write
from .hunts import misses
from .rows import Reporter, event, fake_hex

GUARD, GUARD_V6, MIDDLE, EXIT, SCANNED = "198.51.100.7", "2001:db8:5::7", "198.51.100.20", "203.0.113.9", "203.0.113.10"
BOTH, GONE, DOWN, BRIDGE = "203.0.113.30", "198.51.100.66", "198.51.100.77", "10.20.30.40"

# The days of the documents; GONE is only in the first.
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]


def make(root):
    hit, miss = root / "tor_relay" / "must_hit", root / "tor_relay" / "must_miss"
    write(hit / "events.parquet", hits(), FORMS["xdr"])
    write(miss / "events.parquet", near_misses(), FORMS["ns"])
    for folder in (hit, miss):
        (folder / "tor").mkdir(parents=True, exist_ok=True)
        for day in DAYS:
            save(folder / "tor" / f"details-{day}.json", details(day))
        (folder / "intel").mkdir(parents=True, exist_ok=True)
        save(folder / "intel" / "misp-event.json", intel())
    lines = "".join(json.dumps(found) + "\n" for found in expected())
    (hit / "expected.ndjson").write_text(lines, encoding="utf-8", newline="\n")


def save(path, document):
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8", newline="\n")


def details(day):
    def relay(name, addresses, *flags, exits=(), running=True):
        one = {
            "nickname": name,
            "fingerprint": fake_hex(f"relay {name}", 40).upper(),
            "or_addresses": addresses,
            "running": running,
            "flags": sorted({*flags, "Running", "Valid"}) if running else ["Valid"],
        }
        return one | ({"exit_addresses": list(exits)} if exits else {})

    relays = [
        relay("larchguard", [f"{GUARD}:9001", f"[{GUARD_V6}]:9001"], "Fast", "Guard"),
        relay("larchmiddle", [f"{MIDDLE}:443"], "Fast"),
        relay("larchexit", [f"{EXIT}:9001"], "Exit", "Fast", exits=[SCANNED]),
        relay("larchboth", [f"{BOTH}:8443"], "Exit", "Guard"),
        relay("larchdown", [f"{DOWN}:9001"], running=False),
    ]
    if day == DAYS[0]:
        relays.append(relay("larchgone", [f"{GONE}:9001"], "Guard"))
    bridge = {"nickname": "larchbridge", "hashed_fingerprint": "00" * 20, "or_addresses": [f"{BRIDGE}:443"]}
    return {
        "version": "8.0",
        "relays_published": f"{day} 00:00:00",
        "relays": relays,
        "bridges_published": f"{day} 00:00:00",
        "bridges": [bridge],
    }


def intel():
    attribute = {
        "uuid": "0c7c1d3a-2f0b-4a52-9d57-000000000001",
        "type": "ip-dst|port",
        "category": "Network activity",
        "value": f"{BOTH}|8443",
        "to_ids": False,
        "timestamp": "1767225600",
        "Tag": [{"name": 'misp:confidence-level="usually-confident"'}, {"name": "tlp:green"}],
    }
    event_of_misp = {
        "uuid": "0c7c1d3a-2f0b-4a52-9d57-0000000000aa",
        "info": "an invented loader",
        "date": "2026-01-01",
        "Orgc": {"name": "Larchfield CERT"},
        "Attribute": [attribute],
    }
    return {"Event": event_of_misp}


def hits():
    r = Reporter()

    def row(time, device, remote, port, action="ConnectionSuccess", process="a.exe", **more):
        return event(r, f"2026-03-{time}", device, action, remote, port, process, "ann", **more)

    return [
        # The OR port and another one: the better sign stands.
        row("01T10:00:00.25", "wks-1", GUARD, 9_001, process="tor.exe"),
        row("02T10:00:00.25", "wks-1", GUARD, 443, "ConnectionFailed", process="tor.exe"),
        row("02T10:01:00", "wks-2", GUARD, 443),
        row("02T10:02:00", "wks-2", f"::ffff:{GUARD}", None),
        row("02T10:03:00", "wks-2", "2001:0DB8:0005:0000:0000:0000:0000:0007", 9_001),
        row("02T10:04:00", "wks-3", MIDDLE, 443, "ConnectionAttempt"),
        row("02T10:05:00", "wks-4", EXIT, 9_001),
        # Where the exit was seen from: no OR port is known for it.
        row("02T10:06:00", "wks-4", SCANNED, 9_001),
        row("02T10:07:00", "wks-5", BOTH, 8_443),
        # Gone from the second list on, but within a day of the first.
        row("01T20:00:00", "wks-6", GONE, 9_001),
        row(
            "02T10:08:00",
            "wks-7",
            GUARD,
            9_001,
            "SslConnectionInspected",
            process=None,
            AdditionalFields='{"direction":"Out","server_name":"www.larch.example"}',
        ),
    ]


def near_misses():
    r = Reporter()

    def row(time, remote, action, port=9_001, **more):
        return event(r, f"2026-03-{time}", "wks-9", action, remote, port, "a.exe", "ann", **more)

    return [
        *misses(GUARD, "203.0.113.16"),
        # From a relay, or nobody can say from where to where: nothing that a client does.
        row("02T10:00:00", GUARD, "InboundConnectionAccepted", 50_000, LocalPort=443),
        row("02T10:00:01", EXIT, "HttpConnectionInspected", 443, AdditionalFields='{"direction":"In"}'),
        row("02T10:00:02", MIDDLE, "ConnectionFound"),
        row("02T10:00:03", BOTH, "InboundConnectionAcknowledged"),
        # The list of the day before held it; that of this day does not, and 24 hours are over.
        row("02T12:00:00", GONE, "ConnectionSuccess"),
        row("03T00:00:00", GONE, "ConnectionSuccess"),
        # Listed as not running, and a bridge's disguise.
        row("02T10:00:04", DOWN, "ConnectionSuccess"),
        row("02T10:00:05", BRIDGE, "ConnectionSuccess", 443),
    ]


def expected():
    """By hand, in the order of a report: HIGH first, then by Count, then by time."""
    both = {
        "TI_Hit": f"{BOTH}",
        "TI_Confidence": 75.0,
        "TI_Type": "Network activity",
        "TI_Validity": "valid at event",
    }
    told = [
        ("wks-5", BOTH, "02T10:07:00.000000", 1, "HIGH", "exit, guard", "OR port", both),
        ("wks-1", GUARD, "01T10:00:00.250000", 2, "MEDIUM", "guard", "OR port", {"FailedCount": 1, "DaysActive": 2}),
        ("wks-2", GUARD, "02T10:01:00.000000", 2, "MEDIUM", "guard", "another port", {}),
        ("wks-6", GONE, "01T20:00:00.000000", 1, "MEDIUM", "guard", "OR port", {"TorEvidence": "within tolerance"}),
        ("wks-2", GUARD_V6, "02T10:03:00.000000", 1, "MEDIUM", "guard", "OR port", {}),
        ("wks-3", MIDDLE, "02T10:04:00.000000", 1, "MEDIUM", "middle", "OR port", {}),
        ("wks-4", EXIT, "02T10:05:00.000000", 1, "MEDIUM", "exit", "OR port", {}),
        ("wks-4", SCANNED, "02T10:06:00.000000", 1, "MEDIUM", "exit", "not known", {}),
        ("wks-7", GUARD, "02T10:08:00.000000", 1, "MEDIUM", "guard", "OR port", {}),
    ]
    return [
        {
            "DeviceName": f"{device}.larchfield.example",
            "RemoteIP": address,
            "Direction": "Outbound to Tor",
            "FirstSeen": f"2026-03-{first}Z",
            "Count": count,
            "RiskLevel": level,
            "TorRole": role,
            "TorEvidence": "inside",
            "TorSeenFrom": f"{DAYS[0]}T00:00:00.000000Z",
            "TorSeenTo": f"{DAYS[0] if address == GONE else DAYS[-1]}T00:00:00.000000Z",
            "TI_Hit": None,
            "TorPort": port,
        }
        | more
        for device, address, first, count, level, role, port, more in told
    ]
