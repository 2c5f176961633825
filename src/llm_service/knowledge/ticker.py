"""`InsightTicker` looks at the running jobs every 30 s, and soon when woken; it publishes insights and metrics."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from ..hub.event import Event
from .events import MetricsUpdated
from .figures import Observation
from .insight import Insight, InsightLimits
from .insights import InsightMemory, find_insights, memory_of
from .intake import Intake
from .metrics import LineFigures, LineMeter
from .model import Message

log = logging.getLogger(__name__)

_LEAST_PAUSE_S = 1.0
OBSERVER = "observer"


class InsightTicker:
    """Its thread calls `collect()`; `look(observation)` does one round, from any one thread at a time."""

    def __init__(
        self,
        intake: Intake,
        publish: Callable[[Event], object],
        collect: Callable[[], Observation] | None,
        interval_s: float = 30.0,
        limits: InsightLimits | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Without `collect` there is no thread: whoever has the figures calls `look`."""
        self.lines: LineFigures | None = None
        self._intake, self._publish, self._collect = intake, publish, collect
        self._interval_s, self._limits, self._clock = interval_s, limits or InsightLimits(), clock
        self._memory = InsightMemory()
        self._meter = LineMeter()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._remembers = threading.Event()
        self._thread = threading.Thread(target=self._run, name="insights", daemon=True)

    @property
    def history(self) -> list[tuple[str, int]]:
        """(time, lines per hour of all projects) of the last day, one a minute."""
        with self._lock:
            return list(self._meter.history)

    def start(self) -> None:
        """Start the thread."""
        if self._collect is not None:
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._remembers.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def wake(self) -> None:
        """Something notable may have happened: look soon. Never blocks."""
        self._wake.set()

    def remember(self, messages: list[Message]) -> None:
        """What was said before this process started, so that it is not said again. The thread waits for it."""
        times = {one.id: datetime.fromisoformat(one.created_at).timestamp() for one in messages}
        with self._lock:
            self._memory = memory_of(messages, times)
        self._remembers.set()

    def look(self, observation: Observation) -> list[Insight]:
        """One round: publishes the insights that are due, which are returned, and the metrics if they changed."""
        now = self._clock()
        with self._lock:
            found = find_insights(observation.jobs, self._memory, now, self._limits)
            self._memory = self._memory.after(found, (one.job for one in observation.jobs), now)
            lines = self._measured(observation, now)
        for insight in found:
            self._say(insight)
        if lines is not None:
            self._publish(MetricsUpdated(lines=lines))
        return found

    def _measured(self, observation: Observation, now: float) -> LineFigures | None:
        """The figures if they differ from the last ones; None without any."""
        if observation.project_lines is None:
            return None
        before, self.lines = (
            self.lines,
            self._meter.measure(now, observation.project_lines, observation.job_lines or {}),
        )
        is_same = before is not None and _rates(before) == _rates(self.lines)
        return None if is_same else self.lines

    def _say(self, insight: Insight) -> None:
        facts = {"kind": insight.kind, "key": insight.key, "run": insight.run, "is_notable": insight.is_notable}
        self._intake.add(
            "insights",
            insight.text,
            OBSERVER,
            insight.severity,
            insight.job,
            insight.data | facts,
            rests_on=insight.rests_on,
            is_recorded=insight.is_recorded,
        )

    def _run(self) -> None:
        self._remembers.wait()
        while not self._stopping.is_set():
            try:
                if self._collect is not None:
                    self.look(self._collect())
            except Exception:
                log.exception("insights could not be looked for")
            self._stopping.wait(min(_LEAST_PAUSE_S, self._interval_s))
            self._wake.wait(max(0.0, self._interval_s - _LEAST_PAUSE_S))
            self._wake.clear()


def _rates(figures: LineFigures) -> tuple[object, ...]:
    """What a client sees of the figures, without the time and the window."""
    each = (figures.all, *figures.projects.values(), *figures.jobs.values())
    return (*figures.projects, *figures.jobs, *((one.lines, one.lines_per_hour) for one in each))
