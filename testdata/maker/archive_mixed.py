"""A folder in which several kinds lie side by side, with files of other tables that must be skipped and counted."""

from . import archive_csv, archive_json, archive_parquet
from .archive_json import envelope, hour_blob
from .archive_shape import RESOURCE, defender, lines, save, sentinel
from .rows import Reporter, event, fake_hex

# Every event goes to one of these, in turn, so that the copied one lies in two kinds.
PARTS = [
    archive_json.streaming,
    archive_json.log_analytics_rule,
    archive_parquet.adx_int96,
    archive_csv.portal_csv,
    archive_json.graph_api,
    archive_json.vector,
    archive_json.ndjson_zst,
]
FOLDERS = ["", "", "adx", "saved", "saved", "vector", "zst"]


def mixed(root, rows):
    for number, (write, folder) in enumerate(zip(PARTS, FOLDERS, strict=True)):
        write(root / folder, rows[number :: len(PARTS)])
    others(root)


def others(root):
    """Eight rows of other tables in four files; those of the logon table carry an address that is listed."""
    process = [started(n) for n in range(5)]
    logon = [signed_in(n) for n in range(3)]
    wrapped = [envelope(row, "DeviceProcessEvents") | {"properties": properties} for row, properties in process[:2]]
    save(root / hour_blob("2026-07-18T14", "deviceprocessevents"), lines(wrapped, "\r\n"))
    wrapped = [envelope(row, "DeviceLogonEvents") | {"properties": properties} for row, properties in logon[:2]]
    save(root / hour_blob("2026-07-18T14", "devicelogonevents"), lines(wrapped, "\r\n"))
    save(root / "saved" / "DeviceProcessEvents_20260718.ndjson", lines(properties for _, properties in process[2:]))
    where = root / "am-devicelogonevents" / f"WorkspaceResourceId={RESOURCE}" / "y=2026/m=07/d=18/h=14/m=00"
    save(where / "PT05M.json", lines(table_row(row, properties) for row, properties in logon[2:]))


def started(number):
    """An event and its row of DeviceProcessEvents, which has no RemoteIP."""
    row = other(number)
    name = f"tool-{number}.exe"
    own = {"ActionType": "ProcessCreated", "FileName": name, "SHA256": fake_hex(name, 64)}
    own |= {"ProcessId": 4_000 + number, "ProcessCommandLine": f'"{name}" --once', "AdditionalFields": None}
    return row, common(row) | own


def signed_in(number):
    """An event and its row of DeviceLogonEvents, which has one."""
    row = other(10 + number)
    own = {"ActionType": "LogonFailed", "LogonType": "Network", "AccountName": "ann", "RemoteIP": row["RemoteIP"]}
    return row, common(row) | own | {"RemotePort": 50_100 + number, "RemoteIPType": "Public", "AdditionalFields": "{}"}


def other(number):
    time = f"2026-07-18T14:{20 + number:02d}:00"
    return event(Reporter(), time, "srv-app-02", "ConnectionSuccess", "198.51.100.7", 443) | {
        "ReportId": 70_000 + number
    }


def common(row):
    return {name: defender(row)[name] for name in ("Timestamp", "DeviceId", "DeviceName", "ReportId")}


def table_row(row, properties):
    """The flat row of the Sentinel table of signed-in users."""
    kept = {name: value for name, value in properties.items() if name != "Timestamp"}
    head = {name: sentinel(row)[name] for name in ("TenantId", "TimeGenerated", "MachineGroup", "SourceSystem")}
    return head | kept | {"Type": "DeviceLogonEvents"}
