"""Reads addresses, Tor lists and indicator files for the naive reference."""

import csv
import ipaddress
import json
import re
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pyarrow.parquet as pq

REFUSED = [
    ipaddress.ip_network(n)
    for n in "0.0.0.0/8 10.0.0.0/8 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/3 ::/128 ::1/128 fe80::/10 fc00::/7 ff00::/8".split()
]
NEUTRAL = ("tlp:", "misp:confidence-level", "osint:", "admiralty-scale:", "estimative-language:", "workflow:")
TOR_WORDS = {
    "tor",
    "tor-exit",
    "tor-exit-node",
    "tor-exit-nodes",
    "tor-exits",
    "tor-node",
    "tor-nodes",
    "tor-relay",
    "tor-relays",
    "tor-guard",
    "tor-network",
    "torexit",
    "anonymization",
    "anonymisation",
    "anonymizer",
    "benign",
}
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
HOUR = 3_600 * 10**6


def parse_address(text):
    """The address, with IPv4-mapped IPv6 as IPv4 and without a zone; None for what is no address."""
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    if address.version == 6:
        address = ipaddress.IPv6Address(int(address))
        return address.ipv4_mapped or address
    return address


def parse_prefix(text):
    """A listed address or prefix; None for junk and for what no list may bring in."""
    text = text.strip()
    host = parse_address(text)
    try:
        net = ipaddress.ip_network(host) if host is not None else ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    if net.version == 6 and net.network_address.ipv4_mapped is not None:
        if net.prefixlen < 96:
            return None
        net = ipaddress.ip_network((net.network_address.ipv4_mapped, net.prefixlen - 96))
    wide = net.prefixlen < (8 if net.version == 4 else 16)
    return None if wide or any(net.version == r.version and net.overlaps(r) for r in REFUSED) else net


def prefixes(path):
    """Every usable first cell of a list."""
    found = []
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        net = None if line.startswith("#") else parse_prefix(line.split(",")[0])
        if net is not None and net not in found:
            found.append(net)
    return found


def history(folder):
    """A folder of dated lists as intervals (prefix, first, last), in µs: lists that follow each other within 48 hours, or
    within three times the usual spacing, are joined. Also the stretch that the lists cover, by family."""
    lists = []
    for path in sorted(folder.glob("*.txt")):
        at = datetime.strptime(path.stem, "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=timezone.utc)
        lists.append((micros(at), prefixes(path)))
    steps = sorted(after - before for (before, _), (after, _) in pairwise(lists))
    reach = max(48 * HOUR, 3 * steps[len(steps) // 2])
    found, running, covered = [], {}, {}
    for at, listed in lists:
        for prefix in listed:
            first, last = running.get(prefix, (at, None))
            if last is not None and not is_next(lists, last, at, reach):
                found.append((prefix, first, last))
                first = at
            running[prefix] = (first, at)
            begin, _ = covered.get(prefix.version, (at, at))
            covered[prefix.version] = (begin, at)
    return found + [(prefix, first, last) for prefix, (first, last) in running.items()], covered


def is_next(lists, last, at, reach):
    """Whether no other list lies between the two, and not too much time."""
    return at - last <= reach and not any(last < time < at for time, _ in lists)


def time_micros(value):
    """An instant in µs: an integer is one already; text is ISO 8601 in UTC; a float is epoch seconds."""
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value * 1e6 + 0.1)
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", value)
    try:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}+00:00") if match else None
    except ValueError:
        at = None
    return None if at is None else micros(at) + int((match[3] or "0").ljust(9, "0")[:6])


def micros(at):
    return None if at is None else (at - EPOCH) // timedelta(microseconds=1)


def indicators(path):
    """The usable indicators of a file of any of the three kinds."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return [i for row in csv.DictReader(file) if (i := plain(row))]
    rows = pq.ParquetFile(path).read().to_pylist()
    if not rows:
        return []
    if "ObservableValue" in rows[0]:
        return newer(rows)
    return older(rows) if "NetworkIP" in rows[0] else [i for row in rows if (i := plain(row))]


def build(value, confidence, kind, tags, since=None, until=None, retired=False):
    prefix = parse_prefix(value or "")
    if prefix is None:
        return None
    confidence = None if confidence in (None, "") else float(confidence)
    return {
        "value": value.strip(),
        "prefix": prefix,
        "confidence": confidence,
        "since": since,
        "until": until,
        "retired": retired,
        "tor_only": says_only_tor(kind, tags),
    }


def plain(row):
    return build(row["Indicator"], row.get("ConfidenceScore"), row.get("ThreatType"), row.get("Tags"))


def newer(rows):
    """`ThreatIntelIndicators`: newest row per observable; the newest row of the Id decides its state."""
    found = []
    observables, ids = {}, {}
    for row in sorted(rows, key=lambda r: r["TimeGenerated"]):
        observables[(row["Id"], row["ObservableKey"], row["ObservableValue"])] = row
        ids[row["Id"]] = row
    for (name, _, value), row in observables.items():
        newest = ids[name]
        if newest["IsDeleted"]:
            continue
        retired = bool(newest["Revoked"]) or newest["IsActive"] is False
        kind = (json.loads(row["Data"]).get("indicator_types") or [None])[0]
        one = build(
            value, row["Confidence"], kind, row["Tags"], micros(row["ValidFrom"]), micros(row["ValidUntil"]), retired
        )
        found += [one] if one else []
    return found


def older(rows):
    """`ThreatIntelligenceIndicator`: newest row per IndicatorId."""
    newest = {row["IndicatorId"]: row for row in sorted(rows, key=lambda r: r["TimeGenerated"])}
    found = []
    for row in newest.values():
        description = row["Description"] or ""
        if "State: falsepos" in description:
            continue
        retired = row["Active"] is False or "State: inactive" in description
        value = row["NetworkIP"] or row["NetworkDestinationIP"] or row["NetworkSourceIP"] or row["NetworkCidrBlock"]
        one = build(
            value,
            row["ConfidenceScore"],
            row["ThreatType"],
            row["Tags"],
            None,
            micros(row["ExpirationDateTime"]),
            retired,
        )
        found += [one] if one else []
    return found


def says_only_tor(*texts):
    words = [
        w.strip().lower().replace(" ", "-").replace("_", "-") for t in texts if t for w in re.split(r'[,;\[\]"]', t)
    ]
    said = [w for w in words if w and w not in ("unknown", "watchlist", "none") and not w.startswith(NEUTRAL)]
    return bool(said) and all(w.removeprefix("sentinel-threattype:") in TOR_WORDS for w in said)
