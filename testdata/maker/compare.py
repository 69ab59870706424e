"""Compares two trees of test data by what they say: Parquet, gzip and zstd bytes differ between writer versions."""

import zlib

import pyarrow as pa
import pyarrow.parquet as pq


def differences(ours, fresh):
    """One line per difference; empty when the trees say the same."""
    left, right = files(ours), files(fresh)
    found = [f"{name}: committed, but not made by make.py" for name in sorted(left - right)]
    found += [f"{name}: made by make.py, but not committed" for name in sorted(right - left)]
    return found + [f"{name}: {why}" for name in sorted(left & right) if (why := difference(ours / name, fresh / name))]


def files(root):
    code = {"make.py", "maker", ".gitattributes"}
    names = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in names if name.split("/")[0] not in code}


def difference(ours, fresh):
    if ours.suffix in UNPACK:
        left, right = (UNPACK[path.suffix](path.read_bytes()) for path in (ours, fresh))
        return None if left == right else "what it unpacks to differs"
    if ours.suffix != ".parquet":
        return None if ours.read_bytes() == fresh.read_bytes() else "the content differs"
    left, right = told(ours), told(fresh)
    return next((f"{part} differ" for part in left if left[part] != right.get(part)), None)


def told(path):
    """What a Parquet file says: columns and types, codecs, rows; or at which step it cannot be read."""
    try:
        file = pq.ParquetFile(path)
    except Exception as error:  # noqa: BLE001, what is broken must be broken in the same way
        return {"first errors": type(error).__name__, "sizes of broken files": path.stat().st_size // 4_096}
    groups = [file.metadata.row_group(n) for n in range(file.num_row_groups)]
    columns = [
        [(c.path_in_schema, c.physical_type, c.compression) for c in (g.column(i) for i in range(g.num_columns))]
        for g in groups
    ]
    said = {
        "Parquet schemas": str(file.schema).split("\n", 1)[1],
        "Arrow schemas": file.schema_arrow.remove_metadata(),
        "columns": columns,
    }
    try:
        return said | {"rows": file.read().replace_schema_metadata().combine_chunks()}
    except Exception as error:  # noqa: BLE001
        return said | {"read errors": type(error).__name__}


def unpack_gzip(content):
    """What all members say together; of one that breaks off only that it does, since its bytes are the compressor's."""
    whole = []
    while content:
        member = zlib.decompressobj(wbits=31)
        whole.append(member.decompress(content))
        if not member.eof:
            return "breaks off", whole[-1][:1_000]
        content = member.unused_data
    return "whole", b"".join(whole)


def unpack_zstd(content):
    with pa.input_stream(pa.BufferReader(content), compression="zstd") as frames:
        return "whole", frames.read()


# Compressed bytes differ between versions of a compressor.
UNPACK = {".gz": unpack_gzip, ".zst": unpack_zstd}
