"""`Scheduler`: the thread in which jobs are started, measured, settled and written down."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

_BUSY_S = 0.2
_IDLE_S = 1.0
_AFTER_FAILURE_S = 2.0


class Scheduler:
    """Calls `turns` one after another: when woken, often while something runs or waits, else once a second."""

    def __init__(
        self, prepare: Callable[[], None], turns: Sequence[Callable[[], None]], is_busy: Callable[[], bool]
    ) -> None:
        """`prepare` is called once, in the thread, before the first turn."""
        self._prepare = prepare
        self._turns = turns
        self._is_busy = is_busy
        self._woken = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="jobs scheduler", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def wake(self) -> None:
        """Something happened: take a turn now."""
        self._woken.set()

    @property
    def is_stopping(self) -> bool:
        """True once `stop` was called: what takes long returns early."""
        return self._stopping

    def _run(self) -> None:
        is_prepared = False
        while not self._stopping:
            pause_s = _BUSY_S
            try:
                if not is_prepared:
                    self._prepare()
                    is_prepared = True
                for turn in self._turns:
                    if self._stopping:
                        return
                    turn()
                pause_s = _BUSY_S if self._is_busy() else _IDLE_S
            except Exception:
                log.exception("a turn of the jobs failed; it is taken again")
                pause_s = _AFTER_FAILURE_S
            self._woken.wait(pause_s)
            self._woken.clear()
