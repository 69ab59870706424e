"""What the kinds of archive share: the full set of Defender's columns, Sentinel's spelling of a row, and how files are
written so that making them again gives the same bytes.
"""

import gzip
import json

import pyarrow as pa

from .rows import fake_hex, iso

# The table's own order, as a portal or an API gives it.
TABLE = """Timestamp DeviceId DeviceName ActionType RemoteIP RemotePort RemoteUrl LocalIP LocalPort Protocol LocalIPType
RemoteIPType InitiatingProcessSHA1 InitiatingProcessSHA256 InitiatingProcessMD5 InitiatingProcessFileName
InitiatingProcessFileSize InitiatingProcessVersionInfoCompanyName InitiatingProcessVersionInfoProductName
InitiatingProcessVersionInfoProductVersion InitiatingProcessVersionInfoInternalFileName
InitiatingProcessVersionInfoOriginalFileName InitiatingProcessVersionInfoFileDescription InitiatingProcessId
InitiatingProcessCommandLine InitiatingProcessCreationTime InitiatingProcessFolderPath InitiatingProcessParentFileName
InitiatingProcessParentId InitiatingProcessParentCreationTime InitiatingProcessAccountDomain
InitiatingProcessAccountName InitiatingProcessAccountSid InitiatingProcessAccountUpn InitiatingProcessAccountObjectId
InitiatingProcessIntegrityLevel InitiatingProcessTokenElevation ReportId AppGuardContainerId AdditionalFields
InitiatingProcessSessionId IsInitiatingProcessRemoteSession InitiatingProcessRemoteSessionDeviceName
InitiatingProcessRemoteSessionIP InitiatingProcessUniqueId""".split()

# What the Sentinel table of 2024 does not list.
LATER = TABLE[TABLE.index("InitiatingProcessSessionId") :]

NO_TEXT = {
    "RemotePort",
    "LocalPort",
    "InitiatingProcessFileSize",
    "InitiatingProcessId",
    "InitiatingProcessParentId",
    "InitiatingProcessCreationTime",
    "InitiatingProcessParentCreationTime",
    "ReportId",
    "AdditionalFields",
    "InitiatingProcessSessionId",
    "IsInitiatingProcessRemoteSession",
}

TENANT = "00000000-aaaa-4bbb-8ccc-0000000000a1"
WORKSPACE = "00000000-aaaa-4bbb-8ccc-000000000001"
RESOURCE = "/subscriptions/00000000-aaaa-4bbb-8ccc-0000000000b2/resourcegroups/larchfield/providers/microsoft.operationalinsights/workspaces/larchfield-soc"


def defender(row):
    """A row with all of Defender's columns, and its time as Defender writes it."""
    return {name: iso(row["Timestamp"]) if name == "Timestamp" else row.get(name) for name in TABLE}


def dynamic(text):
    """AdditionalFields as a dynamic value: an object; what is no JSON stays text; empty is null."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def sentinel(row):
    """A row of the Sentinel table: no Timestamp, text is never null, AdditionalFields is dynamic."""
    columns = {name: row.get(name) for name in TABLE if name not in ("Timestamp", *LATER)}
    columns = {name: "" if value is None and name not in NO_TEXT else value for name, value in columns.items()}
    columns["AdditionalFields"] = dynamic(row["AdditionalFields"])
    named = {"TenantId": WORKSPACE, "TimeGenerated": iso(row["Timestamp"]), "MachineGroup": "Larchfield"}
    return named | dict(sorted(columns.items())) | {"SourceSystem": "", "Type": "DeviceNetworkEvents"}


def line(record, ascii_only=False):
    return json.dumps(record, ensure_ascii=ascii_only, separators=(",", ":"))


def lines(records, end="\n"):
    return "".join(line(record) + end for record in records)


def save(path, text):
    """Text as it is, whatever its line ends; by the name's last part plain, gzip or zstd."""
    content = text if isinstance(text, bytes) else text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    elif path.suffix == ".zst":
        content = zstd_frame(content)
    path.write_bytes(content)


def zstd_frame(content):
    return pa.Codec("zstd").compress(content, asbytes=True)


def guid(text):
    """A name of the form of a GUID; letters stand where a reader could see a date."""
    digits = fake_hex(text, 31)
    return f"f{digits[:7]}-{digits[7:11]}-4{digits[11:14]}-a{digits[14:17]}-{digits[17:29]}"


def day(row):
    return iso(row["Timestamp"])[:10]


def hour(row):
    return iso(row["Timestamp"])[:13]


def grouped(rows, key):
    """Rows by key, in the order of the keys' first rows."""
    groups = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
