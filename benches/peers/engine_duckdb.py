"""DuckDB's forms of the question; `worker.py` asks them.

    semi_join      RemoteIP IN (SELECT …): hands the scan bounds and a Bloom filter
    join           an inner join with the distinct list
    literal        RemoteIP IN ('…', …): the list stands in the query
    two_step       first which files hold a hit, reading RemoteIP only, then the rows of those files
    two_step_found the same, and the second step asks only for the addresses that the first one found
    either         one pass, RemoteIP IN … OR RemoteUrl IN …
    union          one pass for the addresses, one for the names of the rest

A form that ends in _file reads the list from its file within the query; the others find it in a table in memory.
"""

import duckdb

from question import COLUMNS

FORMS = {
    "addresses": ("semi_join", "join", "literal", "two_step", "two_step_literal", "two_step_found"),
    "names": ("either_file", "union_file", "either", "union"),
}
VERSION = duckdb.__version__
WANTED = ", ".join(COLUMNS)


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def quoted_list(texts):
    return ", ".join(map(quoted, texts))


class Engine:
    def __init__(self, question, events, lists):
        self.con = duckdb.connect(config={"preserve_insertion_order": "false"})
        # A warm process may remember footers.
        self.con.execute("SET parquet_metadata_cache = true")
        self.events, self.lists = events + "/**/*.parquet", lists
        self.held = set()

    def hold(self, form):
        """Reads the lists into tables, where the form wants them there."""
        if form.endswith("_file"):
            return
        for name, path in self.lists.items():
            if name not in self.held:
                self.con.execute(f"CREATE TABLE {name} AS SELECT v FROM read_parquet({quoted(path)})")
                self.held.add(name)

    def ask(self, form):
        return getattr(self, form.removesuffix("_file"))(form.endswith("_file"))

    def fetch(self, sql):
        return self.con.sql(sql).to_arrow_table()

    def scan(self, files=None, named=False):
        where = quoted(self.events) if files is None else f"[{quoted_list(files)}]"
        return f"read_parquet({where}, hive_partitioning = false{', filename = true' if named else ''})"

    def wanted(self, name, from_file):
        return f"(SELECT v FROM read_parquet({quoted(self.lists[name])}))" if from_file else f"(SELECT v FROM {name})"

    def literals(self):
        return "(" + quoted_list(v for (v,) in self.con.execute("SELECT v FROM addresses").fetchall()) + ")"

    def semi_join(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN (SELECT v FROM addresses)")

    def join(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} JOIN (SELECT DISTINCT v FROM addresses) ON RemoteIP = v")

    def literal(self, _):
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {self.literals()}")

    def two_step(self, _):
        return self.in_two_steps("(SELECT v FROM addresses)")

    def two_step_literal(self, _):
        return self.in_two_steps(self.literals())

    def two_step_found(self, _):
        return self.in_two_steps("(SELECT v FROM addresses)", narrowed=True)

    def in_two_steps(self, wanted, narrowed=False):
        found = self.con.execute(
            f"SELECT DISTINCT filename, RemoteIP FROM {self.scan(named=True)} WHERE RemoteIP IN {wanted}"
        ).fetchall()
        if not found:
            return self.fetch(f"SELECT {WANTED} FROM {self.scan()} LIMIT 0")
        if narrowed:
            wanted = "(" + quoted_list(sorted({ip for _, ip in found})) + ")"
        files = sorted({file for file, _ in found})
        return self.fetch(f"SELECT {WANTED} FROM {self.scan(files)} WHERE RemoteIP IN {wanted}")

    def either(self, from_file):
        addresses, names = self.wanted("addresses", from_file), self.wanted("names", from_file)
        return self.fetch(f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {addresses} OR RemoteUrl IN {names}")

    def union(self, from_file):
        addresses, names = self.wanted("addresses", from_file), self.wanted("names", from_file)
        by_name = f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteUrl IN {names}"
        return self.fetch(
            f"SELECT {WANTED} FROM {self.scan()} WHERE RemoteIP IN {addresses}"
            # NOT IN is null, and so no row, where RemoteIP is null.
            f" UNION ALL SELECT * FROM ({by_name}) WHERE (RemoteIP IN {addresses}) IS NOT TRUE"
        )
