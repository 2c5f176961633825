"""The threads that serve requests: `RequestPool` has at most so many, and goes on when the system gives no more.

Some are started at once, so that the service answers even where it may have no further thread later. `hold` is asked
by a request that keeps its thread (a stream): a share of the threads stays free for requests that end by themselves.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable

LOG = logging.getLogger(__name__)
STARTED_AT_ONCE = 32
_SPARE, _MOST_SPARE = 2, 32
_WAIT_S = 2.0
_RETRY_S = 5.0
"""After the system refused a thread, no other is asked for so long."""

Job = Callable[[], None]


class RequestPool:
    """Runs jobs in at most `size` threads, first come first served. Thread-safe."""

    def __init__(self, size: int, per_address: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._per_address = per_address or size // 2
        self._held_by: Counter[str] = Counter()
        self._clock = clock
        self._jobs: deque[Job] = deque()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._freed = threading.Condition(self._lock)
        self._threads = self._idle = self._held = self._waiting = 0
        self._refused_at: float | None = None
        self._own = threading.local()
        with self._changed:
            while self._threads < min(size, STARTED_AT_ONCE) and self._start():
                pass

    @property
    def threads(self) -> int:
        """How many threads there are."""
        return self._threads

    def submit(self, job: Job) -> bool:
        """Run the job in a thread, at once or when one is free; False if there is none and none will be."""
        with self._changed:
            # Ahead of need: where the system gives no more threads, that is known while some are free.
            if self._idle <= len(self._jobs) + _SPARE and self._threads < self._size:
                self._start()
            if not self._threads or (self._is_refused() and self._held >= self._threads):
                return False
            self._jobs.append(job)
            self._changed.notify()
            return True

    def hold(self, address: str = "") -> bool:
        """May the job that calls, of a client at that address, keep its thread for long? Counts until the job ends.

        One address other than this machine's may have its share only, so that no single one takes all.
        """
        address = "" if address.startswith("127.") or address == "::1" else address
        with self._changed:
            if getattr(self._own, "holds", None) is not None:
                return True
            if not self._may_hold(address) and not self._wait_to_hold(address):
                return False
            self._held += 1
            self._held_by[address] += 1
            self._own.holds = address
            return True

    def _may_hold(self, address: str) -> bool:
        if address and self._held_by[address] >= self._per_address:
            return False
        return self._held < self._capacity() - self._spare()

    def _wait_to_hold(self, address: str) -> bool:
        """A stream that was abandoned ends within so long. Few may wait: they take threads from short requests."""
        if self._waiting * 2 >= self._spare():
            return False
        self._waiting += 1
        try:
            return self._freed.wait_for(lambda: self._may_hold(address), _WAIT_S)
        finally:
            self._waiting -= 1

    def _spare(self) -> int:
        """Threads that are kept for short requests."""
        return max(_SPARE, min(self._capacity() // 8, _MOST_SPARE))

    def _capacity(self) -> int:
        return self._threads if self._is_refused() else self._size

    def _is_refused(self) -> bool:
        return self._refused_at is not None and self._clock() - self._refused_at < _RETRY_S

    def _start(self) -> bool:
        if self._is_refused():
            return False
        try:
            threading.Thread(target=self._run, name="request", daemon=True).start()
        except (RuntimeError, MemoryError) as problem:
            if self._refused_at is None:
                LOG.error("The system gives no more threads (%s); further clients wait or are refused", problem)
            self._refused_at = self._clock()
            return False
        self._refused_at = None
        self._threads += 1
        self._idle += 1
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._jobs:
                    self._changed.wait()
                self._idle -= 1
                job = self._jobs.popleft()
            try:
                job()
            except BaseException:
                LOG.exception("A request thread failed")
            with self._changed:
                self._idle += 1
                address = getattr(self._own, "holds", None)
                if address is not None:
                    self._own.holds = None
                    self._held -= 1
                    self._freed.notify_all()
                    self._held_by[address] -= 1
                    if not self._held_by[address]:
                        del self._held_by[address]
