"""Whether everybody found the same: coldtrail's rows against every peer's, and its counts against its rows."""

import difflib
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import measure
import question
from measure import Failed

# Lines and characters of a difference that are printed.
SHOWN, WIDE = 20, 240


def rows(hunt, limit):
    """What the hunt's events are, copies kept, as (compared form, RemoteIP and RemoteUrl as the file has them)."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "rows.ndjson"
        measure.process(
            [*hunt, "--keep-duplicates", "--rows", written, "--output", Path(folder) / "findings.ndjson"], limit
        )
        told = [json.loads(line) for line in written.read_text(encoding="utf-8").splitlines()]
    return [(question.row(row), row["RemoteIPRaw"], row["RemoteUrl"]) for row in told]


def equal_texts(found, lists):
    """Of coldtrail's rows those that stand on the peers' lists letter by letter, which is what peers can see."""

    def listed(name, values):
        # The list may be millions long: it is narrowed to what occurs, and never becomes Python objects.
        values = pa.array(sorted({value for value in values if value}), pa.string())
        wanted = pq.read_table(lists[name])["v"]
        return set(wanted.filter(pc.is_in(wanted, value_set=values)).to_pylist())

    addresses = listed("addresses", (ip for _, ip, _ in found))
    names = listed("names", (url for _, _, url in found)) if "names" in lists else set()
    return [each for each in found if each[1] in addresses or each[2] in names]


def same_rows(one, its_rows, other, other_rows):
    """Fails with a diff where the sorted rows of two differ."""
    if its_rows != other_rows:
        lines = list(difflib.unified_diff(its_rows, other_rows, one, other, lineterm="", n=0))
        raise Failed(
            f"{one} found {len(its_rows)} rows, {other} {len(other_rows)}:\n"
            + "\n".join(line[:WIDE] for line in lines[: SHOWN + 3])
        )


def same_counts(findings, found):
    """The timed hunt removes copies of events; what it counts must follow from the rows."""
    counted = {}
    for line in findings.splitlines():
        told = json.loads(line)
        group = (told["DeviceName"] or "", question.address(told["RemoteIP"]))
        counted[group] = counted.get(group, 0) + told["Count"]
    expected = question.events([text for text, _, _ in found])
    if counted != expected:
        wrong = sorted(group for group in counted.keys() | expected.keys() if counted.get(group) != expected.get(group))
        told = [f"{group}: {counted.get(group)} counted, {expected.get(group)} in the rows" for group in wrong[:SHOWN]]
        raise Failed(f"findings and rows differ in {len(wrong)} groups:\n" + "\n".join(told))
