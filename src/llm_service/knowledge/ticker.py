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
from .metrics import LineFigures, LineMeter, LineRate
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
        """Without `collect` there is no thread: the caller who has the figures calls `look`."""
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
            updates = self._measured(observation, now)
        for insight in found:
            self._say(insight)
        for update in updates:
            self._publish(update)
        return found

    def _measured(self, observation: Observation, now: float) -> list[MetricsUpdated]:
        """Events for what differs from the last figures: one for each project, one for all together."""
        if observation.project_lines is None:
            return []
        jobs: dict[str, dict[str, int]] = {}
        lines = observation.job_lines or {}
        for one in observation.jobs:
            if one.job in lines:
                jobs.setdefault(one.project, {})[one.job] = lines[one.job]
        before, self.lines = self.lines, self._meter.measure(now, observation.project_lines, jobs)
        known = {} if before is None else {event.project: event for event in _updates(before)}
        return [event for event in _updates(self.lines) if _rates(known.get(event.project)) != _rates(event)]

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


def _updates(figures: LineFigures) -> list[MetricsUpdated]:
    everything = MetricsUpdated(project=None, lines=figures.all, jobs={}, measured_at=figures.time)
    return [everything] + [
        MetricsUpdated(project=one.project, lines=one.lines, jobs=one.jobs, measured_at=figures.time)
        for one in figures.projects
    ]


def _rates(update: MetricsUpdated | None) -> object:
    """What a client sees of the figures, without the time and the window."""
    if update is None:
        return None
    return _rate(update.lines), {job: _rate(rate) for job, rate in update.jobs.items()}


def _rate(rate: LineRate) -> tuple[int, int | None]:
    return rate.lines, rate.lines_per_hour
