"""`Cards`: what the board shows, by key, with a record of which keys changed."""

from __future__ import annotations

import threading

from ..hub.changed_keys import ChangedKeys
from .model import TaskSummary


class Cards:
    """Summaries by key, and the path of the file of each. `version` rises with each change.

    The writer holds `lock` while it changes several, so that readers of any thread see all of that or nothing.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._leads: dict[str, TaskSummary] = {}
        self._others: dict[str, TaskSummary] = {}
        self._path_of: dict[str, str] = {}
        self._changed = ChangedKeys()

    @property
    def version(self) -> int:
        """The number of changes so far."""
        return self._changed.version

    def __len__(self) -> int:
        """The number of cards."""
        return len(self._leads) + len(self._others)

    def all(self) -> list[TaskSummary]:
        """All cards; those whose key is their id come last."""
        with self.lock:
            return [*self._others.values(), *self._leads.values()]

    def ids(self) -> list[str]:
        """The ids of all tasks."""
        with self.lock:
            return list(self._leads)

    def get(self, key: str) -> TaskSummary | None:
        """The card with that key, None if there is none."""
        with self.lock:
            return self._leads.get(key) or self._others.get(key)

    def path_of(self, key: str) -> str:
        """The path of the file of a card that exists, as on the disk."""
        return self._path_of[key]

    def changed_since(self, version: int) -> tuple[int, dict[str, TaskSummary | None] | None]:
        """(the current version, key -> card for the keys that changed after `version`). The card is None if it is
        gone; the dict is None if `version` is too old."""
        with self.lock:
            keys = self._changed.since(version)
            return self.version, None if keys is None else {key: self.get(key) for key in keys}

    def put(self, card: TaskSummary, path: str) -> None:
        """Add a card, or replace the one with its key."""
        (self._leads if card.key == card.id else self._others)[card.key] = card
        self._path_of[card.key] = path
        self._changed.add(card.key)

    def take(self, key: str) -> None:
        """Remove a card."""
        self._leads.pop(key, None)
        self._others.pop(key, None)
        self._path_of.pop(key, None)
        self._changed.add(key)
