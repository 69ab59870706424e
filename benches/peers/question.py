"""What everybody is asked for: the events whose address, or whose address or host name, stands on a list.

The answer of a peer is the matching rows with the columns that coldtrail's findings are made from. Two answers are the
same when their rows, brought into one form, are the same; copies of an event are kept on both sides.
"""

import hashlib
import ipaddress
import json

COLUMNS = (
    "DeviceId",
    "DeviceName",
    "Timestamp",
    "ActionType",
    "RemoteIP",
    "RemotePort",
    "LocalPort",
    "RemoteUrl",
    "ReportId",
    "InitiatingProcessFileName",
    "InitiatingProcessFolderPath",
    "InitiatingProcessCommandLine",
    "InitiatingProcessAccountName",
    "InitiatingProcessSHA256",
    "AdditionalFields",
)
# A relay is asked for in both spellings that telemetry has for an IPv4 address.
MAPPED = "::ffff:"


def spelled(addresses):
    """The texts by which peers, who compare text, find these addresses."""
    return sorted({*addresses, *(MAPPED + address for address in addresses if ":" not in address)})


def address(text):
    """One spelling for each address; text that is none stays."""
    try:
        parsed = ipaddress.ip_address(text or "")
    except ValueError:
        return text or ""
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed)


def row(values):
    """A row in the form that is compared, from a mapping of COLUMNS; Timestamp is text to the microsecond."""
    told = {name: "" if values[name] is None else values[name] for name in COLUMNS}
    told["RemoteIP"] = address(told["RemoteIP"])
    return json.dumps([told[name] for name in COLUMNS], ensure_ascii=False)


def rows_of_table(table):
    """The rows of a pyarrow table, sorted."""
    stamps = [stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for stamp in table.column("Timestamp").to_pylist()]
    columns = {name: stamps if name == "Timestamp" else table.column(name).to_pylist() for name in COLUMNS}
    return sorted(row(dict(zip(COLUMNS, values))) for values in zip(*columns.values()))


def digest(rows):
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def events(rows):
    """How often each device met each address, copies of an event counted once: {(device, address): count}."""
    seen, counts = set(), {}
    for number, text in enumerate(rows):
        told = dict(zip(COLUMNS, json.loads(text)))
        named = told["DeviceId"] != "" and told["ReportId"] != ""
        copy = tuple(
            told[name] for name in ("DeviceId", "ReportId", "ActionType", "RemoteIP", "RemotePort", "LocalPort")
        )
        # Exports differ below the millisecond.
        key = (*copy, told["Timestamp"][:23]) if named else number
        if key not in seen:
            seen.add(key)
            group = (told["DeviceName"], told["RemoteIP"])
            counts[group] = counts.get(group, 0) + 1
    return counts
