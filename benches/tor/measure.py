"""How many Tor events a hunt finds, and how many of those it finds were none: by kind of list, against a known truth.

`coldtrail generate --tor-history` makes an archive whose exits have a history that it writes down hour by hour
(tor-truth.csv), and dated lists of them at a spacing. Half of the events that touch one of these addresses do so while it
is an exit, half while it is not: before it joined, in a gap, or after it left; any address of the population is as likely
as any other. Here the same events are hunted with different lists and rules. Recall is the share of the true events that are
found, spurious is the share of the found events that were no exit at their time. A second column says which of them had no
exit on that address within a day either: what is left is near misses.

All events of the population are counted twice, by the generator and by a hunt with every address that ever was an exit;
the run fails when they differ, or when a rule finds an event that this hunt does not.
"""

import argparse
import bisect
import collections
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SPACINGS = {"hourly": "1h", "daily": "24h", "weekly": "7d"}
# What is hunted with: its name, the lists, and the rule.
CASES = (
    ("one list, of the last day", "last", ("--tor-match", "loose")),
    ("one list, of the last day", "last", ("--tor-match", "auto")),
    ("all daily lists as one", "daily", ("--tor-match", "loose")),
    ("weekly lists", "weekly", ("--tor-match", "at-event", "--tolerance", "24h")),
    ("weekly lists", "weekly", ("--tor-match", "at-event", "--tolerance", "84h")),
    ("weekly lists", "weekly", ("--tor-match", "at-event", "--tolerance", "7d")),
    ("daily lists", "daily", ("--tor-match", "at-event", "--tolerance", "12h")),
    ("daily lists", "daily", ("--tor-match", "at-event", "--tolerance", "24h")),
    ("daily lists", "daily", ("--tor-match", "auto", "--tolerance", "24h")),
    ("hourly lists", "hourly", ("--tor-match", "at-event", "--tolerance", "24h")),
    ("hourly lists", "hourly", ("--tor-match", "at-event", "--tolerance", "1h")),
)
KEY = ("Timestamp", "DeviceId", "ReportId", "RemoteIP")
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


class Failed(Exception):
    """Ends the run with a message for people."""


