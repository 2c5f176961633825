"""`LostRuns`: the runs whose shim was killed, from its end until nothing is left of them."""

from __future__ import annotations

from collections.abc import Callable

from .board import RunBoard
from .run_mark import find_marked, mark_of
from .survivors import Survivors


class LostRuns:
    """What is left of them is counted on the board, and stopped if a person says so. Thread-safe."""

    def __init__(self, board: RunBoard, survivors: Survivors, key: Callable[[], bytes | None], workspace: str) -> None:
        """`key()`: that of the records and marks, None if there is none."""
        self._board = board
        self._survivors = survivors
        self._key = key
        self._workspace = workspace
        self._stopped: set[str] = set()

    def note_stop(self, run_id: str) -> None:
        """The run is being stopped by its shim: should that be killed meanwhile, we go on with it."""
        self._stopped.add(run_id)

    def ended(self, run_id: str) -> None:
        """A run has ended: if its shim was killed, look for what is left."""
        was_stopped, grace_s, mark = run_id in self._stopped, self._board.grace_of_lost(run_id), self._mark_of(run_id)
        self._stopped.discard(run_id)
        if grace_s is not None and mark is not None:
            self._survivors.watch(run_id, mark, grace_s if was_stopped else None)

    def stop(self, run_id: str) -> bool:
        """Stop what is left of a run; False if nothing is."""
        grace_s = self._board.grace_of_lost(run_id)
        return grace_s is not None and self._survivors.stop(run_id, grace_s)

    def left_of(self, run_id: str) -> int:
        """How many processes are left of a run, this moment."""
        mark = self._mark_of(run_id)
        if mark is None or self._board.grace_of_lost(run_id) is None:
            return 0
        return len(find_marked({mark}).get(mark, ()))

    def _mark_of(self, run_id: str) -> str | None:
        key = self._key()
        return None if key is None else mark_of(key, self._workspace, run_id)
