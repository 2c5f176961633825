"""Is the process of a registry's entry alive, and surely that one? `life_of(entry)`.

Alive is that pid with that start time. An entry that has no start time of the process says when it was made; then the
process has to have started within two seconds of that. A pid alone proves nothing: it is another's soon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ..processes.identity import Identity, boot_id, identify
from ..times import iso_time
from .model import Entry

SAME_S = 2.0
"""How far the start of a process may be from `started_at`."""
_MARK_S = 1.0
"""psutil's start times move with the clock."""


@dataclass(frozen=True, slots=True)
class Life:
    """`identity` of the process if it is alive and the one that is meant; else `reason` says why not. `at`: when."""

    identity: Identity | None
    reason: str
    started_at: str | None = None

    @property
    def is_alive(self) -> bool:
        """True if the process that is meant runs."""
        return self.identity is not None


def life_of(entry: Entry, start_of: Callable[[int], float | None] | None = None) -> Life:
    """What the system says of the process of an entry, this moment. `start_of`: in place of ours, for many at once."""
    start_of = start_of or start_of_process
    if entry.pid is None:
        return Life(None, "it names no process")
    identity = identify(entry.pid)
    if identity is None:
        return Life(None, f"there is no process {entry.pid}")
    if isinstance(entry.start_mark, str):
        boot = entry.boot_id or identity.boot
        if (entry.start_mark, boot) == (identity.started, boot_id()):
            return Life(identity, f"the process {entry.pid} runs", _text(start_of(entry.pid)))
        return Life(None, f"the process {entry.pid} is another one, which started at another time")
    began = start_of(entry.pid)
    said = entry.start_mark if entry.start_mark is not None else seconds_of(entry.started_at)
    if began is None or not identity.is_alive:
        return Life(None, f"there is no process {entry.pid}")
    if said is None:
        return Life(None, f"it does not say when the process {entry.pid} started, so it may be another one by now")
    if abs(began - said) > (SAME_S if entry.start_mark is None else _MARK_S):
        return Life(None, f"the process {entry.pid} is another one, which started at {iso_time(began)}")
    return Life(identity, f"the process {entry.pid} runs", iso_time(began))


def start_of_process(pid: int) -> float | None:
    """When a process started, in seconds since 1970; None if there is none."""
    import psutil  # takes 15 ms

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


@lru_cache(maxsize=4_096)
def seconds_of(text: str | None) -> float | None:
    """An ISO-8601 time in seconds since 1970, without a zone in that of this machine; None if it is none."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _text(began: float | None) -> str | None:
    return None if began is None else iso_time(began)
