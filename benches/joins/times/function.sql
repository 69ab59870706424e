-- A set of addresses first; tor_match compares times for those few rows whose address is listed at any time.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM DeviceNetworkEvents
WHERE tor_match(RemoteIP, Timestamp) IS NOT NULL
