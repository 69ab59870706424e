-- id: intel_ip
-- title: Devices that talked to an indicator's address
-- description: Every device that exchanged traffic with an address or prefix that threat intelligence lists, Tor or not,
--   with the processes, command lines and accounts behind it. Retired indicators match only inside their own dates;
--   TI_Validity says what the dates of the others say of the events.
-- severity: high
-- status: stable
-- tables: DeviceNetworkEvents, ThreatIndicators
-- params:
-- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol
-- author: coldtrail
-- category: threat intelligence
-- blind_spots: indicators on domains and URLs (intel_any looks for those), addresses behind a proxy or a VPN,
--   shared hosting where the address says little, what the sensor capped or did not report
-- false_positives: content delivery networks and cloud addresses that changed hands, expired indicators (see
--   TI_Validity), prefixes wider than the infrastructure they were meant for
-- references: https://attack.mitre.org/techniques/T1071/
-- fixtures: must_hit, must_miss
WITH events AS (
    -- Events whose address an indicator covers. Copies of an event are removed right here.
    SELECT *
    FROM DeviceNetworkEvents
    WHERE intel_match(RemoteIP, Timestamp) IS NOT NULL
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
        intel_summary(RemoteIP, Timestamp, RemotePort) AS TI
    FROM events
    GROUP BY NULLIF(DeviceName, ''), RemoteIP, Direction
),
leveled AS (
    SELECT
        *,
        CASE Word WHEN 'Unknown' THEN 'Unknown direction' ELSE Word END AS Direction,
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
    'TA0011 Command and Control' AS MITRE_Tactics,
    'T1071 Application Layer Protocol' AS MITRE_Techniques,
    hunting_directives('Indicator', Direction, Processes, Cmds, Accounts, Ports, TI['Hit'], TI['Type'], TI['Confidence'],
                       vt_link(RemoteIP)) AS HuntingDirectives,
    risk_score(RiskLevel, Signals, DaysActive, Word, NULL, NULL, Points) AS RiskScore,
    risk_factors(RiskLevel, Signals, DaysActive, Word, NULL, NULL, Points) AS RiskFactors,
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
    finding_id('intel_ip', DeviceName, RemoteIP, Direction) AS FindingId
FROM leveled
-- By severity and not by the alphabet; the last three make the order total.
ORDER BY
    severity_rank(RiskLevel) DESC,
    Count DESC,
    FirstSeen ASC,
    DeviceName ASC NULLS LAST,
    RemoteIP ASC NULLS LAST,
    Direction ASC
