-- Telemetry repeats its addresses: each distinct one meets every prefix once, and the events join what is left by equality.
WITH listed AS (
    SELECT RemoteIP AS Address
    FROM (SELECT DISTINCT RemoteIP FROM DeviceNetworkEvents)
    WHERE EXISTS (SELECT 1 FROM TorRelays WHERE ip_in(RemoteIP, Prefix))
)
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM DeviceNetworkEvents
WHERE RemoteIP IN (SELECT Address FROM listed)
