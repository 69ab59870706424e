#!/usr/bin/env python3
"""Prefixes and times in SQL: coldtrail's functions beside the joins that other engines would need.

    python3 benches/joins/run.py --bin target/release/coldtrail --data bench-data/peers [--repeat 3]

DATA is what `benches/peers/run.py --cases rare,at-event` left: the archive `rare`, and under it the daily lists of a Tor
history. Each form is one statement in `prefixes/` or `times/`, run by `coldtrail sql`, a whole process each, in turns.
All forms of a question must give the same rows, byte for byte, or the run ends with exit code 1. Standard library only.

  times      every event of the archive, against the history's addresses with their intervals
  prefixes   the events of one hour, against the history's 10,000 prefixes and its addresses, undated; a form that takes
             longer than --give-up seconds is told as such
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run(command, give_up):
    """Seconds, peak resident MiB and what was printed; None where it took too long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        while True:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                break
            if time.perf_counter() - began > give_up:
                child.kill()
                os.wait4(child.pid, 0)
                return None
            time.sleep(0.002)
        seconds = time.perf_counter() - began
        out.seek(0), err.seek(0)
        if status != 0:
            sys.exit(f"{command}: status {status}\n{err.read().decode(errors='replace')}")
        return seconds, usage.ru_maxrss / 1024, out.read()


def compared(title, folder, flags, args):
    """Measures every form of a question and prints its table."""
    forms = sorted(folder.glob("*.sql"))
    print(f"\n**{title}**\n\n| form | seconds | peak MiB | against the function |\n|---|---|---|---|", flush=True)
    seen, given_up = {form.stem: [] for form in forms}, set()
    first = None
    for _ in range(args.repeat):
        for form in forms:
            if form.stem in given_up:
                continue
            told = run([args.bin, "sql", form.read_text(encoding="utf-8"), *flags], args.give_up)
            if told is None:
                given_up.add(form.stem)
                continue
            seconds, mib, rows = told
            if first is None:
                first = (form.stem, rows)
            if rows != first[1]:
                sys.exit(f"{form.stem} and {first[0]} find different rows")
            seen[form.stem].append((seconds, mib))
    medians = {name: statistics.median(seconds for seconds, _ in runs) for name, runs in seen.items() if runs}
    for name, runs in seen.items():
        if name in given_up:
            print(f"| {name} | more than {args.give_up:.0f} | | more than {args.give_up / medians['function']:.0f} |")
        else:
            peak = max(mib for _, mib in runs)
            print(f"| {name} | {medians[name]:.2f} | {peak:.0f} | {medians[name] / medians['function']:.1f} |")
    print(f"\n{len(first[1].splitlines())} rows, the same by every form.", flush=True)


def without_prefixes(args, history):
    """The daily lists with their addresses alone, merged: text compares only those."""
    built = history / "addresses.parquet"
    if not built.exists():
        with tempfile.TemporaryDirectory() as folder:
            lists = Path(folder) / "daily"
            lists.mkdir()
            for daily in sorted((history / "daily").glob("*.txt")):
                kept = [line for line in daily.read_text(encoding="utf-8").splitlines() if "/" not in line]
                (lists / daily.name).write_text("\n".join(kept) + "\n", encoding="utf-8")
            command = [args.bin, "tor", "build", "--tor", f"exit={lists}", "--output", built, "--quiet"]
            subprocess.run([str(part) for part in command], check=True)
    return built


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="coldtrail, built for release")
    parser.add_argument("--data", type=Path, required=True, help="what benches/peers/run.py made")
    parser.add_argument("--repeat", type=int, default=3, help="measured runs of each (default 3)")
    parser.add_argument("--give-up", type=float, default=120, help="seconds that one run may take (default 120)")
    args = parser.parse_args()
    archive = args.data / "rare"
    history = archive / "history"
    if not (history / "daily").is_dir():
        sys.exit(f"{history} is not there: run benches/peers/run.py --cases rare,at-event first")
    flags = ["--format", "ndjson", "--quiet", "--keep-duplicates"]
    dated = ["--events", archive / "events", "--tor", without_prefixes(args, history), "--tor-match", "at-event"]
    compared("times: intervals, all events", HERE / "times", dated + flags, args)
    # The one with most hits.
    hour = ["--from", "2026-05-22T09:00:00Z", "--to", "2026-05-22T10:00:00Z"]
    undated = ["--events", archive / "events", *hour, "--tor", f"exit={history / 'undated.txt'}", "--tor-match", "loose"]
    compared("prefixes: one hour of events", HERE / "prefixes", undated + flags, args)


main()
