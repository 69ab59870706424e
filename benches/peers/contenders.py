"""Who answers: coldtrail and other programs as whole processes, peers as queries in a process that is already warm."""

import json
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import agreement
import measure
from measure import Failed, Run

HERE = Path(__file__).resolve().parent
ENGINES = {"duckdb": "DuckDB", "polars": "Polars", "clickhouse": "ClickHouse"}
# Of a peer's forms, those that get two more tries before the fastest is chosen.
FINALISTS = 3


class Contender:
    """A name and what its measured runs took."""

    def __init__(self, name):
        self.name, self.runs = name, []

    def ask(self):
        """One run, which must give the same answer as those before."""
        raise NotImplementedError

    def measure(self):
        self.runs.append(self.ask())

    def seconds(self):
        return statistics.median(run.seconds for run in self.runs)

    def peak_mib(self):
        return max(run.peak_kib for run in self.runs) / 1024

    def numbers(self):
        seconds = [run.seconds for run in self.runs]
        return {
            "name": self.name,
            "median_seconds": self.seconds(),
            "all_seconds": seconds,
            "median_cpu_seconds": statistics.median(run.cpu_seconds for run in self.runs),
            "peak_mib": self.peak_mib(),
        }

    def close(self):
        """Ends what it holds."""


class Program(Contender):
    """A whole process, from start to exit."""

    def __init__(self, name, command, limit):
        super().__init__(name)
        self.command, self.limit, self.answer = command, limit, None

    def ask(self):
        run = measure.process(self.command, self.limit)
        if self.answer not in (None, run.stdout):
            raise Failed(f"{self.name}: two runs gave different answers")
        self.answer = run.stdout
        return run


class Worker:
    """The other end of `worker.py`."""

    def __init__(self, engine, question, archive, lists, limit):
        asked = {"question": question, "events": str(archive.events), "lists": lists}
        command = [sys.executable, "-B", str(HERE / "worker.py"), engine, json.dumps(asked)]
        self.engine, self.limit = engine, limit
        self.child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.forms = self.read()["forms"]

    def read(self):
        timer = threading.Timer(self.limit, self.child.kill)
        timer.start()
        line = self.child.stdout.readline()
        timer.cancel()
        if not line:
            raise Failed(f"{ENGINES[self.engine]} ended or took more than {self.limit} s")
        return json.loads(line)

    def ask(self, form, **how):
        self.child.stdin.write(json.dumps({"form": form, **how}) + "\n")
        self.child.stdin.flush()
        return self.read()

    def close(self):
        self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


class Peer(Contender):
    """One form of one engine, in a process that ran nothing else."""

    def __init__(self, name, form, worker, digest):
        super().__init__(name)
        self.form, self.worker, self.digest = form, worker, digest

    def ask(self):
        told = self.worker.ask(self.form, compare=True)
        if "error" in told:
            raise Failed(f"{self.name}: {told['error']}")
        if told["digest"] != self.digest:
            raise Failed(f"{self.name}: two runs gave different answers")
        return Run(told["seconds"], told["cpu_seconds"], told["peak_kib"])

    def close(self):
        self.worker.close()


def kind(question, form):
    """Forms are chosen within a kind, so that both are seen."""
    if question == "names":
        return "list read in the query" if "file" in form else "list in memory"
    return "two queries" if form.startswith("two_step") else "one query"


class Tried:
    """What every form of one engine took and answered."""

    def __init__(self, engine, question, archive, lists, limit):
        self.engine, self.question = engine, question
        self.make_worker = lambda: Worker(engine, question, archive, lists, limit)
        self.seconds, self.errors, self.digest, self.rows = {}, {}, None, []

    def try_all(self, rounds):
        """Each form once for its answer; the fastest of each kind then `rounds` times more. Forms must agree."""
        worker = self.make_worker()
        # What an engine does once only shall not be held against the form that happens to be the first.
        worker.ask(worker.forms[0])
        for form in worker.forms:
            told = worker.ask(form, compare=True, whole=self.digest is None)
            if "error" in told:
                self.errors[form] = told["error"]
                continue
            if self.digest is None:
                self.digest, self.rows = told["digest"], told["whole"]
            elif told["digest"] != self.digest:
                name, whole = ENGINES[self.engine], worker.ask(form, compare=True, whole=True).get("whole", [])
                agreement.same_rows(f"{name}'s {next(iter(self.seconds))}", self.rows, f"{name}'s {form}", whole)
                raise Failed(f"{name}: {form} gives different answers in different runs")
            self.seconds[form] = told["seconds"]
        for form in (form for ranked in self.ranked().values() for form in ranked[:FINALISTS]):
            for _ in range(rounds):
                self.seconds[form] = min(self.seconds[form], worker.ask(form)["seconds"])
        worker.close()
        if not self.seconds:
            raise Failed(f"{ENGINES[self.engine]}: no form worked: {self.errors}")
        return self

    def ranked(self):
        """The forms of each kind, fastest first."""
        kinds = {}
        for form in sorted(self.seconds, key=self.seconds.get):
            kinds.setdefault(kind(self.question, form), []).append(form)
        return kinds

    def best(self):
        """The fastest form of each kind, as warm contenders."""
        chosen = []
        for what, forms in self.ranked().items():
            peer = Peer(f"{ENGINES[self.engine]}, {what} ({forms[0]})", forms[0], self.make_worker(), self.digest)
            peer.kind = what
            peer.ask()
            chosen.append(peer)
        return chosen
