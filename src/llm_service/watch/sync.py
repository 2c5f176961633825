"""Waiting until everything that was written before a moment has been applied."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class SyncRequest:
    """`reached` is set when everything written before the request has been applied. `scanned_at`: when the root was
    scanned since then. `scan_by`: when that is done at the latest."""

    scan_by: float = 0.0
    scanned_at: float | None = None
    reached: threading.Event = field(default_factory=threading.Event)


class SyncRequests:
    """The requests that wait for one follower. They come from any thread, the follower answers them."""

    def __init__(self) -> None:
        self._waiting: list[SyncRequest] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, scan_by: float = 0.0) -> SyncRequest:
        """A new request. Until `scan_by` the scan for it waits for hints that are on their way."""
        request = SyncRequest(scan_by)
        self._waiting.append(request)
        return request

    def remove(self, request: SyncRequest) -> None:
        """It is answered, or nobody waits for it any longer."""
        with contextlib.suppress(ValueError):  # the other of the two happened this very moment
            self._waiting.remove(request)

    def unscanned(self) -> list[SyncRequest]:
        """Those since which the root was not scanned yet."""
        return [request for request in self._waiting if request.scanned_at is None]

    def due(self, now: float, is_behind: bool) -> list[SyncRequest]:
        """Those for which the root has to be scanned now. A scan that overtook the hints about a file that moved twice
        would see its last place only."""
        return [one for one in self.unscanned() if not is_behind or now >= one.scan_by]

    def answer(self, oldest_pending: float | None) -> None:
        """Answer those since whose scan everything is applied, given since when something is not."""
        for request in list(self._waiting):
            if request.scanned_at is not None and (oldest_pending is None or oldest_pending > request.scanned_at):
                self.remove(request)
                request.reached.set()
