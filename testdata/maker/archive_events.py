"""The events that every kind of archive holds: three days in July, few enough to know each by name.

The first and last event of every finding falls on a whole second, so that a file that keeps no fraction of a second
still says the same. What the finer forms must get right lies between: `…59.9999999` belongs to the day before midnight
and is cut, not rounded.
"""

import ipaddress
import json
from datetime import datetime, timedelta, timezone

from .rows import Reporter, event, ns

TOR = """# exits, an invented list
198.51.100.7
203.0.113.16/30
2001:db8:5::9
"""

QUOTED = '"C:\\Program Files\\Relay\\relay.exe" --name "Jörg Müller" --note "say ""hi"", then leave" C:\\Temp\\"'
LINES = "python3 -c 'import os\nprint(\"ü, ; | 日本語 😀\")'\r\nexit\t0"
SPACES = "  curl.exe --silent https://relay.example/a?b=c&d=%20  "


def rows():
    """All events in the order of their times. `_late` marks those that are filed under the hour of their delivery."""
    r = Reporter()

    def out(*fields):
        return json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":"))

    def row(time, device, action, remote, port=443, *rest, **more):
        return event(r, f"2026-07-{time}", device, action, remote, port, *rest, **more)

    dns = out(("direction", "Out"), ("query", "www.example.com"), ("qtype_name", "A"), ("answers", '["192.0.2.10"]'))
    web = out(("direction", "In"), ("host", "app.larchfield.example"), ("method", "GET"), ("status_code", "200"))
    tls = out(("direction", "out"), ("version", "TLSv12"), ("server_name", "relay.example"))
    seen = out(("direction", "In"), ("Source Mac", "02-00-5e-10-00-01"), ("Tcp Flags", 2), ("Packet Size", 66))
    user = out(("Sid", "S-1-5-21-1-2-3-1001"), ("Name", "j.pine"), ("PosixUserId", 501))
    posix = (
        f'{{"InitiatingProcessPosixEffectiveUser":{user},"InitiatingProcessCurrentWorkingDirectory":"/Users/j.pine"}}'
    )
    copied = row(
        "18T14:03:07.7654321", "wks-sales-03", "ConnectionSuccess", "198.51.100.7", 9_001, "relay.exe", "c.hazel"
    )
    return [
        row(
            "17T08:15:00",
            "wks-sales-03",
            "ConnectionSuccess",
            "192.0.2.10",
            443,
            "msedge.exe",
            "c.hazel",
            **no_fields(),
        ),
        row(
            "17T12:30:45.25",
            "lap-042",
            "DnsConnectionInspected",
            "192.0.2.53",
            53,
            Protocol="Udp",
            AdditionalFields=dns,
        ),
        row(
            "17T13:00:00",
            "srv-app-02",
            "ListeningConnectionCreated",
            None,
            None,
            "svchost.exe",
            "system",
            **listening(),
        ),
        row(
            "17T16:20:10.5",
            "wks-acc-05",
            "ConnectionSuccess",
            "192.0.2.77",
            80,
            "chrome.exe",
            "b.rowan",
            **no_fields(""),
        ),
        row("17T23:59:58", "wks-sales-03", "ConnectionSuccess", "198.51.100.7", 443, "relay.exe", "c.hazel", QUOTED),
        row("17T23:59:59.9999999", "wks-sales-03", "ConnectionSuccess", "198.51.100.7", 443, "relay.exe", "c.hazel")
        | {"_late": True},
        row(
            "18T00:00:00",
            "wks-sales-03",
            "ConnectionSuccess",
            "::ffff:198.51.100.7",
            443,
            "relay.exe",
            "c.hazel",
            SPACES,
        ),
        row("18T00:00:00.0000001", "lap-042", "ConnectionSuccess", "192.0.2.11", 443, "Teams.exe", "d.alder"),
        row("18T09:09:00.73", "wks-hr-02", "ConnectionSuccess", "198.51.100.70", 443, "msedge.exe", "e.linden"),
        row(
            "18T13:58:42",
            "lap-017",
            "ConnectionSuccess",
            "2001:DB8:5:0:0:0:0:9",
            443,
            "python3.exe",
            "jörg.müller",
            LINES,
        )
        | {"_late": True},
        row("18T14:00:54.1234567", "lap-017", "ConnectionSuccess", "2001:db8:5::9", 443, "python3.exe", "jörg.müller")
        | {"RemoteUrl": "https://relay.example/"},
        row("18T14:02:30", "lap-017", "ConnectionFailed", "2001:db8:5::9", 9_050, "python3.exe", "jörg.müller"),
        copied,
        copied | {},
        row(
            "18T14:04:59",
            "wks-sales-03",
            "ConnectionSuccessAggregatedReport",
            "198.51.100.7",
            443,
            "relay.exe",
            "c.hazel",
        )
        | {"AdditionalFields": '{"uniqueEventsAggregated":"12"}'},
        row("18T14:31:00", "wks-lab-07", "ConnectionFailed", "203.0.113.16", 443, "powershell.exe", "f.willow"),
        row("18T15:00:00", "srv-app-02", "HttpConnectionInspected", "198.51.100.7", 50_311, **inspected(web, 80)),
        row("18T15:00:01", "srv-app-02", "SslConnectionInspected", "203.0.113.19", 443, **inspected(tls)),
        row("18T23:59:59", "srv-vpn-01", "InboundConnectionAccepted", "203.0.113.17", 50_211, "svchost.exe", "system")
        | {"LocalPort": 3_389, "AdditionalFields": None},
        row("19T00:00:01", "srv-vpn-01", "InboundConnectionAccepted", "203.0.113.17", 50_212, "svchost.exe", "system")
        | {"LocalPort": 3_389, "AdditionalFields": ""},
        row("19T03:14:15", "srv-app-01", "NetworkSignatureInspected", "203.0.113.18", 443)
        | {
            "AdditionalFields": '{"SignatureName":"HTTP_Client","SignatureMatchedContent":"GET%20%2F"}',
            "Protocol": None,
        },
        row("19T09:00:00.1", "wks-hr-02", "ConnectionAttempt", "192.0.2.200", 46_112, **inspected(seen, 443)),
        row("19T10:10:10.1010101", "wks-mkt-01", "ConnectionFound", "-", 443, "msedge.exe", "g.aspen"),
        row("19T18:00:00.1234567", "mac-design-02", "ConnectionRequest", "2001:db8:7::1", 443, "Safari", "j.pine")
        | {"AdditionalFields": posix},
        # Broken JSON in the column decides nothing and is no broken record.
        row("19T21:00:00", "wks-acc-05", "InboundInternetScanInspected", "192.0.2.99", 40_001)
        | {"LocalPort": 443, "AdditionalFields": '{"PublicScannedPort":"443","PublicSc'},
        row(
            "19T23:59:59",
            "mac-design-02",
            "ConnectionRequest",
            "2001:db8:5::9",
            443,
            "curl",
            "j.pine",
            "curl -s relay.example",
        )
        | {"AdditionalFields": posix},
    ]


