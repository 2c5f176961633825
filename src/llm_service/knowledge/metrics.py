"""Lines per hour: `LineMeter` turns sums of lines, read now and then, into rates (pure but for the memory of sums)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..times import iso_time

WINDOW_S = 3_600.0
_LEAST_S = 60.0
_MAX_PROJECTS = 500
_MAX_SAMPLES = 240


@dataclass(frozen=True, slots=True)
class LineRate:
    """`lines` now, and how many were added per hour over the last `window_s` seconds; None before a minute is over."""

    lines: int
    lines_per_hour: int | None
    window_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFigures:
    """The lines of all projects, of each project and of each job."""

    time: str
    all: LineRate
    projects: tuple[ProjectRate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRate:
    """The lines of a project, and of each of its running jobs."""

    project: str
    lines: LineRate
    jobs: dict[str, LineRate] = field(default_factory=dict)


class _Samples:
    """Sums of lines with their times; what was removed meanwhile is not taken off what was written."""

    __slots__ = ("_added", "last", "points")

    def __init__(self) -> None:
        self.points: deque[tuple[float, int]] = deque(maxlen=_MAX_SAMPLES)
        self._added = 0
        self.last: int | None = None

    def add(self, now: float, lines: int) -> None:
        self._added += max(0, lines - self.last) if self.last is not None else 0
        self.last = lines
        while self.points and now - self.points[0][0] > WINDOW_S:
            self.points.popleft()
        self.points.append((now, self._added))

    def rate(self) -> LineRate:
        (first_at, first), (last_at, last) = self.points[0], self.points[-1]
        window_s = last_at - first_at
        per_hour = round((last - first) * 3_600 / window_s) if window_s >= _LEAST_S else None
        return LineRate(self.last or 0, per_hour, round(window_s))


class LineMeter:
    """Remembers the sums of an hour. Not thread-safe."""

    def __init__(self) -> None:
        self._samples: dict[tuple[str, str], _Samples] = {}
        self.history: deque[tuple[str, int]] = deque(maxlen=1_440)
        """(time, lines per hour of all projects), one a minute for a day."""
        self._history_at = float("-inf")

    def measure(
        self, now: float, projects: Mapping[str, int], jobs: Mapping[str, Mapping[str, int]] | None = None
    ) -> LineFigures:
        """The figures at `now` (Unix time), given the lines that each project has, and each job of a project."""
        jobs = jobs or {}
        shown = list(projects.items())[:_MAX_PROJECTS]
        known = {("all", ""), *(("project", name) for name, _ in shown)}
        known |= {("job " + name, job) for name, _ in shown for job in jobs.get(name, {})}
        self._samples = {key: samples for key, samples in self._samples.items() if key in known}
        everything = self._measure("all", "", now, sum(projects.values()))
        rates = tuple(
            ProjectRate(
                project=name,
                lines=self._measure("project", name, now, lines),
                jobs={job: self._measure("job " + name, job, now, its) for job, its in jobs.get(name, {}).items()},
            )
            for name, lines in shown
        )
        if everything.lines_per_hour is not None and now - self._history_at >= 60:
            self._history_at = now
            self.history.append((iso_time(now), everything.lines_per_hour))
        return LineFigures(time=iso_time(now), all=everything, projects=rates)

    def _measure(self, kind: str, name: str, now: float, lines: int) -> LineRate:
        samples = self._samples.setdefault((kind, name), _Samples())
        samples.add(now, lines)
        return samples.rate()
