"""Small fixtures of each hunt: what it must find, and near misses that it must not."""

from dataclasses import replace

from .forms import FORMS, write
from .rows import Reporter, event

TOR = """# exits, an invented list
198.51.100.7
198.51.100.8
203.0.113.16/30
2001:db8:5::9
2001:db8:6::/48
"""

INTEL_OF_TOR = """Indicator,IndicatorType,ConfidenceScore,ThreatType,TlpLevel,Tags
198.51.100.7,IP,79,C2,amber,loader
198.51.100.7,IP,80,C2,amber,loader
198.51.100.0/28,IP,20,hosting,white,
2001:0DB8:0005::9,IP,,botnet,green,
192.0.2.99,IP,100,C2,red,not on the Tor list
"""

INTEL = """Indicator,IndicatorType,ConfidenceScore,ThreatType,TlpLevel,Tags
192.0.2.99,IP,85,C2,amber,loader
::ffff:192.0.2.98,IP,60,C2,amber,loader
203.0.113.16/30,IP,55,hosting,white,
203.0.113.17,DomainName,30,scanner,white,the type is advice and the value decides
2001:DB8:9:0:0:0:0:1,IP,,botnet,green,
bad.example.org,DomainName,99,C2,red,
"""


def make(root):
    for hunt, kind, form, rows, tor, intel in [
        (
            "tor_exit",
            "must_hit",
            replace(FORMS["iso"], direction_column=True, codec="snappy"),
            tor_hits(),
            TOR,
            INTEL_OF_TOR,
        ),
        ("tor_exit", "must_miss", FORMS["xdr"], misses("198.51.100.7", "203.0.113.16"), TOR, INTEL_OF_TOR),
        ("intel_ip", "must_hit", FORMS["ns"], intel_hits(), None, INTEL),
        ("intel_ip", "must_miss", FORMS["xdr"], misses("192.0.2.99", "203.0.113.16"), None, INTEL),
    ]:
        folder = root / hunt / kind
        write(folder / "events.parquet", rows, form)
        (folder / "intel.csv").write_text(intel, encoding="utf-8", newline="\n")
        if tor:
            (folder / "tor.txt").write_text(tor, encoding="utf-8", newline="\n")


def tor_hits():
    r = Reporter()

    def row(second, device, remote, action="ConnectionSuccess", port=443, process="a.exe", account="ann", **more):
        return event(
            r,
            f"2026-03-0{1 + second // 60}T10:00:{second % 60:02d}.1234567",
            device,
            action,
            remote,
            port,
            process,
            account,
            **more,
        )

    copied = row(10, "wks-1", "198.51.100.7")
    unnumbered = row(11, "wks-1", "198.51.100.7", ReportId=None)
    shouted = row(12, "wks-1", "198.51.100.7") | {"DeviceName": "WKS-1.larchfield.example"}
    return [
        copied,
        copied | {},
        # Without a ReportId two rows cannot be known for copies: both count.
        unnumbered,
        unnumbered | {},
        shouted,
        row(13, "wks-1", "::ffff:198.51.100.7", process="b.exe", account="bob", port=8_443),
        row(75, "wks-1", " 198.51.100.7 ", "ConnectionFailed"),
        row(
            76,
            "wks-1",
            "198.51.100.7",
            "ConnectionSuccessAggregatedReport",
            AdditionalFields='{"uniqueEventsAggregated":"5"}',
        ),
        # The column of a pipeline beats the ActionType; any other word in it decides nothing.
        row(14, "wks-2", "198.51.100.8", ConnectionDirection="INBOUND", LocalPort=3_389),
        row(15, "wks-2", "198.51.100.8", ConnectionDirection="sideways", LocalPort=1_080),
        row(
            16,
            "wks-2",
            "198.51.100.8",
            "HttpConnectionInspected",
            AdditionalFields='{"direction":"in"}',
            process=None,
            LocalPort=80,
        ),
        row(17, "wks-2", "198.51.100.8", "SomethingNew", LocalPort=50_000),
        # First and last address of the /30; a port that is text and one that is no port.
        row(18, "wks-3", "203.0.113.16", port="443.0"),
        row(19, "wks-3", "203.0.113.19", port="70000"),
        row(20, "wks-3", "203.0.113.19", port=None),
        row(21, "wks-4", "2001:0DB8:0005:0000:0000:0000:0000:0009"),
        row(22, "wks-4", "2001:db8:5::9%eth0"),
        row(23, "wks-4", "2001:db8:6:ffff::1"),
        # No name: null and empty are the same device.
        row(24, "wks-5", "198.51.100.8") | {"DeviceName": None},
        row(25, "wks-5", "198.51.100.8") | {"DeviceName": ""},
    ]


def intel_hits():
    r = Reporter()

    def row(second, device, remote, action="ConnectionSuccess", port=443, **more):
        return event(
            r, f"2026-03-01T10:00:{second:02d}.123456789", device, action, remote, port, "a.exe", "ann", **more
        )

    return [
        row(1, "wks-1", "192.0.2.99"),
        row(2, "wks-1", "192.0.2.99", "ConnectionFailed"),
        row(3, "wks-1", "192.0.2.99", "InboundConnectionAccepted", port=50_123, LocalPort=443),
        row(4, "wks-1", "192.0.2.98"),
        row(5, "wks-2", "203.0.113.17"),
        row(6, "wks-2", "203.0.113.17"),
        row(7, "wks-2", "203.0.113.19", "ConnectionFound"),
        row(8, "wks-3", "2001:db8:9::1"),
        row(9, "wks-3", "192.0.2.97"),
    ]


def misses(address, network):
    """Rows that a comparison of text, of neighbours or of other columns would find. `network` begins a listed /30."""
    r = Reporter()
    host, last = address.rsplit(".", 1)
    outside, first = network.rsplit(".", 1)
    texts = [
        f"{address}:443",
        f"[{address}]",
        f"{host}.0{last}",
        f"{address}.",
        f"{address}/32",
        f"{address}%eth0",
        f"::{address}",
        f"64:ff9b::{address}",
        "[2001:db8:5::9]",
        f"{host}.{int(last) + 90}",
        f"{outside}.{int(first) - 1}",
        f"{outside}.{int(first) + 4}",
        f"{outside}.{first}0",
        "2001:db8:5::90",
        "2001:db8:7::1",
        "-",
        "",
        None,
    ]
    rows = [
        event(r, f"2026-03-02T08:00:{n:02d}", "wks-9", "ConnectionSuccess", text, 443, "a.exe", "ann")
        for n, text in enumerate(texts)
    ]
    near = f"https://{address}/"
    rows += [
        event(r, "2026-03-02T08:01:00", "wks-9", "ConnectionSuccess", "192.0.2.1", 443, "a.exe", "ann", RemoteUrl=near),
        event(r, "2026-03-02T08:01:01", "wks-9", "ConnectionSuccess", "192.0.2.1", 443, "a.exe", "ann", f"curl {near}"),
        event(
            r,
            "2026-03-02T08:01:02",
            "wks-9",
            "InboundConnectionAccepted",
            "192.0.2.1",
            50_000,
            "a.exe",
            "ann",
            LocalIP=address,
        ),
        event(
            r, "2026-03-02T08:01:03", "wks-9", "ListeningConnectionCreated", None, None, "a.exe", "ann", LocalIP=address
        ),
        # On the list, but nobody can say when.
        event(r, None, "wks-9", "ConnectionSuccess", address, 443, "a.exe", "ann"),
    ]
    return rows
