-- id: listed
-- title: Devices that talked to an address or host on a list of indicators
-- description: The question that the peers are asked for millions of indicators, as a hunt; addresses and the host of
--   RemoteUrl, and nothing else.
-- severity: high
-- status: experimental
-- tables: DeviceNetworkEvents, ThreatIndicators
-- params:
-- attack: tactics TA0011 Command and Control; techniques T1071 Application Layer Protocol
-- author: coldtrail
-- category: threat intelligence
-- blind_spots: names that stand in other columns
-- false_positives: shared hosting
-- references: https://attack.mitre.org/techniques/T1071/
-- fixtures: none
WITH events AS (
    SELECT *
    FROM DeviceNetworkEvents
    WHERE intel_match(RemoteIP, Timestamp, RemotePort, RemoteUrl, NULL) IS NOT NULL
)
SELECT
    NULLIF(DeviceName, '') AS DeviceName,
    RemoteIP,
    Direction,
    min(Timestamp) AS FirstSeen,
    max(Timestamp) AS LastSeen,
    count(*) AS Count
FROM events
GROUP BY NULLIF(DeviceName, ''), RemoteIP, Direction
ORDER BY Count DESC, FirstSeen ASC, DeviceName ASC NULLS LAST, RemoteIP ASC NULLS LAST, Direction ASC
