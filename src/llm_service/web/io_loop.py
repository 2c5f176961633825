"""One thread for what would need one per client: `IoLoop.call_later`, `when_readable`, `when_writable`."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LOG = logging.getLogger(__name__)


class IoLoop:
    """Calls functions later, or when a socket has bytes or takes them again; they must not block. Thread-safe.

    The thread starts with the first call. Raises RuntimeError if the system gives none.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._later: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._wanted: list[tuple[Any, int, Callable[[], object]]] = []
        self._thread: threading.Thread | None = None
        self._wake_writer = -1
        self._closed = False

    def call_later(self, delay_s: float, call: Callable[[], object]) -> None:
        """Call `call()` after so many seconds."""
        self.start()
        with self._lock:
            heapq.heappush(self._later, (time.monotonic() + delay_s, next(self._numbers), call))
        self._wake()

    def when_writable(self, connection: Any, call: Callable[[], object]) -> None:
        """Call `call()` once, as soon as the connection takes bytes or has ended."""
        self._when(connection, selectors.EVENT_WRITE, call)

    def when_readable(self, connection: Any, call: Callable[[], object]) -> None:
        """Call `call()` once, as soon as the connection has bytes or has ended."""
        self._when(connection, selectors.EVENT_READ, call)

    def _when(self, connection: Any, event: int, call: Callable[[], object]) -> None:
        self.start()
        with self._lock:
            self._wanted.append((connection, event, call))
        self._wake()

    def start(self) -> None:
        """Start the thread, if it does not run. Raises RuntimeError if the system gives none."""
        with self._lock:
            if self._closed or (self._thread is not None and self._thread.is_alive()):
                return
            reader, self._wake_writer = os.pipe()
            for end in (reader, self._wake_writer):
                os.set_blocking(end, False)
            thread = threading.Thread(target=self._run, args=(reader,), name="client io", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                for end in (reader, self._wake_writer):
                    os.close(end)
                self._wake_writer = -1
                raise
            self._thread = thread

    def close(self) -> None:
        """End the thread; nothing is called any more."""
        with self._lock:
            self._closed = True
        self._wake()

    def _wake(self) -> None:
        with self._lock, contextlib.suppress(OSError):
            os.write(self._wake_writer, b"\0")

    def _run(self, reader: int) -> None:
        selector = selectors.DefaultSelector()
        selector.register(reader, selectors.EVENT_READ)
        while not self._closed:
            for key, events in selector.select(self._until_next()):
                if key.data is None:
                    with contextlib.suppress(OSError):
                        os.read(reader, 4_096)
                else:
                    _ready(selector, key, events)
            with self._lock:
                wanted, self._wanted = self._wanted, []
                now, due = time.monotonic(), []
                while self._later and self._later[0][0] <= now:
                    due.append(heapq.heappop(self._later)[2])
            for connection, event, call in wanted:
                _watch(selector, connection, event, call)
            for call in due:
                _call(call)
        selector.close()
        with self._lock:
            os.close(reader)
            os.close(self._wake_writer)
            self._wake_writer = -1

    def _until_next(self) -> float | None:
        with self._lock:
            if self._wanted:
                return 0.0
            return max(0.0, self._later[0][0] - time.monotonic()) if self._later else None


@dataclass(slots=True)
class _Watched:
    """What a connection is watched for: an event -> what to call."""

    connection: Any
    calls: dict[int, Callable[[], object]]


def _watch(selector: selectors.BaseSelector, connection: Any, event: int, call: Callable[[], object]) -> None:
    """Have `call()` called when the connection has bytes or takes them; at once if it has ended."""
    try:
        number = connection.fileno()
        key = selector.get_map().get(number)
        if key is not None and key.data.connection is connection:
            key.data.calls[event] = call
            selector.modify(number, key.events | event, key.data)
            return
        if key is not None:  # of a file that was closed: the system has forgotten it, the selector not
            selector.unregister(number)
        selector.register(number, event, _Watched(connection, {event: call}))
    except (OSError, ValueError, KeyError):
        _call(call)


def _ready(selector: selectors.BaseSelector, key: selectors.SelectorKey, events: int) -> None:
    """Call what waits for these events, each once."""
    due = [key.data.calls.pop(event) for event in list(key.data.calls) if event & events]
    with contextlib.suppress(OSError, ValueError, KeyError):
        if key.data.calls:
            selector.modify(key.fd, sum(key.data.calls), key.data)
        else:
            selector.unregister(key.fd)
    for call in due:
        _call(call)


def _call(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        LOG.exception("A call of the client thread failed")
