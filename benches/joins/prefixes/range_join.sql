-- A join on ranges: no equality to hash, so every event meets every prefix in a nested loop.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM TorRelays
RIGHT SEMI JOIN DeviceNetworkEvents
    ON ip_in(RemoteIP, Prefix)
