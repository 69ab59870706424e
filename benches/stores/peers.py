"""The scan of the Tor exit hunt, written by hand for Polars, ClickHouse (chdb) and DuckDB: one process, one form, over S3.

Each form gives every event whose RemoteIP is on the list, with the columns that the hunt reads; grouping the handful that is
left costs nothing and is left out. The list is spelled both ways (`192.0.2.7` and `::ffff:192.0.2.7`), so that a plain
comparison of text finds what coldtrail finds in this archive. On stdout goes one line of JSON: rows, seconds of the query
without the start of Python, and the version. Endpoint and keys come from the usual environment variables.
"""

import argparse
import json
import os
import time

WANTED = (
    "DeviceId", "DeviceName", "Timestamp", "ActionType", "RemoteIP", "RemotePort", "LocalPort", "RemoteUrl", "ReportId",
    "InitiatingProcessFileName", "InitiatingProcessFolderPath", "InitiatingProcessCommandLine",
    "InitiatingProcessAccountName", "InitiatingProcessSHA256", "AdditionalFields",
)


def store():
    """Endpoint, key, secret and region."""
    return tuple(os.environ[f"AWS_{name}"] for name in ("ENDPOINT_URL", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION"))


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def spelled(path):
    """The list, in both spellings."""
    with open(path, encoding="utf-8") as lines:
        addresses = {line.strip() for line in lines} - {"", "dest_ip"}
    return sorted(addresses | {f"::ffff:{address}" for address in addresses if ":" not in address})


def polars(form, url, addresses):
    """`scan_parquet`, by the in-memory and the streaming engine, with RemoteIP decoded before the other columns or not."""
    import polars as pl

    endpoint, key, secret, region = store()
    options = {
        "aws_endpoint_url": endpoint, "aws_access_key_id": key, "aws_secret_access_key": secret, "aws_region": region,
        "aws_allow_http": "true",
    }
    engine, parallel, steps = form.split("-")
    engine = {"memory": "in-memory"}.get(engine, engine)
    listed = pl.col("RemoteIP").is_in(addresses)

    def scan(source, **more):
        return pl.scan_parquet(source, storage_options=options, parallel=parallel, hive_partitioning=False, **more)

    source = url
    if steps == "two":
        hits = scan(url, include_file_paths="file").filter(listed).select("file").unique().collect(engine=engine)
        source = sorted(hits["file"])
    rows = scan(source).filter(listed).select(WANTED).collect(engine=engine).height if len(source) else 0
    return rows, pl.__version__


# Both engines read the same bytes; two steps are what keeps Polars from fetching every wanted column of every row group.
POLARS = ("streaming-auto-one", "streaming-prefiltered-one", "memory-prefiltered-one", "streaming-prefiltered-two", "memory-prefiltered-two")


def chdb(form, url, addresses):
    """The `s3` table function; forms differ in threads (each waits for its own requests), reader, gaps read over, and steps."""
    import chdb as ch

    endpoint, key, secret, _ = store()
    threads, mode, seek, steps = form.split("-")
    settings = {
        "max_threads": threads,
        "use_hive_partitioning": 0,
        "input_format_parquet_filter_push_down": 1,
        "input_format_parquet_bloom_filter_push_down": 1,
        "optimize_move_to_prewhere": 1,
        "remote_read_min_bytes_for_seek": int(seek.removesuffix("k")) << 10,
        **CHDB_MODES[mode],
    }
    # Columns that are told need not be inferred, which would be requests of its own.
    structure = ", ".join(f"{name} {CHDB_TYPES.get(name, 'Nullable(String)')}" for name in WANTED)
    said = ", ".join(f"{name} = {value}" for name, value in settings.items())
    listed = f"RemoteIP IN ({', '.join(map(quoted, addresses))})"
    bucket, _, pattern = url.removeprefix("s3://").partition("/")

    def scan(keys):
        where = quoted(f"{endpoint}/{bucket}/{keys}")
        return f"s3({where}, {quoted(key)}, {quoted(secret)}, 'Parquet', {quoted(structure)})"

    def ask(query):
        return [json.loads(line) for line in str(ch.query(query + f" SETTINGS {said}", "JSONEachRow")).splitlines()]

    if steps == "two":
        paths = [row["_path"] for row in ask(f"SELECT DISTINCT _path FROM {scan(pattern)} WHERE {listed}")]
        if not paths:
            return 0, ch.__version__
        pattern = "{" + ",".join(sorted(path.split("/", 1)[1] for path in paths)) + "}"
    rows = ask(f"SELECT {', '.join(WANTED)} FROM {scan(pattern)} WHERE {listed}")
    return len(rows), f"{ch.__version__} (ClickHouse {ch.query('SELECT version()', 'TSV')})".replace("\n", "")


CHDB_TYPES = {
    "Timestamp": "Nullable(DateTime64(6, 'UTC'))", "RemotePort": "Nullable(Int32)", "LocalPort": "Nullable(Int32)",
    "ReportId": "Nullable(Int64)",
}

# v3 is the newer Parquet reader, with prewhere and the page index; old is the one before it.
CHDB_MODES = {
    "v3": {
        "input_format_parquet_use_native_reader_v3": 1,
        "input_format_parquet_page_filter_push_down": 1,
        "input_format_parquet_use_offset_index": 1,
    },
    "old": {"input_format_parquet_use_native_reader_v3": 0},
}
# 4096k is the setting as it comes: gaps below 4 MiB are read rather than asked around, which makes whole files of it.
CHDB = ("2-v3-4096k-one", "16-v3-4096k-one", "16-v3-64k-one", "16-v3-0k-one", "16-old-64k-one", "32-v3-64k-one", "16-v3-4096k-two",
        "16-v3-64k-two")


def duckdb(form, url, addresses):
    """`read_parquet` by the httpfs extension; the forms are the plain ones of `peers/engine_duckdb.py`, with threads, which each wait alone."""
    import duckdb as duck

    endpoint, key, secret, region = store()
    threads, form = form.split("-")
    con = duck.connect(config={"preserve_insertion_order": "false", "threads": threads, "autoinstall_known_extensions": "false"})
    con.execute(f"LOAD {quoted(httpfs(duck))}")
    con.execute(
        f"CREATE SECRET (TYPE s3, KEY_ID {quoted(key)}, SECRET {quoted(secret)}, REGION {quoted(region)}, URL_STYLE 'path',"
        f" ENDPOINT {quoted(endpoint.removeprefix('http://'))}, USE_SSL false)"
    )
    con.execute("SET parquet_metadata_cache = true; SET enable_object_cache = true")
    con.execute("CREATE TABLE tor (ip VARCHAR)")
    con.execute("INSERT INTO tor VALUES " + ", ".join(f"({quoted(address)})" for address in addresses))
    wanted = ", ".join(WANTED)
    literal = f"RemoteIP IN ({', '.join(map(quoted, addresses))})"
    semi = "RemoteIP IN (SELECT ip FROM tor)"
    source = f"read_parquet({quoted(url)}, hive_partitioning = false"
    if form == "join":
        query = f"SELECT {wanted} FROM {source}) JOIN tor ON RemoteIP = ip"
    elif form == "two":
        found = con.execute(f"SELECT DISTINCT filename FROM {source}, filename = true) WHERE {semi} ORDER BY 1").fetchall()
        if not found:
            return 0, duck.__version__
        files = "[" + ", ".join(quoted(name) for (name,) in found) + "]"
        query = f"SELECT {wanted} FROM read_parquet({files}, hive_partitioning = false) WHERE {literal}"
    else:
        query = f"SELECT {wanted} FROM {source}) WHERE {literal if form == 'literal' else semi}"
    con.execute(f"CREATE TEMP TABLE hit AS {query}")
    return con.execute("SELECT count(*) FROM hit").fetchone()[0], duck.__version__


DUCKDB = ("16-literal", "16-subquery", "16-join", "2-two", "16-two")


def httpfs(duck):
    """The extension out of its own package, since nothing is fetched here."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("duckdb_extension_httpfs")
    files = sorted(Path(spec.origin).parent.rglob("httpfs.duckdb_extension")) if spec else []
    if not files:
        raise SystemExit(f"no package duckdb-extension-httpfs for duckdb {duck.__version__}")
    return str(files[0])


ENGINES = {"polars": (polars, POLARS), "chdb": (chdb, CHDB), "duckdb": (duckdb, DUCKDB)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("form")
    parser.add_argument("--events", required=True, help="such as s3://archive/events/*/*.parquet")
    parser.add_argument("--tor", required=True)
    args = parser.parse_args()
    ask, _ = ENGINES[args.engine]
    addresses = spelled(args.tor)
    begun = time.perf_counter()
    rows, version = ask(args.form, args.events, addresses)
    print(json.dumps({"events": rows, "seconds": time.perf_counter() - begun, "version": version}))


if __name__ == "__main__":
    main()
