"""The kinds of archive that are JSON: exports of Defender and Sentinel, API answers, and what shippers write."""

import gzip
import json

from .archive_shape import (
    RESOURCE,
    TENANT,
    day,
    defender,
    dynamic,
    grouped,
    guid,
    hour,
    line,
    lines,
    save,
    sentinel,
    zstd_frame,
)
from .rows import iso, ns

CONTAINER = "insights-logs-advancedhunting-devicenetworkevents"
SECOND = 10**9


def delivered(row):
    """Delivery comes one to six minutes after the event."""
    return row["Timestamp"] + (92 + row["ReportId"] * 37 % 240) * SECOND + 1_234_500


def envelope(row, table="DeviceNetworkEvents", old=False):
    """A record of the streaming API: Timestamp near the end; the older one in alphabetical order and without a receipt."""
    properties = defender(row)
    properties["Timestamp"] = properties.pop("Timestamp")
    properties["MachineGroup"] = "main"
    whole = {"time": iso(delivered(row)), "tenantId": TENANT, "operationName": "Publish"}
    whole["category"] = f"AdvancedHunting-{table}"
    if not old:
        whole["_TimeReceivedBySvc"] = iso(row["Timestamp"] + 20 * SECOND + 890_446_000)
    whole |= {"properties": dict(sorted(properties.items())) if old else properties, "Tenant": "DefaultTenant"}
    return dict(sorted(whole.items())) if old else whole


def hour_blob(at, table="devicenetworkevents"):
    """The blob of an hour, `2026-07-18T14`; the key `m` stands for the month and then for the minute."""
    year, month, rest = at.split("-")
    date, hours = rest.split("T")
    return (
        f"insights-logs-advancedhunting-{table}/tenantId={TENANT}/y={year}/m={month}/d={date}/h={hours}/m=00/PT1H.json"
    )


def filed(row):
    """The hour of the event, or of its delivery where the row says so: which clock names a folder is not settled."""
    return iso(delivered(row) if row.get("_late") else row["Timestamp"])[:13]


def streaming(root, rows, partial=None):
    """`partial` is an event whose line was cut when the blob of its hour was copied."""
    for at, ones in grouped(rows, filed).items():
        records = [envelope(row, old=at < "2026-07-18") for row in ones]
        if len(ones) > 1 and ones[-1] == ones[-2]:
            records[-1] |= {"time": iso(delivered(ones[-1]) + 7 * SECOND)}
        if at == "2026-07-19T18":
            for record in records:
                record["properties"]["AdditionalFields"] = dynamic(record["properties"]["AdditionalFields"])
        text = lines(records, "\r\n")
        if partial and filed(partial) == at:
            text += line(envelope(partial))[:700]
        save(root / hour_blob(at), text)


