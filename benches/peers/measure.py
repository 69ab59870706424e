"""Runs a process to its end and says what it took."""

import os
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass


class Failed(Exception):
    """Ends the run with a message for people."""


@dataclass(frozen=True)
class Run:
    """Wall and processor seconds, peak resident KiB (`ru_maxrss`, which is VmHWM)."""

    seconds: float
    cpu_seconds: float
    peak_kib: int
    stdout: str = ""


def process(command, limit):
    """The process has `limit` seconds; an exit code other than 0 is a failure."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        child = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        timer = threading.Timer(limit, child.kill)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        stdout, stderr = out.read().decode(), err.read().decode(errors="replace")
    if child.returncode != 0:
        why = f"more than {limit} s" if seconds >= limit else f"exit code {child.returncode}"
        raise Failed(f"{why}: {' '.join(map(str, command))}\n{stderr}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, stdout)
