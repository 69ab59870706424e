-- The tor_exit hunt in plain joins, for lists and indicators of exact addresses: what the KQL says, said in SQL. A prefix
-- is a text like any other here and matches nothing; `sql/tor_exit.sql` is the form that matches prefixes and dates.
-- An indicator that says only tor is a hit like any other here, as in the hunt with --intel-tor keep.
-- Run it with `coldtrail sql "$(cat sql/joins/tor_exit.sql)" --events … --tor … --intel …`.
WITH MISP AS (
    -- Indicators are collapsed before they meet events, so that several on one address cannot multiply Count.
    SELECT
        Prefix AS TI_Address,
        first_value(TI_Indicator ORDER BY TI_Confidence DESC NULLS LAST, ValidFrom DESC NULLS LAST, TI_Indicator, Source) AS TI_Hit,
        max(TI_Confidence) AS TI_Confidence,
        first_value(ThreatType ORDER BY TI_Confidence DESC NULLS LAST, ValidFrom DESC NULLS LAST, TI_Indicator, Source) AS TI_Type
    FROM ThreatIndicators
    WHERE Kind = 'address' AND State = 'active'
    GROUP BY Prefix
),
events AS (
    SELECT *
    FROM DeviceNetworkEvents
    WHERE RemoteIP IN (SELECT Prefix FROM TorRelays)
),
joined AS (
    SELECT events.*, TI_Hit, TI_Confidence, TI_Type
    FROM events
    LEFT JOIN MISP ON RemoteIP = TI_Address
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
        max(TI_Hit) AS TI_Hit,
        max(TI_Confidence) AS TI_Confidence,
        max(TI_Type) AS TI_Type
    FROM joined
    GROUP BY NULLIF(DeviceName, ''), RemoteIP, Direction
),
leveled AS (
    SELECT
        *,
        CASE Word WHEN 'Outbound' THEN 'Outbound to Tor' WHEN 'Inbound' THEN 'Inbound from Tor' ELSE 'Unknown direction' END AS Direction,
        risk_level(TI_Hit, TI_Confidence, Word) AS RiskLevel
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
    TI_Hit,
    TI_Confidence,
    TI_Type,
    RiskLevel,
    'TA0011 C2; TA0010 Exfiltration; TA0007 Discovery' AS MITRE_Tactics,
    'T1090 Proxy; T1071 Application Layer Protocol; T1573 Encrypted Channel' AS MITRE_Techniques,
    hunting_directives('TOR', Direction, Processes, Cmds, Accounts, Ports, TI_Hit, TI_Type, TI_Confidence,
                       vt_link(RemoteIP)) AS HuntingDirectives
FROM leveled
ORDER BY
    severity_rank(RiskLevel) DESC,
    Count DESC,
    FirstSeen ASC,
    DeviceName ASC NULLS LAST,
    RemoteIP ASC NULLS LAST,
    Direction ASC