def streaming_records(root, rows):
    """What Event Hub delivers, kept as it came: one document over many lines, one document a line, one without an end."""
    for date, ones in grouped(rows, day).items():
        records = [envelope(row) for row in ones]
        path = root / "hub-network" / date.replace("-", "/") / "records.json"
        if date.endswith("18"):
            halves = [records[: len(records) // 2], records[len(records) // 2 :]]
            save(path, lines({"records": half} for half in halves if half))
        elif date.endswith("17"):
            save(path, json.dumps({"records": records}, ensure_ascii=False, indent=2) + "\n")
        else:
            save(path, line({"records": records}))


def five_minutes(row):
    at = iso(row["Timestamp"])
    year, month, date = at[:10].split("-")
    return f"y={year}/m={month}/d={date}/h={at[11:13]}/m={int(at[14:16]) // 5 * 5:02d}"


def log_analytics_rule(root, rows):
    """A data export rule: five-minute folders by TimeGenerated, and a second blob where the first is full."""
    for folder, ones in grouped(rows, five_minutes).items():
        where = root / "am-devicenetworkevents" / f"WorkspaceResourceId={RESOURCE}" / folder
        most = 2 if folder.endswith("h=14/m=00") else len(ones)
        for number, start in enumerate(range(0, len(ones), most)):
            name = f"PT05M_{number}.json" if number else "PT05M.json"
            save(where / name, lines(rule_record(row) for row in ones[start : start + most]))


def rule_record(row):
    own = {"_ItemId": guid(f"item {row['DeviceId']} {row['ReportId']}"), "_ResourceId": ""}
    own |= {"_Internal_WorkspaceResourceId": RESOURCE, "_TimeReceived": iso(row["Timestamp"] + 30 * SECOND)}
    return sentinel(row) | own


# Graph and the older API name types as Kusto's clients do.
TYPES = {"Timestamp": "DateTime", "RemotePort": "Int32", "LocalPort": "Int32", "ReportId": "Int64"}
TYPES |= {"InitiatingProcessId": "Int64", "InitiatingProcessSessionId": "Int64"}

# What a hunter projects, in a hunter's order.
PROJECTED = """Timestamp DeviceId DeviceName ReportId ActionType RemoteIP RemotePort RemoteUrl LocalIP LocalPort Protocol
InitiatingProcessFileName InitiatingProcessCommandLine InitiatingProcessSHA256 InitiatingProcessAccountName
AdditionalFields""".split()


def projected(row):
    whole = defender(row)
    return {name: whole[name] for name in PROJECTED}


def graph_api(root, rows):
    """Answers of runHuntingQuery, one a file; the second has the context that the service puts first."""
    schema = [{"name": name, "type": TYPES.get(name, "String")} for name in PROJECTED]
    context = {"@odata.context": "https://graph.example/v1.0/$metadata#microsoft.graph.security.huntingQueryResults"}
    half = (len(rows) + 1) // 2
    answer = {"schema": schema, "results": [projected(row) for row in rows[:half]]}
    save(root / "answer-1.json", line(answer, ascii_only=True))
    answer = context | {"schema": schema, "results": [projected(row) for row in rows[half:]]}
    save(root / "answer-2.json", line(answer))


def older_api(root, rows):
    """Answers of the older API: capital letters, and figures of the query first."""
    schema = [{"Name": name, "Type": TYPES.get(name, "String")} for name in PROJECTED]
    usage = {"cache": {"memory": {"hits": 12, "misses": 0, "total": 12}}, "cpu": {"user": "00:00:00.0156250"}}
    for number, ones in enumerate(grouped(rows, day).values(), 1):
        stats = {"ExecutionTime": 0.25, "resource_usage": usage, "dataset_statistics": [{"table_row_count": len(ones)}]}
        answer = {"Stats": stats, "Schema": schema, "Results": [projected(row) for row in ones]}
        text = json.dumps(answer, ensure_ascii=False, indent=4) if number == 1 else line(answer)
        save(root / f"answer-{number}.json", text)


def epoch(row):
    """Seconds since 1970, exact to the microsecond as a decimal number."""
    micros = row["Timestamp"] // 1_000
    return micros // 10**6 if micros % 10**6 == 0 else micros / 1e6


def cribl(root, rows):
    """Cribl's own members beside the event's: `_time` is the event's time as a number."""
    for number, ones in enumerate(grouped(rows, day).values()):
        own = {"cribl_breaker": "ndjson", "host": "collector-1", "sourcetype": "defender_network"}
        records = [{"_time": epoch(row)} | defender(row) | own for row in ones]
        name = f"CriblOut-{('Lr4xQ9', 'tW0kZb', 'Hm7PcV')[number]}.{number}.json.gz"
        save(root / "collector-1" / "defender_network" / name, lines(records))


def cribl_time_only(root, rows):
    """A pipeline that made `_time` of Timestamp and dropped it."""
    own = {"cribl_pipe": "defender_trim", "host": "collector-1"}
    records = [
        {"_time": epoch(row)} | {k: v for k, v in defender(row).items() if k != "Timestamp"} | own for row in rows
    ]
    save(root / "collector-1" / "CriblOut-b3Nq0Y.0.json.gz", lines(records))


def vector(root, rows):
    """Vector's names and its own members; `timestamp` is when Vector read the event. Two gzip members in one file."""
    for date, ones in grouped(rows, day).items():
        own = {"path": "/defender", "source_type": "http_server"}
        records = [defender(row) | own | {"timestamp": iso(row["Timestamp"] + 400 * SECOND)} for row in ones]
        path = root / f"date={date}" / f"{ns(f'{date}T23:59:00') // SECOND}-{guid(date)}.log.gz"
        half = len(records) // 2
        save(path, lines(records[:half]))
        path.write_bytes(path.read_bytes() + gzip.compress(lines(records[half:]).encode(), mtime=0))


def ndjson_zst(root, rows):
    """One frame, and two in one file."""
    first, *others = grouped(rows, day).values()
    save(root / "network-1.ndjson.zst", lines(defender(row) for row in first))
    rest = [row for ones in others for row in ones]
    half = len(rest) // 2
    frames = [zstd_frame(lines(defender(row) for row in part).encode()) for part in (rest[:half], rest[half:])]
    (root / "network-2.ndjson.zst").write_bytes(b"".join(frames))


def bare_dates(root, rows):
    for at, ones in grouped(rows, hour).items():
        save(root / at.replace("-", "/").replace("T", "/") / "part.json", lines(defender(row) for row in ones))


def time_spellings(root, rows):
    """Lines that differ in nothing but how they spell their time."""
    save(root / "network.ndjson", lines(defender(row) | {"Timestamp": row["_text"]} for row in rows))
