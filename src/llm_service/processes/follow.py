"""`RunFolder`, the tracker of `work/runs`: runs of other processes, and folders that are removed.

Only the folder itself is watched, not those of the runs: each write to a log would be an event. The ends of our own
runs are seen by `watcher`; a folder is moved into place when its `run.json` is complete.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import FileRefused, FileVanished
from ..watch.hints import Hint
from ..watch.root import WatchedRoot
from .board import RUN_ID, RunBoard
from .records import EXIT_NAME, RUN_NAME


class RunFolder:
    """Keeps the board equal to the folder; a `Tracker`."""

    name = "runs"

    def __init__(
        self, board: RunBoard, root: WatchedRoot, oldest_pending: Callable[[], float | None], tidy: Callable[[], None]
    ) -> None:
        """`oldest_pending()`: since when a change of the board waits to be passed on. `tidy()` removes old runs; called
        at every scan of everything."""
        self._board = board
        self._root = root
        self._oldest_pending = oldest_pending
        self._tidy = tidy
        self._is_hinted = False

    def interrupt(self) -> None:
        """Nothing takes long."""

    def load(self) -> None:
        """Read what is there."""
        self._root.check(time.monotonic())
        self.rescan("")

    def hint(self, hint: Hint, now: float) -> None:
        """Something happened in the folder."""
        run_id, _, name = hint.path.partition("/")
        # Where whole trees are watched, each write to a log is a hint.
        if RUN_ID.fullmatch(run_id) and name in ("", RUN_NAME, EXIT_NAME):
            self._is_hinted = True

    def rescan(self, folder: str) -> None:
        """Look at all runs."""
        started = time.monotonic()
        refused = {}
        self._root.watch("")
        self._tidy()
        try:
            found = self._board.ids_on_disk()
        except FileVanished:
            found = []
        except FileRefused as problem:
            refused[""] = problem.message
        if not refused:
            for run_id in found:
                self._board.refresh(run_id)
            # What was started meanwhile is not in the list, but goes on, and what ended at once is there at the next.
            self._board.keep_only(found)
        now = time.monotonic()
        self._root.scan_finished(now, now - started, refused)

    def turn(self, now: float) -> bool:
        """Look at what was hinted at."""
        if not self._is_hinted:
            return False
        self._is_hinted = False
        self.rescan("")
        return True

    def next_due(self) -> float | None:
        """At once after a hint."""
        return time.monotonic() if self._is_hinted else None

    def oldest_pending(self) -> float | None:
        """Since when a change waits to be passed on."""
        return self._oldest_pending()
