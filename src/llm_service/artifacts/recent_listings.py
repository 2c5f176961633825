"""When which folder was watched and listed lately: what was hinted before that needs no other look."""

from __future__ import annotations

from collections.abc import Callable

_KEPT_S = 1.0
_KEPT = 20_000
_NEVER = float("-inf")


class Listed:
    """Folder -> when its last listing began; forgets after a second or two. What is forgotten is looked at twice."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._new: dict[str, float] = {}
        self._old: dict[str, float] = {}
        self._turned_at = _NEVER

    def note(self, folder: str, at: float) -> None:
        """A listing of the folder began."""
        if len(self._new) >= _KEPT or at - self._turned_at > _KEPT_S:
            self._old, self._new, self._turned_at = self._new, {}, at
        self._new[folder] = at

    def at(self, folder: str) -> float:
        """When the last listing of the folder began; long ago if it is not known."""
        found = self._new.get(folder)
        return self._old.get(folder, _NEVER) if found is None else found
