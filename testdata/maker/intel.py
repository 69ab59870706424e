"""The demo's indicators and exclusions.

The Sentinel tables are append-only logs: an indicator is republished every week and only its newest row counts.
"""

import base64
import json

import pyarrow as pa
import pyarrow.parquet as pq

from .rows import fake_hex, ns

PLAIN_CSV = """Indicator,IndicatorType,ConfidenceScore,ThreatType,TlpLevel,Tags
198.51.100.23,IP,80,C2,amber,"3cx,supply-chain"
198.51.100.150,IP,90,anonymization,white,"tor,tor-exit-node"
192.0.2.66,IP,85,C2,green,loader
avsvmlook.example,DomainName,95,C2,white,sunburst
https://pbx-status.example.org/gate.php,URL,70,C2,white,3cx
198.51.100.23,IP,40,scanner,white,
not an indicator,IP,10,,,
10.9.8.7,IP,60,C2,white,
"""

EXCLUDE_CSV = """DeviceName,RemoteIP,Process,Reason,Until
lap-research-01.larchfield.example,198.51.100.0/24,tor.exe,"approved: malware research, ticket 4711",2027-01-01
lap-042.larchfield.example,,tor.exe,exception that ran out: newer events stay,2026-03-20
wks-old-99.larchfield.example,,,this device is gone: the line matches nothing,
"""

STRINGS = [
    "Id",
    "ObservableKey",
    "ObservableValue",
    "Pattern",
    "Source",
    "SourceSystem",
    "Tags",
    "AdditionalFields",
    "Data",
    "LastUpdateMethod",
    "Type",
]
TIMES = ["ValidFrom", "ValidUntil", "Created", "Modified", "TimeGenerated"]
FLAGS = ["IsActive", "IsDeleted", "Revoked"]

LEGACY_STRINGS = [
    "IndicatorId",
    "ExternalIndicatorId",
    "NetworkIP",
    "NetworkDestinationIP",
    "NetworkSourceIP",
    "NetworkCidrBlock",
    "DomainName",
    "Url",
    "EmailSenderAddress",
    "FileHashValue",
    "ThreatType",
    "TrafficLightProtocolLevel",
    "Tags",
    "Description",
    "SourceSystem",
    "Type",
]


def write_new(path, rows):
    """`ThreatIntelIndicators` as Parquet."""
    columns = {name: pa.array([r.get(name) for r in rows], pa.string()) for name in STRINGS}
    columns["Confidence"] = pa.array([r.get("Confidence") for r in rows], pa.int32())
    columns |= {name: times([r.get(name) for r in rows]) for name in TIMES}
    columns |= {name: pa.array([r.get(name) for r in rows], pa.bool_()) for name in FLAGS}
    save(path, columns)


def write_legacy(path, rows):
    """`ThreatIntelligenceIndicator` as Parquet."""
    columns = {name: pa.array([r.get(name) for r in rows], pa.string()) for name in LEGACY_STRINGS}
    columns["ConfidenceScore"] = pa.array([r.get("ConfidenceScore") for r in rows], pa.float64())
    columns["Active"] = pa.array([r.get("Active") for r in rows], pa.bool_())
    columns |= {name: times([r.get(name) for r in rows]) for name in ("ExpirationDateTime", "TimeGenerated")}
    save(path, columns)


