"""The cases: who runs against whom, on which archive, with which lists."""

import shlex
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import agreement
import lists
import measure
from archives import Plan
from contenders import ENGINES, Program, Tried

HUNTS = Path(__file__).resolve().parent / "hunts"


@dataclass
class Settings:
    """What was asked for on the command line, and what the binary can do."""

    binary: Path
    rows: int
    days: int
    indicators: int
    repeat: int
    timeout: float
    floor: str | None
    agreement_only: bool
    has_index: bool


@dataclass
class Outcome:
    """A case with its contenders; `rows` is how many events everybody found."""

    case: str
    archive: dict
    rows: int | None = None
    contenders: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    # Every form that was tried, {engine: {form: seconds or message}}.
    forms: dict = field(default_factory=dict)


def plans(settings):
    """The archives by name; about one hit in a million rows, or one in 10,000."""
    rows, days = settings.rows, settings.days
    # A small archive has hits nevertheless.
    rare, noisy = ("1e-3", "1e-2") if settings.agreement_only else ("1e-6", "1e-4")
    return {
        "rare": Plan("rare", rows, days, rare, "clustered"),
        "noisy": Plan("noisy", rows, days, noisy, "uniform"),
        "larger": Plan("larger", 4 * rows, 4 * days, rare, "clustered"),
    }


CASES = {
    "rare": ("rare",),
    "noisy": ("noisy",),
    "at-event": ("rare",),
    "indicators": ("rare",),
    "larger": ("rare", "larger"),
}


def hunt(settings, archive, *flags):
    return [settings.binary, "hunt", *flags, "--events", archive.events, "--format", "ndjson", "--quiet"]


def tor_hunt(settings, archive):
    return hunt(settings, archive, "tor_exit", "--tor", archive.tor, "--intel", archive.intel)


def interleaved(settings, contenders):
    """Each runs `repeat` times; who goes first changes, so that nobody always runs on what the other left behind."""
    for number in range(settings.repeat):
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            contender.measure()
    for contender in contenders:
        contender.close()


def index(settings, archive, outcome):
    """The index of an archive, built if it is not there; None, and a word, where coldtrail has none."""
    if not settings.has_index:
        outcome.notes.append("with index: skipped, this coldtrail has no --index")
        return None
    folder, done = archive.folder / "index", archive.folder / "index-done"
    if not done.exists():
        # What an interrupted run left would make the time of the next one too short.
        shutil.rmtree(folder, ignore_errors=True)
        run = measure.process(
            [settings.binary, "index", "--events", archive.events, "--index", folder, "--quiet"], 10 * settings.timeout
        )
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        done.touch()
        outcome.notes.append(
            f"index built in {run.seconds:.1f} s, {size / 1e6:.1f} MB, {run.peak_kib / 1024:.0f} MiB peak"
        )
    return folder


def against_peers(case, settings, archive, question, command, wanted):
    """coldtrail, with and without index, and each peer's best forms, after all of them agreed."""
    outcome = Outcome(case, archive.size())
    found = agreement.rows(command, settings.timeout)
    comparable = found if question == "addresses" else agreement.equal_texts(found, wanted)
    ours = sorted(text for text, _, _ in comparable)
    outcome.rows = len(ours)
    programs = [Program("coldtrail", command, settings.timeout)]
    if folder := index(settings, archive, outcome):
        programs.append(Program("coldtrail, index", [*command, "--index", folder], settings.timeout))
    for program in programs:
        program.ask()
        agreement.same_counts(program.answer, found)
    first, last = programs[0], programs[-1]
    agreement.same_rows(first.name, first.answer.splitlines(), last.name, last.answer.splitlines())
    peers = []
    for engine in ENGINES:
        tried = Tried(engine, question, archive, wanted, settings.timeout).try_all(0 if settings.agreement_only else 2)
        agreement.same_rows("coldtrail", ours, ENGINES[engine], tried.rows)
        outcome.forms[engine] = {**tried.seconds, **tried.errors}
        outcome.notes += [f"{ENGINES[engine]} does not take {form}: {why}" for form, why in tried.errors.items()]
        peers += [] if settings.agreement_only else tried.best()
    if settings.floor and question == "addresses":
        floor = settings.floor.format(events=shlex.quote(str(archive.events)), tor=shlex.quote(str(archive.tor)))
        programs.append(Program("floor", shlex.split(floor), settings.timeout))
        programs[-1].ask()
    outcome.contenders = programs + peers
    if not settings.agreement_only:
        interleaved(settings, outcome.contenders)
    return outcome


def tor(case, settings, made):
    archive = made[case]
    return against_peers(case, settings, archive, "addresses", tor_hunt(settings, archive), lists.relays(archive))


def indicators(case, settings, made):
    """Millions of addresses and domains against all events."""
    archive = made["rare"]
    listed = lists.names(settings.binary, archive, settings.indicators, 10 * settings.timeout)
    command = hunt(settings, archive, "listed", "--hunts", HUNTS, "--intel", listed.merged)
    return against_peers(case, settings, archive, "names", command, listed.peers)


def at_event(case, settings, made):
    """30,000 intervals and 10,000 prefixes, against the same entries without dates; no peer judges at the event."""
    archive = made["rare"]
    outcome = Outcome(case, archive.size())
    built, undated = lists.history(settings.binary, archive, settings.days, 10 * settings.timeout)
    outcome.contenders = [
        Program("coldtrail, undated", hunt(settings, archive, "--tor", f"exit={undated}"), settings.timeout),
        Program(
            "coldtrail, at the event",
            hunt(settings, archive, "--tor", built, "--tor-match", "at-event"),
            settings.timeout,
        ),
    ]
    for program in outcome.contenders:
        program.ask()
    if not settings.agreement_only:
        interleaved(settings, outcome.contenders)
    return outcome


def larger(case, settings, made):
    """The rare case on an archive of four times as many files; coldtrail alone."""
    outcome = Outcome(case, made["larger"].size())
    for name, archive in (("", made["rare"]), (", 4 times larger", made["larger"])):
        command = tor_hunt(settings, archive)
        outcome.contenders.append(Program(f"coldtrail{name}", command, settings.timeout))
        if folder := index(settings, archive, outcome):
            outcome.contenders.append(
                Program(f"coldtrail, index{name}", [*command, "--index", folder], settings.timeout)
            )
    for program in outcome.contenders:
        # Twice: the larger archive may have pushed the other out of the page cache.
        program.ask(), program.ask()
    if not settings.agreement_only:
        interleaved(settings, outcome.contenders)
    return outcome


RUN = {"rare": tor, "noisy": tor, "at-event": at_event, "indicators": indicators, "larger": larger}


def run(case, settings, made):
    begun = time.perf_counter()
    outcome = RUN[case](case, settings, made)
    outcome.notes.append(f"the case took {time.perf_counter() - begun:.0f} s")
    return outcome
