#!/usr/bin/env python3
"""What lists cost: loading them, and judging Tor at the time of the event against an undated list.

Three questions, each answered on the same telemetry and interleaved, so that the machine's noise falls on all alike:

  tor load     a built history of 30,000 intervals and 10,000 prefixes: the whole process of one question to it
  tor hunt     tor_exit with that history at the event, against the same entries as an undated list
  intel load   five million indicators from the merged Parquet file

    python3 benches/lists/run.py --bin target/release/coldtrail --data DIR [--repeat 5] [--indicators 5000000]

DIR is an archive of `coldtrail generate`. Python's standard library only.
"""

import argparse
import csv
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time


def run(*args):
    """Wall seconds and peak resident MiB of one process."""
    began = time.perf_counter()
    process = subprocess.Popen([str(arg) for arg in args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    stderr = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status != 0:
        sys.exit(f"{args}: status {status}\n{stderr.decode()}")
    return seconds, usage.ru_maxrss / 1024


def interleaved(repeat, runs):
    """Median seconds and highest MiB of each named run."""
    seen = {name: [] for name in runs}
    for _ in range(repeat):
        for name, args in runs.items():
            seen[name].append(run(*args))
    return {
        name: (statistics.median(seconds for seconds, _ in all_runs), max(mib for _, mib in all_runs))
        for name, all_runs in seen.items()
    }


def address(rng):
    """A public IPv4 address, or an IPv6 one for every third."""
    if rng.random() < 0.35:
        return "2a0b:%x:%x::%x" % (rng.randrange(1 << 16), rng.randrange(1 << 16), rng.randrange(1, 1 << 16))
    return "%d.%d.%d.%d" % (rng.randrange(20, 100), rng.randrange(256), rng.randrange(256), rng.randrange(1, 255))


def prefix(rng):
    """A prefix of one of many lengths, all over the address space but narrow, so that they list few events."""
    if rng.random() < 0.35:
        return "2a%02x:%x:%x::/%d" % (rng.randrange(1, 15), rng.randrange(1 << 16), rng.randrange(1 << 16), rng.randrange(44, 65))
    return "%d.%d.%d.0/%d" % (rng.randrange(20, 100), rng.randrange(256), rng.randrange(256), rng.randrange(27, 32))


def tor_lists(folder, real, days):
    """Daily lists whose union is 10,000 prefixes and enough addresses for 30,000 intervals, and that union undated."""
    rng = random.Random(7)
    prefixes = sorted({prefix(rng) for _ in range(10_400)})[:10_000]
    addresses = sorted({address(rng) for _ in range(12_000)} | set(real))
    lists = folder / "snapshots"
    lists.mkdir()
    # Each address is on for a while and off for a while, so that it has some intervals.
    phase = {entry: rng.randrange(40) for entry in addresses}
    for day in range(days):
        on = [entry for entry in addresses if entry in real or (day + phase[entry]) % 40 < 25]
        stamp = time.strftime("%Y-%m-%dT00-00-00Z", time.gmtime(1_772_409_600 + day * 86_400))
        (lists / f"{stamp}.txt").write_text("\n".join(prefixes + on) + "\n")
    undated = folder / "undated.txt"
    undated.write_text("\n".join(prefixes + addresses) + "\n")
    return lists, undated


def tor(args, folder):
    data = pathlib.Path(args.data)
    real = (data / "tor.csv").read_text().split()[1:]
    lists, undated = tor_lists(folder, real, 90)
    built = folder / "history.parquet"
    run(args.bin, "tor", "build", "--tor", f"exit={lists}", "-o", built, "--quiet")
    stated = subprocess.run([args.bin, "tor", "build", "--tor", str(built), "-o", str(folder / "again.parquet")],
                            capture_output=True, text=True, check=True).stderr.strip().splitlines()[-1]
    print(f"history: {stated.split(': ', 1)[1]}\n")
    hunt = [args.bin, "hunt", "--events", data / "events", "--quiet", "--output", os.devnull, "--format", "ndjson"]
    measured = interleaved(args.repeat, {
        "load and one question (tor show)": [args.bin, "tor", "show", "192.0.2.7", "--tor", built, "--quiet"],
        "hunt, undated": [*hunt, "--tor", f"exit={undated}"],
        "hunt, at the event": [*hunt, "--tor", built, "--tor-match", "at-event"],
        "hunt, auto": [*hunt, "--tor", built],
    })
    base = measured["hunt, undated"][0]
    print("| Tor | seconds | peak MiB | against undated |\n|---|---|---|---|")
    for name, (seconds, mib) in measured.items():
        ratio = f"{seconds / base:.2f}" if name.startswith("hunt") else ""
        print(f"| {name} | {seconds:.2f} | {mib:.0f} | {ratio} |")
    print()


def intel(args, folder):
    rng = random.Random(11)
    plain = folder / "plain.csv"
    tags = [f"tag-{number},tlp:green" for number in range(50)]
    with plain.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Indicator", "Confidence", "ThreatType", "TLP", "Tags", "Source", "Id", "ValidFrom"])
        for number in range(args.indicators):
            value = address(rng) if number % 2 else f"h{rng.randrange(1 << 40):x}.d{rng.randrange(1 << 24):x}.example"
            identity = f"indicator--{rng.getrandbits(128):032x}"
            writer.writerow([value, rng.randrange(101), "C2", "green", rng.choice(tags), f"feed {number % 20}",
                             identity, "2026-01-01T00:00:00Z"])
    merged = folder / "merged.parquet"
    seconds, mib = run(args.bin, "intel", "build", "--intel", plain, "-o", merged, "--quiet")
    measured = interleaved(min(args.repeat, 3), {
        "load the merged Parquet (intel show)": [args.bin, "intel", "show", "192.0.2.7", "--intel", merged, "--quiet"],
    })
    print(f"| {args.indicators:,} indicators | seconds | peak MiB |\n|---|---|---|")
    print(f"| build from CSV ({plain.stat().st_size / 2**20:.0f} MiB) | {seconds:.1f} | {mib:.0f} |")
    for name, (seconds, mib) in measured.items():
        print(f"| {name}, {merged.stat().st_size / 2**20:.0f} MiB | {seconds:.1f} | {mib:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--data", required=True, help="an archive of coldtrail generate")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--indicators", type=int, default=5_000_000)
    args = parser.parse_args()
    print(f"{os.cpu_count()} cores, {args.repeat} runs each, medians\n")
    with tempfile.TemporaryDirectory() as folder:
        tor(args, pathlib.Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        intel(args, pathlib.Path(folder))


if __name__ == "__main__":
    main()
