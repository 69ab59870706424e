"""What came out, as tables for people and as JSON: medians, ratios, and what each case is asked to reach."""

import os
import platform
from pathlib import Path

# Case, ours, against: a peer's time over ours is asked to be at least so much.
FASTER = {
    ("rare", "coldtrail"): 2.0,
    ("noisy", "coldtrail"): 1.3,
    ("indicators", "coldtrail"): 3.0,
    ("rare", "coldtrail, index"): 10.0,
    ("noisy", "coldtrail, index"): 2.5,
}
# Case, slower, base: the first over the second is asked to be at most so much.
AT_MOST = {
    ("at-event", "coldtrail, at the event", "coldtrail, undated"): 1.2,
    ("larger", "coldtrail, 4 times larger", "coldtrail"): 4.2,
    ("larger", "coldtrail, index, 4 times larger", "coldtrail, index"): 2.0,
    ("rare", "coldtrail", "floor"): 2.0,
    ("noisy", "coldtrail", "floor"): 2.0,
}
MIB = {"raw": 300, "index": 200, "indicators": 2048}


def read(path):
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def machine(versions):
    cpu = next(
        (line.split(":")[1].strip() for line in read("/proc/cpuinfo").splitlines() if line.startswith("model name")),
        "?",
    )
    kib = next((int(line.split()[1]) for line in read("/proc/meminfo").splitlines() if line.startswith("MemTotal")), 0)
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": cpu,
        "memory_gib": round(kib / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **versions,
    }


def described(told):
    yield f"{told['cores']} cores, {told['cpu']}, {told['memory_gib']} GiB, {told['system']},"
    yield f"load {told['load_before']} at the start;"
    yield ", ".join(f"{key} {told[key]}" for key in ("python", "duckdb", "polars", "chdb", "coldtrail")) + "."


def case_table(outcome):
    """All contenders of a case."""
    size = outcome.archive
    found = "" if outcome.rows is None else f"; {outcome.rows:,} events found, the same by everybody"
    yield f"**{outcome.case}**: {size['files']} files, {size['bytes'] / 1e9:.2f} GB{found}"
    yield ""
    yield "| | median s | least–most | cpu s | peak MiB | against coldtrail |"
    yield "|---|---|---|---|---|---|"
    base = outcome.contenders[0].seconds()
    for told in (contender.numbers() for contender in outcome.contenders):
        least, most = min(told["all_seconds"]), max(told["all_seconds"])
        yield (
            f"| {told['name']} | {told['median_seconds']:.3f} | {least:.3f}–{most:.3f} | {told['median_cpu_seconds']:.2f}"
            f" | {told['peak_mib']:.0f} | {told['median_seconds'] / base:.2f} |"
        )
    for note in outcome.notes:
        yield f"\n{note}"
    yield ""


def smoke(outcome):
    """What a run without timing has to say of a case."""
    forms = sum(len(forms) for forms in outcome.forms.values())
    ours = " and ".join(program.name for program in outcome.contenders if program.name.startswith("coldtrail"))
    found = f"; {outcome.rows} events, the same as by {forms} forms of the peers' queries" if forms else ""
    yield f"{outcome.case}: {ours}{found}"
    yield from (note for note in outcome.notes if "does not take" in note)


def verdicts(outcome):
    """Each thing asked of the case: what, measured, asked, and whether it is reached."""
    by_name = {contender.name: contender for contender in outcome.contenders}
    peers = [contender for contender in outcome.contenders if hasattr(contender, "kind")]
    for (case, ours), asked in FASTER.items():
        if case != outcome.case or ours not in by_name or not peers:
            continue
        for what in [None, *sorted({peer.kind for peer in peers})]:
            fastest = min((peer for peer in peers if what in (None, peer.kind)), key=lambda peer: peer.seconds())
            ratio = fastest.seconds() / by_name[ours].seconds()
            versus = (
                f"{ours} against {'the fastest peer' if what is None else f'the fastest peer, {what}'}: {fastest.name}"
            )
            yield {
                "case": case,
                "what": versus,
                "ratio": ratio,
                "asked": f"at least {asked}",
                "reached": ratio >= asked,
            }
    for (case, ours, base), asked in AT_MOST.items():
        if case == outcome.case and ours in by_name and base in by_name:
            ratio = by_name[ours].seconds() / by_name[base].seconds()
            yield {
                "case": case,
                "what": f"{ours} against {base}",
                "ratio": ratio,
                "asked": f"at most {asked}",
                "reached": ratio <= asked,
            }
    for name, contender in by_name.items():
        if name.startswith("coldtrail"):
            asked = MIB["indicators" if outcome.case == "indicators" else "index" if "index" in name else "raw"]
            peak = contender.peak_mib()
            yield {
                "case": outcome.case,
                "what": f"{name}: peak MiB",
                "ratio": peak,
                "asked": f"at most {asked}",
                "reached": peak <= asked,
            }


def verdict_table(outcomes):
    yield "| case | what | measured | asked | |"
    yield "|---|---|---|---|---|"
    for told in (told for outcome in outcomes for told in verdicts(outcome)):
        number = f"{told['ratio']:.0f}" if "MiB" in told["what"] else f"{told['ratio']:.2f}"
        word = "reached" if told["reached"] else "missed"
        yield f"| {told['case']} | {told['what']} | {number} | {told['asked']} | {word} |"


def as_json(told, settings, outcomes, skipped):
    return {
        "machine": told,
        "repeat": settings.repeat,
        "skipped": skipped,
        "cases": [
            {
                "case": outcome.case,
                "archive": outcome.archive,
                "events_found": outcome.rows,
                "runs": [contender.numbers() for contender in outcome.contenders if contender.runs],
                "verdicts": [] if settings.agreement_only else list(verdicts(outcome)),
                "forms_tried": outcome.forms,
                "notes": outcome.notes,
            }
            for outcome in outcomes
        ],
    }