def run(*command):
    """Runs a process to its end and returns what it said to people."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(f"exit code {done.returncode}: {' '.join(command)}\n{done.stderr}")
    return done.stderr


def generate(binary, folder, spacing, args, rows):
    """Makes an archive and returns how many of its events touch the population."""
    wish = ("--days", args.days, "--seed", args.seed, "--hit-rate", args.hit_rate, "--tor-history", spacing)
    told = run(binary, "generate", "--output", folder, "--rows", rows, *wish)
    return int(re.search(r"([\d,]+) of them on", told)[1].replace(",", ""))


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Truth:
    """When each address was an exit: in every hour of a stay, the first and the last included."""

    def __init__(self, path):
        self.stays = collections.defaultdict(list)
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            address, seen_from, seen_to = line.split(",")
            self.stays[address].append((moment(seen_from), moment(seen_to) + HOUR))
        for stays in self.stays.values():
            stays.sort()

    def was_exit(self, address, time, within=datetime.timedelta()):
        stays = self.stays[address]
        after = bisect.bisect_right(stays, time + within, key=lambda stay: stay[0])
        return after > 0 and time - within < stays[after - 1][1]


def hunt(binary, events, lists, rule, folder):
    """The events that a hunt finds, each as often as the archive holds it."""
    rows = folder / "rows.ndjson"
    found = ("--rows", rows, "--output", folder / "findings.ndjson", "--format", "ndjson", "--keep-duplicates", "--quiet")
    run(binary, "hunt", "tor_exit", "--events", events, "--tor", f"exit={lists}", *rule, *found)
    with rows.open(encoding="utf-8") as lines:
        events = (json.loads(line) for line in lines)
        return collections.Counter(tuple(event[key] for key in KEY) for event in events)


def judge(found, truth, true_count):
    counts = collections.Counter()
    for (time, _, _, address), copies in found.items():
        time = moment(time)
        exit_then = truth.was_exit(address, time)
        counts["true" if exit_then else "spurious"] += copies
        if not exit_then and not truth.was_exit(address, time, DAY):
            counts["far"] += copies
    matched = counts["true"] + counts["spurious"]
    return {
        "matched": matched,
        "recall": counts["true"] / max(true_count, 1),
        "spurious": counts["spurious"] / max(matched, 1),
        "spurious_far": counts["far"] / max(matched, 1),
    }


def archives(args, folder):
    """An archive, its truth, and lists of that truth by their name."""
    hourly, *others = SPACINGS.items()
    hits = generate(args.bin, folder / hourly[0], hourly[1], args, args.rows)
    truth_text = (folder / hourly[0] / "tor-truth.csv").read_bytes()
    for name, spacing in others:
        # Truth and lists do not depend on the events: one is enough.
        generate(args.bin, folder / name, spacing, args, 1)
        if (folder / name / "tor-truth.csv").read_bytes() != truth_text:
            raise Failed(f"{folder / name}: another truth than with hourly lists")
    lists = {name: folder / name / "tor-history" for name in SPACINGS}
    lists["last"] = max(lists["daily"].iterdir())
    truth = Truth(folder / hourly[0] / "tor-truth.csv")
    lists["population"] = folder / "population.txt"
    lists["population"].write_text("".join(f"{address}\n" for address in sorted(truth.stays)), encoding="utf-8")
    return folder / hourly[0] / "events", truth, lists, hits


def measure(args, folder):
    events, truth, lists, hits = archives(args, folder)
    everything = hunt(args.bin, events, lists["population"], ("--tor-match", "loose"), folder)
    if everything.total() != hits:
        raise Failed(f"{hits} events were placed on the population, and {everything.total()} are found there")
    whole = [copies for (time, _, _, address), copies in everything.items() if truth.was_exit(address, moment(time))]
    results = []
    for name, which, rule in CASES:
        found = hunt(args.bin, events, lists[which], rule, folder)
        if found - everything:
            raise Failed(f"{name}, {' '.join(rule)}: found events that touch no exit of any time: {found - everything}")
        results.append({"lists": name, "rule": " ".join(rule), **judge(found, truth, sum(whole))})
    archive = {"events": args.rows, "touching": hits, "true": sum(whole), "addresses": len(truth.stays)}
    return {**archive, "cores": os.cpu_count(), "cases": results}


def table(told, args):
    yield f"{told['events']:,} events of {args.days} days, seed {args.seed}; {told['touching']:,} touch one of"
    yield f"{told['addresses']:,} addresses, {told['true']:,} of them while it was an exit. Made on a machine with"
    yield f"{told['cores']} cores; the shares do not depend on it."
    yield ""
    yield "| lists | rule | events found | recall | spurious | no exit within a day either |"
    yield "|---|---|---|---|---|---|"
    for case in told["cases"]:
        shares = " | ".join(f"{100 * case[key]:.2f} %" for key in ("recall", "spurious", "spurious_far"))
        yield f"| {case['lists']} | `{case['rule']}` | {case['matched']:,} | {shares} |"


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="coldtrail")
    parser.add_argument("--data", type=Path, help="new folder for the archives, kept afterwards; else a temporary one")
    parser.add_argument("--rows", type=int, default=400_000, help="events (default 400000)")
    parser.add_argument("--days", type=int, default=180, help="days of the archive (default 180)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another population (default 7)")
    parser.add_argument("--hit-rate", type=float, default=0.02, help="share of the events that touch it (default 0.02)")
    parser.add_argument("--json", type=Path, help="write the numbers here as well")
    return parser.parse_args()


def main():
    args = parsed()
    # A bare name would be looked for in PATH.
    args.bin = args.bin.resolve()
    try:
        with tempfile.TemporaryDirectory() as temporary:
            told = measure(args, args.data or Path(temporary))
    except (Failed, OSError) as error:
        sys.exit(str(error))
    print("\n".join(table(told, args)))
    if args.json:
        args.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
