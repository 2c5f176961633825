"""`WokenThread`: one thread that works when something changed, and rests in between, or after a failure."""

from __future__ import annotations

import threading
from collections.abc import Callable

_STOP_S = 5.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 0.4
"""Between two attempts to connect."""


class WokenThread:
    """Who changes something does so with `changed` held, and notifies it; `run` is what the thread does. `stop` waits
    at most `stop_s` for its end."""

    def __init__(self, name: str, run: Callable[[], None], stop_s: float = _STOP_S) -> None:
        self.changed = threading.Condition()
        self._stop_s = stop_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if it was started."""
        with self.changed:
            self._ended.set()
            self.changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(self._stop_s)

    @property
    def is_stopping(self) -> bool:
        """True once the thread has to end."""
        return self._ended.is_set()

    def wait_for(self, is_due: Callable[[], object], timeout_s: float | None = None) -> bool:
        """With `changed` held: wait until something is due, or the time is over. False: the thread has to end."""
        self.changed.wait_for(lambda: self._ended.is_set() or is_due(), timeout_s)
        return not self._ended.is_set()

    def rest(self, seconds: float) -> bool:
        """Wait so long, whatever changes. False: the thread has to end."""
        # Not with `changed`: ten thousand changes meanwhile would wake the thread as often, and take the interpreter
        # from the thread that makes them.
        return not self._ended.wait(seconds)


def wait_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 50 to 400 ms, so that both ends are back within a second."""
    return float(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(failures - 1, 10)))
