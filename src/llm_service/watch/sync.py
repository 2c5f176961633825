"""Waiting until everything that was written before a moment has been applied."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Barrier:
    """Set `reached` when everything written before `asked_at` has been applied."""

    asked_at: float
    looked_at: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)


class Barriers:
    """The requests that wait for one follower. They come from any thread, the follower answers them."""

    def __init__(self) -> None:
        self._waiting: list[Barrier] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, now: float) -> Barrier:
        """A new request."""
        barrier = Barrier(now)
        self._waiting.append(barrier)
        return barrier

    def remove(self, barrier: Barrier) -> None:
        """It is answered, or nobody waits for it any longer."""
        with contextlib.suppress(ValueError):  # the other of the two happened this very moment
            self._waiting.remove(barrier)

    def unscanned(self) -> list[Barrier]:
        """Those since which the root was not scanned yet."""
        return [barrier for barrier in self._waiting if barrier.looked_at is None]

    def answer(self, oldest_pending: float | None) -> None:
        """Answer those since whose scan everything is applied, given since when something is not."""
        for barrier in list(self._waiting):
            if barrier.looked_at is not None and (oldest_pending is None or oldest_pending > barrier.looked_at):
                self.remove(barrier)
                barrier.reached.set()
