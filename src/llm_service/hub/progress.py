"""How far the first reading of the board is."""

from __future__ import annotations

import threading


class Progress:
    """Files read of files found. `ready` once the board is complete: then clients get their snapshot."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._complete = threading.Event()

    @property
    def ready(self) -> bool:
        """True once the board is complete."""
        return self._complete.is_set()

    def complete(self) -> None:
        """Everything that was on the disk at the start has been read."""
        self._complete.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the board is complete; False if that took longer."""
        return self._complete.wait(timeout_s)

    def as_json(self) -> dict[str, int] | None:
        """`{done, total}` while loading, None when complete."""
        return None if self.ready else {"done": self.done, "total": self.total}
