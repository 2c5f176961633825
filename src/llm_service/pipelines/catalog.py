"""`Catalog`: the board of a process that no watcher serves: what changed is read when a list is asked for.

What tools of any process write is in a list at once: every list looks for new pipelines, and compares the signatures
of those that it shows; one of certain states also those of the unfinished ones that may have got into such a state.
Nothing but an editor changes the others: those are compared after a list, in a thread, at most once a second and a
twentieth of the time. The first list compares all of them, and begins with what another process left in the index.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ..files import SafeRoot
from .board import PipelineBoard, Rows
from .catalog_index import CatalogIndex
from .model import PipelineFile
from .queries import PipelineQuery
from .rows import LogTimes
from .store import FileSignature, PipelineStore
from .unfinished import Unfinished

_INTERVAL_S = 1.0
_SHARE = 20
_MANY = 200
"""So many files read anew are worth writing the index: 40 ms."""
_AFTER_S = 0.05
"""The list is answered first: a thread that computes beside it holds it up by its share of the interpreter."""
_SETTLED_NS = 100_000_000
"""A folder that changed less long ago can change again without another time of change."""


class PipelineCatalog(Protocol):
    """What lists are made of. Thread-safe."""

    def refresh(self, query: PipelineQuery | None = None, at_once: bool = False) -> Rows:
        """All pipelines, with all that tools wrote; with a query, of what other processes wrote only what its answer
        depends on. `at_once`: also with what editors wrote, as of about a second ago."""

    def recheck(self, names: Iterable[str]) -> bool:
        """Compare those that are to be shown: True if one was different, and a list has to be made again."""

    def logs(self, names: Sequence[str]) -> dict[str, LogTimes]:
        """The log pages of these pipelines, which run."""

    def wrote(self, pipeline_id: str) -> None:
        """This process wrote a pipeline."""


class Catalog:
    """Thread-safe; see the module."""

    def __init__(
        self,
        store: PipelineStore,
        index: CatalogIndex | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._board = PipelineBoard()
        self._store = store
        self._index = index
        self._clock = clock
        self._lock = threading.Lock()
        self._signatures: dict[str, FileSignature] = {}
        self._unfinished = Unfinished()
        self._without_file: set[str] = set()
        self._folder: tuple[int, int] | None = None
        self._is_begun = False
        self._read = 0
        self._compare_at = float("-inf")
        self._at_work: threading.Thread | None = None
        self._written: set[str] = set()
        self._written_lock = threading.Lock()  # its own, so that who writes does not wait for a list

    def refresh(self, query: PipelineQuery | None = None, at_once: bool = False) -> PipelineBoard:
        """See `PipelineCatalog`."""
        with self._lock:
            with self._written_lock:
                written, self._written = self._written, set()
            if not self._is_begun or (at_once and self._clock() >= self._compare_at):
                self._begin()
                began = self._clock()
                self._apply(written | self._different(self._store.signatures()))
                self._compare_at = self._clock() + max(_INTERVAL_S, (self._clock() - began) * _SHARE)
            else:
                self._apply(written | self._come_and_gone())
                self._apply(self._changed(self._without_file.union(self._concerned(query))))
            self._work_on()
            return self._board

    def recheck(self, names: Iterable[str]) -> bool:
        """See `PipelineCatalog`."""
        with self._lock:
            changed = self._changed(names)
            self._apply(changed)
            return bool(changed)

    def logs(self, names: Sequence[str]) -> dict[str, LogTimes]:
        """See `PipelineCatalog`."""
        with SafeRoot(self._store.root) as root:
            return {name: self._store.log_times(name, root) for name in names}

    def wrote(self, pipeline_id: str) -> None:
        """See `PipelineCatalog`."""
        with self._written_lock:
            self._written.add(pipeline_id)

    def wait(self) -> None:
        """Wait for the thread that compares, if there is one."""
        thread = self._at_work
        if thread is not None:
            thread.join()

    def _begin(self) -> None:
        """Take what the index has, once; what has changed since is read by the comparison that follows."""
        if self._is_begun:
            return
        self._is_begun = True
        self._folder = self._store.changed_at()
        if self._index is not None:
            entries = self._index.load()
            self._signatures = {name: signature for name, (signature, _) in entries.items()}
            self._board.load({name: known for name, (_, known) in entries.items()})
            for name, (_, known) in entries.items():
                self._unfinished.put(name, known.row)

    def _come_and_gone(self) -> set[str]:
        folder = self._store.changed_at()
        is_settled = folder is not None and time.time_ns() - folder[1] > _SETTLED_NS
        if folder == self._folder and is_settled:
            return set()
        self._folder = folder
        names = set(self._store.names())
        known = self._signatures.keys() | self._without_file
        return (names - known) | (known - names)

    def _concerned(self, query: PipelineQuery | None) -> Iterable[str]:
        """The unfinished pipelines of which it depends on their state whether the query selects them. What it shows is
        compared by `recheck`, and only an editor changes what else a query asks for."""
        if query is None:
            return self._unfinished
        return self._unfinished.of(query) if query.status else ()

    def _changed(self, names: Iterable[str]) -> set[str]:
        signature, known = self._store.signature, self._signatures
        return {name for name in names if signature(name) != known.get(name)}

    def _different(self, signatures: dict[str, FileSignature | None]) -> set[str]:
        self._without_file |= {name for name, one in signatures.items() if one is None}
        changed = {name for name, one in signatures.items() if self._signatures.get(name) != one}
        return changed | (self._signatures.keys() - signatures.keys())

    def _apply(self, names: Iterable[str]) -> None:
        """Read those."""
        files: dict[str, PipelineFile | None] = {}
        with SafeRoot(self._store.root) as root:
            for name in names:
                signature = self._store.signature(name)  # before it is read: what comes later differs from it
                files[name] = None if signature is None else self._store.read(name, root)
                if signature is None:
                    self._signatures.pop(name, None)
                else:
                    self._signatures[name] = signature
        if not files:
            return
        self._read += len(files)
        self._board.apply(files)
        for name, file in files.items():
            self._unfinished.put(name, self._board.get(name))
            is_empty = file is None and self._store.has(name)
            (self._without_file.add if is_empty else self._without_file.discard)(name)

    def _work_on(self) -> None:
        """Start the thread for what is due and no list has to wait for."""
        is_due = self._clock() >= self._compare_at or (self._index is not None and self._read >= _MANY)
        if is_due and (self._at_work is None or not self._at_work.is_alive()):
            self._at_work = threading.Timer(_AFTER_S, self._work)
            self._at_work.daemon = True
            self._at_work.start()

    def _work(self) -> None:
        if self._clock() >= self._compare_at:
            began = self._clock()
            signatures = self._store.signatures()
            took = self._clock() - began
            with self._lock:
                self._apply(self._different(signatures))
                self._compare_at = self._clock() + max(_INTERVAL_S, took * _SHARE)
        if self._index is not None and self._read >= _MANY:
            with self._lock:
                self._read = 0
                known = {one.row.id: one for one in self._board.newest_first()}
                entries = {name: (self._signatures[name], one) for name, one in known.items()}
            self._index.save(entries)
