"""The lists that are hunted with, deterministic: relays for peers, a dated Tor history, millions of indicators."""

import csv
import ipaddress
import random
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import measure
import question

FIRST_DAY = 1_772_409_600
PREFIXES = 10_000
# Made-up relays, each on for 25 days and off for 15: with the archive's list 30,500 intervals in 90 days.
COMING_AND_GOING = 10_000
# Indicators of each kind that some event has.
PLANTED = 10


@dataclass(frozen=True)
class Names:
    """Millions of indicators: one merged file for coldtrail, a file for each of the two kinds for peers."""

    merged: Path
    peers: dict
    count: int


def texts(path, values):
    """A Parquet file with the one column that peers read."""
    pq.write_table(pa.table({"v": pa.array(values, pa.string())}), path, compression="snappy")
    return str(path)


def relays(archive):
    """The archive's Tor list as peers need it."""
    return {"addresses": texts(archive.folder / "relays.parquet", question.spelled(archive.relays()))}


def address(rng):
    """A public IPv4 address, or an IPv6 one for every third."""
    if rng.random() < 0.35:
        return "2a0b:%x:%x::%x" % (rng.randrange(1 << 16), rng.randrange(1, 1 << 16), rng.randrange(1, 1 << 16))
    return "%d.%d.%d.%d" % (rng.randrange(20, 100), rng.randrange(256), rng.randrange(256), rng.randrange(1, 255))


def prefix(rng):
    """A prefix of one of many lengths, all over the address space but narrow, so that they list few events."""
    if rng.random() < 0.35:
        return "2a%02x:%x:%x::/%d" % (
            rng.randrange(1, 11),
            rng.randrange(1 << 16),
            rng.randrange(1, 1 << 16),
            rng.randrange(48, 65),
        )
    return "%d.%d.%d.0/%d" % (rng.randrange(20, 100), rng.randrange(256), rng.randrange(256), rng.randrange(27, 32))


def drawn(rng, draw, count):
    """So many different ones."""
    found = {}
    while len(found) < count:
        found[draw(rng)] = None
    return list(found)


def history(binary, archive, days, limit):
    """Daily lists merged into one dated file, and the union of the same entries without dates."""
    folder = archive.folder / "history"
    built, undated = folder / "history.parquet", folder / "undated.txt"
    if not built.exists():
        rng = random.Random(7)
        prefixes, made_up = drawn(rng, prefix, PREFIXES), drawn(rng, address, COMING_AND_GOING)
        phase = [rng.randrange(40) for _ in made_up]
        lists = folder / "daily"
        lists.mkdir(parents=True, exist_ok=True)
        always = prefixes + archive.relays()
        for day in range(days):
            listed = always + [entry for entry, begins in zip(made_up, phase) if (day + begins) % 40 < 25]
            stamp = time.strftime("%Y-%m-%dT00-00-00Z", time.gmtime(FIRST_DAY + day * 86_400))
            (lists / f"{stamp}.txt").write_text("\n".join(listed) + "\n", encoding="utf-8")
        undated.write_text("\n".join(always + made_up) + "\n", encoding="utf-8")
        measure.process([binary, "tor", "build", "--tor", f"exit={lists}", "--output", built, "--quiet"], limit)
    return built, undated


def is_public(address):
    """coldtrail refuses indicators on private addresses."""
    return not address.startswith(question.MAPPED) and ipaddress.ip_address(address).is_global


def rarest(archive, column, wanted=bool):
    """Values of the archive's first file that few of its events have."""
    first = min(archive.events.rglob("*.parquet"))
    counted = pc.value_counts(pq.read_table(first, columns=[column], partitioning=None)[column]).to_pylist()
    found = sorted((told["counts"], told["values"]) for told in counted if told["values"])
    return [value for _, value in found if wanted(value)][:PLANTED]


def names(binary, archive, count, limit):
    """Half addresses, half domains; some of each occur in the archive, the rest is made up."""
    folder = archive.folder / f"indicators-{count}"
    merged, done = folder / "merged.parquet", folder / "done"
    peers = {"addresses": str(folder / "addresses.parquet"), "names": str(folder / "names.parquet")}
    if not done.exists():
        folder.mkdir(exist_ok=True)
        rng = random.Random(11)
        half = count // 2
        addresses = list(dict.fromkeys(rarest(archive, "RemoteIP", is_public) + [address(rng) for _ in range(half)]))[
            :half
        ]
        domains = rarest(archive, "RemoteUrl")
        domains += [
            f"h{rng.randrange(1 << 40):x}.d{rng.randrange(1 << 24):x}.example" for _ in range(half - len(domains))
        ]
        texts(peers["addresses"], addresses)
        texts(peers["names"], domains)
        feed = folder / "feed.csv"
        with feed.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["Indicator", "IndicatorType", "ThreatType", "ConfidenceScore"])
            writer.writerows((value, "ip", "C2", number % 101) for number, value in enumerate(addresses))
            writer.writerows((value, "domain", "C2", number % 101) for number, value in enumerate(domains))
        measure.process([binary, "intel", "build", "--intel", feed, "--output", merged, "--quiet"], limit)
        feed.unlink()
        done.touch()
    return Names(merged, peers, count)
