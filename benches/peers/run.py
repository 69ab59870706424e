"""coldtrail, DuckDB, Polars and ClickHouse on the same hunts over the same files, side by side in one run.

    python3 benches/peers/run.py --bin target/release/coldtrail --data bench-data --json bench.json

Makes the archives once, in --data; installs the peers' Python packages once into a venv (--venv, else beside --data),
where the interpreter that runs this does not have them. Of coldtrail the whole process is timed, from start to exit; of a peer its query
alone, in a warm process. Every peer is given several forms of the query, tried anew in every run, and runs the fastest.
All must find the same rows; the run fails with a diff, exit code 1, where they do not. The page cache is warm,
contenders alternate, medians are told.

    python3 benches/peers/run.py --bin target/debug/coldtrail --smoke

makes 100,000 events, compares the answers of every form of every peer, times nothing, and removes what it made, except
for the venv; that lies in the folder for temporary files, where --venv names no other.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

# The folder is part of a checkout, in which nothing shall appear.
sys.dont_write_bytecode = True

import packages


def resolved(text):
    return Path(text).resolve()


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=resolved, required=True, help="coldtrail, built for release")
    parser.add_argument("--data", type=resolved, help="where the archives are, or are made")
    parser.add_argument("--venv", type=resolved, metavar="DIR", help="where the peers' packages are, or go")
    parser.add_argument("--cases", default="", help="some of rare,noisy,at-event,indicators,larger (default: all)")
    parser.add_argument("--repeat", type=int, default=5, help="measured runs of each (default 5)")
    parser.add_argument("--rows", type=int, default=22_500_000, help="events in an archive (default 22500000)")
    parser.add_argument("--days", type=int, default=90, help="files in an archive (default 90)")
    parser.add_argument("--indicators", type=int, default=5_000_000, help="of the case indicators (default 5000000)")
    parser.add_argument("--floor", metavar="CMD", help="a program to time beside them; {events} and {tor} are replaced")
    parser.add_argument("--timeout", type=float, default=300, help="seconds that one run may take (default 300)")
    parser.add_argument(
        "--keep-free", type=float, default=25, metavar="GB", help="disk that archives must leave (default 25)"
    )
    parser.add_argument("--json", type=Path, help="write the numbers here as well")
    parser.add_argument("--smoke", action="store_true", help="100,000 events, agreement only")
    args = parser.parse_args()
    if args.repeat < 1:
        parser.error("--repeat must be at least 1")
    if not args.smoke and not args.data:
        parser.error("--data is missing")
    return args


def chosen(args, cases):
    import measure

    asked = [case for case in args.cases.split(",") if case]
    if unknown := set(asked) - set(cases):
        raise measure.Failed(f"--cases: {', '.join(sorted(unknown))}: not one of {', '.join(cases)}")
    if asked:
        return asked
    # These two hold all that peers could disagree on.
    return ["rare", "indicators"] if args.smoke else list(cases)


def make_all(args, settings, names, skipped):
    """The archives that the cases want, and the cases that can run."""
    import archives
    import cases

    plans, made, runnable = cases.plans(settings), {}, []
    for case in names:
        missing = [name for name in cases.CASES[case] if name not in made]
        for name in missing:
            if why := archives.room(args.data, plans[name], 0 if args.smoke else args.keep_free):
                skipped[case] = f"archive {name}: {why}"
                break
            made[name] = archives.make(args.bin, args.data, plans[name], 20 * args.timeout)
        else:
            runnable.append(case)
    return made, runnable


def bench(args):
    import cases
    import measure
    import outcome

    settings = cases.Settings(
        binary=args.bin,
        rows=args.rows,
        days=args.days,
        indicators=args.indicators,
        repeat=args.repeat,
        timeout=args.timeout,
        floor=args.floor,
        agreement_only=args.smoke,
        has_index="--index" in measure.process([args.bin, "hunt", "--help"], 60).stdout,
    )
    versions = packages.versions() | {"coldtrail": measure.process([args.bin, "--version"], 60).stdout.split()[-1]}
    told, skipped, outcomes = outcome.machine(versions), {}, []
    made, runnable = make_all(args, settings, chosen(args, cases.CASES), skipped)
    for case in runnable:
        print(f"{case} …", file=sys.stderr)
        outcomes.append(cases.run(case, settings, made))
        print("\n".join(outcome.smoke(outcomes[-1]) if args.smoke else outcome.case_table(outcomes[-1])), flush=True)
        if args.json:
            # After each case, so that a run that is cut short leaves what it has.
            numbers = outcome.as_json(told, settings, outcomes, skipped)
            args.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    for case, why in skipped.items():
        print(f"{case}: skipped, {why}\n")
    if not args.smoke:
        print("\n".join(outcome.described(told)) + f" Medians of {args.repeat}.\n")
        print("\n".join(outcome.verdict_table(outcomes)))


def main():
    args = parsed()
    scratch = args.smoke and not args.data
    if args.smoke:
        args.rows, args.days, args.indicators = 100_000, 4, 20_000
    beside = args.data or Path(tempfile.gettempdir()) / "coldtrail-peers"
    packages.ensure(args.venv or beside.with_name(beside.name + "-venv"))
    import measure

    if scratch:
        args.data = Path(tempfile.mkdtemp(prefix="coldtrail-peers-"))
    try:
        args.data.mkdir(parents=True, exist_ok=True)
        bench(args)
    except (measure.Failed, OSError) as error:
        sys.exit(str(error))
    finally:
        if scratch:
            shutil.rmtree(args.data, ignore_errors=True)


if __name__ == "__main__":
    main()
