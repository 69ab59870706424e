"""The archives that are hunted in, made once by `coldtrail generate` and rewritten by `foreign.py`."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import measure

HERE = Path(__file__).resolve().parent
# Measured: snappy, with all 46 columns.
BYTES_PER_ROW = 115


@dataclass(frozen=True)
class Archive:
    """A folder with `events`, `tor.csv` and `indicators.csv`."""

    folder: Path

    @property
    def events(self):
        return self.folder / "events"

    @property
    def tor(self):
        return self.folder / "tor.csv"

    @property
    def intel(self):
        return self.folder / "indicators.csv"

    def relays(self):
        return self.tor.read_text(encoding="utf-8").split()[1:]

    def size(self):
        files = list(self.events.rglob("*.parquet"))
        return {"files": len(files), "bytes": sum(file.stat().st_size for file in files)}


@dataclass(frozen=True)
class Plan:
    """Which archive, of how many events in how many files, and how their hits lie."""

    name: str
    rows: int
    days: int
    hit_rate: str
    spread: str

    def flags(self):
        hits = ("--hit-rate", self.hit_rate, "--hit-spread", self.spread)
        return ("--rows", self.rows, "--days", self.days, *hits, "--seed", 7)


def room(data, plan, keep_free_gb):
    """None, or why the disk has no room for the archive."""
    if (data / plan.name / "done").exists():
        return None
    free, needed = shutil.disk_usage(data).free / 1e9, plan.rows * BYTES_PER_ROW / 1e9
    if free - needed >= keep_free_gb:
        return None
    return f"needs {needed:.1f} GB, {free:.1f} GB are free and {keep_free_gb:.0f} GB shall stay so (--keep-free)"


def make(binary, data, plan, limit):
    """The archive, made if it is not there; what an interrupted run left is made again."""
    folder, done = data / plan.name, data / plan.name / "done"
    if not done.exists():
        print(f"making {folder}: {plan.rows:,} events in {plan.days} files", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        measure.process([binary, "generate", "--output", folder, *plan.flags(), "--quiet"], limit)
        measure.process([sys.executable, "-B", HERE / "foreign.py", folder / "events"], limit)
        done.write_text(" ".join(map(str, plan.flags())) + "\n", encoding="utf-8")
    elif done.read_text(encoding="utf-8").split() != list(map(str, plan.flags())):
        raise measure.Failed(f"{folder} was made with {done.read_text().strip()}; give another --data, or delete it")
    return Archive(folder)
