"""`RunWatcher`: one thread that notices the end of each run at once, helps to stop, and passes on all changes in order.

The end of a shim is seen by its pidfd, no matter who started it; without pidfds each is checked five times a second.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .board import RunBoard
from .identity import Identity, open_process
from .model import Run, RunStatus
from .stopping import Stopper
from .survivors import Survivors

log = logging.getLogger(__name__)

_POLL_S = 0.2
_FAILURE_PAUSE_S = 0.5

Deliver = Callable[[Run | None, Run | None, bool], None]
"""(before, now, True if it is new to us only because we started)."""


class RunWatcher:
    """Call `changed` for every change of the board; `deliver` is called for each by the thread."""

    def __init__(self, stopper: Stopper, survivors: Survivors, deliver: Deliver) -> None:
        self._stopper = stopper
        self._survivors = survivors
        self._deliver = deliver
        self._changes: deque[tuple[float, Run | None, Run | None, bool]] = deque()
        self._handles: dict[int, tuple[str, Identity]] = {}
        self._polled: dict[str, Identity] = {}
        self._watched: set[str] = set()
        self._stopping = False
        self._pipe: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.is_loading = True
        """The changes now are of runs from before our start."""

    def start(self, board: RunBoard) -> None:
        """Start the thread."""
        self._board = board
        self._pipe = os.pipe()
        for handle in self._pipe:
            os.set_blocking(handle, False)
        self._thread = threading.Thread(target=self._run, name="runs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after it has passed on what waits; runs go on."""
        self._stopping = True
        self.wake()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout=5)
        with self._lock:
            pipe, self._pipe = self._pipe, None
        for handle in (*(pipe or ()), *self._handles):
            os.close(handle)
        self._handles = {}

    def changed(self, before: Run | None, now: Run | None) -> None:
        """The board changed; called under its lock."""
        self._changes.append((time.monotonic(), before, now, self.is_loading))
        self.wake()

    def wake(self) -> None:
        """Something is to be done."""
        with self._lock, contextlib.suppress(BlockingIOError):
            if self._pipe is not None:
                os.write(self._pipe[1], b"w")

    def oldest_pending(self) -> float | None:
        """Since when the oldest change waits to be passed on; None if none does."""
        with contextlib.suppress(IndexError):
            return self._changes[0][0]
        return None

    def _run(self) -> None:
        assert self._pipe is not None  # noqa: S101 - made before the thread
        woken = self._pipe[0]
        while not self._stopping:
            try:
                self._watch_new()
                self._wait(woken)
                self._stopper.turn()
                self._survivors.turn()
            except Exception:  # the next turn tries again
                log.exception("watching runs failed")
                time.sleep(_FAILURE_PAUSE_S)
            self._pass_on()

    def _watch_new(self) -> None:
        for run_id, identity in self._board.running():
            if run_id in self._watched:
                continue
            try:
                handle = open_process(identity)
            except NotImplementedError:
                self._polled[run_id] = identity
            else:
                if handle is None:
                    self._ended(run_id, identity)
                    continue
                self._handles[handle] = (run_id, identity)
            self._watched.add(run_id)

    def _wait(self, woken: int) -> None:
        poller: Any = select.poll() if hasattr(select, "poll") else None
        dues = (self._stopper.next_due(), self._survivors.next_due())
        waits = [max(0.0, due - time.monotonic()) for due in dues if due is not None]
        if self._polled or poller is None:
            waits.append(_POLL_S)
        if self._changes:
            waits.append(0.0)
        timeout_s = min(waits, default=None)
        if poller is None:  # pragma: no cover - Windows, where nothing is started
            time.sleep(_POLL_S)
            ready = []
        else:
            for handle in (woken, *self._handles):
                poller.register(handle, select.POLLIN)
            ready = [handle for handle, _ in poller.poll(None if timeout_s is None else timeout_s * 1000 + 0.5)]
        for handle in ready:
            if handle == woken:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4_096)
            else:
                run_id, identity = self._handles.pop(handle)
                os.close(handle)
                self._ended(run_id, identity)
        for run_id, identity in list(self._polled.items()):
            _reap(identity.pid)
            if not identity.is_alive:
                del self._polled[run_id]
                self._ended(run_id, identity)

    def _ended(self, run_id: str, identity: Identity) -> None:
        _reap(identity.pid)
        self._watched.discard(run_id)  # first: if the rest fails, it is watched again, and found to have ended
        self._stopper.ended(run_id)
        self._board.refresh(run_id)

    def _pass_on(self) -> None:
        while self._changes:
            _, before, now, is_old = self._changes[0]
            try:
                self._deliver(before, now, is_old)
            except Exception:
                log.exception("a change of a run could not be passed on")
            self._changes.popleft()


def _reap(pid: int) -> None:
    """Collect the shim, if it is our child: else it would stay as a zombie."""
    if hasattr(os, "WNOHANG"):
        with contextlib.suppress(OSError):
            os.waitpid(pid, os.WNOHANG)


def kind_of_change(before: Run | None, now: Run | None, is_old: bool) -> str | None:
    """ "started", "finished", "survivors", "removed"; None for what is no news."""
    if now is None:
        return "removed"
    if is_old and before is None:
        return None
    if now.status in (RunStatus.STARTING, RunStatus.RUNNING):
        return "started" if before is None else None
    if before is None or before.status is not now.status:
        return "finished"
    return "survivors" if before.survivors != now.survivors else None
