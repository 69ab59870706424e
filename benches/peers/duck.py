"""The Tor exit hunt, written by hand for DuckDB: one process, one query, its findings as JSON lines on stdout.

The query asks what `sql/tor_exit.sql` asks, so far as text comparison allows it: the rules that need addresses as numbers
(IPv6 spelled differently, IPv6 prefixes) have no counterpart here, and the generated archive does not need them. It is
given every form that helps DuckDB; FORMS says which, and `run.py` keeps the fastest. Nothing is printed but findings, and
on stderr one line of JSON: what the query alone took, without the start of Python, and the peak memory of the process.
"""

import argparse
import json
import sys
import time

import duckdb

# Both spellings of a relay, so that the filter is one plain test on the file's own column and DuckDB can evaluate it on the
# dictionary, before it reads any other column.
SPELLED = """
    SELECT dest_ip AS ip FROM tor
    UNION ALL SELECT '::ffff:' || dest_ip FROM tor WHERE NOT contains(dest_ip, ':')
"""

# How the relays are asked for. Measured on 22.5 million rows in 90 files with 23 clustered hits, two cores, warm, in seconds:
# subquery 2.1, literal 2.5, join 2.0, two_step 0.46, two_step_literal 0.66. The two-step forms win by reading the other
# columns of three files only; they are two statements of one script, so `run.py` reports both kinds.
#   subquery  RemoteIP IN (SELECT …): a semi join, which hands the scan bounds and a Bloom filter
#   literal   RemoteIP IN ('…', '…'): the list stands in the query and is pushed into the scan
#   join      an inner join with the distinct spellings
#   two_step  first which files hold a hit, reading RemoteIP only, then the whole query on those files
#   two_step_literal  the same with the literal list
FORMS = ("subquery", "literal", "join", "two_step", "two_step_literal")

WANTED = """DeviceId, DeviceName, Timestamp, ActionType, RemoteIP, RemotePort, LocalPort, RemoteUrl, ReportId,
    InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessAccountName, InitiatingProcessSHA256,
    AdditionalFields"""

HUNT = """
WITH hit AS MATERIALIZED (
    SELECT {wanted},
        CASE WHEN starts_with(RemoteIP, '::ffff:') THEN substr(RemoteIP, 8) ELSE RemoteIP END AS ip
    FROM {events} {where}
), event AS MATERIALIZED (
    -- Copies of one event; rows without DeviceId or ReportId are never copies.
    SELECT * FROM hit WHERE coalesce(DeviceId, '') = '' OR ReportId IS NULL
    UNION ALL
    SELECT DISTINCT ON (DeviceId, ReportId, epoch_us(Timestamp) // 1000, ActionType, ip, RemotePort, LocalPort) *
    FROM hit WHERE coalesce(DeviceId, '') <> '' AND ReportId IS NOT NULL
), directed AS (
    SELECT *,
        CASE WHEN json_valid(AdditionalFields) THEN lower(json_extract_string(AdditionalFields, '$.direction')) END AS said
    FROM event
), spoken AS (
    SELECT *,
        CASE
            WHEN said = 'in' THEN 'Inbound from Tor'
            WHEN said = 'out' THEN 'Outbound to Tor'
            WHEN ActionType IN ('ConnectionSuccess', 'ConnectionFailed', 'ConnectionRequest', 'ConnectionAttempt',
                'ConnectionAcknowledged', 'ConnectionSuccessAggregatedReport', 'ConnectionFailedAggregatedReport')
                THEN 'Outbound to Tor'
            WHEN ActionType IN ('InboundConnectionAccepted', 'InboundConnectionAttempt', 'InboundInternetScanInspected')
                THEN 'Inbound from Tor'
            ELSE 'Unknown direction'
        END AS Direction
    FROM directed
), indicator AS MATERIALIZED (
    -- A feed that only says "tor" is no intelligence on a Tor hit.
    SELECT Indicator, ConfidenceScore FROM intel
    WHERE IndicatorType = 'ip' AND NOT (ThreatType = 'anonymization' AND coalesce(Tags, '') IN ('', 'tor'))
), address AS MATERIALIZED (
    SELECT DISTINCT ip FROM hit
), matched AS (
    SELECT ip, ConfidenceScore FROM address JOIN indicator ON ip = Indicator
    UNION ALL
    SELECT ip, ConfidenceScore FROM (SELECT ip, v4(ip) AS number FROM address WHERE NOT contains(ip, ':')) a
    JOIN (
        SELECT v4(split_part(Indicator, '/', 1)) AS first, 1::BIGINT << (32 - split_part(Indicator, '/', 2)::INT) AS size,
            ConfidenceScore
        FROM indicator WHERE contains(Indicator, '/') AND NOT contains(Indicator, ':')
    ) p ON number >= first AND number < first + size
), known AS (
    SELECT ip, max(ConfidenceScore) AS confidence FROM matched GROUP BY ip
), finding AS (
    SELECT nullif(DeviceName, '') AS DeviceName, ip AS RemoteIP, Direction,
        min(Timestamp) AS first_seen, max(Timestamp) AS last_seen, count(*) AS "Count",
        list_sort(list(DISTINCT InitiatingProcessFileName)) AS Processes,
        list_sort(list(DISTINCT InitiatingProcessCommandLine)) AS Cmds,
        list_sort(list(DISTINCT InitiatingProcessAccountName)) AS Accounts, list_sort(list(DISTINCT RemotePort)) AS Ports,
        list_sort(list(DISTINCT DeviceId)) AS DeviceIds, list_sort(list(DISTINCT LocalPort)) AS LocalPorts,
        list_sort(list(DISTINCT RemoteUrl)) AS RemoteUrls, list_sort(list(DISTINCT InitiatingProcessSHA256)) AS ProcessSHA256s,
        count(*) FILTER (WHERE starts_with(ActionType, 'ConnectionFailed')) AS FailedCount,
        count(DISTINCT epoch_us(Timestamp) // 86400000000) AS DaysActive
    FROM spoken GROUP BY 1, 2, 3
)
SELECT DeviceName, RemoteIP, Direction, "Count",
    strftime(make_timestamp(epoch_us(first_seen)), '%Y-%m-%dT%H:%M:%S.%fZ') AS FirstSeen,
    strftime(make_timestamp(epoch_us(last_seen)), '%Y-%m-%dT%H:%M:%S.%fZ') AS LastSeen,
    CASE
        WHEN known.ip IS NOT NULL AND confidence >= 80 THEN 'CRITICAL'
        WHEN known.ip IS NOT NULL THEN 'HIGH'
        WHEN Direction = 'Outbound to Tor' THEN 'MEDIUM'
        ELSE 'LOW'
    END AS RiskLevel,
    Processes, Cmds, Accounts, Ports, DeviceIds, LocalPorts, RemoteUrls, ProcessSHA256s, FailedCount, DaysActive
FROM finding LEFT JOIN known ON RemoteIP = known.ip
ORDER BY DeviceName, RemoteIP, Direction
"""

