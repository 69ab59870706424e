"""The kinds of archive that are Parquet: each with the types, names and folders of the program that writes it."""

from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq

from .archive_json import epoch
from .archive_shape import WORKSPACE, day, grouped, guid, hour
from .forms import FORMS, to_table, write

JOB = "00000000-aaaa-4bbb-8ccc-0000000000c3"
EXPORT_JOB = replace(FORMS["sentinel"], fields="text")


def plain(root, rows):
    write(root / "events.parquet", rows, FORMS["xdr"])


def log_analytics_job(root, rows):
    """An export job: an hour a folder whose key collides with the column Timestamp but for case."""
    where = root / "exported" / "workspaceId" / WORKSPACE / "jobId" / JOB
    for at, ones in grouped(rows, hour).items():
        write(where / f"timestamp={at}" / f"{guid(f'job {at}')}.gz.parquet", ones, EXPORT_JOB)


def log_analytics_job_hive(root, rows):
    """The job's other date format; AdditionalFields re-processed to a struct."""
    where = root / "exported" / "workspaceId" / WORKSPACE / "jobId" / JOB
    for at, ones in grouped(rows, hour).items():
        folder = f"year={at[:4]}/month={at[5:7]}/day={at[8:10]}/hour={at[11:]}"
        write(where / folder / f"{guid(f'hive {at}')}.gz.parquet", ones, FORMS["sentinel"])


def adx_int96(root, rows):
    """Azure Data Explorer's old writer; nothing in the path is a date."""
    for number, ones in enumerate(grouped(rows, day).values(), 1):
        write(root / f"DeviceNetworkEvents_{number}_{guid(f'old {number}')}.parquet", ones, FORMS["adx_old"])


def adx_micros(root, rows):
    """Its native writer, with the session columns."""
    form = replace(FORMS["adx"], session=True)
    for number, ones in enumerate(grouped(rows, day).values(), 1):
        write(root / "export" / f"DeviceNetworkEvents_{number}_{guid(f'new {number}')}.parquet", ones, form)


def cribl_parquet(root, rows):
    """An automatic schema knows no timestamps: a DOUBLE of epoch seconds in one file, text in the other."""
    first, *others = grouped(rows, day).values()
    write(root / "collector-1" / "CriblOut-Vd2s8F.0.parquet", first, FORMS["epoch"])
    rest = [row for ones in others for row in ones]
    iso = replace(FORMS["epoch"], time="iso")
    write(root / "collector-1" / "CriblOut-o9GmKa.1.parquet", rest, iso)


def cribl_time_only(root, rows):
    """`_time` in place of Timestamp."""
    table = to_table(rows, FORMS["epoch"]).drop_columns(["Timestamp"])
    times = pa.array([float(epoch(row)) for row in rows], pa.float64())
    path = root / "collector-1" / "CriblOut-Zk5wTe.1.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table.add_column(0, "_time", times), path, store_schema=False)


def tenzir(root, rows):
    """Partition columns are numbers without a leading zero and stand only in the path; times are nanoseconds."""
    for date, ones in grouped(rows, day).items():
        year, month, of_month = (int(part) for part in date.split("-"))
        path = root / f"year={year}" / f"month={month}" / f"day={of_month}" / f"{guid(f'tenzir {date}')}.parquet"
        write(path, ones, replace(FORMS["ns"], text=pa.string(), codec="zstd"))


def tenzir_action(root, rows):
    """Partitioned by a column that then is in no file."""
    form = replace(FORMS["ns"], text=pa.string(), codec="zstd", drop=("ActionType",))
    for action, ones in grouped(rows, lambda row: row["ActionType"]).items():
        write(root / f"ActionType={action}" / f"{guid(f'tenzir {action}')}.parquet", ones, form)


def spark(root, rows):
    form = replace(FORMS["adx_old"], codec="snappy", alphabetical=False)
    for at, ones in grouped(rows, hour).items():
        name = f"part-00000-{guid(f'spark {at}')}-c000.snappy.parquet"
        write(root / f"dt={at[:10]}" / f"hour={at[11:]}" / name, ones, form)
    (root / "_SUCCESS").write_bytes(b"")


def redpanda(root, rows):
    """The encoder's defaults: nanoseconds in UTC and DELTA_LENGTH_BYTE_ARRAY for text."""
    for date, ones in grouped(rows, day).items():
        table = to_table(ones, replace(FORMS["ns"], text=pa.string()))
        table = table.set_column(0, "Timestamp", table.column("Timestamp").cast(pa.timestamp("ns", "UTC")))
        texts = {
            name: "DELTA_LENGTH_BYTE_ARRAY" for name in table.column_names if table.schema.field(name).type == "string"
        }
        path = root / f"network-{date}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path, compression="zstd", use_dictionary=False, column_encoding=texts, store_schema=False)
        group = pq.ParquetFile(path).metadata.row_group(0)
        chunks = [group.column(n) for n in range(group.num_columns)]
        if not all("DELTA_LENGTH_BYTE_ARRAY" in c.encodings for c in chunks if c.path_in_schema in texts):
            raise SystemExit(f"{path}: not the encoding that it is to show")
