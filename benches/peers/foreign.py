"""Rewrites an archive of `coldtrail generate` as another writer leaves it.

Run as `foreign.py FOLDER`; each file is replaced by its rewritten self: snappy, small row groups, full dictionaries.
Rows, their order and their values stay. Needs pyarrow.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow.parquet as pq

ROW_GROUP = 125_000
# Where a column's dictionary is full and the rest of its chunk is written plain. Writers stop at 1 MiB; the generated
# addresses fill 0.52 MiB in a row group, so the limit is lowered until, as in telemetry with more addresses, about a
# quarter of RemoteIP lies in plain pages behind a full dictionary.
DICTIONARY_BYTES = 424 << 10


def is_rewritten(path):
    created = pq.read_metadata(path).created_by or ""
    return created.startswith("parquet-cpp-arrow")


def rewrite(path):
    if is_rewritten(path):
        return
    table = pq.read_table(path, partitioning=None)
    beside = path.with_suffix(".rewriting")
    pq.write_table(
        table,
        beside,
        compression="snappy",
        row_group_size=ROW_GROUP,
        use_dictionary=True,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
        write_page_index=True,
        store_schema=False,
    )
    os.replace(beside, path)


def main():
    files = sorted(Path(sys.argv[1]).rglob("*.parquet"))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for _ in pool.map(rewrite, files):
            pass


if __name__ == "__main__":
    main()
