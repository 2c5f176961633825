"""`UsageMeter`: what a program takes with all that descends from it; `child_with`: which child of ours it is."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

_EVERY_S = 1.0
_BEGINS_S = 2.0
_AGAIN_S = 0.002


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program takes: percent of one core, and resident memory, of all its processes together."""

    pid: int
    cpu_percent: float
    memory_bytes: int


class UsageMeter:
    """Measures one program; for any thread."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._lock = threading.Lock()
        self._family: dict[int, psutil.Process] = {}
        self._measured_at = float("-inf")
        self._usage: Usage | None = None

    def read(self) -> Usage | None:
        """What it takes, at most a second old; None if it does not run any more."""
        with self._lock:
            if time.monotonic() - self._measured_at >= _EVERY_S:
                self._usage, self._measured_at = self._measured(), time.monotonic()
            return self._usage

    def _measured(self) -> Usage | None:
        """The share of a core is that since the last measurement, which each process remembers."""
        with suppress(psutil.Error):
            members = [self._process, *self._process.children(recursive=True)]
            self._family = {one.pid: self._family.get(one.pid, one) for one in members}
            family = self._family.values()
            return Usage(self._process.pid, sum(map(_cpu_percent, family)), sum(map(_memory, family)))
        return None


def child_with(variable: str, value: str) -> psutil.Process | None:
    """The child of this process in whose environment a variable has that value.

    A child that was just started has no environment for an instant (Linux closes the files that are not inherited,
    which tells the parent that it runs, before it hands over the environment): it is asked again.
    """
    until = time.monotonic() + _BEGINS_S
    while True:
        begins = False
        for child in psutil.Process().children():
            with suppress(psutil.Error):
                found = child.environ()
                if found.get(variable) == value:
                    return child
                begins = begins or (not found and child.status() != psutil.STATUS_ZOMBIE)
        if not begins or time.monotonic() > until:
            return None
        time.sleep(_AGAIN_S)


def _cpu_percent(process: psutil.Process) -> float:
    with suppress(psutil.Error):
        return float(process.cpu_percent(None))
    return 0.0


def _memory(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0
