"""Finding out that the system does not report changes: a scan found one, and no hint about it came.

What type a file system has says only what to expect. That a file came or went without a hint proves it, on any system.
"""

from __future__ import annotations

from collections.abc import Iterable

_HINT_LIFE_S = 3.0
"""A hint from so long before a scan may be about what the scan found."""
_WAIT_S = 1.0
"""So long after the scan a hint may still come, and so long after the last moment when hints were still waiting."""
_MAX_HINTS = 10_000
_MAX_FOUND = 100
_LASTS_S = 600.0


class SilenceDetector:
    """Compares what scans find with the hints that came. Pure bookkeeping: the caller brings the clock.

    `hinted` may be called from any thread; the rest belongs to one.
    """

    def __init__(self) -> None:
        self._hints: dict[str, float] = {}
        self._ignored_until = float("-inf")
        self._found: list[tuple[str, float]] = []
        self._behind_at = float("-inf")
        self._unreported: tuple[str, float] | None = None

    def hinted(self, path: str, now: float) -> None:
        """A hint came about a path, "" for everything: then what is found may be what it is about."""
        if not path or len(self._hints) >= _MAX_HINTS:
            self._ignored_until = now + _HINT_LIFE_S
            self._hints.clear()
        else:
            self._hints[path] = now

    def found(self, paths: Iterable[str], now: float) -> None:
        """A scan, for which no hint asked, found that these came or went."""
        for path in paths:
            if len(self._found) >= _MAX_FOUND:
                return
            self._found.append((path, now))

    def unreported(self, now: float, is_behind: bool = False) -> str | None:
        """A path that came or went in the last ten minutes without any hint about it or a folder above it.

        `is_behind`: hints wait to be given, so that nothing is said of what was found before now.
        """
        if is_behind:
            self._behind_at = now
        while self._found and now - max(self._found[0][1], self._behind_at) >= _WAIT_S:
            path, found_at = self._found.pop(0)
            if found_at > self._ignored_until and not self._was_hinted(path, found_at):
                self._unreported = path, now
        if not self._found:
            for path, at in self._hints.copy().items():
                if now - at >= _HINT_LIFE_S:
                    self._hints.pop(path, None)
        if self._unreported is not None and now - self._unreported[1] > _LASTS_S:
            self._unreported = None
        return self._unreported[0] if self._unreported else None

    def _was_hinted(self, path: str, found_at: float) -> bool:
        while path:
            at = self._hints.get(path)
            if at is not None and at > found_at - _HINT_LIFE_S:
                return True
            path = path.rpartition("/")[0]
        return False
