"""The runs in memory: `RunBoard`. Every change is passed on in order, as (run before, run now)."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..errors import FileRefused, NotFound
from ..files import SafeRoot, printable
from .identity import Identity, boot_id
from .model import Run, RunStatus
from .records import LOG_NAME, RunRecord, read_exit, read_record

RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,79}")
_MAX_RUNS = 100_000

OnChange = Callable[[Run | None, Run | None], None]
"""(the run before, None if it is new; the run now, None if it was removed). Called under the board's lock."""


@dataclass(frozen=True, slots=True)
class _Known:
    run: Run
    identity: Identity | None
    """Of the shim, where we are sure that it is ours."""
    grace_s: float


class RunBoard:
    """All runs below `root`, the newest last. Thread-safe."""

    def __init__(self, root: str, folder: str, workspace: str, key: Callable[[], bytes | None], on_change: OnChange):
        """`folder`: `root` below the workspace. `key` gives the key that records are signed with, None if none is."""
        self.root = root
        self._folder = folder
        self._workspace = workspace
        self._key = key
        self._on_change = on_change
        self._lock = threading.RLock()
        self._known: dict[str, _Known] = {}

    def runs(self, owner: str | None = None) -> list[Run]:
        """The runs, of one owner or all, the oldest first, with the length of their logs now.

        Those of an owner are only those that we wrote: an agent must not add one to a job.
        """
        with self._lock:
            found = [
                one.run
                for one in self._known.values()
                if owner is None or (one.run.owner == owner and one.run.is_proven)
            ]
        found.sort(key=lambda run: (run.started_at, run.run_id))
        with SafeRoot(self.root) as root:
            return [self._measured(root, run) for run in found]

    def run(self, run_id: str) -> Run:
        """One run, with the length of its log now. Raises NotFound."""
        with self._lock:
            known = self._known.get(run_id)
        if known is None:
            raise NotFound(f"There is no run “{printable(run_id)[:100]}”.")
        with SafeRoot(self.root) as root:
            return self._measured(root, known.run)

    def target(self, run_id: str) -> tuple[Identity, float] | None:
        """(shim, grace in seconds) of a run that goes on, if it is surely ours; else None."""
        with self._lock:
            known = self._known.get(run_id)
            if known is None or known.identity is None or known.run.status is not RunStatus.RUNNING:
                return None
            return known.identity, known.grace_s

    def is_alive(self, run_id: str) -> bool:
        """True if the run goes on, this moment, or something is left of it."""
        found = self.target(run_id)
        with self._lock:
            known = self._known.get(run_id)
        return (found is not None and found[0].is_alive) or (known is not None and known.run.survivors > 0)

    def grace_of_lost(self, run_id: str) -> float | None:
        """The grace, in seconds, of a run whose shim was killed since the machine started; None for another one."""
        with self._lock:
            known = self._known.get(run_id)
            if known is None or known.identity is None or known.run.status is not RunStatus.UNKNOWN:
                return None
            return known.grace_s if known.identity.boot == boot_id() else None

    def count_survivors(self, run_id: str, count: int) -> None:
        """So many processes of a run are left, whose shim was killed."""
        with self._lock:
            known = self._known.get(run_id)
            if known is not None and known.run.survivors != count:
                self._set(replace(known.run, survivors=count), known.identity, known.grace_s)

    def running(self) -> list[tuple[str, Identity]]:
        """The runs that go on."""
        with self._lock:
            return [
                (run_id, one.identity)
                for run_id, one in self._known.items()
                if one.run.status is RunStatus.RUNNING and one.identity is not None
            ]

    def add(self, record: RunRecord) -> Run:
        """A run that we started just now."""
        run = self._run_of(record, RunStatus.RUNNING, is_proven=True)
        with self._lock:
            self._set(run, record.identity, record.grace_s)
        return run

    def ids_on_disk(self) -> list[str]:
        """The names of the folders that may be runs. Raises FileRefused."""
        return list(_ids(self.root))

    def read_new(self) -> None:
        """Read the runs that are not known yet, such as those that another process started. Raises FileRefused."""
        for run_id in _ids(self.root):
            if run_id not in self._known:
                self.refresh(run_id)

    def refresh(self, run_id: str) -> None:
        """Look at a run again: is it new, has it ended? One whose end is known is not read again."""
        with self._lock:
            known = self._known.get(run_id)
            if known is not None and known.identity is not None:
                if known.run.exit is None and not known.identity.is_alive:
                    # The end may be unknown only because the folder was away, or could not be read.
                    run = self._ended(known.run)
                    if run.status is not known.run.status:
                        self._set(run, known.identity, known.grace_s)
                return
            if known is not None and known.run.exit is not None:
                return
            read = read_record(self.root, run_id, self._key(), self._workspace)
            if isinstance(read, str):
                return
            record, is_ours = read
            run = self._run_of(record, RunStatus.RUNNING, is_ours)
            identity = record.identity if is_ours else None
            if identity is None or not identity.is_alive:
                run = self._ended(run)
            if known is None or known.run != run:
                self._set(run, identity, record.grace_s)

    def keep_only(self, run_ids: Iterable[str]) -> None:
        """The folders of all others are gone. A run that goes on stays, also what is left of one: a process does not
        need them."""
        there = set(run_ids)
        with self._lock:
            for run_id, one in list(self._known.items()):
                if run_id in there or one.run.status is RunStatus.RUNNING or one.run.survivors:
                    continue
                if not os.path.lexists(os.path.join(self.root, run_id)):  # it may have been started after the scan
                    del self._known[run_id]
                    self._on_change(one.run, None)

    def _set(self, run: Run, identity: Identity | None, grace_s: float) -> None:
        before = self._known.get(run.run_id)
        self._known[run.run_id] = _Known(run, identity, grace_s)
        self._on_change(before.run if before else None, run)

    def _ended(self, run: Run) -> Run:
        """Its shim is gone: what it wrote, or unknown."""
        exit_ = read_exit(self.root, run.run_id)
        with SafeRoot(self.root) as root:
            run = self._measured(root, replace(run, status=RunStatus.RUNNING))
        return replace(run, status=RunStatus.UNKNOWN if exit_ is None else RunStatus.FINISHED, exit=exit_)

    def _measured(self, root: SafeRoot, run: Run) -> Run:
        if run.status is not RunStatus.RUNNING:
            return run
        try:
            return replace(run, log_bytes=root.status(f"{run.run_id}/{LOG_NAME}").st_size)
        except FileRefused:
            return run

    def _run_of(self, record: RunRecord, status: RunStatus, is_proven: bool) -> Run:
        return Run(
            run_id=record.id,
            owner=record.owner,
            profile=record.profile,
            argv=record.argv,
            cwd=record.cwd,
            status=status,
            attempt=record.attempt,
            folder=f"{self._folder}/{record.id}",
            started_at=record.started_at,
            pid=record.pid,
            is_proven=is_proven,
        )


def _ids(root: str) -> Iterator[str]:
    with SafeRoot(root) as opened:
        for count, entry in enumerate(opened.entries("")):
            if count >= _MAX_RUNS:
                return
            if entry.kind == "folder" and RUN_ID.fullmatch(entry.name):
                yield entry.name
