"""One hunt over an archive in S3, by coldtrail and by others: requests, bytes and time, counted by a proxy in between.

The archive of `coldtrail generate` is put below a bucket by hard links; `coldtrail-servers` (tests/servers) serves it behind its
proxy, which adds 30 ms to each request and gives each connection 50 MB/s. coldtrail runs its whole hunt; Polars, ClickHouse
(chdb) and DuckDB (httpfs) run the scan of that hunt in the best form we know: `peers.py` has the forms, each is tried once, and
the fastest single statement and the fastest in two steps are measured, alternating with coldtrail. The run fails when somebody
finds another number of events. Then the same without delay. The bar for coldtrail is computed from the footers:

    2 x (compressed bytes of all RemoteIP chunks / (16 x bandwidth) + 4 x delay x files / 16)

Needs Python 3.11 with polars, chdb and pyarrow, and for DuckDB duckdb-extension-httpfs with its version of duckdb.
"""

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARCHIVE = ("--rows", "22500000", "--days", "90", "--hit-rate", "1e-6", "--hit-spread", "clustered", "--seed", "7")
PACKAGES = ("polars", "chdb", "duckdb", "duckdb-extension-httpfs", "pyarrow")
CONNECTIONS = 16
BUCKET = "archive"


class Failed(Exception):
    """Ends the run with a message for people."""


class Server:
    """`coldtrail-servers s3` with the proxy in front; it ends when its stdin closes."""

    def __init__(self, binary, folder, *between):
        self.command = [str(binary), "s3", str(folder), *between]

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.endpoint, self.variables = "", {}
        # The variables come in one piece, and nothing follows them until the end.
        while "AWS_ALLOW_HTTP" not in self.variables:
            line = self.child.stdout.readline()
            if not line:
                raise Failed(f"{' '.join(self.command)}: ended at once")
            if line.startswith("# endpoint "):
                self.endpoint = line.split()[2]
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                self.variables[name] = value.strip("'")
        return self

    def __exit__(self, *_):
        # It prints its counts at the end, more than a pipe holds.
        self.child.communicate()

    def reset(self):
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/__coldtrail/reset", method="POST")).read()

    def counts(self):
        return json.load(urllib.request.urlopen(f"{self.endpoint}/__coldtrail/counts"))


