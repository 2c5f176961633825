"""`Survivors`: the processes of runs whose shim was killed, which nobody waits for and nobody stops but we.

How such a run ended is never known. What is left of it is counted until all has ended, and ended if a person says so.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from .identity import Identity, signal_process
from .run_mark import find_marked

CHECK_S = 2.0
_STOPPING_S = 0.1
_MOST_ROUNDS = 20

Find = Callable[[Collection[str]], Mapping[str, Sequence[Identity]]]


@dataclass(slots=True)
class _Tree:
    mark: str
    next_at: float
    count: int = 0
    grace_s: float | None = None
    """It is to be stopped."""
    kill_at: float | None = None
    asked: set[Identity] = field(default_factory=set)


class Survivors:
    """The runs of which something is left. Thread-safe; `turn` is called by one thread."""

    def __init__(
        self,
        counted: Callable[[str, int], None],
        clock: Callable[[], float] = time.monotonic,
        find: Find = find_marked,
    ) -> None:
        """`counted(run_id, n)`: so many processes of the run are left now; called by `turn`."""
        self._counted = counted
        self._clock = clock
        self._find = find
        self._lock = threading.Lock()
        self._trees: dict[str, _Tree] = {}

    def watch(self, run_id: str, mark: str, stop_in_s: float | None = None) -> None:
        """Its shim is gone: look for what is left of it at the next turn. `stop_in_s`: stop it, with this grace."""
        with self._lock:
            self._trees.setdefault(run_id, _Tree(mark, self._clock())).grace_s = stop_in_s

    def stop(self, run_id: str, grace_s: float) -> bool:
        """Ask all to end, and kill what is left after the grace; False if nothing is left."""
        with self._lock:
            tree = self._trees.get(run_id)
            if tree is None:
                return False
            if tree.grace_s is None:
                tree.grace_s, tree.next_at = grace_s, self._clock()
            return True

    def turn(self) -> None:
        """Do what is due."""
        now = self._clock()
        with self._lock:
            due = {run_id: tree for run_id, tree in self._trees.items() if now >= tree.next_at}
        if not due:
            return
        found = self._find({tree.mark for tree in due.values()})
        for run_id, tree in due.items():
            members = found.get(tree.mark, ())
            self._handle(tree, members, now)
            if not members:
                with self._lock:
                    self._trees.pop(run_id, None)
            if len(members) != tree.count:
                tree.count = len(members)
                self._counted(run_id, tree.count)

    def next_due(self) -> float | None:
        """When `turn` has to be called next; None if nothing is left of any run."""
        with self._lock:
            return min((tree.next_at for tree in self._trees.values()), default=None)

    def _handle(self, tree: _Tree, members: Sequence[Identity], now: float) -> None:
        with self._lock:
            grace_s = tree.grace_s
            tree.next_at = now + (CHECK_S if grace_s is None else _STOPPING_S)
        if grace_s is None:
            return
        if tree.kill_at is None:
            tree.kill_at = now + grace_s
        if now >= tree.kill_at:
            self._kill(tree.mark, members)
            return
        for member in members:
            if member not in tree.asked:  # none is asked twice: some take that as an order
                signal_process(member, signal.SIGTERM)
                signal_process(member, signal.SIGCONT)
        tree.asked.update(members)

    def _kill(self, mark: str, members: Sequence[Identity]) -> None:
        """First they are halted, until no new ones appear: none can fork away."""
        halted: set[Identity] = set()
        for _ in range(_MOST_ROUNDS):
            new = [member for member in members if member not in halted]
            if not new:
                break
            for member in new:
                signal_process(member, signal.SIGSTOP)
            halted.update(new)
            members = self._find({mark}).get(mark, ())
        for member in halted:
            signal_process(member, signal.SIGKILL)
