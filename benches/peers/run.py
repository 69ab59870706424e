"""coldtrail and DuckDB on the same hunt over the same files, side by side in one run, with the answers compared.

Whole processes are timed, coldtrail's and a Python process with DuckDB; for DuckDB the time of the query alone is printed
beside it, so that the start of Python is not held against it. The two alternate, after one unmeasured run of each that
warms the page cache. DuckDB is given the fastest of the forms in `duck.py`, as measured here: once among those that are one
statement, once among those in two steps. The run fails with a diff when the findings differ in DeviceName, RemoteIP,
Direction, Count, FirstSeen, LastSeen or RiskLevel.
"""

import argparse
import difflib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEYS = ("DeviceName", "RemoteIP", "Direction", "Count", "FirstSeen", "LastSeen", "RiskLevel")
FORMS = {"one statement": ("subquery", "literal", "join"), "two steps": ("two_step", "two_step_literal")}
ARCHIVE = ("--rows", "22500000", "--days", "90", "--hit-rate", "1e-6", "--hit-spread", "clustered", "--seed", "7")


class Failed(Exception):
    """Ends the run with a message for people."""


def measure(command, limit):
    """Runs a process to its end: (seconds, peak resident KiB, stdout, stderr). `limit` seconds at most."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
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
        raise Failed(f"{why}: {' '.join(map(str, command))}\n{stderr}")
    return seconds, usage.ru_maxrss, stdout, stderr


def findings(ndjson):
    """The compared keys of each finding as a line of text, sorted."""
    rows = (json.loads(line) for line in ndjson.splitlines() if line.strip())
    return sorted(json.dumps([row[key] for key in KEYS]) for row in rows)


class Contender:
    """One way to answer, and what its runs took."""

    def __init__(self, name, command, reports_query_time):
        self.name, self.command, self.reports_query_time = name, command, reports_query_time
        self.seconds, self.query_seconds, self.peaks, self.answer, self.version = [], [], [], None, ""

    def run(self, limit, counted=True):
        seconds, peak, stdout, stderr = measure(self.command, limit)
        answer = findings(stdout)
        if self.answer not in (None, answer):
            raise Failed(f"{self.name}: two runs gave different findings")
        self.answer = answer
        inner = None
        if self.reports_query_time:
            told = json.loads(stderr.splitlines()[-1])
            inner, self.version = told["seconds"], told["duckdb"]
        if counted:
            self.seconds.append(seconds)
            self.peaks.append(peak)
            if inner is not None:
                self.query_seconds.append(inner)
        return seconds

    def numbers(self):
        inner = statistics.median(self.query_seconds) if self.query_seconds else None
        return {
            "name": self.name,
            "median_seconds": statistics.median(self.seconds),
            "all_seconds": self.seconds,
            "median_query_seconds": inner,
            "peak_kib": max(self.peaks),
            "findings": len(self.answer),
        }


def duckdb_contenders(data, limit, rounds=3):
    """The fastest form of each kind, warmed."""
    chosen = []
    for kind, forms in FORMS.items():
        best = None
        for form in forms:
            contender = Contender(f"DuckDB, {kind} ({form})", duckdb_command(data, form), True)
            contender.run(limit, counted=False)
            fastest = min(contender.run(limit, counted=False) for _ in range(rounds))
            if best is None or fastest < best[0]:
                best = (fastest, contender)
        chosen.append(best[1])
    return chosen


def duckdb_command(data, form):
    lists = ["--events", str(data / "events"), "--tor", str(data / "tor.csv"), "--intel", str(data / "indicators.csv")]
    return [sys.executable, str(HERE / "duck.py"), *lists, "--form", form]


def coldtrail_command(binary, data):
    lists = ["--events", str(data / "events"), "--tor", str(data / "tor.csv"), "--intel", str(data / "indicators.csv")]
    return [str(binary), "hunt", "tor_exit", *lists, "--format", "ndjson", "--quiet"]


def compare(contenders):
    first = contenders[0]
    for other in contenders[1:]:
        if first.answer != other.answer:
            diff = difflib.unified_diff(first.answer, other.answer, first.name, other.name, lineterm="", n=0)
            raise Failed("the findings differ in " + ", ".join(KEYS) + ":\n" + "\n".join(diff))


def machine(binary, contenders):
    model = next((line.split(":")[1].strip() for line in read("/proc/cpuinfo").splitlines() if line.startswith("model name")), "?")
    memory = next((int(line.split()[1]) for line in read("/proc/meminfo").splitlines() if line.startswith("MemTotal")), 0)
    told = {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "memory_gib": round(memory / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "duckdb": next((c.version for c in contenders if c.version), "?"),
    }
    if binary:
        told["coldtrail"] = measure([str(binary), "--version"], 20)[2].strip()
    return told


def read(path):
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def archive(data):
    files = list((data / "events").rglob("*.parquet"))
    return {"folder": str(data), "files": len(files), "bytes": sum(file.stat().st_size for file in files)}


def table(numbers, told, data):
    base = next((n["median_seconds"] for n in numbers if n["name"] == "coldtrail"), numbers[0]["median_seconds"])
    yield f"{data['files']} files, {data['bytes'] / 1e9:.2f} GB; {told['cores']} cores, {told['cpu']}, {told['memory_gib']} GiB;"
    yield "; ".join(f"{key} {told[key]}" for key in ("system", "python", "duckdb", "coldtrail") if key in told)
    yield ""
    yield f"| {'':42} | whole process, median s | against {numbers[0]['name']} | query alone, s | peak MiB | findings |"
    yield "|---|---|---|---|---|---|"
    for n in numbers:
        inner = "" if n["median_query_seconds"] is None else f"{n['median_query_seconds']:.3f}"
        ratio = n["median_seconds"] / base
        yield f"| {n['name']:42} | {n['median_seconds']:.3f} | {ratio:.2f} | {inner} | {n['peak_kib'] / 1024:.0f} | {n['findings']} |"


def make_archive(binary, data, limit):
    if (data / "events").is_dir():
        return
    if not binary:
        raise Failed(f"--data {data}: no archive there; give --bin to make one")
    print(f"making {data} ({' '.join(ARCHIVE)})", file=sys.stderr)
    measure([str(binary), "generate", "--output", str(data), *ARCHIVE], limit)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, help="coldtrail, built for release; without it DuckDB runs alone")
    parser.add_argument("--data", type=Path, required=True, help="archive made by `coldtrail generate`; made here if missing")
    parser.add_argument("--repeat", type=int, default=5, help="measured runs of each (default 5)")
    parser.add_argument("--timeout", type=float, default=300, help="seconds that one process may take (default 300)")
    parser.add_argument("--json", type=Path, help="write the numbers here as well")
    return parser.parse_args()


def bench(args):
    make_archive(args.bin, args.data, max(args.timeout, 600))
    contenders = [Contender("coldtrail", coldtrail_command(args.bin, args.data), False)] if args.bin else []
    for contender in contenders:
        contender.run(args.timeout, counted=False)
    contenders += duckdb_contenders(args.data, args.timeout)
    compare(contenders)
    for number in range(args.repeat):
        # Who goes first changes, so that nobody always runs on what the other left behind.
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            contender.run(args.timeout)
    numbers, told, data = [c.numbers() for c in contenders], machine(args.bin, contenders), archive(args.data)
    print("\n".join(table(numbers, told, data)))
    if args.json:
        args.json.write_text(json.dumps({"machine": told, "archive": data, "runs": numbers}, indent=2) + "\n", encoding="utf-8")


def main():
    args = parsed()
    if args.repeat < 1:
        sys.exit("--repeat must be at least 1")
    try:
        bench(args)
    except (Failed, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