class Contender:
    """One way to answer, and what each run of it took."""

    def __init__(self, name, command, told):
        self.name, self.command, self.told = name, command, told
        self.runs = []

    def run(self, server, limit):
        """One run: whole-process seconds, peak memory, what went over the wire, and the events found."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        server.reset()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begun = time.perf_counter()
            child = subprocess.Popen(self.command, env=variables | server.variables, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            timer = threading.Timer(limit, child.kill)
            timer.start()
            _, status, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - begun
            timer.cancel()
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0), err.seek(0)
            stdout, stderr = out.read().decode(), err.read().decode()
        if child.returncode != 0:
            why = f"more than {limit} s" if seconds >= limit else f"exit code {child.returncode}"
            raise Failed(f"{self.name}: {why}\n{stderr[-2000:]}")
        counts = server.counts()
        total, listing = counts["total"], counts["objects"].get(f"/{BUCKET}", {})
        return {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_mib": usage.ru_maxrss / 1024,
            "requests": counts["requests"],
            "lists": total["list"],
            "heads": total["head"],
            "gets": total["get"] + total["range_get"],
            "bytes": total["bytes_down"],
            "object_bytes": total["bytes_down"] - listing.get("bytes_down", 0),
            "connections": counts["connections"],
            "at_a_time": counts["concurrent_max"],
            **self.told(stdout),
        }


def coldtrail(args, url, folder):
    coverage = folder / "coverage.json"
    command = [args.bin, "hunt", "tor_exit", "--events", url, "--tor", args.data / "tor.csv", "--quiet", "--format", "ndjson",
               "--output", folder / "findings.ndjson", "--coverage", coverage]

    def told(_):
        said = json.loads(coverage.read_text(encoding="utf-8"))
        reads = said["reads"]
        return {"events": said["funnel"]["events_matched"], "said_requests": reads["requests"], "said_bytes": reads["remote_bytes"]}

    return Contender("coldtrail", list(map(str, command)), told)


def peer(args, engine, form, url):
    command = [sys.executable, HERE / "peers.py", engine, form, "--events", f"{url}*/*.parquet", "--tor", args.data / "tor.csv"]

    def told(stdout):
        said = json.loads(stdout.splitlines()[-1])
        return {"events": said["events"], "query_seconds": said["seconds"], "version": said["version"]}

    return Contender(f"{engine} {form}", list(map(str, command)), told)


def agree(runs):
    """Everybody found the same number of events."""
    found = {name: run["events"] for name, run in runs}
    if len(set(found.values())) > 1:
        raise Failed("the numbers of events differ: " + ", ".join(f"{name} {events}" for name, events in found.items()))


def chosen(args, server, url, first):
    """Every form once; the fastest of each kind, and what each took."""
    from peers import ENGINES

    tried, best = [(first.name, first.run(server, args.timeout))], {}
    for engine in args.peers:
        for form in ENGINES[engine][1]:
            contender = peer(args, engine, form, url)
            run = contender.run(server, args.timeout)
            progress(contender.name, run)
            tried.append((contender.name, run))
            kind = (engine, form.rsplit("-", 1)[1] == "two")
            if kind not in best or run["seconds"] < best[kind][0]:
                best[kind] = (run["seconds"], contender)
    agree(tried)
    return [contender for _, contender in best.values()], tried


def measured(args, server, contenders):
    for contender in contenders:
        contender.runs = []
    for number in range(args.repeat):
        # Who goes first changes, so that nobody always runs on what the other left behind.
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            contender.runs.append(contender.run(server, args.timeout))
            progress(contender.name, contender.runs[-1])
    agree([(contender.name, run) for contender in contenders for run in contender.runs])
    return [{"name": contender.name, "median": medians(contender.runs), "runs": contender.runs} for contender in contenders]


def progress(name, run):
    print(f"{name}: {run['seconds']:.2f} s, {run['requests']} requests, {run['bytes'] / 1e6:.1f} MB", file=sys.stderr)


def medians(runs):
    middle = {key: statistics.median(run[key] for run in runs) for key, value in runs[0].items() if isinstance(value, (int, float))}
    return middle | {"version": runs[0].get("version")}


def bar(args, files):
    """The longest that coldtrail may take, and what it follows from."""
    import pyarrow.parquet as pq

    chunks, footers, groups = 0, 0, 0
    for file in files:
        footer = pq.ParquetFile(file).metadata
        footers += footer.serialized_size
        column = next(at for at in range(footer.num_columns) if footer.row_group(0).column(at).path_in_schema == "RemoteIP")
        chunks += sum(footer.row_group(at).column(column).total_compressed_size for at in range(footer.num_row_groups))
        groups += footer.num_row_groups
    seconds = 2 * (chunks / (CONNECTIONS * args.bandwidth_mb * 1e6) + 4 * args.delay_ms / 1e3 * len(files) / CONNECTIONS)
    return {"seconds": seconds, "remote_ip_bytes": chunks, "footer_bytes": footers, "files": len(files), "row_groups": groups,
            "archive_bytes": sum(file.stat().st_size for file in files)}


def table(rows, limit=None):
    yield "| | requests | list | head | get | MB | whole process, s | query alone, s | peak MiB | events |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, run in rows:
        count = " | ".join(f"{run[key]:.0f}" for key in ("requests", "lists", "heads", "gets"))
        verdict = "" if limit is None or name != "coldtrail" else " (bar met)" if run["seconds"] <= limit else " (BAR MISSED)"
        alone = f"{run['query_seconds']:.2f}" if "query_seconds" in run else ""
        yield (f"| {name} | {count} | {run['bytes'] / 1e6:.1f} | {run['seconds']:.2f}{verdict} | {alone} | {run['peak_mib']:.0f}"
               f" | {run['events']:.0f} |")


def honest(runs):
    """Where coldtrail's own account differs from the proxy's; listings are no object's bytes."""
    for run in runs:
        said, counted = (run["said_requests"], run["said_bytes"]), (run["requests"], run["object_bytes"])
        if said != counted:
            yield f"\ncoverage says {said[0]} requests and {said[1]} bytes; the proxy counted {counted[0]} and {counted[1]}"


