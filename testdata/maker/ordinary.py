"""What an office network does all day: rows that no hunt must report, so that the funnel starts wide.

Peers are 192.0.2.0/24, 203.0.113.128/25, 2001:db8:10::/48 and 100.64.0.0/10; none of them is on the demo's Tor list. Only
`random()` of a seeded generator is drawn on, whose sequence Python guarantees.
"""

import json
import random

from .rows import event

WORKSTATIONS = [f"wks-{team}-{n:02d}" for team in ("sales", "acc", "mkt", "hr", "lab") for n in (1, 2, 3, 5, 7, 11)]
LAPTOPS = ["lap-017", "lap-023", "lap-042", "lap-055", "lap-061", "lap-research-01"]
SERVERS = [
    "srv-dc-01",
    "srv-file-01",
    "srv-app-01",
    "srv-app-02",
    "srv-orion-01",
    "srv-adfs-01",
    "srv-vpn-01",
    "srv-owa-01",
]

PROGRAMS = [
    (
        "msedge.exe",
        '"C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe" --profile-directory=Default',
        True,
    ),
    ("OUTLOOK.EXE", '"C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE"', True),
    ("Teams.exe", '"C:\\Program Files\\Teams\\Teams.exe" --type=utility', True),
    ("chrome.exe", '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe"', True),
    ("svchost.exe", "svchost.exe -k netsvcs -p -s wuauserv", False),
    ("MsMpEng.exe", '"MsMpEng.exe"', False),
    ("3CXDesktopApp.exe", '"C:\\Program Files\\3CXDesktopApp\\app\\3CXDesktopApp.exe"', True),
    ("OneDrive.exe", '"C:\\Program Files\\Microsoft OneDrive\\OneDrive.exe" /background', True),
]
SITES = [
    "www.example.com",
    "mail.example.net",
    "cdn.example.org",
    "update.example.com",
    "files.example.net",
    None,
    None,
]
RESOLVER = "192.0.2.53"


def day(reporter, date, rows):
    """About `rows` ordinary events of one date, in the order of their times."""
    dice = random.Random(f"ordinary {date}")
    seconds = sorted(int(86_400 * clock(dice)) for _ in range(rows))
    return [
        one(reporter, dice, f"{date}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}.{int(dice.random() * 10**7):07d}")
        for s in seconds
    ]


def clock(dice):
    """Most of a day's events fall between 07:00 and 18:00."""
    return dice.random() if dice.random() < 0.3 else (7 + 11 * dice.random()) / 24


def pick(dice, options):
    """The first options are drawn most often."""
    return options[int(len(options) * dice.random() ** 1.6)]


def one(reporter, dice, time):
    kind = dice.random()
    device = pick(dice, WORKSTATIONS + LAPTOPS) if dice.random() < 0.8 else pick(dice, SERVERS)
    if kind < 0.03:
        row = event(reporter, time, device, "ListeningConnectionCreated", None, None, "svchost.exe", "system")
        return row | {"LocalPort": 5_040, "Protocol": "TcpV4", "RemoteIPType": None}
    if kind < 0.12:
        query = pick(dice, [s for s in SITES if s])
        fields = {"direction": "Out", "query": query, "qtype_name": "A", "rcode_name": "NOERROR", "AA": "false"}
        return event(
            reporter,
            time,
            device,
            "DnsConnectionInspected",
            RESOLVER,
            53,
            Protocol="Udp",
            AdditionalFields=json.dumps(fields),
        )
    if kind < 0.2:
        fields = {"direction": "Out", "version": "TLSv12", "server_name": pick(dice, [s for s in SITES if s])}
        return event(
            reporter,
            time,
            device,
            "SslConnectionInspected",
            peer(dice),
            443,
            AdditionalFields=json.dumps(fields),
            RemoteIPType=None,
        )
    if kind < 0.28:
        server = pick(dice, SERVERS)
        row = event(
            reporter,
            time,
            server,
            "InboundConnectionAccepted",
            f"100.64.{10 + int(dice.random() * 40)}.{2 + int(dice.random() * 250)}",
            49_152 + int(dice.random() * 16_000),
            "System",
            "system",
        )
        return row | {"LocalPort": (445, 443, 88, 3389)[int(dice.random() * 4)], "AdditionalFields": ""}
    program, command, personal = pick(dice, PROGRAMS)
    account = user_of(device) if personal else "system"
    action, fields = "ConnectionSuccess", ("{}", "", None)[int(dice.random() * 3)]
    if kind < 0.33:
        action = "ConnectionFailed"
    elif kind < 0.36:
        action, fields = (
            "ConnectionSuccessAggregatedReport",
            json.dumps({"uniqueEventsAggregated": str(2 + int(dice.random() * 40))}),
        )
    port = 443 if dice.random() < 0.85 else 80
    return event(
        reporter,
        time,
        device,
        action,
        peer(dice),
        port,
        program,
        account,
        command,
        RemoteUrl=pick(dice, SITES),
        AdditionalFields=fields,
    )


def user_of(device):
    people = ["a.birch", "b.rowan", "c.hazel", "d.alder", "e.linden", "f.willow", "g.aspen", "h.maple"]
    return people[sum(device.encode()) % len(people)]


def peer(dice):
    kind = dice.random()
    if kind < 0.55:
        return f"192.0.2.{pick(dice, [n for n in range(1, 250) if n not in (53, 66, 121, 190)])}"
    if kind < 0.75:
        return f"203.0.113.{128 + int(dice.random() * 120)}"
    if kind < 0.9:
        return f"100.64.{10 + int(dice.random() * 40)}.{2 + int(dice.random() * 250)}"
    return f"2001:db8:10:{1 + int(dice.random() * 9)}::{1 + int(dice.random() * 0xFFF):x}"
