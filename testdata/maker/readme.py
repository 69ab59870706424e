"""Writes demo/README.md from the cases and from what the reference finds."""

from .rows import DOMAIN

HEAD = """# The demo archive

Made by `testdata/make.py`; do not edit by hand. Everything in it is invented: devices, people, command lines, hashes. All
addresses are from the documentation ranges (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32) and 100.64.0.0/10,
except one private address on a Tor list and two among the indicators, which must be refused and counted.

    coldtrail hunt --events testdata/demo/events --tor testdata/demo/tor-history --intel testdata/demo/intel

The archive grew over a month: {events} events from 2026-03-06 to 2026-04-07 in {files} files, without 2026-03-24, in nine forms.

| from | folder | time | what else is different |
|---|---|---|---|
| 2026-03-06 | `export-2026-03/` | µs without zone | flat, several days a file, gzip, no session columns |
| 2026-03-10 | `year=/month=/day=` | INT96 | columns in alphabetical order, no session columns |
| 2026-03-16 | `date=` | ms, UTC | session columns begin; dictionaries, ports int64, zstd |
| 2026-03-20 | `date=` | ISO text, up to 7 digits | ports text (`443.0`), ReportId text, brotli; 03-22 has a second file in ms |
| 2026-03-25 | `date=` | ns without zone | large strings, lz4, data pages v2 |
| 2026-03-28 | `date=` | epoch seconds, double | every number a double, no session columns |
| 2026-03-31 | `date=` | TimeGenerated, µs, UTC | AdditionalFields a struct, MachineGroup, TenantId, Type; gzip; 03-31 has a second file in µs |
| 2026-04-05 | `date=` | µs, UTC | zstd |
| 2026-04-07 | `date=` | Timestamp and TimeGenerated | uncompressed; TimeGenerated is four minutes late and must not be used |

## The cast

"""


def write(path, cases, findings, funnel, files):
    lines = ["| case | what happens | what the hunt says |", "|---|---|---|"]
    for case in cases:
        said = [f"{device} {address}: {level}" for device, address, _, _, level in case.findings]
        lines.append(f"| {case.name} | {case.told} | {'<br>'.join(said) or 'nothing'} |")
    lines += [
        "",
        "## Expected findings",
        "",
        f"All devices end in `.{DOMAIN}`. The whole of it is in `expected.ndjson`.",
        "",
    ]
    lines += [
        "| level | device | address | direction | Count | Failed | Connections | days | first seen | last seen | indicator |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for f in findings:
        hit = f"{f['TI_Hit']} at {f['TI_Confidence']:g}, {f['TI_Validity']}" if f["TI_Hit"] else ""
        cells = [
            f["RiskLevel"],
            f["DeviceName"].removesuffix(f".{DOMAIN}"),
            f["RemoteIP"],
            f["Direction"],
            f["Count"],
            f["FailedCount"],
            f["Connections"],
            f["DaysActive"],
            f["FirstSeen"],
            f["LastSeen"],
            hit,
        ]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    told, unread = funnel["funnel"], funnel["unreadable"]
    lines += ["", "## Expected coverage", ""]
    lines += [
        f"- {told['events_in_files']} events in the files, {told['events_matched']} on the Tor list, {told['duplicates_removed']} copies removed, "
        f"{told['events_after_dedup']} left, {told['findings']} findings (`expected_coverage.json`).",
        f"- Missing day: {', '.join(funnel['days_missing'])}.",
        f"- Rows on a listed address without a readable time: {unread['times']}. RemoteIP texts that are no address: {unread['addresses']}. Unreadable ports: {unread['ports']}.",
        "- `exclude.csv` removes one finding (lap-research-01); its second line has run out and its third names no device of the archive.",
    ]
    head = HEAD.format(events=told["events_in_files"], files=files)
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")