def machine(args):
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    told = {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "coldtrail": subprocess.run([args.bin, "--version"], capture_output=True, text=True, check=True).stdout.strip(),
    }
    for package in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            told[package] = importlib.metadata.version(package)
    return told


def archive(args, bucket):
    """Makes the archive if there is none, and links its files below the bucket."""
    if not (args.data / "events").is_dir():
        print(f"making {args.data} ({' '.join(ARCHIVE)})", file=sys.stderr)
        subprocess.run([args.bin, "generate", "--output", args.data, *ARCHIVE], check=True)
    files = sorted((args.data / "events").rglob("*.parquet"))[: args.files]
    for file in files:
        link = bucket / file.relative_to(args.data)
        link.parent.mkdir(parents=True, exist_ok=True)
        os.link(file, link)
    return files


def bench(args, folder):
    bucket, url = folder / "root" / BUCKET, f"s3://{BUCKET}/events/"
    files = archive(args, bucket)
    limit, told = bar(args, files), machine(args)
    us = coldtrail(args, url, folder)
    delayed = ("--delay", f"{args.delay_ms:g}ms", "--bandwidth", f"{args.bandwidth_mb:g}MB/s")
    with Server(args.servers, bucket.parent, *delayed) as server:
        them, tried = chosen(args, server, url, us)
        slow = measured(args, server, [us, *them])
    with Server(args.servers, bucket.parent) as server:
        plain = measured(args, server, [us, *them])
    print("; ".join(f"{key} {value}" for key, value in told.items()))
    print(f"{limit['files']} files, {limit['row_groups']} row groups, {limit['archive_bytes'] / 1e6:.0f} MB; all RemoteIP chunks"
          f" {limit['remote_ip_bytes'] / 1e6:.1f} MB; the bar is {limit['seconds']:.2f} s")
    print(f"\n{args.delay_ms:g} ms per request, {args.bandwidth_mb:g} MB/s per connection, median of {args.repeat}:\n")
    print("\n".join(table([(entry["name"], entry["median"]) for entry in slow], limit["seconds"])))
    print(f"\nWithout delay, median of {args.repeat}:\n")
    print("\n".join(table([(entry["name"], entry["median"]) for entry in plain])))
    print("\nEvery form that was tried, one run each, with delay:\n")
    print("\n".join(table(tried)))
    print("\n".join(honest(slow[0]["runs"])))
    if args.json:
        answer = {"machine": told, "bar": limit, "delayed": slow, "plain": plain, "forms": dict(tried)}
        args.json.write_text(json.dumps(answer, indent=2) + "\n", encoding="utf-8")


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="coldtrail, built for release")
    parser.add_argument("--servers", type=Path, required=True, help="coldtrail-servers, built for release")
    parser.add_argument("--data", type=Path, required=True, help="archive made by `coldtrail generate`; made here if missing")
    parser.add_argument("--repeat", type=int, default=3, help="measured runs of each (default 3)")
    parser.add_argument("--files", type=int, help="only the first so many files")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["polars", "chdb", "duckdb"],
                        help="with commas (default polars,chdb,duckdb)")
    parser.add_argument("--delay-ms", type=float, default=30)
    parser.add_argument("--bandwidth-mb", type=float, default=50, help="MB/s for each connection (default 50)")
    parser.add_argument("--timeout", type=float, default=300, help="seconds that one process may take (default 300)")
    parser.add_argument("--json", type=Path, help="write the numbers here as well")
    args = parser.parse_args()
    args.bin, args.servers, args.data = args.bin.resolve(), args.servers.resolve(), args.data.resolve()
    return args


def main():
    args = parsed()
    if args.repeat < 1:
        sys.exit("--repeat must be at least 1")
    args.data.mkdir(parents=True, exist_ok=True)
    try:
        # In the archive's own folder, since hard links do not cross file systems.
        with tempfile.TemporaryDirectory(prefix="stores-", dir=args.data) as folder:
            bench(args, Path(folder))
    except (Failed, OSError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
