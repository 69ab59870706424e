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
    """Wall and processor seconds, peak resident KiB (VmHWM as last seen)."""

    seconds: float
    cpu_seconds: float
    peak_kib: int
    stdout: str = ""


class Peak(threading.Thread):
    """Looks at a process's VmHWM every few milliseconds. What wait4 says counts this interpreter, too: a child begins in its
    parent's memory."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path, self.kib, self.ended = f"/proc/{pid}/status", 0, threading.Event()
        self.start()

    def run(self):
        while not self.ended.wait(0.004):
            try:
                with open(self.path, encoding="ascii", errors="replace") as status:
                    lines = [line for line in status if line.startswith("VmHWM")]
            except OSError:
                return
            if lines:
                self.kib = max(self.kib, int(lines[0].split()[1]))


def process(command, limit):
    """The process has `limit` seconds; an exit code other than 0 is a failure."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.perf_counter()
        child = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        timer = threading.Timer(limit, child.kill)
        timer.start()
        peak = Peak(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        timer.cancel()
        peak.ended.set()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        stdout, stderr = out.read().decode(), err.read().decode(errors="replace")
    if child.returncode != 0:
        why = f"more than {limit} s" if seconds >= limit else f"exit code {child.returncode}"
        raise Failed(f"{why}: {' '.join(map(str, command))}\n{stderr}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak.kib, stdout)
