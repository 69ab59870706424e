-- The intervals cut into days before, so that address and day are one equality; at its edges a day is looked at again,
-- for an interval may begin and end within it.
WITH calendar AS (
    -- Every day has a list, and the first and the last day have neighbours within the tolerance.
    SELECT date_trunc('day', SeenFrom) AS Day FROM TorRelays
    UNION
    SELECT date_trunc('day', SeenTo) AS Day FROM TorRelays
    UNION
    SELECT date_trunc('day', min(SeenFrom) - INTERVAL '24 hours') AS Day FROM TorRelays
    UNION
    SELECT date_trunc('day', max(SeenTo) + INTERVAL '24 hours') AS Day FROM TorRelays
),
days AS (
    SELECT Prefix, SeenFrom, SeenTo, Day
    FROM TorRelays
    JOIN calendar
        ON Day > SeenFrom - INTERVAL '48 hours'
        AND Day <= SeenTo + INTERVAL '24 hours'
)
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM days
RIGHT SEMI JOIN DeviceNetworkEvents
    ON Prefix = RemoteIP
    AND Day = date_trunc('day', Timestamp)
    AND Timestamp >= SeenFrom - INTERVAL '24 hours'
    AND Timestamp <= SeenTo + INTERVAL '24 hours'
