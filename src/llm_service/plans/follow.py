"""Follows the files of plans: `PlanTracker` the plans themselves, `OutputTracker` status files and findings.

A status file is replaced many times a minute, and each of its states is shown: replacing a file completes it, so it is
read at once, and `WINDOW_S` later at the earliest again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from ..errors import FileChanging
from ..files import printable
from ..watch.root import WatchedRoot
from ..watch.scan import Filter
from ..watch.settle import Settler
from .board import Changes, FindingFile, PlanBoard
from .reader import (
    FINDINGS_FOLDER,
    STATUS_NAME,
    is_finding,
    is_plan_name,
    is_status,
    plan_of_file,
    read_plan_file,
    read_status_file,
)
from .sources import PlanSource, StatusSource
from .status_file import ReadTasks
from .tracker import PlanFileTracker

WINDOW_S = 0.01
"""Of writes that follow one another faster, the last one counts."""
MAX_PLANS = 5_000
_MOST_KNOWN = 16
PLAN_FILES = Filter(folder=lambda path: not path, file=lambda path: plan_of_file(path) is not None)


def _is_output_folder(path: str) -> bool:
    name, _, rest = path.partition("/")
    return not path or (is_plan_name(name) and rest in ("", FINDINGS_FOLDER))


OUTPUT_FILES = Filter(folder=_is_output_folder, file=lambda path: is_status(path) or is_finding(path))


class PlanTracker(PlanFileTracker):
    """The plan files directly in their folder."""

    name = "plans"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: PlanBoard,
        shown_folder: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`shown_folder`: that of the plans, relative to the workspace."""
        super().__init__(root, settler, PLAN_FILES, clock)
        self._board = board
        self._shown_folder = shown_folder.strip("/")
        self._changes: dict[str, PlanSource | None] = {}
        self._names: set[str] = set()

    def read(self, path: str) -> None:
        """Read a plan file."""
        name = plan_of_file(path) or ""
        if name not in self._names and len(self._names) >= MAX_PLANS:
            return
        plan = self._changes[name] = read_plan_file(self.folder, path, printable(f"{self._shown_folder}/{path}"))
        (self._names.discard if plan is None else self._names.add)(name)

    def gone(self, path: str) -> None:
        """A plan file is gone."""
        name = plan_of_file(path) or ""
        self._names.discard(name)
        self._changes[name] = None

    def finish(self) -> None:
        """Apply."""
        if self._changes:
            self._board.apply(Changes(plans=self._changes), is_first=not self.is_loaded)
            self._changes = {}


class OutputTracker(PlanFileTracker):
    """The status files and findings of all plans."""

    name = "plan outputs"

    def __init__(
        self,
        root: WatchedRoot,
        settler: Settler,
        board: PlanBoard,
        patience_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`patience_s`: a status file that is no JSON is given so long to become whole."""
        super().__init__(root, settler, OUTPUT_FILES, clock)
        self._board, self._patience_s = board, patience_s
        self._statuses: dict[str, StatusSource | None] = {}
        self._known: OrderedDict[str, ReadTasks] = OrderedDict()
        self._findings: set[str] = set()

    def read(self, path: str) -> None:
        """Read a status file; of findings it is enough that they are there."""
        name = path.partition("/")[0]
        if path.endswith(f"/{STATUS_NAME}") and is_status(path):
            status, written = read_status_file(self.folder, path, self._known_tasks(name))
            if status.file is None and 0 <= time.time() - written < self._patience_s:
                raise FileChanging(f"{printable(path)} may be half-written.")
            self._statuses[name] = status
        else:
            self._findings.add(name)

    def _known_tasks(self, name: str) -> ReadTasks | None:
        """The tasks of the plan's last state; only of plans that change now, as they take memory."""
        if not self.is_loaded:
            return None
        known = self._known.setdefault(name, {})
        self._known.move_to_end(name)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known

    def gone(self, path: str) -> None:
        """A file is gone."""
        name = path.partition("/")[0]
        if is_status(path):
            self._statuses[name] = None
        else:
            self._findings.add(name)

    def finish(self) -> None:
        """Apply."""
        if not self._statuses and not self._findings:
            return
        findings = self._found(self._findings)
        self._board.apply(Changes(statuses=self._statuses, findings=findings), is_first=not self.is_loaded)
        self._statuses, self._findings = {}, set()

    def _found(self, names: set[str]) -> dict[str, dict[str, FindingFile]]:
        """The findings of these plans, by name of the file."""
        found: dict[str, dict[str, FindingFile]] = {name: {} for name in names}
        for path, signature in self.mirror.files.items() if names else ():
            name, _, rest = path.partition("/")
            if name in names and is_finding(path):
                file = FindingFile(signature.size_bytes, signature.mtime_ns / 1e9)
                found[name][rest.rpartition("/")[2]] = file
        return found
