-- id: tor_exit
-- title: Devices that talked to Tor exits
-- description: Every device that exchanged traffic with an address of the Tor exit list, in either direction, with the
--   processes, command lines and accounts behind it, what threat intelligence knows of the address, and what to look at
--   first. The retrospective form of a Sentinel hunt: membership is judged per event, addresses are compared as
--   addresses, and indicators never multiply counts.
-- severity: high
-- status: stable
-- tables: DeviceNetworkEvents, TorRelays, ThreatIndicators
-- params: tor_role string = exit
-- attack: tactics TA0011 C2, TA0010 Exfiltration, TA0007 Discovery; techniques T1090 Proxy, T1071 Application Layer Protocol, T1573 Encrypted Channel
-- author: coldtrail, after a KQL hunt by Ala Dabat
-- category: command and control
-- blind_spots: onion services reached inside Tor, a VPN before Tor, Tor-like networks and custom proxies, bridges and
--   pluggable transports, Tor clients (they dial guards\, not exits), token replay against cloud services (it is not in
--   this table), what the sensor capped or did not report
-- false_positives: Tor exits that also serve ordinary sites, research and journalism workstations, internet-wide scans
--   against hosts that face the internet, lists older than the events
-- references: https://attack.mitre.org/techniques/T1090/003/, https://metrics.torproject.org/exonerator.html
-- fixtures: must_hit, must_miss
WITH events AS (
    -- KQL 1-4: events whose address is on the list. Copies of an event are removed right here.
    SELECT *
    FROM DeviceNetworkEvents
    WHERE tor_match(RemoteIP, Timestamp) IS NOT NULL
),
summarized AS (
    -- KQL 5: summarize by DeviceName, RemoteIP, Direction.
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
        tor_summary(RemoteIP, Timestamp) AS Tor,
        intel_summary(RemoteIP, Timestamp, RemotePort) AS TI
    FROM events
    GROUP BY NULLIF(DeviceName, ''), RemoteIP, Direction
),
leveled AS (
    -- KQL 6: the level, from the view's word for the direction.
    SELECT
        *,
        CASE Word WHEN 'Outbound' THEN 'Outbound to Tor' WHEN 'Inbound' THEN 'Inbound from Tor' ELSE 'Unknown direction' END AS Direction,
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
    -- KQL 7.
    'TA0011 C2; TA0010 Exfiltration; TA0007 Discovery' AS MITRE_Tactics,
    'T1090 Proxy; T1071 Application Layer Protocol; T1573 Encrypted Channel' AS MITRE_Techniques,
    -- KQL 8.
    hunting_directives('TOR', Direction, Processes, Cmds, Accounts, Ports, TI['Hit'], TI['Type'], TI['Confidence'],
                       vt_link(RemoteIP)) AS HuntingDirectives,
    risk_score(RiskLevel, Signals, DaysActive, Word, Tor['Role'], Tor['Evidence'], Points) AS RiskScore,
    risk_factors(RiskLevel, Signals, DaysActive, Word, Tor['Role'], Tor['Evidence'], Points) AS RiskFactors,
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
    finding_id('tor_exit', DeviceName, RemoteIP, Direction) AS FindingId
FROM leveled
-- KQL 9, by severity and not by the alphabet; the last three make the order total.
ORDER BY
    severity_rank(RiskLevel) DESC,
    Count DESC,
    FirstSeen ASC,
    DeviceName ASC NULLS LAST,
    RemoteIP ASC NULLS LAST,
    Direction ASC
