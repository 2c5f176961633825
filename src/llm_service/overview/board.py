"""`OverviewBoard`: what is known of all agents, brought up to date by one thread, at most once a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ..hub.event import Event
from ..hub.woken_thread import WokenThread
from ..times import unix_time
from .events import OverviewChanged
from .rows import AgentRows
from .shapes import Agent, Figures, Overview, Source
from .world import World

log = logging.getLogger(__name__)

MOST_AGENTS = 500
_MOST_PARTS = 16
"""For so many sets of projects, each of which somebody may see, rows are remembered."""
PAUSE_S = 1.0
"""Between two looks, however much happens."""
CHECK_S = 30.0
"""A look without any event: a day ends, and what is recent becomes old."""


@dataclass(frozen=True, slots=True)
class Look:
    """All that was found at a moment, of which each gets a part."""

    world: World
    figures: Callable[[Collection[str] | None], Figures]
    """Those of who may see these projects only; None: all."""
    sources: tuple[Source, ...]
    now: float
    today: str = "known"
    today_ends_at: str | None = None
    timezone: str | None = None

    def overview(
        self, projects: Collection[str] | None, time_text: str, stuck_after_s: float, made: AgentRows
    ) -> Overview:
        """What somebody gets who may see these projects only; None: all. `made`: the rows of who asked before."""
        rows = made.of(self.world.seen_by(projects), self.now)
        return Overview(
            agents=tuple(rows[:MOST_AGENTS]),
            more=max(0, len(rows) - MOST_AGENTS),
            states=_counts(rows),
            figures=self.figures(projects),
            sources=self.sources,
            time=time_text,
            today=self.today,
            today_ends_at=self.today_ends_at,
            timezone=self.timezone,
            stuck_after_min=stuck_after_s / 60,
        )


class OverviewBoard:
    """`wake` may be called by any thread and never blocks. `look(changed)` finds out how things are; `changed` says of
    which sources, None: of all."""

    def __init__(
        self,
        look: Callable[[Collection[str] | None], Look],
        publish: Callable[[Event], object],
        stuck_after_s: float,
        time_text: Callable[[float], str],
        clock: Callable[[], float] = time.time,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._look, self._publish, self._clock = look, publish, clock
        self._stuck_after_s, self._time_text, self._pause_s = stuck_after_s, time_text, pause_s
        self._lock = threading.Lock()
        self._made: tuple[Look, Overview] | None = None
        self._rows = AgentRows(stuck_after_s)
        self._rows_of: dict[frozenset[str], AgentRows] = {}
        self._revision = 0
        self._changed: set[str] = set()
        self._is_untold = False
        """Something changed since the thread last compared: who asked meanwhile may have seen it."""
        self._thread = WokenThread("overview", self._run)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._thread.stop()

    def wake(self, source: str) -> None:
        """Something changed in a source."""
        with self._thread.changed:
            self._changed.add(source)
            self._is_untold = True
            self._thread.changed.notify_all()

    def overview(self, projects: Collection[str] | None = None) -> Overview:
        """How it is now, for who may see these projects only; None: all."""
        with self._lock:
            look, whole = self._refreshed()
        return whole if projects is None else self._part(look, whole, projects)

    def latest(self, projects: Collection[str] | None = None) -> Overview:
        """How it was at the last look, at most a moment ago: an event says if that is not how it is. Not what was there
        before anything was read."""
        made = self._made
        if made is None or not made[1].agents:
            return self.overview(projects)
        look, whole = made
        return whole if projects is None else self._part(look, whole, projects)

    def known(self) -> Overview | None:
        """How it was at the last look; None before the first."""
        made = self._made
        return None if made is None else made[1]

    def _refreshed(self) -> tuple[Look, Overview]:
        """Look again, if anything happened since: who asks after an event gets what it is about."""
        with self._thread.changed:
            changed, self._changed = self._changed, set()
        if self._made is None or changed:
            self._made = self._fresh(changed if self._made is not None else None)
        return self._made

    def _fresh(self, changed: Collection[str] | None) -> tuple[Look, Overview]:
        look = self._look(changed)
        return look, look.overview(None, self._time_text(look.now), self._stuck_after_s, self._rows)

    def _part(self, look: Look, whole: Overview, projects: Collection[str]) -> Overview:
        key = frozenset(projects)
        rows = self._rows_of.pop(key, None) or AgentRows(self._stuck_after_s)
        self._rows_of[key] = rows  # who asked last is the last to be forgotten
        for old in list(self._rows_of)[:-_MOST_PARTS]:
            self._rows_of.pop(old, None)
        return look.overview(projects, whole.time, self._stuck_after_s, rows)

    def _run(self) -> None:
        told: Overview | None = None
        is_wanted = True
        while is_wanted:
            with self._thread.changed:
                if not self._thread.wait_for(lambda: self._is_untold, self._timeout(told)):
                    return
                is_due, self._is_untold = not self._is_untold, False
            try:
                told = self._tell(told, is_due)
            except Exception:
                log.exception("what agents are at could not be found out; it is tried again")
            is_wanted = self._thread.rest(self._pause_s)

    def _timeout(self, told: Overview | None) -> float:
        """Until time alone makes a state another."""
        if told is None:
            return 0.0
        ends = [at for one in told.agents if (at := unix_time(one.state_until)) is not None]
        return max(0.0, min([CHECK_S, *(at - self._clock() for at in ends)]))

    def _tell(self, told: Overview | None, is_due: bool) -> Overview:
        with self._lock:
            if is_due:
                self._made = self._fresh(None)
            _, now = self._refreshed()
        if told is not None and replace(now, time=told.time) != told:
            self._revision += 1
            self._publish(OverviewChanged(revision=self._revision))
        return now


def _counts(rows: Collection[Agent]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        if row.parent is None:
            found[row.state] = found.get(row.state, 0) + 1
    return found