def times(values):
    return pa.array([None if v is None else ns(v) // 1_000 for v in values], pa.int64()).cast(pa.timestamp("us", "UTC"))


def save(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path, compression="zstd", store_schema=False)


def indicator(
    name,
    value,
    confidence,
    published,
    since,
    until=None,
    key="ipv4-addr:value",
    words=("malicious-activity",),
    tags=(),
    **more,
):
    """One row of the newer table; `name` makes the Id, so that equal names are versions of one indicator."""
    digits = fake_hex(name, 32)
    stix = f"indicator--{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
    row = {
        "Id": base64.b64encode(b"Larchfield MISP").decode() + "---" + stix,
        "ObservableKey": key,
        "ObservableValue": value,
        "Pattern": f"[{key} = '{value}']",
        "Confidence": confidence,
        "ValidFrom": since,
        "ValidUntil": until,
        "Created": since,
        "Modified": published,
        "TimeGenerated": published,
        "Source": "Larchfield MISP",
        "SourceSystem": "LogARepublisher",
        "Tags": json.dumps(list(tags)),
        "AdditionalFields": json.dumps({"TLPLevel": "amber"}),
        "Data": json.dumps({"type": "indicator", "id": stix, "name": name, "indicator_types": list(words)}),
        "LastUpdateMethod": "Upload",
        "Type": "ThreatIntelIndicators",
        "IsActive": True,
        "IsDeleted": False,
        "Revoked": False,
    }
    return row | more


def demo_new():
    weeks = ["2026-03-30T00:00:00", "2026-04-06T00:00:00", "2026-04-13T00:00:00"]
    c2 = {"tags": ["3cx", "tlp:amber"], "until": "2026-09-25T00:00:00"}
    rows = [
        # Published with 60, raised to 95 the same day, then republished every week.
        indicator("3cx c2 a", "198.51.100.23", 60, "2026-03-29T06:00:00", "2026-03-29T06:00:00", **c2),
        indicator("3cx c2 a", "198.51.100.23", 95, "2026-03-29T18:00:00", "2026-03-29T06:00:00", **c2),
        *[indicator("3cx c2 a", "198.51.100.23", 95, week, "2026-03-29T06:00:00", **c2) for week in weeks],
        *[indicator("3cx c2 b", "198.51.100.24", 88, week, "2026-03-30T00:00:00", **c2) for week in weeks],
        indicator("big-ip upload", "198.51.100.41", 65, weeks[0], "2026-01-15T00:00:00", tags=["f5"]),
        # The same indicator has a second observable, as Sentinel writes one row for each.
        indicator(
            "big-ip report", "198.51.100.41", 30, weeks[0], "2026-01-15T00:00:00", key="network-traffic:dst_ref.value"
        ),
        indicator("big-ip report", "drop.example.net", 30, weeks[0], "2026-01-15T00:00:00", key="domain-name:value"),
        # Deleted: the newest row decides, so the exit of the SUNBURST case has no indicator.
        indicator("orion exit", "203.0.113.70", 99, weeks[0], "2026-02-01T00:00:00"),
        indicator("orion exit", "203.0.113.70", 99, weeks[1], "2026-02-01T00:00:00", IsDeleted=True, IsActive=False),
        # Revoked, with an end date: speaks for the events before it.
        indicator("browser exit", "198.51.100.160", 70, weeks[0], "2026-03-01T00:00:00", "2026-03-28T00:00:00"),
        indicator(
            "browser exit",
            "198.51.100.160",
            70,
            weeks[1],
            "2026-03-01T00:00:00",
            "2026-03-28T00:00:00",
            Revoked=True,
            IsActive=False,
        ),
        # Revoked without an end date, told on the newer observable of the same indicator: matches nothing.
        indicator("loader pair", "198.51.100.180", 92, weeks[0], "2026-01-01T00:00:00"),
        indicator("loader pair", "198.51.100.181", 92, weeks[1], "2026-01-01T00:00:00", Revoked=True),
        # Expired long before the events.
        indicator(
            "old v6 exit",
            "2001:DB8:77:0:0:0:0:33",
            50,
            "2025-03-01T00:00:00",
            "2024-09-01T00:00:00",
            "2025-03-15T00:00:00",
            key="ipv6-addr:value",
        ),
        indicator("sunburst dns", "avsvmlook.example", 95, weeks[1], "2026-02-01T00:00:00", key="domain-name:value"),
        indicator(
            "3cx url", "https://pbx-status.example.org/gate.php", 80, weeks[1], "2026-03-29T06:00:00", key="url:value"
        ),
        indicator(
            "loader file", fake_hex("loader", 64), 80, weeks[1], "2026-03-29T06:00:00", key="file:hashes.'SHA-256'"
        ),
        indicator("lab mistake", "10.1.2.3", 90, weeks[1], "2026-03-29T06:00:00"),
    ]
    return rows


def legacy(name, published, **more):
    row = {
        "IndicatorId": fake_hex(f"legacy {name}", 32).upper(),
        "TimeGenerated": published,
        "Active": True,
        "SourceSystem": "Larchfield TAXII",
        "Type": "ThreatIntelligenceIndicator",
        "TrafficLightProtocolLevel": "green",
        "Description": name,
    }
    return row | more


def demo_legacy():
    return [
        legacy(
            "hosting range",
            "2025-06-01T00:00:00",
            NetworkCidrBlock="198.51.100.40/29",
            ConfidenceScore=90.0,
            ThreatType="Proxy",
        ),
        legacy(
            "hosting range",
            "2025-07-20T00:00:00",
            NetworkCidrBlock="198.51.100.40/29",
            ConfidenceScore=55.0,
            ThreatType="Proxy",
            ExpirationDateTime="2026-12-31T00:00:00",
        ),
        # A false positive by its description: as good as deleted, so the token replay stays LOW.
        legacy(
            "State: falsepos;",
            "2025-07-20T00:00:00",
            NetworkSourceIP="198.51.100.102",
            ConfidenceScore=75.0,
            ThreatType="MaliciousUrl",
        ),
        # Inactive since before the events.
        legacy(
            "old scanner",
            "2025-07-20T00:00:00",
            NetworkDestinationIP="198.51.100.151",
            ConfidenceScore=85.0,
            ThreatType="Botnet",
            Active=False,
            ExpirationDateTime="2025-12-31T00:00:00",
        ),
        legacy("domain", "2025-07-20T00:00:00", DomainName="old.example.org", ConfidenceScore=50.0, ThreatType="C2"),
        legacy("url", "2025-07-20T00:00:00", Url="http://old.example.org/x", ConfidenceScore=50.0, ThreatType="C2"),
        legacy(
            "sender",
            "2025-07-20T00:00:00",
            EmailSenderAddress="billing@example.org",
            ConfidenceScore=50.0,
            ThreatType="Phishing",
        ),
        legacy(
            "file",
            "2025-07-20T00:00:00",
            FileHashValue=fake_hex("old file", 64),
            ConfidenceScore=50.0,
            ThreatType="Malware",
        ),
    ]