V4 = """CREATE MACRO v4(text) AS
    (split_part(text, '.', 1)::BIGINT << 24) + (split_part(text, '.', 2)::BIGINT << 16)
    + (split_part(text, '.', 3)::BIGINT << 8) + split_part(text, '.', 4)::BIGINT"""


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def scan(files):
    return f"read_parquet({files}, hive_partitioning = true)"


def hunt(con, args):
    """The findings as (names, rows)."""
    con.execute(f"CREATE TABLE tor AS SELECT DISTINCT dest_ip FROM read_csv({quoted(args.tor)}, header = true, all_varchar = true)")
    con.execute(
        "CREATE TABLE intel AS SELECT Indicator, IndicatorType, ThreatType, Tags,"
        " TRY_CAST(ConfidenceScore AS DOUBLE) AS ConfidenceScore"
        f" FROM read_csv({quoted(args.intel)}, header = true, all_varchar = true)"
    )
    con.execute(V4)
    source = scan(quoted(args.events.rstrip("/") + "/**/*.parquet"))
    condition = f"RemoteIP IN ({SPELLED})"
    if args.form.endswith("literal"):
        condition = "RemoteIP IN (" + ",".join(quoted(ip) for (ip,) in con.execute(SPELLED).fetchall()) + ")"
    if args.form.startswith("two_step"):
        named = source[:-1] + ", filename = true)"
        files = [name for (name,) in con.execute(f"SELECT DISTINCT filename FROM {named} WHERE {condition} ORDER BY 1").fetchall()]
        source = scan("[" + ",".join(map(quoted, files)) + "]") if files else source
    if args.form == "join":
        source, where = f"{source} AS e JOIN (SELECT DISTINCT ip AS spelling FROM ({SPELLED})) ON e.RemoteIP = spelling", ""
    else:
        where = f"WHERE {condition}"
    done = con.execute(HUNT.format(wanted=WANTED, events=source, where=where))
    return [column[0] for column in done.description], done.fetchall()


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--events", "--tor", "--intel"):
        parser.add_argument(name, required=True)
    parser.add_argument("--form", choices=FORMS, default=FORMS[0])
    args = parser.parse_args()
    begun = time.perf_counter()
    con = duckdb.connect(config={"preserve_insertion_order": "false"})
    names, rows = hunt(con, args)
    taken = time.perf_counter() - begun
    for row in rows:
        print(json.dumps(dict(zip(names, row)), separators=(",", ":")))
    print(json.dumps({"seconds": taken, "peak_kib": peak_kib(), "duckdb": duckdb.__version__}), file=sys.stderr)


if __name__ == "__main__":
    main()
