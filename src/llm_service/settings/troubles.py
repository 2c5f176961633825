"""`Troubles`: what is wrong with files of ours now, what was wrong a moment ago, and who is notified."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ..times import iso_time

log = logging.getLogger(__name__)

SHOWN_S = 5.0
"""How long a repair is shown: it takes milliseconds, in which nobody could read what happened."""


class Troubles:
    """Used by the thread that writes; `problem`, `shown` and `restored` may be read by any thread."""

    def __init__(self, on_trouble: Callable[[str | None], None], clock: Callable[[], float] = time.monotonic) -> None:
        """`on_trouble(reason)` is called with each new reason, and with None when it is over."""
        self.problem: str | None = None
        self.restored: str | None = None
        """When removed files were made again, and which; None if they never were."""
        self._repair: str | None = None
        self._repair_ends = 0.0
        self._retried_at = 0.0
        self._on_trouble = on_trouble
        self._clock = clock

    @property
    def shown(self) -> str | None:
        """The problem, or for some seconds what was repaired."""
        return self.problem or self._repair

    def begin(self, reason: str) -> None:
        """Something does not work."""
        is_new = self.problem != reason
        if is_new:
            log.warning("%s", reason)
        self.problem, self._repair = reason, None
        self._retried_at = self._clock()
        if is_new:
            self.announce(reason)

    def end(self) -> None:
        """It was written: no problem is left."""
        if self.problem is not None:
            self.problem = None
            self._on_trouble(None)

    def restore(self, what: str) -> None:
        """Removed files were made again."""
        log.warning("%s", what)
        self.problem = None
        self.restored = f"{iso_time(time.time())}: {what}"
        self._repair, self._repair_ends = what, self._clock() + SHOWN_S
        self.announce(what)

    def settle(self) -> None:
        """Called now and then: a repair was shown long enough."""
        if self._repair is not None and self._clock() >= self._repair_ends:
            self._repair = None
            self._on_trouble(None)

    def is_retry_due(self, interval_s: float) -> bool:
        """True if the last failure is so long ago."""
        return self._clock() - self._retried_at >= interval_s

    def announce(self, reason: str) -> None:
        """Report something that stays as it is."""
        self._on_trouble(reason)
