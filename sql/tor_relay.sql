-- id: tor_relay
-- title: Devices that dialled Tor relays
-- description: Every device that made or tried a connection to the address of any Tor relay (guard, middle or exit), as
--   a Tor client on it would. Exit lists miss nearly all of these, because a client never dials the last hop of its
--   circuit. TorPort says whether a connection went to the relay's own OR port, which is stronger than one to another port of
--   the same host.
-- severity: medium
-- status: stable
-- tables: DeviceNetworkEvents, TorRelays, ThreatIndicators
-- params: tor_role string = any
-- attack: tactics TA0011 C2; techniques T1090 Proxy, T1573 Encrypted Channel
-- author: coldtrail
-- category: command and control
-- blind_spots: bridges and pluggable transports (they are in no public list), a VPN or proxy before Tor, events whose
--   direction is not known, what the sensor capped or did not report
-- false_positives: relays that also serve ordinary sites on the same address (see TorPort), lists older than the events,
--   machines that are Tor relays themselves
-- references: https://attack.mitre.org/techniques/T1090/003/, https://metrics.torproject.org/rs.html
-- fixtures: must_hit, must_miss
WITH events AS (
    -- A client dials a guard, or a middle relay or an exit in that place. Copies of an event are removed right here.
    SELECT *
    FROM DeviceNetworkEvents
    WHERE tor_match(RemoteIP, Timestamp, RemotePort) IS NOT NULL AND Direction = 'Outbound'
),
summarized AS (
    SELECT
        NULLIF(DeviceName, '') AS DeviceName,
        RemoteIP,
        Direction AS Word,
        min(Timestamp) AS FirstSeen,
        max(Timestamp) AS LastSeen,
        count(*) AS Count,
        make_set(InitiatingProcessFileName) AS Processes,
        make_set(InitiatingProcessCommandLine) AS Cmds,
        make_set(InitiatingProcessAccountName) AS Accounts,
        make_set(RemotePort) AS Ports,
        -- Inbound, RemotePort is the peer's ephemeral port: what was talked to is the local one.
        make_set(CASE WHEN Direction = 'Outbound' AND LocalPort >= 49152 THEN NULL ELSE LocalPort END) AS LocalPorts,
        make_set(DeviceId) AS DeviceIds,
        make_set(RemoteUrl) AS RemoteUrls,
        make_set(InitiatingProcessSHA256) AS ProcessSHA256s,
        count(DISTINCT CAST(Timestamp AS DATE)) AS DaysActive,
        count(*) FILTER (WHERE starts_with(ActionType, 'ConnectionFailed')) AS FailedCount,
        sum(connection_count(AdditionalFields)) AS Connections,
        bit_or(event_signals(ActionType, Direction, InitiatingProcessFileName, InitiatingProcessFolderPath,
                             InitiatingProcessCommandLine, RemotePort, RemoteUrl)) AS Signals,
        tor_summary(RemoteIP, Timestamp, RemotePort) AS Tor,
        intel_summary(RemoteIP, Timestamp, RemotePort) AS TI
    FROM events
    GROUP BY NULLIF(DeviceName, ''), RemoteIP, Direction
),
leveled AS (
    SELECT
        *,
        'Outbound to Tor' AS Direction,
        risk_level(TI['Hit'], TI['Confidence'], Word) AS RiskLevel,
        -- What its own publisher does not hold fit for detection earns no points.
        CASE WHEN TI['ToIds'] IS DISTINCT FROM FALSE THEN TI['Validity'] END AS Points
    FROM summarized
)
SELECT
    DeviceName,
    RemoteIP,
    Direction,
    FirstSeen,
    LastSeen,
    Count,
    Processes['Items'] AS Processes,
    Cmds['Items'] AS Cmds,
    Accounts['Items'] AS Accounts,
    Ports['Items'] AS Ports,
    TI['Hit'] AS TI_Hit,
    TI['Confidence'] AS TI_Confidence,
    TI['Type'] AS TI_Type,
    RiskLevel,
    'TA0011 C2' AS MITRE_Tactics,
    'T1090 Proxy; T1573 Encrypted Channel' AS MITRE_Techniques,
    hunting_directives('TOR', Direction, Processes, Cmds, Accounts, Ports, TI['Hit'], TI['Type'], TI['Confidence'],
                       vt_link(RemoteIP)) AS HuntingDirectives,
    risk_score(RiskLevel, Signals, DaysActive, Word, Tor['Role'], Tor['Evidence'], Points, Tor['ORPort']) AS RiskScore,
    risk_factors(RiskLevel, Signals, DaysActive, Word, Tor['Role'], Tor['Evidence'], Points, Tor['ORPort']) AS RiskFactors,
    Tor['Role'] AS TorRole,
    Tor['Evidence'] AS TorEvidence,
    Tor['SeenFrom'] AS TorSeenFrom,
    Tor['SeenTo'] AS TorSeenTo,
    TI['Validity'] AS TI_Validity,
    TI['Matches'] AS TI_Matches,
    DaysActive,
    FailedCount,
    Connections,
    DeviceIds['Items'] AS DeviceIds,
    LocalPorts['Items'] AS LocalPorts,
    RemoteUrls['Items'] AS RemoteUrls,
    ProcessSHA256s['Items'] AS ProcessSHA256s,
    sets_truncated('Processes', Processes, 'Cmds', Cmds, 'Accounts', Accounts, 'Ports', Ports, 'DeviceIds', DeviceIds,
                   'LocalPorts', LocalPorts, 'RemoteUrls', RemoteUrls, 'ProcessSHA256s', ProcessSHA256s) AS SetsTruncated,
    vt_link(RemoteIP) AS VT_Link,
    finding_id('tor_relay', DeviceName, RemoteIP, Direction) AS FindingId,
    -- Its own column, since it decides how sure the finding is: a relay's host may serve other things on other ports.
    CASE Tor['ORPort'] WHEN 'same' THEN 'OR port' WHEN 'other' THEN 'another port' ELSE 'not known' END AS TorPort
FROM leveled
-- By severity and not by the alphabet; the last three make the order total.
ORDER BY
    severity_rank(RiskLevel) DESC,
    Count DESC,
    FirstSeen ASC,
    DeviceName ASC NULLS LAST,
    RemoteIP ASC NULLS LAST,
    Direction ASC
