-- A join on ranges: no equality to hash, so every event meets every prefix in a nested loop.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM DeviceNetworkEvents
LEFT SEMI JOIN TorRelays
    ON ip_in(RemoteIP, Prefix)
