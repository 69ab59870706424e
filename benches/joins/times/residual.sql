-- An equality to hash, the list as the side that is hashed, and the interval as a residual condition on what it joins.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM TorRelays
RIGHT SEMI JOIN DeviceNetworkEvents
    ON Prefix = RemoteIP
    AND Timestamp >= SeenFrom - INTERVAL '24 hours'
    AND Timestamp <= SeenTo + INTERVAL '24 hours'
