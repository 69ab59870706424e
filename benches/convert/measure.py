#!/usr/bin/env python3
"""Measures `coldtrail convert`: how fast JSON lines become Parquet, and which order of rows and size of row groups makes
hunting cheap.

    python3 benches/convert/measure.py --bin target/release/coldtrail --data bench-convert --json convert.json

Needs Python 3.11 and pyarrow. The first run generates an archive, writes it as blobs of the streaming API (JSON lines in
envelopes, one file a day), and keeps both. Times are whole processes with a warm page cache.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ORDERS = {
    "address, time": [("RemoteIP", "ascending"), ("Timestamp", "ascending")],
    "time": [("Timestamp", "ascending")],
    "device, time": [("DeviceId", "ascending"), ("Timestamp", "ascending")],
}
GROUP_ROWS = [32_768, 131_072, 524_288]


def run(command):
    """Seconds, peak MiB and stderr of one run; fails when the run does."""
    before = time.monotonic()
    done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = done.communicate()
    seconds = time.monotonic() - before
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{err}")
    return seconds, out, err


def peak_mib(command):
    """Peak resident set of one run (ru_maxrss of the child alone)."""
    script = "import resource,subprocess,sys;c=subprocess.call(sys.argv[1:],stdout=-3,stderr=-3);" \
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss//1024);sys.exit(c)"
    return int(subprocess.check_output([sys.executable, "-c", script, *map(str, command)], text=True))


def write_blobs(events, blobs):
    """The archive as the streaming API writes it."""
    for file in sorted(events.rglob("*.parquet")):
        table = pq.read_table(file, partitioning=None)
        day = pc.min(table["Timestamp"]).as_py()
        folder = blobs / f"tenantId=00000000-0000-4000-8000-000000000001/y={day:%Y}/m={day:%m}/d={day:%d}/h=00/m=00"
        folder.mkdir(parents=True, exist_ok=True)
        times = {name: pc.strftime(table[name], format="%Y-%m-%dT%H:%M:%SZ").to_pylist()
                 for name in table.column_names if pa.types.is_timestamp(table[name].type)}
        rows = table.to_pylist()
        with open(folder / "PT1H.json", "w", encoding="utf-8", newline="") as out:
            for at, row in enumerate(rows):
                for name, values in times.items():
                    row[name] = values[at]
                record = {"time": row["Timestamp"], "tenantId": "00000000-0000-4000-8000-000000000001",
                          "operationName": "Publish", "category": "AdvancedHunting-DeviceNetworkEvents",
                          "properties": row, "Tenant": "DefaultTenant"}
                out.write(json.dumps(record, separators=(",", ":"), default=str) + "\r\n")


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def variants(converted, data):
    """The converted archive in other orders and row groups, by another writer."""
    made = {}
    for order, keys in ORDERS.items():
        for rows in GROUP_ROWS:
            folder = data / "variants" / f"{order.replace(', ', '-')}-{rows}"
            made[order, rows] = folder
            if folder.exists():
                continue
            for file in sorted(converted.glob("date=*/*.parquet")):
                table = pq.read_table(file, partitioning=None).sort_by(keys)
                target = folder / file.relative_to(converted)
                target.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(table, target, row_group_size=rows, compression="zstd", compression_level=1,
                               write_page_index=True, data_page_size=1 << 20, dictionary_pagesize_limit=16 << 20)
    return made


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--bin", required=True, type=Path)
    args.add_argument("--data", required=True, type=Path)
    args.add_argument("--rows", type=int, default=1_500_000)
    args.add_argument("--repeat", type=int, default=3)
    args.add_argument("--json", type=Path)
    args = args.parse_args()
    args.bin, data = args.bin.resolve(), args.data.resolve()
    source, blobs = data / "generated", data / "blobs"
    if not source.exists():
        run([args.bin, "generate", "--output", source, "--rows", str(args.rows), "--days", "10", "--seed", "7",
             "--hit-rate", "1e-4", "--hit-spread", "uniform"])
    if not blobs.exists():
        write_blobs(source / "events", blobs)
    json_bytes = size_of(blobs)
    converted = data / "converted"
    command = [args.bin, "convert", "--events", blobs, "--output", converted]
    seconds = []
    for _ in range(args.repeat):
        shutil.rmtree(converted, ignore_errors=True)
        took, _, told = run(command)
        seconds.append(took)
    shutil.rmtree(converted, ignore_errors=True)
    peak = peak_mib(command)
    took = statistics.median(seconds)
    result = {"json_bytes": json_bytes, "seconds": seconds, "mb_per_s": json_bytes / took / 1e6, "peak_mib": peak,
              "parquet_bytes": size_of(converted), "told": told.splitlines()[1], "hunts": []}
    print(f"{json_bytes / 1e6:.0f} MB of JSON lines in {took:.2f} s: {json_bytes / took / 1e6:.0f} MB/s, peak {peak} MiB, "
          f"{size_of(converted) / 1e6:.0f} MB of Parquet")
    print(result["told"])
    hunts = {("as converted", 131_072): converted, **variants(converted, data)}
    times = {key: [] for key in hunts}
    found = set()
    for _ in range(args.repeat):
        for key, folder in hunts.items():
            took, out, _ = run([args.bin, "hunt", "--events", folder, "--tor", source / "tor.csv", "--format", "ndjson"])
            times[key].append(took)
            found.add(out)
    if len(found) != 1:
        sys.exit("the variants do not give the same findings")
    print("| order | rows in a group | MB | hunt, median s |\n|---|---|---|---|")
    for (order, rows), folder in hunts.items():
        hunt = {"order": order, "rows": rows, "bytes": size_of(folder), "seconds": times[order, rows]}
        result["hunts"].append(hunt)
        print(f"| {order} | {rows} | {hunt['bytes'] / 1e6:.1f} | {statistics.median(hunt['seconds']):.3f} |")
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
