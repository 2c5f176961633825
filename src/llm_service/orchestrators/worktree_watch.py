"""`WorktreeWatch`: the worktree of each plan from memory, refreshed by its own thread.

Which worktrees there are is read from the disk, and what is changed in them is asked of git: neither may delay who
shows plans.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from .worktree_view import WorktreeView

log = logging.getLogger(__name__)

LOOK_S = 2.0
FILES_S = 30.0
"""A file that is edited changes nothing in `.git`: so old what git says of files may be."""
_TOLD = ("name", "path", "status", "branch", "dirtyCount", "ahead", "mainBranch", "problem")
"""What is published of a worktree when it changes."""


class WorktreeWatch:
    """Thread-safe. `on_change(plans)` is called in its thread, with no lock held."""

    def __init__(self, view: WorktreeView, on_change: Callable[[frozenset[str]], None], look_s: float = LOOK_S) -> None:
        self._view, self._on_change, self._look_s = view, on_change, look_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._known: Mapping[str, Mapping[str, Any]] = {}

    def start(self) -> None:
        """Begin to look; returns at once."""
        self._thread = threading.Thread(target=self._run, name="worktrees", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def of_plan(self, plan: str) -> Mapping[str, Any] | None:
        """Its entry of `GET /api/worktrees` as of the last check; None if it has none."""
        return self._known.get(plan)

    def look(self) -> None:
        """Look now, and say what changed."""
        before, known = self._known, self._view.by_plan(FILES_S)
        self._known = known
        changed = {plan for plan in before.keys() | known.keys() if _told(before.get(plan)) != _told(known.get(plan))}
        if changed:
            self._on_change(frozenset(changed))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.look()
            except Exception:
                log.exception("the worktrees could not be looked up")
            self._stopping.wait(self._look_s)


def _told(entry: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    return None if entry is None else tuple(entry[name] for name in _TOLD)
