-- A set that is built once: tor_match asks it for each address, whatever the lengths of the prefixes.
SELECT Timestamp, DeviceName, RemoteIP, ReportId
FROM DeviceNetworkEvents
WHERE tor_match(RemoteIP, Timestamp) IS NOT NULL
