"""The same events in every kind of archive, one folder a kind, and what a hunt over any of them must find."""

import json
from dataclasses import dataclass, field
from functools import partial

from . import archive_csv, archive_events, archive_json, archive_parquet, reference
from .archive_mixed import mixed


@dataclass(frozen=True)
class Kind:
    name: str
    what: str
    writers: list = field(default_factory=list)
    loses: str = ""


NO_FRACTION = "the fraction of a second"
NO_NULL = "null and empty text are one"
FEW = "columns that were not projected"
OLD = "the session columns"

KINDS = [
    Kind(
        "plain",
        "Parquet with Defender's own types, the form that the expected findings come from",
        [archive_parquet.plain],
        "below 1 µs",
    ),
    Kind(
        "streaming",
        "streaming API blobs: envelope, CRLF, key `m` twice; 2026-07-17 in the alphabetical order of 2022, the blob of 2026-07-18T14 ends in a partial line, that of 2026-07-19T18 has an object in AdditionalFields",
    ),
    Kind(
        "streaming_records",
        '`{"records":[…]}`: one document over many lines, one a line, one without a line end',
        [archive_json.streaming_records],
    ),
    Kind(
        "log_analytics_rule",
        "data export rule: five-minute blobs, `PT05M_1.json` and `_2` beside a full one",
        [archive_json.log_analytics_rule],
        f"the session columns; {NO_NULL}",
    ),
    Kind(
        "log_analytics_job",
        "export job: `timestamp=2026-07-18T14`, gzip Parquet, TimeGenerated",
        [archive_parquet.log_analytics_job],
        f"below 1 µs; {OLD}",
    ),
    Kind(
        "log_analytics_job_hive",
        "its layout `year=/month=/day=/hour=`, AdditionalFields a struct",
        [archive_parquet.log_analytics_job_hive],
        f"below 1 µs; {OLD}; keys of AdditionalFields that the struct lacks",
    ),
    Kind(
        "adx_int96",
        "Azure Data Explorer's old writer: INT96, AdditionalFields as text, no date in a path",
        [archive_parquet.adx_int96],
        OLD,
    ),
    Kind("adx_micros", "its native writer: µs, int32 ports, gzip", [archive_parquet.adx_micros], "below 1 µs"),
    Kind("portal_csv", "Defender portal: ISO times, LF", [archive_csv.portal_csv], NO_NULL),
    Kind(
        "portal_csv_bom",
        "the same with a byte order mark, CRLF and projected columns",
        [archive_csv.portal_csv_bom],
        f"{NO_NULL}; {FEW}",
    ),
    Kind(
        "sentinel_csv",
        "Log Analytics portal: `TimeGenerated [UTC]`, US long times, every cell quoted, CRLF",
        [archive_csv.sentinel_csv],
        f"below 1 ms; {NO_NULL}; {OLD}",
    ),
    Kind(
        "sentinel_csv_dayfirst",
        "re-saved as `dd/MM/yyyy HH:mm:ss`; days beyond 12 decide the order",
        [archive_csv.sentinel_csv_dayfirst],
        f"{NO_FRACTION}; {NO_NULL}; {OLD}",
    ),
    Kind(
        "graph_api",
        'Graph answers `{"schema":[…],"results":[…]}`, one with `@odata.context` first, one with `\\u` escapes only',
        [archive_json.graph_api],
        FEW,
    ),
    Kind(
        "older_api",
        '`{"Stats":…,"Schema":[…],"Results":[…]}`, one of three over many lines',
        [archive_json.older_api],
        FEW,
    ),
    Kind("cribl", "Cribl JSON lines, gzip: `_time` as a number beside Timestamp", [archive_json.cribl]),
    Kind(
        "cribl_parquet",
        "Cribl Parquet: Timestamp a DOUBLE in one file and text in the other, ports and ReportId DOUBLE",
        [archive_parquet.cribl_parquet],
        f"below 1 µs in the DOUBLE; {OLD}",
    ),
    Kind("tenzir", "`year=2026/month=7/day=18`, partition columns not in the file, ns", [archive_parquet.tenzir]),
    Kind("tenzir_action", "`ActionType=…`: that column stands only in the path", [archive_parquet.tenzir_action]),
    Kind("spark", "`dt=2026-07-18/hour=14`, INT96, snappy, `_SUCCESS`", [archive_parquet.spark], OLD),
    Kind("redpanda", "TIMESTAMP NANOS in UTC, DELTA_LENGTH_BYTE_ARRAY", [archive_parquet.redpanda]),
    Kind(
        "vector",
        "`date=2026-07-18/….log.gz`: two gzip members a file, and Vector's own `timestamp` (400 s later) after the event's members",
        [archive_json.vector],
    ),
    Kind("ndjson_zst", "zstd: one frame, and two in one file", [archive_json.ndjson_zst]),
    Kind("bare_dates", "`2026/07/18/14/part.json`", [archive_json.bare_dates]),
    Kind(
        "dates_in_names",
        "`events-2026-07-18.csv`, `DeviceNetworkEvents_20260718.ndjson`",
        [archive_csv.dates_in_names],
        f"{NO_NULL}, in CSV",
    ),
    Kind(
        "mixed",
        "seven of these kinds side by side, each event in one of them, and four files with eight rows of other tables",
        [mixed],
        "what its parts lose",
    ),
]

