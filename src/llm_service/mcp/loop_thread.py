"""`LoopThread`: an event loop in a separate thread, for what the SDK does here. Started when needed."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from ..errors import Busy

log = logging.getLogger(__name__)

T = TypeVar("T")
_START_S = 30.0
_STOP_S = 10.0


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


class LoopThread:
    """`around()` is a context in which everything runs, entered in the loop's thread and left at `stop`."""

    def __init__(self, name: str, around: Callable[[], AbstractAsyncContextManager[Any]] = _nothing) -> None:
        self._name, self._around = name, around
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._is_up = threading.Event()
        self._is_stopped = False

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine in the loop. Raises Busy after `stop`, or if the loop could not be started."""
        try:
            loop = self._started()
        except BaseException:
            work.close()
            raise
        return asyncio.run_coroutine_threadsafe(work, loop)

    @property
    def is_running(self) -> bool:
        """True from the first use to the end."""
        return self._loop is not None

    def stop(self) -> None:
        """Cancel what runs, leave the context, and end the thread; may be called twice."""
        with self._lock:
            self._is_stopped = True
            thread, loop, end = self._thread, self._loop, self._end
            self._loop = None
        if thread is None:
            return
        if loop is not None and end is not None:
            loop.call_soon_threadsafe(end.set)
        thread.join(_STOP_S)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._is_stopped:
                raise Busy("The service is being stopped.")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            if not self._is_up.wait(_START_S) or self._loop is None:
                raise Busy("MCP could not be started; the service's log has the details.")
            return self._loop

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            log.exception("the thread of MCP ended")
        finally:
            self._loop = None
            self._is_up.set()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        async with self._around():
            self._loop = asyncio.get_running_loop()
            self._is_up.set()
            await self._end.wait()
