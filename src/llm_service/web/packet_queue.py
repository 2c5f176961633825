"""The packets that wait for one Socket.IO client: `PacketQueue`, in place of engineio's unbounded queue.

It counts bytes as well as packets, hands what is put into it to `on_put` (which writes it to a WebSocket at once), and
gives a client that polls no more at once than clients accept: python-engineio's refuses more than 16 packets.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any

from .client_presence import ClientPresence

PACKETS_AT_ONCE = 16
BYTES_AT_ONCE = 1_000_000
_LOOK_S = 1.0


class PacketQueue(queue.Queue[Any]):
    """A queue of engineio's packets; None ends the connection. Above a limit `on_full` is called, once."""

    def __init__(self, packets: int, bytes_: int) -> None:
        self.bytes = 0
        self.on_put: Callable[[], object] | None = None
        self.on_full: Callable[[], object] | None = None
        self.presence: ClientPresence | None = None
        """Of the client that polls; None if that is not known."""
        self._limits = packets, bytes_
        self._polls = self._taken = self._taken_bytes = 0
        super().__init__()

    @property
    def is_full(self) -> bool:
        """True if no packet more may wait. One that is longer than all may be is accepted if nothing waits."""
        return self.qsize() >= self._limits[0] or (self.qsize() > 0 and self.bytes >= self._limits[1])

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Add a packet, and have it written if that is possible at once."""
        if item is not None and self.is_full:
            on_full, self.on_full = self.on_full, None
            if on_full is not None:
                on_full()
            return
        super().put(item, block, timeout)
        on_put = self.on_put
        if on_put is not None:
            on_put()

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next packet, waiting for it no longer than the client that polls is there. Raises queue.Empty."""
        if not block:
            if self._taken >= PACKETS_AT_ONCE or self._taken_bytes >= BYTES_AT_ONCE:
                raise queue.Empty
            return self._took(super().get(block=False))
        with self.mutex:
            if self._polls:  # a client polls once at a time; others would only hold threads
                raise queue.Empty
            self._polls += 1
        try:
            self._taken = self._taken_bytes = 0
            return self._took(self._wait(timeout))
        finally:
            self._polls -= 1

    def take(self) -> Any:
        """The next packet, however many were taken before. Raises queue.Empty."""
        return super().get(block=False)

    def join(self) -> None:
        """Nothing: engineio would wait for a client that may never read."""

    def task_done(self) -> None:
        """Nothing: see `join`."""

    def discard(self) -> None:
        """Drop everything that waits."""
        with self.mutex:
            self.queue.clear()
            self.bytes = 0

    def _wait(self, timeout: float | None) -> Any:
        deadline = time.monotonic() + (timeout or 0.0)
        while True:
            remaining = deadline - time.monotonic()
            try:
                return super().get(timeout=max(0.0, min(_LOOK_S, remaining)))
            except queue.Empty:
                if remaining <= _LOOK_S or (self.presence is not None and self.presence.has_left()):
                    raise

    def _took(self, item: Any) -> Any:
        self._taken += 1
        self._taken_bytes += _size(item)
        return item

    def _put(self, item: Any) -> None:
        super()._put(item)
        self.bytes += _size(item)

    def _get(self) -> Any:
        item = super()._get()
        self.bytes -= _size(item)
        return item


def _size(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 64
