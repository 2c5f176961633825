"""`ChangedKeys`: which entries of a collection changed, so that who derives from it looks at those only."""

from __future__ import annotations

from collections import deque
from itertools import islice

_REMEMBERED = 1_000


class ChangedKeys:
    """`version` rises with each change; the last thousand changes are remembered. Its owner holds a lock."""

    def __init__(self) -> None:
        self.version = 0
        self._keys: deque[str] = deque(maxlen=_REMEMBERED)

    def add(self, key: str) -> None:
        """An entry is new, another, or gone."""
        self._keys.append(key)
        self.version += 1

    def forget(self) -> None:
        """Everything may have changed: who asks has to look at all."""
        self._keys.clear()
        self.version += 1

    def since(self, version: int) -> list[str] | None:
        """The keys that changed after `version`, each once; None if that is too long ago."""
        behind = self.version - version
        if not 0 <= behind <= len(self._keys):
            return None
        return list(dict.fromkeys(islice(reversed(self._keys), behind)))