def no_fields(value=None):
    return {"AdditionalFields": value}


def listening():
    return {"LocalPort": 5_040, "Protocol": "TcpV4", "RemoteIPType": None, "LocalIPType": None}


def inspected(fields, local=None):
    more = {"AdditionalFields": fields, "RemoteIPType": None, "LocalIPType": None}
    return more | ({"LocalPort": local} if local else {})


def cut_off():
    """A hit of a device and an address that no other event joins. A blob has only the beginning of its line: it is none."""
    row = event(
        Reporter(), "2026-07-18T14:59:00", "wks-lab-07", "ConnectionSuccess", "203.0.113.18", 443, "a.exe", "ann"
    )
    return row | {"ReportId": 9_999}


# As text in a re-saved CSV, with the instants that the two orders give it.
AMBIGUOUS = ["05/06/2026 10:00:00", "06/06/2026 08:30:00", "07/05/2026 23:59:59", "12/01/2026 00:00:00"]


def ambiguous():
    """Events on days that are also months; `_text` is what the file says, and Timestamp is still to be set."""
    r = Reporter()
    return [
        event(r, None, "wks-sales-03", "ConnectionSuccess", "198.51.100.7", 443, "relay.exe", "c.hazel", _text=text)
        for text in AMBIGUOUS
    ]


def deciding():
    """An event that matches nothing, on a day that is no month."""
    r = Reporter()
    row = event(r, None, "lap-042", "ConnectionSuccess", "192.0.2.11", 443, "Teams.exe", "d.alder")
    return row | {"_text": "25/05/2026 12:00:00"}


def instant(text, form):
    """A text of the re-saved kind as nanoseconds."""
    at = datetime.strptime(text, f"{form} %H:%M:%S").replace(tzinfo=timezone.utc)
    return (at - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(seconds=1) * 10**9


# A time as text and the same, in UTC and in the rows' own spelling.
SPELLINGS = [
    ("2026-07-18T14:00:00Z", "2026-07-18T14:00:00"),
    ("2026-07-18T14:00:00.1Z", "2026-07-18T14:00:00.1"),
    ("2026-07-18T14:00:00.730Z", "2026-07-18T14:00:00.73"),
    ("2026-07-18T14:00:00.123456Z", "2026-07-18T14:00:00.123456"),
    ("2026-07-18T14:00:00.9999999Z", "2026-07-18T14:00:00.9999999"),
    ("2026-07-18T14:00:00.123456789Z", "2026-07-18T14:00:00.123456789"),
    ("2026-07-18T14:00:00.1234567+00:00", "2026-07-18T14:00:00.1234567"),
    ("2026-07-18T16:00:00.5+02:00", "2026-07-18T14:00:00.5"),
    ("2026-07-17T22:30:00-03:30", "2026-07-18T02:00:00"),
    ("2026-07-18 14:00:00.25", "2026-07-18T14:00:00.25"),
    ("2026-07-18T14:00:00.1234567", "2026-07-18T14:00:00.1234567"),
]


def spelled():
    """One device for each spelling of a time; `_text` is the spelling."""
    r = Reporter()
    return [
        event(r, utc, f"wks-time-{n:02d}", "ConnectionSuccess", "198.51.100.7", 443, "a.exe", "ann", _text=text)
        for n, (text, utc) in enumerate(SPELLINGS, 1)
    ]


def check(events):
    """What the module's first lines promise, of the events themselves."""
    hits = {}
    listed = [ipaddress.ip_network(line) for line in TOR.splitlines() if not line.startswith("#")]
    for one in events:
        try:
            address = ipaddress.ip_address(one["RemoteIP"] or "")
        except ValueError:
            continue
        address = getattr(address, "ipv4_mapped", None) or address
        if any(address in prefix for prefix in listed):
            hits.setdefault((one["DeviceName"], address), []).append(one["Timestamp"])
    for key, times in hits.items():
        if min(times) % 10**9 or max(times) % 10**9:
            raise SystemExit(f"{key}: its first or last event does not fall on a whole second")
    if [e["Timestamp"] for e in events] != sorted(e["Timestamp"] for e in events) or events[-1]["Timestamp"] < ns(
        "2026-07-19T00:00:00"
    ):
        raise SystemExit("the events are not in the order of their times")
