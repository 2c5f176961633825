"""Stopping runs: `Stopper` asks the shim, which stops its tree, and helps where the shim cannot.

The shim kills all that descends from it after the grace. It cannot if somebody halted it, and where the system has no
subreaper it loses those that left its session: so what it had then is remembered, and killed by us afterwards.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .identity import Identity, descendants, signal_process

HAS_SUBREAPER = sys.platform.startswith("linux")
_HELP_AFTER_S = 1.0
_KILL_SHIM_AFTER_S = 3.0
_SIGNALS = {"budget": getattr(signal, "SIGUSR1", signal.SIGTERM)}


@dataclass(slots=True)
class _Stop:
    shim: Identity
    members: list[Identity]
    help_at: float
    kill_at: float


class Stopper:
    """The stops that go on. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, has_subreaper: bool = HAS_SUBREAPER) -> None:
        self._clock = clock
        self._has_subreaper = has_subreaper
        self._lock = threading.Lock()
        self._stops: dict[str, _Stop] = {}

    def stop(self, run_id: str, shim: Identity, grace_s: float, reason: str) -> bool:
        """Ask the shim to stop all; False if it has ended. A second time changes nothing."""
        with self._lock:
            if run_id in self._stops:
                return True
            members = [] if self._has_subreaper else descendants(shim.pid)
            if not signal_process(shim, _SIGNALS.get(reason, signal.SIGTERM)):
                return False
            signal_process(shim, signal.SIGCONT)
            now = self._clock() + grace_s
            self._stops[run_id] = _Stop(shim, members, now + _HELP_AFTER_S, now + _KILL_SHIM_AFTER_S)
            return True

    def turn(self) -> None:
        """Do what is due."""
        now = self._clock()
        with self._lock:
            for run_id, one in list(self._stops.items()):
                if now >= one.help_at and self._help(one, now):
                    del self._stops[run_id]

    def ended(self, run_id: str) -> None:
        """The shim has ended. Without a subreaper, its tree may not have."""
        with self._lock:
            one = self._stops.get(run_id)
            if one is not None and not one.members:
                del self._stops[run_id]

    def next_due(self) -> float | None:
        """When `turn` has to be called next; None if nothing waits."""
        with self._lock:
            return min((one.help_at for one in self._stops.values()), default=None)

    def _help(self, one: _Stop, now: float) -> bool:
        """Kill what is left; True if nothing is."""
        is_alive = one.shim.is_alive
        left = [member for member in one.members if member.is_alive]
        if is_alive:
            left += descendants(one.shim.pid)
            if now >= one.kill_at:
                left.append(one.shim)
        for member in left:
            signal_process(member, signal.SIGKILL)
        one.help_at = now + 0.1
        return not is_alive and not left
