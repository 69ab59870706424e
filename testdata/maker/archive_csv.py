"""The kinds of archive that are CSV: what portals save, and what a spreadsheet makes of it."""

import csv
import io
from datetime import datetime, timezone

from .archive_json import PROJECTED
from .archive_shape import day, defender, grouped, lines, save, sentinel

PORTAL_TIME = "TimeGenerated [UTC]"


def table(records, end="\n", quote_all=False):
    """RFC 4180: a null is an empty cell, a quote is doubled and a backslash is a letter like others."""
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.DictWriter(text, list(records[0]), lineterminator=end, quoting=quoting)
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in record.items()} for record in records)
    return text.getvalue()


def cell(value):
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def portal_csv(root, rows):
    """The Defender portal: ISO times, line feeds, every column."""
    save(root / "New query.csv", table([defender(row) for row in rows]))


def portal_csv_bom(root, rows):
    """The same with a byte order mark and CRLF, and only the columns that somebody projected."""
    records = [{name: value for name, value in defender(row).items() if name in PROJECTED} for row in rows]
    save(root / "query_results.csv", "\ufeff" + table(records, "\r\n"))


def us_long(row):
    """`7/18/2026, 9:09:00.730 AM`: months first, cut to milliseconds, twelve o'clock for zero."""
    at = datetime.fromtimestamp(row["Timestamp"] // 10**9, timezone.utc)
    milliseconds = row["Timestamp"] // 10**6 % 1_000
    clock = (
        f"{(at.hour + 11) % 12 + 1}:{at.minute:02d}:{at.second:02d}.{milliseconds:03d} {'AM' if at.hour < 12 else 'PM'}"
    )
    return f"{at.month}/{at.day}/{at.year}, {clock}"


def day_first(row):
    """`18/07/2026 09:09:00`: what a spreadsheet keeps of it on a European desk."""
    return datetime.fromtimestamp(row["Timestamp"] // 10**9, timezone.utc).strftime("%d/%m/%Y %H:%M:%S")


def saved(row, time):
    """A row of the Log Analytics portal, AdditionalFields as the text that the portal shows."""
    record = {PORTAL_TIME: time}
    record |= {name: value for name, value in sentinel(row).items() if name != "TimeGenerated"}
    return record | {"AdditionalFields": row["AdditionalFields"]}


def sentinel_csv(root, rows):
    save(root / "query_data.csv", table([saved(row, us_long(row)) for row in rows], "\r\n", quote_all=True))


def sentinel_csv_dayfirst(root, rows):
    save(root / "query_data.csv", table([saved(row, day_first(row)) for row in rows], "\r\n"))


def sentinel_csv_texts(root, rows):
    """Times as the rows' own text."""
    save(root / "query_data.csv", table([saved(row, row["_text"]) for row in rows], "\r\n"))


def dates_in_names(root, rows):
    """A file for each day and two for one; an event of the last tick before midnight came with the next day's."""
    for date, ones in grouped(rows, lambda row: "2026-07-18" if row.get("_late") else day(row)).items():
        if date.endswith("19"):
            save(root / f"DeviceNetworkEvents_{date.replace('-', '')}.ndjson", lines(defender(row) for row in ones))
            continue
        half = ones[::2] if date.endswith("18") else ones
        save(root / f"events-{date}.csv", table([defender(row) for row in half]))
        if half is not ones:
            records = lines(defender(row) for row in ones[1::2])
            save(root / f"DeviceNetworkEvents_{date.replace('-', '')}.ndjson", records)
