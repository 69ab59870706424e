"""Polars' forms of the question; `worker.py` asks them.

A form is what it does, the engine and how the reader splits its work: `is_in:streaming:prefiltered`.

    is_in      RemoteIP is in an imploded list
    semi_join  a semi join with the list
    two_step   first which files hold a hit, reading RemoteIP only, then the rows of those files
    either     one pass, address or name in its imploded list
    union      one pass for the addresses, one for the names of the rest

Of the last two, those that begin with file_ read the list from its file within the query.
"""

import polars as pl

from question import COLUMNS

# Of the reader's other ways, `columns` was always several times slower, and `row_groups` is what `auto` takes.
WAYS = tuple(f"{engine}:{parallel}" for engine in ("in-memory", "streaming") for parallel in ("auto", "prefiltered"))
FORMS = {
    # Other ways of the semi join took up to twenty times longer than is_in.
    "addresses": (
        *(f"{what}:{way}" for what in ("is_in", "two_step") for way in WAYS),
        "semi_join:streaming:prefiltered",
    ),
    # The union was slower each way that was tried, most of all streaming.
    "names": tuple(
        f"{source}{what}"
        for source in ("file_", "")
        for what in (*(f"either:{way}" for way in WAYS), "union:in-memory:auto")
    ),
}
VERSION = pl.__version__


class Engine:
    def __init__(self, question, events, lists):
        self.events, self.lists = events + "/**/*.parquet", lists
        self.held = {}

    def hold(self, form):
        """Reads the lists into memory, where the form wants them there."""
        if form.startswith("file_"):
            return
        for name, path in self.lists.items():
            if name not in self.held:
                self.held[name] = pl.read_parquet(path)["v"]

    def ask(self, form):
        what, engine, parallel = form.split(":")
        source = self.read if what.startswith("file_") else self.held.__getitem__
        return getattr(self, what.removeprefix("file_"))(source, engine, parallel)

    def read(self, name):
        return pl.read_parquet(self.lists[name])["v"]

    def scan(self, parallel, files=None, **options):
        return pl.scan_parquet(files or self.events, parallel=parallel, hive_partitioning=False, **options)

    def is_in(self, source, engine, parallel):
        asked = pl.col("RemoteIP").is_in(source("addresses").implode())
        return self.scan(parallel).filter(asked).select(COLUMNS).collect(engine=engine).to_arrow()

    def semi_join(self, source, engine, parallel):
        wanted = source("addresses").to_frame("RemoteIP").lazy()
        return (
            self.scan(parallel)
            .join(wanted, on="RemoteIP", how="semi")
            .select(COLUMNS)
            .collect(engine=engine)
            .to_arrow()
        )

    def two_step(self, source, engine, parallel):
        asked = pl.col("RemoteIP").is_in(source("addresses").implode())
        named = self.scan(parallel, include_file_paths="path").filter(asked).select("path").unique()
        files = sorted(named.collect(engine=engine)["path"])
        rows = self.scan(parallel, files).filter(asked).select(COLUMNS)
        return (rows if files else rows.head(0)).collect(engine=engine).to_arrow()

    def either(self, source, engine, parallel):
        by_address = pl.col("RemoteIP").is_in(source("addresses").implode())
        by_name = pl.col("RemoteUrl").is_in(source("names").implode())
        return self.scan(parallel).filter(by_address | by_name).select(COLUMNS).collect(engine=engine).to_arrow()

    def union(self, source, engine, parallel):
        by_address = pl.col("RemoteIP").is_in(source("addresses").implode())
        by_name = pl.col("RemoteUrl").is_in(source("names").implode())
        first = self.scan(parallel).filter(by_address).select(COLUMNS)
        rest = self.scan(parallel).filter(by_name).filter(by_address.fill_null(False).not_()).select(COLUMNS)
        return pl.concat([first, rest]).collect(engine=engine).to_arrow()
