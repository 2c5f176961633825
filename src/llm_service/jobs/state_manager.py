"""When what is shown of a job is brought up to date: `DashboardStateManager` and the `JobState` of each job.

Three parts are shown: the panel of its log (at most every 500 ms), its progress (every second) and its phase (at once).
The first change of a part is due at once; those that follow within its window are due together at the window's end, and
at the end of the run at once. So the last lines of a burst are never left over. Pure: the caller brings the clock and
asks again at `next_due`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypedDict

LOGS_S = 0.5
PROGRESS_S = 1.0
INSIGHT_S = 900.0

EventKind = Literal["line", "progress", "phase", "end"]
"""Lines were printed; a figure changed; another phase began; the run has ended."""

Part = Literal["logs_panel", "phase_indicator", "job_progress"]
_CHANGED: dict[EventKind, tuple[Part, ...]] = {
    "line": ("logs_panel", "job_progress"),
    "progress": ("job_progress",),
    "phase": ("phase_indicator", "job_progress"),
    "end": ("logs_panel", "phase_indicator", "job_progress"),
}


class Updates(TypedDict):
    """Which parts are to be brought up to date now."""

    logs_panel: bool
    phase_indicator: bool
    job_progress: bool


@dataclass(slots=True)
class JobState:
    """What was shown of one job, and when: `sent_at` by part, `waiting` for the end of its window, `insight_at`."""

    sent_at: dict[Part, float] = field(default_factory=dict)
    waiting: set[Part] = field(default_factory=set)
    insight_at: float = -math.inf


class DashboardStateManager:
    """Decides for each job, by id, which parts are due. Not thread-safe."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        logs_s: float = LOGS_S,
        progress_s: float = PROGRESS_S,
        insight_s: float = INSIGHT_S,
    ) -> None:
        self._clock = clock
        self._windows: dict[Part, float] = {
            "logs_panel": logs_s, "phase_indicator": 0.0, "job_progress": progress_s,
        }  # fmt: skip
        self._insight_s = insight_s
        self._states: dict[str, JobState] = {}

    def calculate_updates(self, job: str, event: EventKind | None = None, force: bool = False) -> Updates:
        """The parts of a job that are due now, after this event; without one, those whose window has ended.

        With `force` all three are due, changed or not.
        """
        now = self._clock()
        state = self._states.setdefault(job, JobState())
        changed = _CHANGED[event] if event is not None else ()
        at_once: tuple[Part, ...] = tuple(self._windows) if force else ()
        if event == "end":
            at_once = tuple(state.waiting.union(changed))
        elif event == "phase":
            at_once += changed  # the figures that go with the phase
        state.waiting.update(changed, at_once)
        due = {part for part in state.waiting if part in at_once or now >= self._ends(state, part)}
        for part in due:
            state.waiting.discard(part)
            state.sent_at[part] = now
        return {
            "logs_panel": "logs_panel" in due,
            "phase_indicator": "phase_indicator" in due,
            "job_progress": "job_progress" in due,
        }

    def should_generate_insight(self, job: str) -> bool:
        """True once in 15 minutes for each job; then the time counts from this call."""
        now = self._clock()
        state = self._states.setdefault(job, JobState())
        if now - state.insight_at < self._insight_s:
            return False
        state.insight_at = now
        return True

    def next_due(self, job: str) -> float | None:
        """When `calculate_updates` has to be called without an event; None if nothing waits."""
        state = self._states.get(job)
        return min((self._ends(state, part) for part in state.waiting), default=None) if state else None

    def waiting(self) -> Iterator[str]:
        """The jobs of which something waits."""
        return iter([job for job, state in self._states.items() if state.waiting])

    def forget(self, job: str) -> None:
        """The job is gone."""
        self._states.pop(job, None)

    def _ends(self, state: JobState, part: Part) -> float:
        return state.sent_at.get(part, -math.inf) + self._windows[part]
