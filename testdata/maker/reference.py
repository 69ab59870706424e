"""What a hunt must find, in plain loops over the written files: slow, obvious, and without a query engine.

The rules are those of the documentation: addresses are compared as addresses, copies are removed, indicators never
change a count. It reads what was written, so a form that loses precision loses it here too.
"""

import json
import math
import re
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq

from .listing import HOUR, history, indicators, parse_address, prefixes, time_micros

OUTBOUND = {
    "ConnectionSuccess",
    "ConnectionFailed",
    "ConnectionRequest",
    "ConnectionSuccessAggregatedReport",
    "ConnectionFailedAggregatedReport",
    "ConnectionAttempt",
    "ConnectionAcknowledged",
}
INBOUND = {"InboundConnectionAccepted", "InboundConnectionAttempt", "InboundInternetScanInspected"}
SPELLED = {
    "tor_exit": {"Outbound": "Outbound to Tor", "Inbound": "Inbound from Tor", "Unknown": "Unknown direction"},
    "intel_ip": {"Outbound": "Outbound", "Inbound": "Inbound", "Unknown": "Unknown direction"},
}
LEVELS = ["CRITICAL", "HIGH", "MEDIUM", "LOW"]
EVIDENCE = ["inside", "within tolerance"]
TOLERANCE = 24 * HOUR


def read_events(folder):
    """All rows of all Parquet files below the folder; `_time` in µs, `_address` parsed."""
    rows = []
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.ParquetFile(path).read()
        column = "Timestamp" if "Timestamp" in table.column_names else "TimeGenerated"
        times = [time_micros(v) for v in plain_times(table.column(column))]
        for row, time in zip(table.drop_columns([column]).to_pylist(), times, strict=True):
            rows.append(row | {"_time": time, "_address": parse_address(row.get("RemoteIP"))})
    return rows


