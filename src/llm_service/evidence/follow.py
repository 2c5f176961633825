"""Checks in the background which of the files that tasks claim exist, and publishes what changed.

A task is checked again when it changes and when something changes in a project folder that its claims name. All tasks
are also checked periodically (the sweep), because files outside the projects are not watched. The sweep takes at most
0.2 % of one core for any number of tasks; the more there are, the later a change outside the projects is noticed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from sys import intern
from typing import Any

from ..artifacts.tree.folder import Change
from ..hub.event import Event
from ..hub.progress import LoadProgress
from ..json_values import as_json
from ..tasks.board import TaskBoard
from ..tasks.claims import Claims
from ..tasks.model import TaskFile
from .events import EvidenceUpdate
from .finder import Finder
from .keys import key_of_place, keys_of_claims, keys_of_folder, place_of_key, renews_index
from .model import ClaimEvidence, EvidenceCounts, count_states
from .resolver import ClaimResolver

log = logging.getLogger(__name__)

SWEEP_INTERVAL_S = 2.0
_SWEEP_WORK_S = 0.002
"""The time for each part of the sweep."""
_SWEEP_BATCH = 10
_BATCH = 200
_CHUNK = 1_000
"""So many tasks that changed are indexed, their folders watched, and their files looked for, before the next ones."""
_GATHER_S = 0.02
_FLOOD, _MAX_GATHER_S = 20, 3.0
"""While so many events about tasks come in `_GATHER_S`, checks wait, so long at most: reading tasks goes first."""
_PAUSE_FACTOR = 10
"""After each turn the thread pauses this many times as long as the turn took, at most `_MAX_PAUSE_S`."""
_MAX_PAUSE_S = 1.0
_FAILURE_PAUSE_S = 1.0


class EvidenceChecker:
    """Checks the claims of the tasks on a board in a thread, and passes an event for each difference to `publish`."""

    def __init__(
        self,
        board: TaskBoard,
        progress: LoadProgress,
        resolver: ClaimResolver,
        publish: Callable[[Event], object],
        watch: Callable[[Collection[str]], None] = lambda folders: None,
    ) -> None:
        """`watch(folders)`: from now on call `on_folders` for these, outside the projects."""
        self._board = board
        self._progress = progress
        self._resolver = resolver
        self._publish = publish
        self._watch = watch
        self._watched: set[str] = set()
        self._has_new_keys = False
        self._outside: dict[str, tuple[str, ...]] = {}
        self._counts: dict[str, dict[str, int]] = {}
        self._keys_of_task: dict[str, set[str]] = {}
        self._tasks_of_key: defaultdict[str, set[str]] = defaultdict(set)
        self._version = -1
        self._root = ""
        self._sweep_queues: dict[bool, list[str]] = {True: [], False: []}
        self._changed = threading.Condition()
        self._board_changed = False
        self._keys_changed: set[str] = set()
        self._has_root_changed = False
        self._stale: set[str] = set()
        self._board_events = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)

    def start(self) -> None:
        """Start the thread, which waits until the board is complete; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._ended.set()
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    # Reading: any thread.

    def counts(self) -> dict[str, Any]:
        """Key of the task -> counts, for the tasks that have claims and have been checked."""
        return self._counts.copy()

    def check(self, file: TaskFile) -> list[ClaimEvidence]:
        """The claims of one file of a task as they are on the disk now, in the order of the file."""
        with Finder() as finder:
            results = [result for result, _ in self._resolver.check(finder, file.claims, with_artifact=True)]
        task_key = file.summary.key
        known = self._counts.get(task_key)
        if known is not None and known != _counts_json(count_states(results)):
            with self._changed:
                self._stale.add(task_key)
                self._changed.notify_all()
        return results

    # Notifications: they must not block.

    def on_board_change(self, event: Event) -> None:
        """A task changed, or the board is complete."""
        with self._changed:
            self._board_events += 1
            if not self._board_changed:  # the thread is woken once, and not by each of ten thousand events
                self._board_changed = True
                self._changed.notify_all()

    def on_changes(self, changes: Sequence[Change]) -> None:
        """Files changed in projects."""
        folders = {change.folder.path() for change in changes}
        folders.update(folder for change in changes for folder in change.gone)
        self._wake({key for folder in folders for key in keys_of_folder(folder)})

    def on_folders(self, folders: Collection[str]) -> None:
        """Something changed in folders of the workspace outside the projects."""
        self._wake({key for folder in folders for key in key_of_place(folder)})

    def on_root_change(self, event: Event) -> None:
        """A root was lost or is back: what could be told of the files in it has changed."""
        with self._changed:
            self._has_root_changed = self._board_changed = True
            self._changed.notify_all()

    def outside(self) -> set[str]:
        """The files outside the projects that tasks claim and that were found, by their paths in the workspace."""
        return {path for paths in self._outside.copy().values() for path in paths}

    def _wake(self, keys: set[str]) -> None:
        with self._changed:
            self._keys_changed |= keys
            self._changed.notify_all()

    # The thread.

    def _run(self) -> None:
        next_sweep = time.monotonic() + SWEEP_INTERVAL_S
        while not self._ended.is_set():
            with self._changed:
                self._changed.wait_for(self._has_work, max(0.0, next_sweep - time.monotonic()))
            self._gather()
            started = time.thread_time()
            try:
                self._check_changed()
                if time.monotonic() >= next_sweep:
                    self._sweep()
                    next_sweep = time.monotonic() + SWEEP_INTERVAL_S
            except Exception:  # evidence must not stop the board, and the next turn may succeed
                log.exception("checking the claims of tasks failed")
                self._version = -1
                self._ended.wait(_FAILURE_PAUSE_S)
            self._ended.wait(min(_MAX_PAUSE_S, (time.thread_time() - started) * _PAUSE_FACTOR))

    def _has_work(self) -> bool:
        return self._ended.is_set() or self._board_changed or bool(self._keys_changed or self._stale)

    def _gather(self) -> None:
        """Wait a little for further changes; in a flood of tasks until it is over."""
        deadline = time.monotonic() + _MAX_GATHER_S
        while not self._ended.is_set():
            before = self._board_events
            self._ended.wait(_GATHER_S)
            if self._board_events - before < _FLOOD or time.monotonic() > deadline:
                return

    def _check_changed(self) -> None:
        """Check the tasks that are known to have changed, and those whose claims may have."""
        with self._changed:
            keys, self._keys_changed = self._keys_changed, set()
            task_keys, self._stale = self._stale, set()
            has_root_changed, self._has_root_changed = self._has_root_changed, False
            self._board_changed = False
        if not self._progress.ready:
            return
        places = self._resolver.places
        if has_root_changed or self._root != places.projects_root:
            self._root, self._version = places.projects_root, -1
        changed = set(self._changed_tasks())
        for key in keys:
            (changed if renews_index(key) else task_keys).update(self._tasks_of_key.get(key, ()))
        self._recheck(task_keys - changed)
        for chunk in _chunks(changed, _CHUNK):
            if self._ended.is_set():
                return
            with Finder() as finder:
                found = [key for key in chunk if self._index(finder, key) or key in self._counts]
            if self._has_new_keys:
                self._watch_places()
            self._recheck(found)

    def _watch_places(self) -> None:
        """Watch the folders outside the projects that keys name. Before their files are checked: nothing is missed."""
        self._has_new_keys = False
        found = {place for key in self._tasks_of_key if (place := place_of_key(key)) is not None}
        if found != self._watched:
            self._watched = found
            self._watch(found)

    def _changed_tasks(self) -> Collection[str]:
        self._version, changed = self._board.changed_since(self._version)
        if changed is None:
            return self._counts.keys() | {task.key for task in self._board.tasks()}
        return changed

    def _sweep(self) -> None:
        """Check some assigned tasks and some others, whose files may have changed unnoticed; next time the next
        ones."""
        for is_assigned, queue in self._sweep_queues.items():
            if not queue:
                tasks = self._board.tasks()
                queue += [
                    task.key for task in tasks if task.key in self._counts and (task.lane == "assigned") is is_assigned
                ]
            end = time.thread_time() + _SWEEP_WORK_S / 2
            while queue and time.thread_time() < end:
                batch = queue[-_SWEEP_BATCH:]
                del queue[-_SWEEP_BATCH:]
                self._recheck(batch)

    def _recheck(self, task_keys: Iterable[str]) -> None:
        """Check tasks and publish the differences, in batches, so that other threads can run in between."""
        all_claims = {key: self._board.claims_of(key) for key in task_keys}
        self._resolver.expect(all_claims.values())
        for batch in _chunks(all_claims, _BATCH):
            if self._ended.is_set():
                return
            differences: dict[str, Any] = {}
            with Finder() as finder:
                for task_key in batch:
                    counts = self._count(finder, task_key, all_claims[task_key])
                    if counts != self._counts.get(task_key):
                        differences[task_key] = counts
                        self._store_counts(task_key, counts)
            if differences:
                self._publish(EvidenceUpdate(evidence=differences))
            if len(batch) == _BATCH:
                time.sleep(0.001)

    def _count(self, finder: Finder, task_key: str, claims: Claims) -> dict[str, int] | None:
        if not claims.texts:
            self._outside.pop(task_key, None)
            return None
        checked = self._resolver.check(finder, claims)
        outside = tuple(path for _, found in checked if (path := self._resolver.outside_path(found)) is not None)
        if outside:
            self._outside[task_key] = outside
        else:
            self._outside.pop(task_key, None)
        return _counts_json(count_states([result for result, _ in checked]))

    def _store_counts(self, task_key: str, counts: dict[str, int] | None) -> None:
        if counts is None:
            del self._counts[task_key]
        else:
            self._counts[task_key] = counts

    def _index(self, finder: Finder, task_key: str) -> bool:
        """Index the task by the project folders in which its claims may be; True if it has claims."""
        for key in self._keys_of_task.pop(task_key, ()):
            self._tasks_of_key[key].discard(task_key)
            if not self._tasks_of_key[key]:
                del self._tasks_of_key[key]
                self._has_new_keys = True
        claims = self._board.claims_of(task_key)
        if not claims.texts:
            return False
        places = self._resolver.places
        found = keys_of_claims(claims, places.bases(finder, claims.projects), places)
        self._keys_of_task[task_key] = keys = {intern(key) for key in found}
        self._has_new_keys = self._has_new_keys or not keys <= self._tasks_of_key.keys()
        for key in keys:
            self._tasks_of_key[key].add(task_key)
        return True


def _chunks(keys: Iterable[str], size: int) -> Iterator[list[str]]:
    remaining = iter(keys)
    while chunk := list(islice(remaining, size)):
        yield chunk


@lru_cache(4096)
def _counts_json(counts: EvidenceCounts) -> dict[str, int]:
    """The counts as JSON, cached because many tasks have the same. Do not change the result."""
    counts_json: dict[str, int] = as_json(counts)
    return counts_json
