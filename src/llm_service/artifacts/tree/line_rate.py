"""`LineRates` gives how many lines were written into each project in all, and in the last 60 minutes."""

from __future__ import annotations

from collections import deque

_MINUTE_NS = 60_000_000_000
_MINUTES = 60
_MOST_PROJECTS = 10_000


class LineRate:
    """The lines written into one project."""

    __slots__ = ("_by_minute", "total")

    def __init__(self) -> None:
        self.total = 0
        self._by_minute: deque[list[int]] = deque()

    def add(self, lines: int, now_ns: int) -> None:
        """So many lines more; fewer if what was counted a moment ago was not written after all."""
        self.total += lines
        minute = now_ns // _MINUTE_NS
        if self._by_minute and self._by_minute[-1][0] == minute:
            self._by_minute[-1][1] += lines
        else:
            self._by_minute.append([minute, lines])
        while self._by_minute[0][0] <= minute - _MINUTES:
            self._by_minute.popleft()

    def last_hour(self, now_ns: int) -> int:
        """The lines of the last 60 minutes."""
        oldest = now_ns // _MINUTE_NS - _MINUTES
        return max(0, sum(lines for minute, lines in list(self._by_minute) if minute > oldest))


class LineRates:
    """The lines written into every project, also into one that is gone: it may be made again."""

    def __init__(self) -> None:
        self._rates: dict[str, LineRate] = {}

    def of(self, project: str, now_ns: int) -> tuple[int, int]:
        """(lines written into a project, those of the last 60 minutes)."""
        rate = self._rates.get(project)
        return (0, 0) if rate is None else (rate.total, rate.last_hour(now_ns))

    def add(self, project: str, lines: int, now_ns: int) -> None:
        """So many lines more were written into a project, or fewer: see `LineRate.add`."""
        if not lines:
            return
        rate = self._rates.get(project)
        if rate is None:
            if len(self._rates) >= _MOST_PROJECTS:
                del self._rates[next(iter(self._rates))]
            rate = self._rates[project] = LineRate()
        rate.add(lines, now_ns)
