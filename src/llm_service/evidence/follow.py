"""Evidence, kept: for each task, which of the artefacts that it names are there. A thread of its own looks.

A task is looked at again when it changes, when something changes in a project that it names, and now and then in any
case: what lies outside the projects is not watched. That takes 0.2 % of one processor at most, however many tasks there
are; the more there are, the longer it takes until a file outside the projects is noticed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import Any

from ..artifacts.tree.tree import Change
from ..hub.event import Event
from ..hub.progress import Progress
from ..json_values import as_json
from ..tasks.board import TaskBoard
from ..tasks.claims import Claims
from ..tasks.model import TaskFile, TaskSummary
from .events import EvidenceUpdate
from .finder import Look
from .locations import Places, folders_touched
from .model import Artefact, EvidenceCounts, count

log = logging.getLogger(__name__)

SWEEP_S = 2.0
"""So often some tasks are looked at for what is not watched."""
_SWEEP_WORK_S = 0.002
_SWEPT_TOGETHER = 10
_SLICE = 200
_GATHER_S = 0.02
_REST = 10
"""After each turn the thread rests so many times as long as the turn took, but never longer than `_LONGEST_REST_S`."""
_LONGEST_REST_S = 1.0
_FAILURE_PAUSE_S = 1.0


class EvidenceFollower:
    """Follows a board; every difference is given to `publish`."""

    def __init__(
        self, board: TaskBoard, progress: Progress, places: Places, publish: Callable[[Event], object]
    ) -> None:
        self._board = board
        self._progress = progress
        self._places = places
        self._publish = publish
        self._counts: dict[str, dict[str, int]] = {}
        self._named: dict[str, set[str]] = {}
        self._naming: defaultdict[str, set[str]] = defaultdict(set)
        self._version = -1
        self._root = ""
        self._waiting: dict[bool, list[str]] = {True: [], False: []}
        self._news = threading.Condition()
        self._board_changed = False
        self._folders_changed: set[str] = set()
        self._doubted: set[str] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)

    def start(self) -> None:
        """Begin to look as soon as the board is complete; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    # Reading: any thread.

    def counts(self) -> dict[str, Any]:
        """Task id -> counts, of the tasks that name artefacts and have been looked at."""
        return self._counts.copy()

    def of(self, file: TaskFile) -> list[Artefact]:
        """The artefacts that one file of a task names as they are now, in its order."""
        with Look() as look:
            artefacts = self._places.artefacts(look, file.summary, file.claims, linked=True)
        task_id = file.summary.id
        known = self._counts.get(task_id)
        if known is not None and known != _plain(count(artefacts)):
            with self._news:
                self._doubted.add(task_id)
                self._news.notify_all()
        return artefacts

    # Hearing of changes: quick.

    def on_board_change(self, event: Event) -> None:
        """A task changed, or the board is complete."""
        with self._news:
            self._board_changed = True
            self._news.notify_all()

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Something changed in projects."""
        folders = {change.folder.path() for change in changes}
        folders.update(folder for change in changes for folder in change.gone)
        with self._news:
            self._folders_changed |= folders
            self._news.notify_all()

    # The thread.

    def _run(self) -> None:
        next_sweep = time.monotonic() + SWEEP_S
        while not self._stopping:
            with self._news:
                self._news.wait_for(self._is_called, max(0.0, next_sweep - time.monotonic()))
            self._pause(_GATHER_S)
            began = time.thread_time()
            try:
                self._turn()
                if time.monotonic() >= next_sweep:
                    self._sweep()
                    next_sweep = time.monotonic() + SWEEP_S
            except Exception:  # the board goes on without, and the next turn may do better
                log.exception("looking for artefacts failed")
                self._version = -1
                self._pause(_FAILURE_PAUSE_S)
            self._pause(min(_LONGEST_REST_S, (time.thread_time() - began) * _REST))

    def _is_called(self) -> bool:
        return self._stopping or self._board_changed or bool(self._folders_changed or self._doubted)

    def _pause(self, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: self._stopping, seconds)

    def _turn(self) -> None:
        """Look at what is known to have changed."""
        with self._news:
            folders, self._folders_changed = self._folders_changed, set()
            wanted, self._doubted = self._doubted, set()
            self._board_changed = False
        if not self._progress.ready:
            return
        if self._root != self._places.projects_root:
            self._root, self._version = self._places.projects_root, -1
        for task_id, task in self._changed_tasks().items():
            if self._index(task_id, task) or task_id in self._counts:
                wanted.add(task_id)
        for key in {key for folder in folders for key in folders_touched(folder)}:
            wanted |= self._naming.get(key, set())
        self._look_again(wanted)

    def _changed_tasks(self) -> dict[str, TaskSummary | None]:
        self._version, changed = self._board.changed_since(self._version)
        if changed is None:
            changed = dict.fromkeys(self._counts)
            changed.update({task.id: task for task in self._board.tasks()})
        return changed

    def _sweep(self) -> None:
        """Look at some tasks whose artefacts may have changed unseen: at some at work and at some others, by turns."""
        for at_work, waiting in self._waiting.items():
            if not waiting:
                tasks = self._board.tasks()
                waiting += [
                    task.id for task in tasks if task.id in self._counts and (task.lane == "assigned") is at_work
                ]
            end = time.thread_time() + _SWEEP_WORK_S / 2
            while waiting and time.thread_time() < end:
                some = waiting[-_SWEPT_TOGETHER:]
                del waiting[-_SWEPT_TOGETHER:]
                self._look_again(some)

    def _look_again(self, wanted: Iterable[str]) -> None:
        """Look at tasks and tell what differs; in slices, so that other threads get their turn."""
        rest = iter(wanted)
        while (some := list(islice(rest, _SLICE))) and not self._stopping:
            news: dict[str, Any] = {}
            with Look() as look:
                for task_id in some:
                    counts = self._count(look, task_id)
                    if counts != self._counts.get(task_id):
                        news[task_id] = counts
                        self._keep(task_id, counts)
            if news:
                self._publish(EvidenceUpdate(evidence=news))
            if len(some) == _SLICE:
                time.sleep(0.001)

    def _count(self, look: Look, task_id: str) -> dict[str, int] | None:
        task, claims = self._board.get(task_id), self._claims(task_id)
        return _plain(count(self._places.artefacts(look, task, claims))) if task is not None and claims.texts else None

    def _keep(self, task_id: str, counts: dict[str, int] | None) -> None:
        if counts is None:
            del self._counts[task_id]
        else:
            self._counts[task_id] = counts

    def _index(self, task_id: str, task: TaskSummary | None) -> bool:
        """Note where in projects the task may have something; True if it names artefacts at all."""
        for key in self._named.pop(task_id, ()):
            self._naming[key].discard(task_id)
            if not self._naming[key]:
                del self._naming[key]
        claims = self._claims(task_id) if task is not None else Claims()
        if not claims.texts:
            return False
        self._named[task_id] = keys = {intern(key) for key in self._places.folders_named(claims)}
        for key in keys:
            self._naming[key].add(task_id)
        return True

    def _claims(self, task_id: str) -> Claims:
        files = self._board.files_of(task_id)
        return files[0].claims if files else Claims()


@lru_cache(4096)
def _plain(counts: EvidenceCounts) -> dict[str, int]:
    """The counts as JSON, not to be changed: many tasks share few of them."""
    plain: dict[str, int] = as_json(counts)
    return plain
