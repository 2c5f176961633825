"""`MoveDetector` says which files were only moved: one that is gone here and new there is the same if the file system
says so, by inode, size and time of the last change. Which of both is seen first does not matter.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .model import shown_name
from .tree import records
from .tree.folder import Change, Folder

_REMEMBERED_S = 30.0
_MAX_REMEMBERED = 20_000
_BACKUPS = ("~", ".bak", ".old", ".orig", ".swp", ".tmp")
"""Editors move a file aside to write it anew: that is no move of the file."""

Place = tuple[str, str]
"""Project and path, as shown."""


@dataclass(frozen=True, slots=True)
class Move:
    """A file that is now at `new`."""

    old: Place
    new: Place


class _Recent:
    """Signature -> where a file with it was seen last, and when; forgets after a while."""

    def __init__(self) -> None:
        self._places: OrderedDict[bytes, tuple[Place, float]] = OrderedDict()

    def add(self, signature: bytes, place: Place, now: float) -> None:
        self._places[signature] = place, now
        self._places.move_to_end(signature)
        while len(self._places) > _MAX_REMEMBERED:
            self._places.popitem(last=False)

    def take(self, signature: bytes) -> Place | None:
        found = self._places.pop(signature, None)
        return found[0] if found else None

    def forget(self, now: float) -> None:
        while self._places and now - next(iter(self._places.values()))[1] > _REMEMBERED_S:
            self._places.popitem(last=False)


class MoveDetector:
    """Belongs to the follower's thread. `shown_path(folder)` is the path of a folder as shown, `exists(place)` says
    whether a file is there now."""

    def __init__(self, shown_path: Callable[[Folder], str], exists: Callable[[Place], bool]) -> None:
        self._shown_path = shown_path
        self._exists = exists
        self._gone, self._came = _Recent(), _Recent()

    def moves(self, changes: Sequence[Change], now: float) -> list[Move]:
        """The moves that these changes complete."""
        self._gone.forget(now)
        self._came.forget(now)
        found: list[Move] = []
        for change in changes:
            for signature, place in self._removed(change):
                came = self._came.take(signature)
                if came is None or came == place:  # it came a moment ago and is gone again
                    self._gone.add(signature, place, now)
                else:
                    found.append(Move(place, came))
            for signature, place in self._created(change):
                gone = self._gone.take(signature)
                if gone is None or gone == place:
                    self._came.add(signature, place, now)
                else:
                    found.append(Move(gone, place))
        return [move for move in found if not self._exists(move.old)]

    def _removed(self, change: Change) -> Iterator[tuple[bytes, Place]]:
        for name, record in change.removed_files:
            if records.is_file(record):
                yield records.signature_of(record), self._place(change.folder, name)
        for folder, name, record in change.dropped_files:
            if records.is_file(record):
                yield records.signature_of(record), self._place(folder, name)

    def _created(self, change: Change) -> Iterator[tuple[bytes, Place]]:
        for name in change.created:
            record = change.folder.files.get(name)
            if record is not None and records.is_file(record) and not name.lower().endswith(_BACKUPS):
                yield records.signature_of(record), self._place(change.folder, name)

    def _place(self, folder: Folder, name: str) -> Place:
        project, _, inside = self._shown_path(folder).partition("/")
        shown = shown_name(name, folder.has)
        return project, f"{inside}/{shown}" if inside else shown
