"""The way of a change through the service: a file is written, and the watcher has to report it.

`write_probe(folder, nonce)` writes the file, `Prober` waits in the dashboard for its nonce. It is removed again, and so
is the folder if it was made for it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...files import require_inside

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Probe:
    """A file that was begun at `at` on the monotonic clock; its mtime is `clock_skew_s` off our clock."""

    at: float
    clock_skew_s: float


def new_nonce() -> str:
    """The name of a probe that was never used."""
    return secrets.token_hex(16)


@contextlib.contextmanager
def probed_folder(folder: str) -> Iterator[bool]:
    """The folder for the time of the block; True if it was made for that, and is removed again: then the first probe
    tells how soon a new folder is noticed, and only the next one how long a change takes. Raises OSError."""
    require_inside(folder)
    is_new = not os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)
    try:
        yield is_new
    finally:
        if is_new:
            with contextlib.suppress(OSError):  # somebody uses it by now
                os.rmdir(folder)


@contextlib.contextmanager
def write_probe(folder: str, nonce: str) -> Iterator[Probe]:
    """Write a probe file for the time of the block. Raises OSError."""
    path = os.path.join(folder, f".probe-{nonce}")
    try:
        at, now = time.monotonic(), time.time()
        handle = os.open(path, _FLAGS, 0o600)
        try:
            os.write(handle, b"written by llm-service doctor\n")
            skew_s = os.fstat(handle).st_mtime - now
        finally:
            os.close(handle)
        yield Probe(at, skew_s)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)


@dataclass(frozen=True, slots=True)
class Measured:
    """`latency_ms` from the write to the hub, None if the file was not reported in time."""

    latency_ms: float | None
    clock_skew_s: float


class Prober:
    """Measures within the dashboard. Thread-safe."""

    def __init__(self, folder: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._clock = folder, clock
        self._lock = threading.Condition()
        self._seen: dict[str, float | None] = {}

    def on_seen(self, nonce: str) -> None:
        """The watcher reported a probe; called by its thread."""
        with self._lock:
            if nonce in self._seen and self._seen[nonce] is None:
                self._seen[nonce] = self._clock()
                self._lock.notify_all()

    def measure(self, timeout_s: float) -> Measured:
        """Write a probe and wait for it. Raises OSError."""
        with probed_folder(self._folder) as is_new:
            measured = self._measure(timeout_s)
            return self._measure(timeout_s) if is_new and measured.latency_ms is not None else measured

    def _measure(self, timeout_s: float) -> Measured:
        nonce = new_nonce()
        with self._lock:
            self._seen[nonce] = None
        try:
            with write_probe(self._folder, nonce) as probe, self._lock:
                self._lock.wait_for(lambda: self._seen[nonce] is not None, timeout_s)
        finally:
            with self._lock:
                seen_at = self._seen.pop(nonce)
        latency_ms = None if seen_at is None else max(0.0, (seen_at - probe.at) * 1000)
        return Measured(latency_ms, probe.clock_skew_s)
