"""`NeedBoard`: the needs of all sources, brought up to date by one thread, and the events about what changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..hub.event import Event
from ..hub.woken_thread import WokenThread
from .events import NeedChanged, NeedClosed, NeedOpened, NeedSummary
from .model import AtWork, Need, SourceState, oldest_first

log = logging.getLogger(__name__)

MOST_NEEDS = 2_000
"""Of each source: ten thousand broken files are one thing to look at."""
_PAUSE_S = 0.1
"""Between two checks: a source that changes all the time is checked ten times a second."""
_CHECK_S = 30.0
"""Everything is checked this often without a change: time alone makes tasks stale."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a source finds. The same object as `needs` has the same needs, so that they are not compared.
    `next_at`: when (Unix time) time alone changes it."""

    needs: Sequence[Need]
    state: SourceState
    at_work: Sequence[AtWork] = ()
    next_at: float | None = None


Look = Callable[[], Found]


class NeedBoard:
    """`wake` may be called by any thread and never blocks; so may what asks."""

    def __init__(
        self, sources: Mapping[str, Look], publish: Callable[[Event], object], clock: Callable[[], float] = time.time
    ) -> None:
        self._sources, self._publish, self._clock = dict(sources), publish, clock
        self._found: dict[str, Found] = {}
        self._shown: dict[str, Need] = {}
        self._dirty: set[str] = set(sources)
        self._thread = WokenThread("needs-you", self._run)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def wake(self, source: str) -> None:
        """Something changed in a source."""
        with self._thread.changed:
            self._dirty.add(source)
            self._thread.changed.notify_all()

    def needs(self) -> list[Need]:
        """All of them, the oldest first."""
        return oldest_first(self._shown.copy().values())

    def at_work(self) -> list[AtWork]:
        """Who works."""
        return [one for found in self._found.copy().values() for one in found.at_work]

    def states(self) -> list[SourceState]:
        """Where needs come from, in the order of the sources; without those that were not checked yet."""
        found = self._found.copy()
        return [found[name].state for name in self._sources if name in found]

    def _run(self) -> None:
        is_wanted = True
        while is_wanted:
            with self._thread.changed:
                if not self._thread.wait_for(lambda: self._dirty, self._timeout()):
                    return
                names, self._dirty = self._dirty or set(self._sources), set()
            self._look(names)
            is_wanted = self._thread.rest(_PAUSE_S)

    def _timeout(self) -> float:
        due = [found.next_at for found in self._found.values() if found.next_at is not None]
        return max(0.05, min([_CHECK_S, *(at - self._clock() for at in due)]))

    def _look(self, names: set[str]) -> None:
        at_work, telling = self.at_work(), self._telling()
        before, after = dict[str, Need](), dict[str, Need]()
        for name in names:
            try:
                found = self._sources[name]()
            except Exception:
                log.exception("what waits for a person could not be asked of %s; it is asked again", name)
                continue
            known, self._found[name] = self._found.get(name), found
            if known is None or known.needs is not found.needs:
                before |= {} if known is None else _oldest(known.needs)
                after |= _oldest(found.needs)
        closed = [need for need in before.values() if need.id not in after]
        others = [need for need in after.values() if before.get(need.id) != need]
        if closed or others:
            gone = {need.id for need in closed}
            shown = {need_id: need for need_id, need in self._shown.items() if need_id not in gone}
            self._shown = shown | {need.id: need for need in others}
        for need in closed:
            self._publish(NeedClosed(need=need))
        for need in oldest_first(others):
            self._publish(NeedChanged(need=need) if need.id in before else NeedOpened(need=need))
        if (at_work, telling) != (self.at_work(), self._telling()):
            self._publish(NeedSummary(is_known=bool(self._telling())))

    def _telling(self) -> list[str]:
        """What tells of agents now. How many tasks there are changes nothing of what is known."""
        return [one.name for one in self.states() if one.is_on and one.tells_of_agents]


def _oldest(needs: Sequence[Need]) -> dict[str, Need]:
    return {need.id: need for need in oldest_first(needs)[:MOST_NEEDS]}
