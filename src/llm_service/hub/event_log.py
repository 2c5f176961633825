"""`EventLog`: what has the events of this host, in the order of their numbers.

There are three: the ring in memory (`ring.Hub`), the journal in files (`journal.Journal`), and the journal of a board,
which other hosts read (`redis_journal.RedisJournal`). Publishing waits for none of them.
"""

from __future__ import annotations

from typing import Protocol


class EventLog(Protocol):
    """Thread-safe."""

    @property
    def trouble(self) -> str | None:
        """Why events do not get there; None if they do."""

    @property
    def waiting(self) -> int:
        """How many were published and are not there yet."""

    def start(self) -> None:
        """Begin to take events; does not wait for what is slow or away."""

    def flush(self, timeout_s: float) -> bool:
        """Wait until all that was published before is there; False if it is not in time."""

    def stop(self) -> None:
        """Write what waits, if that is possible at once, and end."""
