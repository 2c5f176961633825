"""`CallThreads`: runs calls in a few threads, and who asked waits for the answer as long as it may take, not longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class CallTimeout(Exception):
    """A call takes longer than its caller waits."""


_Work = tuple[Future[Any], Callable[[], Any]]


class CallThreads:
    """At most `most` threads, started when they are needed. None of them holds up the end of the process, as those of
    `concurrent.futures` would: a call may hang in a file system that does not answer."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._lock = threading.Lock()
        self._crew = _Crew()

    def run(self, call: Callable[[], T], seconds: float) -> T:
        """What the call gives, in the context of the caller. Raises what it raises, and CallTimeout after `seconds`: a
        call that has begun by then still goes on, one that has not is dropped."""
        future: Future[T] = Future()
        context = copy_context()
        with self._lock:
            crew = self._crew
            crew.queue.put((future, lambda: context.run(call)))
            if not crew.idle.acquire(blocking=False) and crew.size < self._most:
                crew.size += 1
                threading.Thread(target=crew.serve, name=self._name, daemon=True).start()
        try:
            return future.result(seconds)
        except FutureTimeout:
            if future.done():  # it is the call's own
                raise
            future.cancel()
            raise CallTimeout from None

    def stop(self) -> None:
        """End the threads, each after what it is at. What is asked later starts new ones."""
        with self._lock:
            crew, self._crew = self._crew, _Crew()
        for _ in range(crew.size):
            crew.queue.put(None)


class _Crew:
    """Threads with one queue; `idle` counts those that wait for work, less what is in the queue."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[_Work | None] = SimpleQueue()
        self.idle = threading.Semaphore(0)
        self.size = 0

    def serve(self) -> None:
        """Until the queue says None."""
        while (work := self.queue.get()) is not None:
            future, call = work
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call())
                except BaseException as problem:  # noqa: BLE001 - raised where the call was asked for
                    future.set_exception(problem)
            del work, future, call  # what was answered is not kept until the next call
            self.idle.release()
