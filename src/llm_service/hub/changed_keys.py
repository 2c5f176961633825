"""`ChangedKeys`: which entries of a collection changed, so that who derives from it looks at those only."""

from __future__ import annotations

from collections import OrderedDict

REMEMBERED = 20_000
"""So many keys, however often each changed: as many as come at once. A look at all costs more than a look at these."""


class ChangedKeys:
    """`version` rises with each change; the keys that changed last are remembered. Its owner holds a lock."""

    def __init__(self) -> None:
        self.version = 0
        self._changed_at: OrderedDict[str, int] = OrderedDict()
        """Key -> the version with its last change, in the order of these."""
        self._forgotten = 0
        """The latest version of which a key is not remembered."""

    def add(self, key: str) -> None:
        """An entry is new, another, or gone."""
        self.version += 1
        self._changed_at[key] = self.version
        self._changed_at.move_to_end(key)
        if len(self._changed_at) > REMEMBERED:
            self._forgotten = self._changed_at.popitem(last=False)[1]

    def forget(self) -> None:
        """Everything may have changed: who asks has to look at all."""
        self.version += 1
        self._forgotten = self.version
        self._changed_at.clear()

    def since(self, version: int) -> list[str] | None:
        """The keys that changed after `version`, each once, the latest first; None if that is too long ago."""
        if not self._forgotten <= version <= self.version:
            return None
        found = []
        for key, at in reversed(self._changed_at.items()):
            if at <= version:
                break
            found.append(key)
        return found
