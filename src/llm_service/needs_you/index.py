"""`NeedIndex`: the needs of a source with thousands of objects, of which only those that changed are checked."""

from __future__ import annotations

from bisect import bisect_left, insort

from ..hub.deadlines import Deadlines
from .model import Need

_Place = tuple[str, str, str]


class NeedIndex:
    """A need at most for a key, and when time alone changes it. Used by one thread."""

    def __init__(self, most: int) -> None:
        """`most`: so many are given, the oldest."""
        self._most = most
        self._needs: dict[str, Need] = {}
        self._order: list[_Place] = []
        self._oldest: tuple[Need, ...] | None = ()
        self._deadlines = Deadlines()

    def put(self, key: str, need: Need | None, next_at: float | None = None) -> None:
        """What is to be done about an object, None: nothing; `next_at`: when (Unix time) it has to be checked again,
        though nothing happened to it."""
        self._deadlines.set(key, next_at)
        before = self._needs.get(key)
        if need == before:
            return
        self._oldest = None
        if before is not None:
            del self._order[bisect_left(self._order, _place(before, key))]
        if need is None:
            del self._needs[key]
        else:
            self._needs[key] = need
            insort(self._order, _place(need, key))

    def clear(self) -> None:
        """Nothing is known."""
        self._needs.clear()
        self._order.clear()
        self._deadlines.clear()
        self._oldest = None

    def pop_due(self, now: float) -> list[str]:
        """The keys to check again now."""
        return self._deadlines.pop_due(now)

    def next_at(self) -> float | None:
        """When the next has to be checked again."""
        return self._deadlines.next()

    def oldest(self) -> tuple[Need, ...]:
        """The needs, the oldest first; the same object as long as they are the same."""
        if self._oldest is None:
            self._oldest = tuple(self._needs[key] for _, _, key in self._order[: self._most])
        return self._oldest


def _place(need: Need, key: str) -> _Place:
    return need.since, need.id, key