def plain_times(column):
    """A timestamp as (number, divisor to µs or factor), everything else as it is."""
    if not pa.types.is_timestamp(column.type):
        return column.to_pylist()
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    return [None if v is None else (v * 10**6) // per_second for v in column.cast(pa.int64()).to_pylist()]


def direction(row):
    word = (row.get("ConnectionDirection") or "").lower()
    if word in ("inbound", "outbound"):
        return word.capitalize()
    fields = additional(row)
    word = fields.get("direction")
    if isinstance(word, str) and word.lower() in ("in", "out"):
        return {"in": "Inbound", "out": "Outbound"}[word.lower()]
    if row.get("ActionType") in OUTBOUND:
        return "Outbound"
    return "Inbound" if row.get("ActionType") in INBOUND else "Unknown"


def additional(row):
    fields = row.get("AdditionalFields")
    if isinstance(fields, str):
        try:
            fields = json.loads(fields)
        except ValueError:
            fields = None
    return fields if isinstance(fields, dict) else {}


def connections(row):
    try:
        return max(1, int(additional(row).get("uniqueEventsAggregated") or 1))
    except (TypeError, ValueError):
        return 1


def port(value):
    """A whole number 0 to 65535, else None; the second value says whether there was something unreadable."""
    if value is None:
        return None, False
    if isinstance(value, str) and not re.fullmatch(r"\d+(\.0*)?", value):
        return None, True
    number = float(value)
    readable = math.isfinite(number) and number == int(number) and 0 <= number <= 65_535
    return (int(number), False) if readable else (None, True)


def whole(value):
    return None if value in (None, "") else int(float(value))


def deduplicate(rows):
    groups, kept = defaultdict(list), []
    for row in rows:
        device, report = row.get("DeviceId"), whole(row.get("ReportId"))
        if not device or report is None:
            kept.append(row)
            continue
        key = (
            device,
            report,
            row["_time"] // 1_000,
            row.get("ActionType"),
            row["_address"],
            port(row.get("RemotePort"))[0],
            port(row.get("LocalPort"))[0],
        )
        groups[key].append(row)
    return kept + [min(copies, key=sort_key) for copies in groups.values()]


def sort_key(row):
    """By time, then every column with nulls last. The test data never lets copies differ in two columns."""
    names = sorted(name for name in row if name not in ("_time", "_address", "AdditionalFields"))
    return (row["_time"], [(row[name] is None, str(row[name])) for name in names])


class Relays:
    """A Tor list: one without dates, or a folder of dated ones. `listed` are the prefixes whenever they were there."""

    def __init__(self, path):
        self.dated = path.is_dir()
        self.intervals, self.covered = history(path) if self.dated else ([(p, None, None) for p in prefixes(path)], {})
        self.listed = {prefix for prefix, _, _ in self.intervals}

    def judge(self, address, time):
        """(Evidence, start, end) of the intervals that match, or None."""
        near = [
            (first, last) for prefix, first, last in self.intervals if address in prefix and within(first, last, time)
        ]
        if not self.dated:
            return ("undated", None, None) if near else None
        begin, end = self.covered[address.version]
        assert begin - TOLERANCE <= time <= end + TOLERANCE, "the history does not cover the archive"
        if not near:
            return None
        inside = any(first <= time <= last for first, last in near)
        evidence = "inside" if inside else "within tolerance"
        return evidence, min(first for first, _ in near), max(last for _, last in near)

    def summary(self, events):
        """The columns about Tor of a finding, where the list is dated."""
        evidence, starts, ends = zip(*(self.judge(e["_address"], e["_time"]) for e in events), strict=True)
        return {
            "TorRole": "unspecified",
            "TorEvidence": min(evidence, key=EVIDENCE.index),
            "TorSeenFrom": rfc3339(min(starts)),
            "TorSeenTo": rfc3339(max(ends)),
        }


def within(first, last, time):
    return first is None or first - TOLERANCE <= time <= last + TOLERANCE


def members(rows, listed):
    return [row for row in rows if row["_address"] is not None and any(row["_address"] in prefix for prefix in listed)]


def may_match(indicator, time):
    if indicator["retired"]:
        return indicator["until"] is not None and validity(indicator, time) == "valid at event"
    return True


def validity(indicator, time):
    since, until = indicator["since"], indicator["until"]
    if since is None and until is None:
        return "undated"
    if since is not None and time < since:
        return "published after event"
    return "expired before event" if until is not None and until <= time else "valid at event"


VALIDITY = ["valid at event", "published after event", "expired before event", "undated"]


def best_hit(events, known):
    """The indicator that speaks for a finding and the best validity over its events; hits only, no Tor feeds."""
    matches = []
    for number, indicator in enumerate(known):
        if indicator["tor_only"]:
            continue
        times = [
            e["_time"] for e in events if e["_address"] in indicator["prefix"] and may_match(indicator, e["_time"])
        ]
        if times:
            since = indicator["since"] if indicator["since"] is not None else -math.inf
            rank = (
                -(indicator["confidence"] if indicator["confidence"] is not None else -1),
                -indicator["prefix"].prefixlen,
                -since,
                indicator["value"],
                number,
            )
            matches.append((rank, indicator, min((validity(indicator, t) for t in times), key=VALIDITY.index)))
    return min(matches, key=lambda m: m[0])[1:] if matches else (None, None)


def hunt(name, rows, tor, known):
    """Findings in report order, and the funnel."""
    listed = tor.listed if name == "tor_exit" else [i["prefix"] for i in known]
    on_list = members(rows, listed)
    matched = [r for r in on_list if r["_time"] is not None]
    if name == "intel_ip":
        matched = [r for r in matched if any(r["_address"] in i["prefix"] and may_match(i, r["_time"]) for i in known)]
    else:
        matched = [r for r in matched if tor.judge(r["_address"], r["_time"])]
    kept = deduplicate(matched)
    groups = defaultdict(list)
    for row in kept:
        groups[(row.get("DeviceName") or None, str(row["_address"]), SPELLED[name][direction(row)])].append(row)
    findings = [
        finding(key, events, known) | (tor.summary(events) if tor and tor.dated else {})
        for key, events in groups.items()
    ]
    findings.sort(key=order)
    funnel = {
        "funnel": {
            "events_in_files": len(rows),
            "events_matched": len(matched),
            "events_after_dedup": len(kept),
            "duplicates_removed": len(matched) - len(kept),
            "findings": len(findings),
            "findings_by_level": [
                {"name": level, "count": sum(f["RiskLevel"] == level for f in findings)} for level in LEVELS
            ],
        },
        "unreadable": {
            "addresses": sum(bool(r.get("RemoteIP")) and r["_address"] is None for r in rows),
            "times": len(on_list) - sum(r["_time"] is not None for r in on_list),
            "ports": sum(port(r.get("RemotePort"))[1] or port(r.get("LocalPort"))[1] for r in matched),
        },
        "days_missing": days_missing(rows),
    }
    return findings, funnel


def order(found):
    """Severity, Count descending, FirstSeen, then DeviceName (null last), RemoteIP, Direction by bytes."""
    device = found["DeviceName"]
    tie = (device is None, (device or "").encode(), found["RemoteIP"].encode(), found["Direction"].encode())
    return (LEVELS.index(found["RiskLevel"]), -found["Count"], found["FirstSeen"], tie)


def finding(key, events, known):
    device, address, spelled = key
    times = [e["_time"] for e in events]
    hit, valid = best_hit(events, known)
    confidence = hit and hit["confidence"]
    if hit:
        level = "CRITICAL" if confidence is not None and confidence >= 80 else "HIGH"
    else:
        level = "MEDIUM" if spelled.startswith("Outbound") else "LOW"
    local = texts_of(events, "LocalPort", number=True)
    if spelled.startswith("Outbound"):
        local = [p for p in local if p < 49_152]
    return {
        "DeviceName": device,
        "RemoteIP": address,
        "Direction": spelled,
        "FirstSeen": rfc3339(min(times)),
        "LastSeen": rfc3339(max(times)),
        "Count": len(events),
        "Processes": texts_of(events, "InitiatingProcessFileName"),
        "Accounts": texts_of(events, "InitiatingProcessAccountName"),
        "Ports": texts_of(events, "RemotePort", number=True),
        "TI_Hit": hit and hit["value"],
        "TI_Confidence": confidence,
        "RiskLevel": level,
        "TI_Validity": valid,
        "DaysActive": len({rfc3339(t)[:10] for t in times}),
        "FailedCount": sum((e.get("ActionType") or "").startswith("ConnectionFailed") for e in events),
        "Connections": sum(connections(e) for e in events),
        "LocalPorts": local,
    }


def texts_of(events, column, number=False):
    values = {port(e.get(column))[0] if number else e.get(column) for e in events} - {None, ""}
    return sorted(values, key=lambda v: v if number else v.encode())


def rfc3339(micros):
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)).strftime(
        "%Y-%m-%dT%H:%M:%S.%fZ"
    )


def days_missing(rows):
    seen = sorted({rfc3339(r["_time"])[:10] for r in rows if r["_time"] is not None})
    if not seen:
        return []
    day, last = datetime.fromisoformat(seen[0]), datetime.fromisoformat(seen[-1])
    missing = []
    while day < last:
        day += timedelta(1)
        if day.strftime("%Y-%m-%d") not in seen:
            missing.append(day.strftime("%Y-%m-%d"))
    return missing


def expect(name, events, tor=None, intel=()):
    """Findings and funnel of a hunt over files: a folder or file of events, a Tor list or history, indicator files."""
    rows = read_events(events)
    known = [i for path in intel for i in indicators(path)]
    return hunt(name, rows, Relays(tor) if tor else None, known)
