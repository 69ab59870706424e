"""The forms in which an archive that grew over years holds the same rows: one writer each, as reference material tells.

A form fixes the column names and their order, every type, the codec and what the footer says. Rows come from `rows`.
"""

import json
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from .rows import COLUMNS, SESSION, iso

LONGS = ["InitiatingProcessId", "InitiatingProcessSessionId"]
STRUCT = pa.struct(
    [
        ("direction", pa.string()),
        ("uniqueEventsAggregated", pa.int64()),
        ("query", pa.string()),
        ("host", pa.string()),
        ("server_name", pa.string()),
    ]
)


@dataclass(frozen=True)
class Form:
    time: str = "us_utc"  # int96 | us | us_utc | ms_utc | ns | iso | epoch
    time_column: str = "Timestamp"
    port: str = "int32"  # int32 | int64 | double | text
    report: str = "int64"  # int64 | text | double
    text: pa.DataType = field(default_factory=pa.string)
    fields: str = "text"  # text | struct
    session: bool = True
    sentinel: bool = False
    both_times: bool = False
    alphabetical: bool = False
    direction_column: bool = False
    drop: tuple = ()
    codec: str = "snappy"
    page_version: str = "1.0"
    store_schema: bool = True
    row_group: int = 100_000


FORMS = {
    # Azure Data Explorer, native writer: microseconds, gzip; before the session columns existed.
    "adx": Form(time="us", session=False, codec="gzip", store_schema=False),
    # Azure Data Explorer, old writer: INT96.
    "adx_old": Form(time="int96", session=False, alphabetical=True, store_schema=False),
    "xdr_ms": Form(time="ms_utc", port="int64", text=pa.dictionary(pa.int32(), pa.string()), codec="zstd"),
    "iso": Form(time="iso", port="text", report="text", codec="brotli", store_schema=False),
    "ns": Form(time="ns", port="int64", text=pa.large_string(), codec="lz4", page_version="2.0"),
    # Cribl style: a number is a DOUBLE, time is epoch seconds.
    "epoch": Form(time="epoch", port="double", report="double", codec="snappy", session=False, store_schema=False),
    # Log Analytics export job: TimeGenerated, dynamic columns re-processed to structs.
    "sentinel": Form(
        time_column="TimeGenerated", fields="struct", sentinel=True, session=False, alphabetical=True, codec="gzip"
    ),
    "xdr": Form(codec="zstd", store_schema=False),
    "xdr_both": Form(codec="none", both_times=True, store_schema=False),
}


def write(path, rows, form):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = to_table(rows, form)
    pq.write_table(
        table,
        path,
        compression=form.codec,
        use_deprecated_int96_timestamps=form.time == "int96",
        store_schema=form.store_schema,
        data_page_version=form.page_version,
        row_group_size=form.row_group,
    )


def to_table(rows, form):
    columns = {}
    for name in COLUMNS:
        if name in form.drop or (name in SESSION and not form.session):
            continue
        values = [row[name] for row in rows]
        if name == "Timestamp":
            columns[form.time_column] = time_array(values, form.time)
        elif name in ("RemotePort", "LocalPort"):
            columns[name] = port_array(values, form.port)
        elif name == "ReportId":
            columns[name] = port_array(values, form.report)
        elif name in LONGS:
            columns[name] = pa.array(values, pa.int64())
        elif name == "IsInitiatingProcessRemoteSession":
            columns[name] = pa.array(values, pa.bool_())
        elif name == "AdditionalFields" and form.fields == "struct":
            columns[name] = pa.array([struct_of(v) for v in values], STRUCT)
        else:
            columns[name] = pa.array(values, pa.string()).cast(form.text)
    columns |= extras(rows, form)
    names = sorted(columns) if form.alphabetical else list(columns)
    return pa.table({name: columns[name] for name in names})


def extras(rows, form):
    added = {}
    if form.both_times:
        # Ingestion comes minutes after the event: whoever reads this column instead sees other times.
        late = [None if r["Timestamp"] is None else r["Timestamp"] + 240 * 10**9 for r in rows]
        added["TimeGenerated"] = time_array(late, "us_utc")
    if form.direction_column:
        added["ConnectionDirection"] = pa.array([r.get("ConnectionDirection") for r in rows], pa.string())
    if form.sentinel:
        constants = {
            "MachineGroup": None,
            "TenantId": "00000000-aaaa-4bbb-8ccc-000000000001",
            "Type": "DeviceNetworkEvents",
            "SourceSystem": "Microsoft Defender",
        }
        added |= {name: pa.array([value] * len(rows), pa.string()) for name, value in constants.items()}
    return added


def struct_of(text):
    """JSON text as the struct of its known keys; what is no JSON object is null."""
    try:
        fields = json.loads(text or "")
    except ValueError:
        return None
    if not isinstance(fields, dict):
        return None
    count = fields.get("uniqueEventsAggregated")
    known = {name: fields.get(name) for name in ("direction", "query", "host", "server_name")}
    return known | {"uniqueEventsAggregated": None if count is None else int(count)}


def time_array(values, kind):
    if kind == "iso":
        return pa.array([v if v is None or isinstance(v, str) else iso(v) for v in values], pa.string())
    values = [None if isinstance(v, str) else v for v in values]
    if kind == "epoch":
        # Microseconds first: the double nearest to a whole number of them.
        return pa.array([None if v is None else (v // 1_000) / 1e6 for v in values], pa.float64())
    unit, divisor = {
        "us": ("us", 10**3),
        "us_utc": ("us", 10**3),
        "ms_utc": ("ms", 10**6),
        "ns": ("ns", 1),
        "int96": ("ns", 1),
    }[kind]
    zone = "UTC" if kind.endswith("_utc") else None
    return pa.array([None if v is None else v // divisor for v in values], pa.int64()).cast(pa.timestamp(unit, zone))


def port_array(values, kind):
    if kind == "text":
        return pa.array(
            [v if v is None or isinstance(v, str) else f"{v}.0" if v % 2 else str(v) for v in values], pa.string()
        )
    return pa.array(values, {"int32": pa.int32(), "int64": pa.int64(), "double": pa.float64()}[kind])
