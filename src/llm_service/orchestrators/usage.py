"""What an orchestrator takes: `UsageMeter.measure(identity)`, of its process and all that descends from it."""

from __future__ import annotations

import contextlib
import threading
import time

from ..processes.identity import Identity, descendants
from .model import Usage

_MOST_KNOWN = 1_000
_LEAST_S = 0.1
"""A share of the processor over less time than this says nothing."""


class UsageMeter:
    """Remembers the last measurement of each, so that the next one says how busy it was since. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[Identity, tuple[float, float, float]] = {}

    def measure(self, identity: Identity) -> Usage | None:
        """Its usage now; None if it has ended."""
        import psutil

        seconds, memory, count, began = 0.0, 0, 0, None
        for one in (identity, *descendants(identity.pid)):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(one.pid)
                with process.oneshot():
                    times = process.cpu_times()
                    seconds += times.user + times.system
                    memory += process.memory_info().rss
                    began = process.create_time() if began is None else began
                count += 1
        if began is None or not identity.is_alive:
            return None
        return Usage(self._percent(identity, seconds, began), round(seconds, 2), memory, count)

    def _percent(self, identity: Identity, seconds: float, began: float) -> float:
        now = time.monotonic()
        with self._lock:
            at, before, percent = self._last.get(identity, (now - max(time.time() - began, _LEAST_S), 0.0, 0.0))
            if now - at < _LEAST_S:
                return percent
            percent = round(max(0.0, seconds - before) / (now - at) * 100, 1)
            if len(self._last) >= _MOST_KNOWN:
                self._last.clear()
            self._last[identity] = (now, seconds, percent)
            return percent
