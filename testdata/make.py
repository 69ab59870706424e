#!/usr/bin/env python3
"""Makes everything below testdata/ (needs pyarrow).

    python3 testdata/make.py            write it
    python3 testdata/make.py --check    make it in a temporary folder and compare what it says with what is committed
    python3 testdata/make.py --expect   print the demo's expected findings as JSON lines

Nothing is drawn from the clock or from outside; Parquet is compared by schema and rows and compressed files by what they
unpack to, since their bytes carry the writer's version.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

from maker import any_hunt, archive_delta, archives, bad, compare, demo, hunts, readme, reference, relay_hunt  # noqa: E402
from maker.rows import DOMAIN  # noqa: E402

ROOT = Path(__file__).resolve().parent


def make(root):
    cases = demo.make(root / "demo")
    findings, funnel = demo_expected(root)
    check_story(cases, findings)
    write_lines(root / "demo" / "expected.ndjson", findings)
    coverage = json.dumps(funnel, indent=2) + "\n"
    (root / "demo" / "expected_coverage.json").write_text(coverage, encoding="utf-8", newline="\n")
    files = sum(1 for _ in (root / "demo" / "events").rglob("*.parquet"))
    readme.write(root / "demo" / "README.md", cases, findings, funnel, files)
    hunts.make(root / "hunts")
    # What these two must find is written by hand beside their events.
    relay_hunt.make(root / "hunts")
    any_hunt.make(root / "hunts")
    for folder in sorted(path for hunt in ("intel_ip", "tor_exit") for path in (root / "hunts" / hunt).iterdir()):
        tor = folder / "tor.txt"
        found, _ = reference.expect(folder.parent.name, folder, tor if tor.exists() else None, [folder / "intel.csv"])
        if folder.name == "must_hit":
            write_lines(folder / "expected.ndjson", found)
        elif found:
            raise SystemExit(f"{folder}: must miss, but the reference finds {found}")
    bad.make(root / "bad")
    archives.make(root / "archives")
    archive_delta.make(root / "delta")


def demo_expected(root):
    folder = root / "demo"
    intel = sorted(path for path in (folder / "intel").iterdir() if path.suffix in (".csv", ".parquet"))
    return reference.expect("tor_exit", folder / "events", folder / "tor-history", intel)


def check_story(cases, findings):
    """What the cases say by hand and what the reference computes from the files must be the same."""
    told = sorted((f"{device}.{DOMAIN}", *rest) for case in cases for device, *rest in case.findings)
    found = sorted((f["DeviceName"], f["RemoteIP"], f["Direction"], f["Count"], f["RiskLevel"]) for f in findings)
    if told != found:
        raise SystemExit(f"the story and the reference disagree:\n{set(told) ^ set(found)}")


def write_lines(path, findings):
    path.write_text("".join(json.dumps(f, ensure_ascii=False) + "\n" for f in findings), encoding="utf-8", newline="\n")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    arguments.add_argument("--expect", action="store_true", help="print the demo's expected findings")
    options = arguments.parse_args()
    if options.expect:
        for found in demo_expected(ROOT)[0]:
            print(json.dumps(found, ensure_ascii=False))
    elif options.check:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
            lines = compare.differences(ROOT, Path(folder))
        print("\n".join(lines) or "testdata is what make.py makes")
        return 1 if lines else 0
    else:
        make(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
