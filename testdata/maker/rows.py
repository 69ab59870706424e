"""One DeviceNetworkEvents row as a plain dict, before any file gives it a type.

Times are whole nanoseconds since 1970 (or text, or None, for rows whose time cannot be read). Devices, people and
hashes are invented; addresses are from the documentation ranges and 100.64.0.0/10 only.
"""

import hashlib
import re
from datetime import datetime, timezone

DOMAIN = "larchfield.example"

SESSION = [
    "InitiatingProcessSessionId",
    "IsInitiatingProcessRemoteSession",
    "InitiatingProcessRemoteSessionDeviceName",
    "InitiatingProcessRemoteSessionIP",
    "InitiatingProcessUniqueId",
]

COLUMNS = [
    "Timestamp",
    "DeviceId",
    "DeviceName",
    "ActionType",
    "RemoteIP",
    "RemotePort",
    "RemoteUrl",
    "LocalIP",
    "LocalPort",
    "Protocol",
    "RemoteIPType",
    "LocalIPType",
    "InitiatingProcessSHA256",
    "InitiatingProcessFileName",
    "InitiatingProcessFolderPath",
    "InitiatingProcessId",
    "InitiatingProcessCommandLine",
    "InitiatingProcessParentFileName",
    "InitiatingProcessAccountDomain",
    "InitiatingProcessAccountName",
    "ReportId",
    "AdditionalFields",
    *SESSION,
]


def ns(text):
    """`2026-03-18T09:14:02.1234567` (UTC) as nanoseconds since 1970."""
    whole, _, fraction = text.partition(".")
    at = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return int(at.timestamp()) * 10**9 + int((fraction or "0").ljust(9, "0"))


def iso(nanos, digits=7):
    """The text that Defender writes: up to 7 fraction digits, trailing zeros trimmed, `Z`."""
    at = datetime.fromtimestamp(nanos // 10**9, timezone.utc)
    fraction = f"{nanos % 10**9:09d}"[:digits].rstrip("0")
    return at.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if fraction else "") + "Z"


def date_of(nanos):
    return datetime.fromtimestamp(nanos // 10**9, timezone.utc).strftime("%Y-%m-%d")


def fake_hex(text, length):
    """Hex that looks like a hash and is one of an invented sentence."""
    return hashlib.sha256(f"invented: {text}".encode()).hexdigest()[:length]


class Reporter:
    """Counts ReportId per device, as the sensor does; servers are beyond 2^31, as seen in real telemetry."""

    def __init__(self):
        self.last = {}

    def next(self, device):
        start = 18_984_951_000 if (device or "").startswith("srv-") else 4_000
        self.last[device] = self.last.get(device, start) + 1
        return self.last[device]


def local_ip(device):
    number = int(fake_hex(device or "", 4), 16)
    return f"100.64.{10 + number // 256 % 40}.{number % 250 + 2}"


def ip_type(address):
    if address is None:
        return None
    if re.match(r"::ffff:", address, re.I):
        return "FourToSixMapping"
    return "Private" if address.startswith("100.64.") else "Public"


def event(reporter, time, device, action, remote, port, process=None, account=None, command=None, **more):
    """A row; `device` is the short name. `more` overrides columns and may carry `_part` and `_date` for the layout."""
    row = dict.fromkeys(COLUMNS)
    row |= {
        "Timestamp": ns(time) if time else None,
        "DeviceId": fake_hex(f"device {device}", 40),
        "DeviceName": f"{device}.{DOMAIN}",
        "ActionType": action,
        "RemoteIP": remote,
        "RemotePort": port,
        "LocalIP": local_ip(device),
        "LocalPort": 49_152 + int(fake_hex(f"{device}{time}{port}", 4), 16) % 16_000,
        "Protocol": "Tcp",
        "RemoteIPType": ip_type(remote),
        "LocalIPType": "Private",
        "ReportId": reporter.next(device),
        "AdditionalFields": "{}",
    }
    if process:
        row |= {
            "InitiatingProcessSHA256": fake_hex(process, 64),
            "InitiatingProcessFileName": process,
            "InitiatingProcessFolderPath": f"C:\\Program Files\\{process.split('.')[0]}",
            "InitiatingProcessId": 1_000 + int(fake_hex(f"{device}{process}", 3), 16) * 4,
            "InitiatingProcessCommandLine": command or f'"{process}"',
            "InitiatingProcessParentFileName": "explorer.exe" if device.startswith(("wks", "lap")) else "services.exe",
            "InitiatingProcessAccountDomain": "larchfield",
            "InitiatingProcessAccountName": account,
            "InitiatingProcessSessionId": 1 if account and account != "system" else 0,
            "IsInitiatingProcessRemoteSession": False,
            "InitiatingProcessUniqueId": str(int(fake_hex(f"{device}{process}u", 12), 16)),
        }
    return row | more
