-- An equality to hash, and the interval as a residual condition on what it joins.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM DeviceNetworkEvents
LEFT SEMI JOIN TorRelays
    ON Prefix = RemoteIP
    AND Timestamp >= SeenFrom - INTERVAL '24 hours'
    AND Timestamp <= SeenTo + INTERVAL '24 hours'
