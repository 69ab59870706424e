-- id: intel_any
-- title: Devices that talked to anything that threat intelligence names
-- description: Every device that exchanged traffic with an address or prefix that threat intelligence lists, or with a
--   domain (its subdomains too) or URL: in RemoteUrl, and in the host, query and server_name of inspected HTTP, DNS and TLS
--   connections. TI_Matches says for each indicator in which field it matched.
-- severity: high
-- status: stable
-- tables: DeviceNetworkEvents, ThreatIndicators
-- params:
-- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol, T1568 Dynamic Resolution
-- author: coldtrail
-- category: threat intelligence
-- blind_spots: names that the sensor did not see (encrypted DNS\, TLS without server_name\, connections that it did not
--   inspect), a URL indicator where the event holds only the host, addresses behind a proxy or a VPN, what the sensor
--   capped or did not report
-- false_positives: shared hosting and content delivery networks, resolvers that are the RemoteIP of a DNS query, expired
--   indicators (see TI_Validity), domains of providers that a feed lists whole
-- references: https://attack.mitre.org/techniques/T1071/, https://attack.mitre.org/techniques/T1568/
-- fixtures: must_hit, must_miss
WITH events AS (
    -- Events whose address or names an indicator stands for. Copies of an event are removed right here.
    SELECT *
    FROM DeviceNetworkEvents
    WHERE intel_match(RemoteIP, Timestamp, RemotePort, RemoteUrl, AdditionalFields) IS NOT NULL
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
        intel_summary(RemoteIP, Timestamp, RemotePort, RemoteUrl, AdditionalFields) AS TI
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
    'T1071 Application Layer Protocol; T1568 Dynamic Resolution' AS MITRE_Techniques,
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
    finding_id('intel_any', DeviceName, RemoteIP, Direction) AS FindingId
FROM leveled
-- By severity and not by the alphabet; the last three make the order total.
ORDER BY
    severity_rank(RiskLevel) DESC,
    Count DESC,
    FirstSeen ASC,
    DeviceName ASC NULLS LAST,
    RemoteIP ASC NULLS LAST,
    Direction ASC
