"""What there is room for: `resources(...)` for `GET /api/resources`."""

from __future__ import annotations

import shutil
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .limits import WorkflowLimits

_LEAST_S = 0.2
"""A share of the processors over less time than this says nothing."""


def resources(
    workspace: str, limits: WorkflowLimits, linked: Sequence[dict[str, Any]], running: int, system: dict[str, Any]
) -> dict[str, Any]:
    """`{limits, worktrees, warnings, canCreateWorktree, orchestrators, system, origins}`; MB are 1,000,000 bytes."""
    counts = Counter(one["status"] for one in linked)
    current = len(linked) - counts["abandoned"]
    maximum = int(limits.max_worktrees.value)
    free_mb = _free_mb(workspace)
    required = int(limits.min_disk_space_mb.value)
    has_space = free_mb is None or free_mb >= required
    can_create = current < maximum and has_space
    return {
        "limits": {
            "concurrentWorktrees": {"current": current, "max": maximum, "canCreate": current < maximum},
            "diskSpace": {"availableMB": free_mb, "requiredMB": required, "sufficient": has_space},
        },
        "worktrees": {"total": len(linked), "stale": counts["stale"], "abandoned": counts["abandoned"]},
        "warnings": _warnings(limits, current, counts, free_mb),
        "canCreateWorktree": can_create,
        "orchestrators": {"running": running},
        "system": system,
        "origins": {name: value for name, value in asdict(limits).items() if name != "problem"},
    }


class Machine:
    """How busy the machine is. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0.0, 0.0, 0.0)
        """When it was asked last, then busy and all seconds of the processors: at first since the system started."""
        self._percent = 0.0

    def measure(self) -> dict[str, Any]:
        """`{cpu_percent, memory{total_bytes, available_bytes, percent}}`; the processors since the last time."""
        import psutil

        memory = psutil.virtual_memory()
        return {
            "cpu_percent": self._cpu_percent(psutil.cpu_times()),
            "memory": {"total_bytes": memory.total, "available_bytes": memory.available, "percent": memory.percent},
        }

    def _cpu_percent(self, times: Any) -> float:
        # Guests count as user already.
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
        busy = total - times.idle - getattr(times, "iowait", 0.0)
        with self._lock:
            at, busy_before, total_before = self._last
            now = time.monotonic()
            if now - at >= _LEAST_S and total > total_before:
                self._percent = round(max(0.0, busy - busy_before) / (total - total_before) * 100, 1)
                self._last = (now, busy, total)
            return self._percent


def _free_mb(workspace: str) -> int | None:
    try:
        return shutil.disk_usage(workspace).free // 1_000_000
    except OSError:
        return None


def _warnings(limits: WorkflowLimits, current: int, counts: Counter[str], free_mb: int | None) -> list[str]:
    found = []
    maximum, required = int(limits.max_worktrees.value), int(limits.min_disk_space_mb.value)
    if current >= maximum:
        found.append(f"{current} worktrees are in use, of {maximum} at most.")
    if free_mb is None:
        found.append("How much space is free on the disk is not known.")
    elif free_mb < required:
        found.append(f"{free_mb:,} MB are free on the disk; {required:,} MB are required.")
    elif free_mb < limits.warn_disk_space_mb.value:
        found.append(f"Only {free_mb:,} MB are free on the disk.")
    if counts["stale"]:
        found.append(
            f"{counts['stale']} worktrees are stale: nothing happened there for {limits.stale_days.value:g} days."
        )
    if counts["abandoned"]:
        found.append(f"{counts['abandoned']} worktrees are abandoned: their folders are gone; `git worktree prune`.")
    if limits.problem is not None:
        found.append(limits.problem)
    return found
