"""Hostile and broken inputs, each named by what is wrong with it."""

import pyarrow.parquet as pq

from . import archive_bad
from .forms import FORMS, to_table, write
from .rows import Reporter, event

EXIT = "198.51.100.66"

# What must come out of nothing that people read: terminal control, links, formulas, Markdown, bidirectional text.
TEXTS = {
    "DeviceName": "\x1b[2J\x1b]0;owned\x07wks-1\u202e\u2066exe.gpj",
    "InitiatingProcessCommandLine": "=cmd|' /C calc'!A0 | [x](javascript:alert(1)) \x1b]8;;https://evil.example/\x1b\\click\x1b]8;;\x1b\\\r\nFINDINGS: 0\n| a | b |\n|---|---|\n<script>alert(1)</script> `code` \x9b31m \x00end",
    "InitiatingProcessAccountName": "+SUM(1,2)\tann\u2028\u200b",
    "InitiatingProcessFileName": "@evil|pipe.exe",
    "RemoteUrl": "-2+3+cmd|' /C calc'!A0",
}

FILES = {
    "tor_empty.txt": b"",
    "tor_junk.txt": b"dest_ip\n# nothing here can be used\nexit.example.org\n10.0.0.1\n999.1.1.1\n0.0.0.0/0\n198.51.100.7:443\n",
    "tor_binary.txt": b"198.51.100.66\n\xff\xfe\x00\xc3\x28\x80\n\x89PNG\r\n\x1a\n",
    "hostile_tor.txt": EXIT.encode() + b"\n\x1b[2Jnot-an-address\x1b]0;owned\x07\n",
    "intel_invalid.json": b'{"Indicator": "198.51.100.66", "ConfidenceScore": 90}\n{"Indicator": "198.51.100.67", "ConfidenceSc\n',
    "intel_unknown.csv": b"colour,shape,weight\nred,round,3\n",
    "intel_no_usable.csv": b"Indicator,IndicatorType,ConfidenceScore,ThreatType,TlpLevel,Tags\nbad,DomainName,90,C2,amber,\n10.0.0.7,IP,90,C2,amber,\nd41d8cd98f00b204e9800998ecf8427e,MD5,90,C2,amber,\n",
    "hostile_intel.csv": (
        "Indicator,IndicatorType,ConfidenceScore,ThreatType,TlpLevel,Tags\n"
        f'{EXIT},IP,85,"=HYPERLINK(""http://evil.example"",""C2"") | [c2](javascript:alert(1)) \x1b[31m",amber,"\x1b]8;;https://evil.example/\x07tag\x1b]8;;\x07"\n'
        '"\x1b[2J\u202e=1+1|x",IP,50,C2,amber,\n'
    ).encode(),
    "not_parquet.parquet": b"This is a text file that somebody renamed.\n",
    "zero_bytes.parquet": b"",
}

README = """# Bad inputs

Made by `testdata/make.py`. Each file is named by what is wrong with it.

| file | what is wrong |
|---|---|
| `zero_bytes.parquet` | no bytes at all |
| `not_parquet.parquet` | text under a Parquet name |
| `truncated_footer.parquet` | a good file that was cut inside its footer, as by a broken copy |
| `corrupt_page.parquet` | a good footer; the compressed data page of RemoteIP is overwritten, so only reading finds it |
| `no_remote_ip.parquet` | good Parquet without RemoteIP |
| `no_time.parquet` | good Parquet without any time column |
| `hostile.parquet` | good Parquet with two hits on 198.51.100.66, whose name, account, process, URL and command line attack the reader |
| `hostile_tor.txt` | a list with 198.51.100.66 and an entry that carries terminal escapes |
| `hostile_intel.csv` | an indicator on 198.51.100.66 whose type and tags attack the reader, and a refused one with an escape in its value |
| `tor_empty.txt` | a Tor list without a byte |
| `tor_junk.txt` | a Tor list without a usable address: names, private and too wide ranges, an address with a port |
| `tor_binary.txt` | a Tor list that is not UTF-8 |
| `intel_invalid.json` | JSON lines whose second line breaks off |
| `intel_unknown.csv` | a table without any column that an indicator has |
| `intel_no_usable.csv` | a known kind with only a broken domain, a file hash and a private address: counted, a warning, no error |
"""


def make(root):
    root.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        (root / name).write_bytes(content)
    (root / "README.md").write_text(README + archive_bad.README, encoding="utf-8", newline="\n")
    r = Reporter()
    rows = [
        event(
            r,
            f"2026-03-02T{n % 24:02d}:{n // 24:02d}:00",
            "wks-1",
            "ConnectionSuccess",
            f"198.51.100.{n % 250 + 1}",
            443,
            "a.exe",
            "ann",
        )
        for n in range(300)
    ]
    without_address = to_table(rows[:5], FORMS["xdr"]).drop_columns(["RemoteIP"])
    pq.write_table(without_address, root / "no_remote_ip.parquet", store_schema=False)
    pq.write_table(
        to_table(rows[:5], FORMS["xdr"]).drop_columns(["Timestamp"]), root / "no_time.parquet", store_schema=False
    )
    write(root / "truncated_footer.parquet", rows[:5], FORMS["xdr"])
    cut = (root / "truncated_footer.parquet").read_bytes()
    (root / "truncated_footer.parquet").write_bytes(cut[:-900])
    corrupt_page(root / "corrupt_page.parquet", rows)
    hostile = [
        row | TEXTS
        for row in (
            event(r, f"2026-03-02T09:00:0{n}", "wks-1", "ConnectionSuccess", EXIT, 443, "a.exe", "ann")
            for n in range(2)
        )
    ]
    write(root / "hostile.parquet", hostile, FORMS["xdr"])
    archive_bad.make(root)


def corrupt_page(path, rows):
    """Overwrites the zstd frame of RemoteIP's only page: footer and page header stay good."""
    table = to_table(rows, FORMS["xdr"])
    pq.write_table(table, path, compression="zstd", use_dictionary=False, store_schema=False)
    group = pq.ParquetFile(path).metadata.row_group(0)
    chunk = next(c for c in (group.column(i) for i in range(group.num_columns)) if c.path_in_schema == "RemoteIP")
    content = bytearray(path.read_bytes())
    end = chunk.data_page_offset + chunk.total_compressed_size
    frame = content.index(b"\x28\xb5\x2f\xfd", chunk.data_page_offset, end)
    for at in range(frame, min(frame + 64, end)):
        content[at] ^= 0xFF
    path.write_bytes(bytes(content))
