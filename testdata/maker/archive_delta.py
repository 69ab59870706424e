"""Delta tables, written by hand from the protocol: a log of JSON lines, a checkpoint, and the files that the log names.

What a table says and what lies in its folder differ on purpose: files that were replaced or never committed are still
there, with a hit that no version from 2 on has.
"""

import json
import struct
from dataclasses import replace
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from . import archive_events
from .archive_shape import day, guid, save
from .forms import FORMS, to_table
from .rows import ns

FORM = replace(FORMS["xdr"], text=pa.string(), codec="zstd")
START = ns("2026-07-20T06:00:00") // 10**6
TYPES = {
    "string": "string",
    "int32": "integer",
    "int64": "long",
    "bool": "boolean",
    "timestamp[us, tz=UTC]": "timestamp",
}

README = """# Delta tables

Made by `testdata/make.py`, from the events of `../archives/`. A hunt with `../archives/tor.txt` over the current version
of `updated` or `partitioned` finds exactly what `../archives/expected.ndjson` says.

| folder | what it is |
|---|---|
| `updated` | five versions and a checkpoint at 2: `wks-sales-03` is `wks-gone-01` until version 2 replaces its file, version 4 makes one file of two. All replaced files and one that was never committed still lie there |
| `partitioned` | partition columns `date` and `Protocol` stand in the log only; a null, a path with blank and percent sign, a path that is not hive's |
| `deleted` | version 1 puts a deletion vector on the only file; version 0 has none |
| `damaged` | the commit of version 1 breaks off |
"""


def make(root):
    events = archive_events.rows()
    save(root / "README.md", README)
    save(root / ".gitattributes", "**/_delta_log/** -text\n")
    updated(Table(root / "updated"), events)
    partitioned(Table(root / "partitioned", ("date", "Protocol")), events)
    deleted(Table(root / "deleted"), events)
    damaged(Table(root / "damaged"), events)


class Table:
    """A folder, its log so far and the files that count."""

    def __init__(self, root, partitions=()):
        self.root, self.partitions, self.version, self.live, self.gone = root, partitions, 0, {}, {}

    def file(self, path, rows, values=None):
        """Writes a data file and returns its `add`; the log spells the path as a URI."""
        form = replace(FORM, drop=self.partitions)
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        table = to_table(rows, form)
        pq.write_table(table, target, compression=form.codec, store_schema=False)
        stats = {"numRecords": len(rows)}
        return {
            "path": quote(path, safe="/=-_.~"),
            "partitionValues": values or {},
            "size": target.stat().st_size,
            "modificationTime": START + self.version * 60_000,
            "dataChange": True,
            "stats": json.dumps(stats, separators=(",", ":")),
        }

    def commit(self, operation, adds=(), removes=(), features=(), first=()):
        at = START + self.version * 60_000
        actions = [{"commitInfo": {"timestamp": at, "operation": operation, "engineInfo": "made by hand"}}]
        if self.version == 0:
            actions += [{"protocol": protocol(features)}, {"metaData": self.metadata()}]
        for path in removes:
            gone = self.live.pop(path)
            self.gone[path] = gone
            more = {"size": gone["size"], "partitionValues": gone["partitionValues"], "extendedFileMetadata": True}
            actions.append({"remove": {"path": path, "deletionTimestamp": at, "dataChange": True} | more})
        for add in adds:
            self.live[add["path"]] = add
            actions.append({"add": add})
        save(self.log(f"{self.version:020d}.json"), "".join(compact(action) + "\n" for action in actions))
        self.version += 1

    def log(self, name):
        return self.root / "_delta_log" / name

    def metadata(self):
        fields = [{"name": name, "type": TYPES[str(kind)]} for name, kind in self.columns()]
        schema = {"type": "struct", "fields": [one | {"nullable": True, "metadata": {}} for one in fields]}
        return {
            "id": guid(f"delta {self.root.name}"),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": compact(schema),
            "partitionColumns": list(self.partitions),
            "configuration": {},
            "createdTime": START,
        }

    def columns(self):
        kinds = [(field.name, field.type) for field in to_table(archive_events.rows(), FORM).schema]
        names = [name for name, _ in kinds]
        return kinds + [(name, "string") for name in self.partitions if name not in names]

    def checkpoint(self):
        """What the commits so far add up to, as one Parquet file, and the file that points to it."""
        rows = [{"protocol": protocol(())}, {"metaData": self.metadata()}]
        rows += [{"add": self.live[path]} for path in sorted(self.live)]
        for path in sorted(self.gone):
            rows.append({"remove": {"path": path, "deletionTimestamp": START, "dataChange": True}})
        table = pa.Table.from_pylist([dict.fromkeys(CHECKPOINT.names) | row for row in rows], schema=CHECKPOINT)
        version = self.version - 1
        pq.write_table(table, self.log(f"{version:020d}.checkpoint.parquet"), compression="zstd", store_schema=False)
        save(self.log("_last_checkpoint"), compact({"version": version, "size": len(rows)}))


