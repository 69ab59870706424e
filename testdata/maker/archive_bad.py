"""Broken exports: what a copy, a shell or a careless pipeline does to JSON lines and CSV."""

import gzip

from .archive_csv import table
from .archive_json import envelope
from .archive_mixed import signed_in, started
from .archive_shape import defender, line, lines, save, sentinel
from .rows import Reporter, event

EXIT = "198.51.100.66"

README = """| `truncated_gzip.json.gz` | 400 events, every fortieth a hit on 198.51.100.66, in a gzip file that breaks off |
| `invalid_utf8.ndjson` | five lines, all hits; the third has a byte in DeviceName that no UTF-8 has |
| `csv_columns.csv` | a header and five records, all hits; the second has a field too many, the fourth one too few |
| `csv_header_twice.csv` | two exports in one file: four hits, and the header again in the middle |
| `epoch_wrong_unit.ndjson` | six hits whose Timestamp is a number: four in seconds, the second and the fifth in milliseconds (as seconds the year 58514) |
| `other_tables.ndjson` | nine lines: two hits in the envelope, one flat and marked, and six of other tables, one kind of them with 198.51.100.66 in a RemoteIP |
| `no_header.csv` | three hits as Azure Data Explorer exports CSV: without a header |
| `path_odd/a b%20c=ö/part 1.ndjson` | nothing but its path: a blank, a percent sign, an equals sign and a letter beyond ASCII; one hit and one other event |
"""


def make(root):
    r = Reporter()

    def hits(count, minute=0):
        return [
            event(r, f"2026-07-18T10:{minute:02d}:{n:02d}", "wks-1", "ConnectionSuccess", EXIT, 443, "a.exe", "ann")
            for n in range(count)
        ]

    truncated(root / "truncated_gzip.json.gz", r)
    texts = [line(defender(row)).encode() + b"\n" for row in hits(5)]
    texts[2] = texts[2].replace(b"larchfield", b"larch\xe9ield", 1)
    save(root / "invalid_utf8.ndjson", b"".join(texts))

    head, *records = table([few(row) for row in hits(5, 1)]).splitlines(keepends=True)
    records[1] = records[1].replace("\n", ",more\n")
    records[3] = records[3].rsplit(",", 1)[0] + "\n"
    save(root / "csv_columns.csv", head + "".join(records))
    save(
        root / "csv_header_twice.csv", table([few(row) for row in hits(2, 2)]) + table([few(row) for row in hits(2, 3)])
    )
    save(root / "no_header.csv", table([few(row) for row in hits(3, 4)]).split("\n", 1)[1])

    numbers = [defender(row) | {"Timestamp": row["Timestamp"] // 10**9} for row in hits(6, 5)]
    for number in (1, 4):
        numbers[number]["Timestamp"] *= 1_000
    save(root / "epoch_wrong_unit.ndjson", lines(numbers))
    save(root / "other_tables.ndjson", lines(tables(hits(3, 6))))

    plain = event(r, "2026-07-18T10:07:30", "wks-1", "ConnectionSuccess", "192.0.2.10", 443, "a.exe", "ann")
    save(root / "path_odd" / "a b%20c=ö" / "part 1.ndjson", lines(defender(row) for row in [*hits(1, 7), plain]))


def few(row):
    """A record of eight columns; the last is never empty."""
    columns = "Timestamp DeviceId DeviceName ReportId ActionType RemoteIP RemotePort InitiatingProcessFileName".split()
    return {name: defender(row)[name] for name in columns}


def truncated(path, reporter):
    rows = [
        event(
            reporter,
            f"2026-07-18T{8 + n // 60:02d}:{n % 60:02d}:00",
            "wks-2",
            "ConnectionSuccess",
            EXIT if n % 40 == 0 else f"192.0.2.{n % 250 + 1}",
            443,
            "a.exe",
            "ann",
        )
        for n in range(400)
    ]
    whole = gzip.compress(lines(defender(row) for row in rows).encode(), mtime=0)
    path.write_bytes(whole[: len(whole) * 2 // 3])


def tables(network):
    """Rows of three tables in one file, as a pipeline with one output writes them."""
    (first, process), (second, logon) = started(0), signed_in(0)
    logon = logon | {"RemoteIP": EXIT}
    marked = sentinel(network[2])
    return [
        envelope(first, "DeviceProcessEvents") | {"properties": process},
        envelope(network[0]),
        envelope(second, "DeviceLogonEvents") | {"properties": logon},
        envelope(network[1]),
        envelope(second, "DeviceLogonEvents") | {"properties": logon | {"ReportId": 70_020}},
        marked,
        marked | {"Type": "DeviceLogonEvents"},
        {"Type": "DeviceFileEvents", "TimeGenerated": marked["TimeGenerated"], "DeviceName": "wks-1", "FileName": "a"},
        envelope(first, "DeviceProcessEvents") | {"properties": process | {"ReportId": 70_021}},
    ]
