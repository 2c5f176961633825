"""Waiting until everything that was written before a moment has been applied."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class SyncRequest:
    """`reached` is set when everything written before the request has been applied. `scanned_at`: when the root was
    scanned since then."""

    scanned_at: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)


class SyncRequests:
    """The requests that wait for one follower. They come from any thread, the follower answers them."""

    def __init__(self) -> None:
        self._waiting: list[SyncRequest] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self) -> SyncRequest:
        """A new request."""
        request = SyncRequest()
        self._waiting.append(request)
        return request

    def remove(self, request: SyncRequest) -> None:
        """It is answered, or nobody waits for it any longer."""
        with contextlib.suppress(ValueError):  # the other of the two happened this very moment
            self._waiting.remove(request)

    def unscanned(self) -> list[SyncRequest]:
        """Those since which the root was not scanned yet."""
        return [request for request in self._waiting if request.scanned_at is None]

    def answer(self, oldest_pending: float | None) -> None:
        """Answer those since whose scan everything is applied, given since when something is not."""
        for request in list(self._waiting):
            if request.scanned_at is not None and (oldest_pending is None or oldest_pending > request.scanned_at):
                self.remove(request)
                request.reached.set()