README = """# The same events in every kind of archive

Made by `testdata/make.py`. Each folder below holds the same {events} events of 2026-07-17 to 2026-07-19 (one of them an
exact copy), written as one kind of archive has them. A hunt with `tor.txt` over any folder of the first table finds
exactly what `expected.ndjson` says, and sees the events that `expected_coverage.json` counts. The first and last event
of each finding fall on whole seconds, so that what a kind cannot carry changes no finding.

| folder | files | what it is | what it cannot carry |
|---|---|---|---|
{kinds}

These have events of their own:

| folder | files | what it is | expected |
|---|---|---|---|
{others}

The `.gitattributes` here keeps CRLF and byte order marks as they are. Broken exports are in `../bad/`.
"""

OTHERS = [
    (
        "cribl_time_only",
        "Cribl, JSON lines and Parquet, where a pipeline dropped Timestamp: `_time` is the only time",
        "`expected.ndjson`, if `_time` is read as the event's time; else an error that names the columns that are looked for",
    ),
    (
        "sentinel_csv_ambiguous",
        "re-saved times whose days are all 12 or less",
        "an error that names the option; with it `expected_month_first.ndjson` or `expected_day_first.ndjson`",
    ),
    ("sentinel_csv_decided", "the same and a last record, no hit, whose 25th decides", "`expected_day_first.ndjson`"),
    (
        "time_spellings",
        "one event for each spelling of a time: 0 to 9 fraction digits, `Z`, offsets, a blank for `T`, no zone",
        "`expected_time_spellings.ndjson`",
    ),
]


def make(root):
    events = archive_events.rows()
    archive_events.check(events)
    write(root / "tor.txt", archive_events.TOR)
    write(root / ".gitattributes", "* -text\nREADME.md text\n")
    for kind in KINDS:
        writers = kind.writers or [partial(archive_json.streaming, partial=archive_events.cut_off())]
        for writer in writers:
            writer(root / kind.name, events)
    halves = (events[: len(events) // 2], events[len(events) // 2 :])
    archive_json.cribl_time_only(root / "cribl_time_only", halves[0])
    archive_parquet.cribl_time_only(root / "cribl_time_only", halves[1])
    read = reference.read_events(root / "plain")
    coverage = expect(root, "expected.ndjson", read)
    write(root / "expected_coverage.json", json.dumps(coverage, indent=2) + "\n")
    own_sets(root)
    kinds = [f"| `{k.name}` | {count(root / k.name)} | {k.what} | {k.loses} |" for k in KINDS]
    others = [f"| `{name}` | {count(root / name)} | {what} | {found} |" for name, what, found in OTHERS]
    text = README.format(events=len(events), kinds="\n".join(kinds), others="\n".join(others))
    write(root / "README.md", text)


def own_sets(root):
    """The small sets whose point is the time itself."""
    ambiguous = archive_events.ambiguous()
    archive_csv.sentinel_csv_texts(root / "sentinel_csv_ambiguous", [timed(row, "%d/%m/%Y") for row in ambiguous])
    decided = [timed(row, "%d/%m/%Y") for row in [*ambiguous, archive_events.deciding()]]
    archive_csv.sentinel_csv_texts(root / "sentinel_csv_decided", decided)
    for form, name in (("%d/%m/%Y", "day_first"), ("%m/%d/%Y", "month_first")):
        expect(root, f"expected_{name}.ndjson", as_read([timed(row, form) for row in ambiguous]))
    rows = archive_events.spelled()
    archive_json.time_spellings(root / "time_spellings", rows)
    expect(root, "expected_time_spellings.ndjson", as_read(rows))


def timed(row, form):
    return row | {"Timestamp": archive_events.instant(row["_text"], form)}


def as_read(rows):
    """Rows as the reference reads them from a file."""
    return [
        {name: value for name, value in row.items() if name not in ("Timestamp", "_text")}
        | {"_time": row["Timestamp"] // 1_000, "_address": reference.parse_address(row["RemoteIP"])}
        for row in rows
    ]


# The finding's set of each of these columns, so that text comes through every kind as it is.
TEXTS = {
    "Cmds": "InitiatingProcessCommandLine",
    "RemoteUrls": "RemoteUrl",
    "ProcessSHA256s": "InitiatingProcessSHA256",
    "DeviceIds": "DeviceId",
}


def expect(root, name, rows):
    """Writes the findings and returns the coverage. A copy agrees with its original, so it adds nothing to a set."""
    findings, coverage = reference.hunt("tor_exit", rows, reference.Relays(root / "tor.txt"), [])
    for found in findings:
        which = (found["DeviceName"], found["RemoteIP"], found["Direction"])
        events = [row for row in rows if (row["DeviceName"], str(row["_address"]), spelled(row)) == which]
        found |= {key: reference.texts_of(events, column) for key, column in TEXTS.items()}
    write(root / name, "".join(json.dumps(found, ensure_ascii=False) + "\n" for found in findings))
    return coverage


def spelled(row):
    return reference.SPELLED["tor_exit"][reference.direction(row)]


def count(folder):
    return sum(1 for path in folder.rglob("*") if path.is_file())


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
