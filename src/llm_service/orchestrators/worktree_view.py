"""`WorktreeView`: the worktrees as clients see them, cached until the repository changes, and for a second at most."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ..files import printable
from ..times import iso_time
from .board import OrchestratorBoard
from .git_helper import GitHelper
from .needs import Plans
from .worktrees import Place, Repository, fingerprint, last_activity, list_worktrees

_FRESH_S = 1.0
"""A file that is edited changes nothing in `.git`: so the state of the files is asked again after this time."""
_DAY_S = 86_400.0
_Folder = tuple[int, int] | str


class _Seen(NamedTuple):
    """A worktree, the plan whose orchestrator runs there, and the one that it is for."""

    place: Place
    running: str | None
    plan: str | None


class WorktreeView:
    """Thread-safe; of many who ask at once one lets the repository be read. `stale_days()`: from which age one is."""

    def __init__(
        self,
        workspace: str,
        helper: GitHelper,
        board: OrchestratorBoard,
        plans: Plans,
        stale_days: Callable[[], float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workspace = workspace
        self._helper = helper
        self._board = board
        self._plans = plans
        self._stale_days = stale_days
        self._clock = clock
        self._lock = threading.Lock()
        self._cached: tuple[tuple[object, ...], float, dict[str, Any] | str] | None = None

    def answer(self) -> dict[str, Any]:
        """`{worktrees, summary{total, active, stale, abandoned, dirty}, problem}`; the main worktree comes first."""
        repository = list_worktrees(self._workspace)
        if repository is None:
            return {"worktrees": [], "summary": _summary([]), "problem": "The workspace is no git repository."}
        states = self._states(repository)
        problem = states if isinstance(states, str) else None
        known = states if isinstance(states, dict) else {}
        shown = [self._shown(one, known.get(one.place.path)) for one in self._seen(repository.places)]
        return {"worktrees": shown, "summary": _summary(shown), "problem": problem}

    def linked(self) -> list[dict[str, Any]]:
        """The worktrees besides the main one, without what git knows of their files."""
        repository = list_worktrees(self._workspace)
        places = repository.places if repository is not None else ()
        return [self._shown(one, None) for one in self._seen(place for place in places if not place.is_main)]

    def by_plan(self, fresh_s: float) -> dict[str, dict[str, Any]]:
        """The worktree of each plan that has one; what git knows of its files is `fresh_s` old at most."""
        repository = list_worktrees(self._workspace)
        if repository is None:
            return {}
        linked = self._seen(place for place in repository.places if not place.is_main)
        by_plan: dict[str, _Seen] = {}
        for one in linked:
            if one.plan is not None:
                by_plan.setdefault(one.plan, one)
        states = self._states(repository, fresh_s) if by_plan else {}
        known = states if isinstance(states, dict) else {}
        return {plan: self._shown(one, known.get(one.place.path)) for plan, one in by_plan.items()}

    def _seen(self, places: Iterable[Place]) -> list[_Seen]:
        names = frozenset(self._plans.names())
        running = self._running()
        seen = ((place, running.get(_folder(place.path))) for place in places)
        return [_Seen(place, plan, _plan_of(place, plan, names)) for place, plan in seen]

    def _states(self, repository: Repository, fresh_s: float = _FRESH_S) -> dict[str, Any] | str:
        with self._lock:
            key, now = fingerprint(repository), time.monotonic()
            if self._cached is None or self._cached[0] != key or now - self._cached[1] > fresh_s:
                usable = [place for place in repository.places if place.problem is None]
                self._cached = (key, time.monotonic(), self._helper.ask(usable))
            return self._cached[2]

    def _shown(self, seen: _Seen, state: dict[str, Any] | None) -> dict[str, Any]:
        place, state = seen.place, state or {}
        commit = state.get("lastCommit")
        times = [last_activity(place), commit["at"] if commit else None, _newest(place.path, state.get("dirty") or ())]
        latest = max((at for at in times if at is not None), default=None)
        days = None if latest is None else max(0.0, (self._clock() - latest) / _DAY_S)
        is_stale = days is not None and days > self._stale_days() and seen.running is None
        status = "abandoned" if place.problem else "stale" if is_stale and not place.is_main else "active"
        return {
            "name": printable(os.path.basename(place.path) or place.name),
            "path": printable(place.path),
            "branch": place.branch,
            "head": commit["id"] if commit else place.head,
            "isMain": place.is_main,
            "isLocked": place.is_locked,
            "planName": seen.plan,
            "status": status,
            "age": {"days": None if days is None else round(days, 2), "isStale": is_stale},
            "lastActivityAt": None if latest is None else iso_time(latest),
            "lastCommit": commit and commit | {"at": iso_time(commit["at"]), "summary": printable(commit["summary"])},
            "dirty": None if "dirty" not in state else [printable(path) for path in state["dirty"]],
            "dirtyCount": state.get("dirtyCount"),
            "ahead": state.get("ahead"),
            "behind": state.get("behind"),
            "mainBranch": state.get("mainBranch"),
            "overlaps": state.get("overlaps"),
            "problem": place.problem or state.get("problem"),
        }

    def _running(self) -> dict[_Folder, str | None]:
        """The plan whose orchestrator runs in a folder, as the registry says.

        Each entry is asked about once, by one call of the system: agents write the registry, and resolving 500 paths of
        4,000 characters for each of 200 worktrees would take all the time there is.
        """
        found: dict[_Folder, str | None] = {}
        for entry in self._board.registry().entries:
            if entry.says_running and entry.worktree_path is not None:
                found.setdefault(_folder(os.path.join(self._workspace, entry.worktree_path)), entry.plan)
        return found


def _plan_of(place: Place, running: str | None, names: frozenset[str]) -> str | None:
    """The plan that a worktree is for: of the orchestrator in it, else the one that its branch or folder is named
    after."""
    if running is not None:
        return running
    if place.is_main:
        return None
    candidates = [place.branch, (place.branch or "").rpartition("/")[2], place.name, os.path.basename(place.path)]
    return next((name for name in candidates if name in names), None)


def _folder(path: str) -> _Folder:
    """What says which folder a path leads to, however it is written; for one that leads to none the path itself."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return path
    return status.st_dev, status.st_ino


def _newest(folder: str, paths: Sequence[str]) -> float | None:
    times = []
    for path in paths[:200]:
        try:
            times.append(os.lstat(os.path.join(folder, path)).st_mtime)
        except OSError:
            continue
    return max(times, default=None)


def _summary(shown: Sequence[dict[str, Any]]) -> dict[str, int]:
    linked = [one for one in shown if not one["isMain"]]
    return {
        "total": len(linked),
        **{status: sum(one["status"] == status for one in linked) for status in ("active", "stale", "abandoned")},
        "dirty": sum(bool(one["dirtyCount"]) for one in shown),
    }
