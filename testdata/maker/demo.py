"""Lays the story and the ordinary days out as an archive that grew: one form after another, one day missing."""

from datetime import date, timedelta

from . import cast, history, intel, ordinary
from .forms import FORMS, write
from .rows import Reporter

FIRST, LAST, MISSING = date(2026, 3, 6), date(2026, 4, 7), date(2026, 3, 24)

# (first day, folder pattern, file name, form); a day's form is the last one that has begun.
EPOCHS = [
    (date(2026, 3, 6), "export-2026-03", "DeviceNetworkEvents_{chunk}.parquet", "adx"),
    (date(2026, 3, 10), "year={y}/month={m:02d}/day={d:02d}", "part-0.parquet", "adx_old"),
    (date(2026, 3, 16), "date={iso}", "part-0.parquet", "xdr_ms"),
    (date(2026, 3, 20), "date={iso}", "part-0.parquet", "iso"),
    (date(2026, 3, 25), "date={iso}", "part-0.parquet", "ns"),
    (date(2026, 3, 28), "date={iso}", "CriblOut-0.parquet", "epoch"),
    (date(2026, 3, 31), "date={iso}", "part-0.gz.parquet", "sentinel"),
    (date(2026, 4, 5), "date={iso}", "part-0.parquet", "xdr"),
    (date(2026, 4, 7), "date={iso}", "part-0.parquet", "xdr_both"),
]
# Dates with a second file, and its form.
SECOND_PARTS = {"2026-03-22": "xdr_ms", "2026-03-31": "xdr"}


def days():
    return [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1) if FIRST + timedelta(n) != MISSING]


def place(day, part):
    """Path and form of a day's file."""
    iso = day.isoformat()
    _, folder, name, form = [epoch for epoch in EPOCHS if epoch[0] <= day][-1]
    if part == 1:
        return f"date={iso}/part-1.parquet", SECOND_PARTS[iso]
    chunk = "0001" if day < date(2026, 3, 8) else "0002"
    return f"{folder.format(y=day.year, m=day.month, d=day.day, iso=iso)}/{name.format(chunk=chunk)}", form


def make(root):
    """Writes the demo below `root`; returns the cases."""
    reporter = Reporter()
    cases = cast.cases(reporter)
    files = {}
    for day in days():
        iso = day.isoformat()
        background = ordinary.day(reporter, iso, 30 if day.weekday() >= 5 else 118)
        ordinary_rows = {id(row) for row in background}
        rows = background + [row for case in cases for row in case.events if cast.date_key(row) == iso]
        rows.sort(key=lambda row: row["Timestamp"] if isinstance(row["Timestamp"], int) else 0)
        for number, row in enumerate(rows):
            second = iso in SECOND_PARTS and id(row) in ordinary_rows and number % 2 == 1
            path, form = place(day, row.get("_part", int(second)))
            files.setdefault(path, (form, []))[1].append(row)
    for path, (form, rows) in files.items():
        write(root / "events" / path, rows, FORMS[form])
    (root / "events" / "date=2026-04-07" / "_SUCCESS").write_bytes(b"")
    history.make(root / "tor-history")
    (root / "exclude.csv").write_text(intel.EXCLUDE_CSV, encoding="utf-8", newline="\n")
    intel.write_new(root / "intel" / "ThreatIntelIndicators.parquet", intel.demo_new())
    intel.write_legacy(root / "intel" / "ThreatIntelligenceIndicator.parquet", intel.demo_legacy())
    (root / "intel" / "plain.csv").write_text(intel.PLAIN_CSV, encoding="utf-8", newline="\n")
    return cases
