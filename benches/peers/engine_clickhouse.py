"""ClickHouse's forms of the question, through chdb; `worker.py` asks them.

A form is what it does and how the columns are read: `in_set:plain`.

    literal   RemoteIP IN ('…', …)
    in_set    RemoteIP IN a table of the engine Set, which holds the hash table ready
    subquery  RemoteIP IN (SELECT …)
    prewhere  as in_set, with PREWHERE written out
    semi_join a LEFT SEMI JOIN with the list
    two_step  first which files hold a hit, reading RemoteIP only, then the rows of those files
    either    one pass, address or name in a list
    union     one pass for the addresses, one for the names of the rest

    nullable  types as inferred from the files
    plain     RemoteIP and RemoteUrl as String, null as the empty text; as LowCardinality they took twice as long

Of the last two, those that begin with file_ read the list from its file within the query.
"""

import io

import chdb
import pyarrow as pa
from chdb.session import Session

from question import COLUMNS

TYPES = {"nullable": None, "plain": "String"}
WHOLE = {
    "Timestamp": "DateTime64(6, 'UTC')",
    "RemotePort": "Nullable(Int32)",
    "LocalPort": "Nullable(Int32)",
    "ReportId": "Nullable(Int64)",
}
FORMS = {
    "addresses": tuple(
        f"{what}:{read}"
        for what in ("literal", "in_set", "subquery", "prewhere", "semi_join", "two_step")
        for read in TYPES
    ),
    "names": tuple(
        f"{source}{what}:{read}" for source in ("file_", "") for what in ("either", "union") for read in TYPES
    ),
}
VERSION = chdb.__version__
WANTED = ", ".join(COLUMNS)
# Millions of texts are only hashed: sorting them too, to compare with the bounds of row groups, took 35 s instead of 3.
HASHED = " SETTINGS use_index_for_in_with_subqueries_max_values = 100000"


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Engine:
    def __init__(self, question, events, lists):
        self.session = Session()
        self.events, self.lists = events + "/**/*.parquet", lists
        self.held = set()

    def hold(self, form):
        """Reads the lists into tables, where the form wants them there."""
        if form.startswith("file_"):
            return
        for name, path in self.lists.items():
            if name not in self.held:
                for table, engine in ((name, "Memory"), (f"{name}_set", "Set")):
                    self.session.query(f"CREATE TABLE {table} (v String) ENGINE = {engine}")
                    self.session.query(f"INSERT INTO {table} SELECT v FROM file({quoted(path)}, Parquet, 'v String')")
                self.held.add(name)

    def ask(self, form):
        what, self.read = form.split(":")
        return getattr(self, what.removeprefix("file_"))(what.startswith("file_"))

    def fetch(self, sql):
        return self.session.query(sql, "ArrowStream").bytes()

    def rows(self, answer):
        return pa.ipc.open_stream(io.BytesIO(answer)).read_all()

    def scan(self):
        text = TYPES[self.read]
        types = {
            name: text if text and name in ("RemoteIP", "RemoteUrl") else WHOLE.get(name, "Nullable(String)")
            for name in COLUMNS
        }
        structure = ", ".join(f"{name} {kind}" for name, kind in types.items())
        return f"file({quoted(self.events)}, Parquet" + (f", {quoted(structure)})" if text else ")")

    def literals(self):
        found = self.session.query("SELECT v FROM addresses", "TSVRaw").bytes().decode().split()
        return "(" + ", ".join(map(quoted, found)) + ")"

    def literal(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {self.literals()}")

    def in_set(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN addresses_set")

    def subquery(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN (SELECT v FROM addresses)")

    def prewhere(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} PREWHERE RemoteIP IN addresses_set")

    def semi_join(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} AS e LEFT SEMI JOIN addresses AS a ON e.RemoteIP = a.v")

    def two_step(self, _):
        named = f"SELECT DISTINCT _path FROM {self.scan()} WHERE RemoteIP IN addresses_set ORDER BY _path"
        files = self.session.query(named, "TSVRaw").bytes().decode().splitlines()
        # A pattern of alternatives cannot hold whole paths; a condition on _path keeps other files closed just as well.
        paths = ", ".join(map(quoted, files)) or "''"
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE _path IN ({paths}) AND RemoteIP IN addresses_set")

    def wanted(self, name, from_file):
        source = f"file({quoted(self.lists[name])}, Parquet, 'v String')" if from_file else name
        return f"(SELECT v FROM {source})"

    def either(self, from_file):
        addresses, names = self.wanted("addresses", from_file), self.wanted("names", from_file)
        return self.fetch(
            f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {addresses} OR RemoteUrl IN {names}{HASHED}"
        )

    def union(self, from_file):
        addresses, names = self.wanted("addresses", from_file), self.wanted("names", from_file)
        by_name = f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteUrl IN {names}"
        return self.fetch(
            f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {addresses}"
            f" UNION ALL SELECT {WANTED} FROM ({by_name}) WHERE ifNull(RemoteIP, '') NOT IN {addresses}{HASHED}"
        )