TEXTS = pa.map_(pa.string(), pa.string())
CHECKPOINT = pa.schema(
    {
        "protocol": pa.struct({"minReaderVersion": pa.int32(), "minWriterVersion": pa.int32()}),
        "metaData": pa.struct(
            {
                "id": pa.string(),
                "format": pa.struct({"provider": pa.string(), "options": TEXTS}),
                "schemaString": pa.string(),
                "partitionColumns": pa.list_(pa.string()),
                "configuration": TEXTS,
                "createdTime": pa.int64(),
            }
        ),
        "add": pa.struct(
            {
                "path": pa.string(),
                "partitionValues": TEXTS,
                "size": pa.int64(),
                "modificationTime": pa.int64(),
                "dataChange": pa.bool_(),
                "stats": pa.string(),
            }
        ),
        "remove": pa.struct({"path": pa.string(), "deletionTimestamp": pa.int64(), "dataChange": pa.bool_()}),
    }
)


def protocol(features):
    if not features:
        return {"minReaderVersion": 1, "minWriterVersion": 2}
    names = {"readerFeatures": list(features), "writerFeatures": list(features)}
    return {"minReaderVersion": 3, "minWriterVersion": 7} | names


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def part(number, text):
    return f"part-{number:05d}-{guid(f'delta {text}')}-c000.zstd.parquet"


def updated(table, events):
    days = by_day(events)
    wrong = [row | {"DeviceName": row["DeviceName"].replace("wks-sales-03", "wks-gone-01")} for row in days[0]]
    first = table.file(part(0, "first"), wrong)
    table.commit("WRITE", [first])
    second = table.file(part(0, "second"), days[1])
    table.commit("WRITE", [second])
    table.commit("UPDATE", [table.file(part(0, "update"), days[0])], [first["path"]])
    table.checkpoint()
    third = table.file(part(0, "third"), days[2])
    table.commit("WRITE", [third])
    whole = table.file(part(0, "optimize"), days[1] + days[2])
    table.commit("OPTIMIZE", [whole | {"dataChange": False}], [second["path"], third["path"]])
    table.file(part(9, "never committed"), wrong)


def partitioned(table, events):
    for date, rows in zip(DATES, by_day(events), strict=True):
        groups = {}
        for row in rows:
            groups.setdefault(row["Protocol"], []).append(row)
        adds = []
        for number, (name, ones) in enumerate(sorted(groups.items(), key=lambda item: item[0] or "")):
            values = {"date": date, "Protocol": name}
            folder = f"date={date}/Protocol={name}" if name else "k7"
            file = f"part 0 {number} 50%.parquet" if date.endswith("18") else part(number, f"{date} {name}")
            adds.append(table.file(f"{folder}/{file}", ones, values))
        table.commit("WRITE", adds)


def deleted(table, events):
    add = table.file(part(0, "deletion"), by_day(events)[1])
    table.commit("WRITE", [add], features=["deletionVectors"])
    vector = bitmap([0])
    inline = {"storageType": "i", "pathOrInlineDv": z85(vector), "sizeInBytes": len(vector), "cardinality": 1}
    table.commit("DELETE", [add | {"deletionVector": inline}], [add["path"]])


def damaged(table, events):
    days = by_day(events)
    table.commit("WRITE", [table.file(part(0, "whole"), days[1])])
    table.commit("WRITE", [table.file(part(0, "cut"), days[2])])
    path = table.log(f"{1:020d}.json")
    save(path, path.read_bytes()[:-90])


DATES = ["2026-07-17", "2026-07-18", "2026-07-19"]


def by_day(events):
    return [[row for row in events if day(row) == date] for date in DATES]


def bitmap(rows):
    """The numbers of deleted rows as the protocol's array of roaring bitmaps: one bitmap, one array container."""
    container = struct.pack(f"<{len(rows)}H", *rows)
    header = struct.pack("<IIHHI", 12_346, 1, 0, len(rows) - 1, 16)
    return struct.pack("<IQI", 1_681_511_377, 1, 0) + header + container


Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def z85(content):
    content += bytes(-len(content) % 4)
    text = ""
    for (number,) in struct.iter_unpack(">I", content):
        text += "".join(Z85[number // 85**power % 85] for power in range(4, -1, -1))
    return text
