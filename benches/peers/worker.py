"""A peer in a process of its own that stays warm: one line of JSON in, one line of JSON out.

    worker.py ENGINE {"question": …, "events": …, "lists": {name: Parquet file with one column v}}

`{"form": …}` is answered by what the query took and how many rows it found; `"compare": true` adds their digest, and
`"whole": true` the rows themselves. Timed is the query and nothing else: lists that the form wants in memory are read
before, and rows are brought into the compared form after.
"""

import importlib
import json
import os
import sys
import time

import question


def peak_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), None)


def answer(engine, asked):
    engine.hold(asked["form"])
    begun, worked = time.perf_counter(), time.process_time()
    found = engine.ask(asked["form"])
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - worked
    # Before the rows become Python objects for the comparison.
    peak = peak_kib()
    table = engine.rows(found) if hasattr(engine, "rows") else found
    told = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_kib": peak, "rows": table.num_rows}
    if asked.get("compare"):
        rows = question.rows_of_table(table)
        told["digest"] = question.digest(rows)
        if asked.get("whole"):
            told["whole"] = rows
    return told


def main():
    # Libraries may print; the protocol keeps the real stdout for itself.
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module = importlib.import_module("engine_" + sys.argv[1])
    told = json.loads(sys.argv[2])
    engine = module.Engine(told["question"], told["events"], told["lists"])
    print(json.dumps({"version": module.VERSION, "forms": module.FORMS[told["question"]]}), file=protocol, flush=True)
    for line in sys.stdin:
        try:
            reply = answer(engine, json.loads(line))
        except Exception as error:  # A form that this version does not take is told, and left out.
            reply = {"error": f"{type(error).__name__}: {error}"[:2000]}
        print(json.dumps(reply), file=protocol, flush=True)


if __name__ == "__main__":
    main()
