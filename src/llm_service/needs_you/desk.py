"""What people decided about needs, in a small file of the state folder: snoozed for a time, or done.

Done counts for all, a snooze for the person who chose it. An id names one occasion, so the next one is shown again.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import FileRefused, FileVanished, ServiceError
from ..files import read_file, write_atomic
from ..times import iso_time
from .model import Need, ShownNeed

NAME = "needs-you.json"
_MAX_BYTES = 4 << 20
_MOST = 5_000
_DAYS_S = 90 * 86_400.0


class CannotStore(ServiceError):
    """A decision cannot be stored."""

    code = "CANNOT_STORE"
    http_status = 503


@dataclass(frozen=True, slots=True)
class Mark:
    """A decision: `until` is None for "done". `by` is None where nobody is named."""

    id: str
    at: str
    by: str | None
    until: str | None = None

    @property
    def key(self) -> tuple[str, str | None, bool]:
        """What a later decision replaces."""
        return (self.id, None, True) if self.until is None else (self.id, self.by, False)


class NeedDesk:
    """Thread-safe. Agents can write to the state folder: what is in the file only hides lines, and is checked."""

    def __init__(
        self,
        folder: str,
        clock: Callable[[], float] = time.time,
        remake: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`remake()` makes the folder again if it is gone; the reason if that cannot be."""
        self._folder, self._clock, self._remake = folder, clock, remake
        self._lock = threading.Lock()
        self._marks = {mark.key: mark for mark in self._load()}

    def snooze(self, need_id: str, by: str | None, minutes: float) -> None:
        """Hide it from this person for so long. Raises CannotStore."""
        now = self._clock()
        self._put(Mark(need_id, iso_time(now), by, iso_time(now + minutes * 60)))

    def done(self, need_id: str, by: str | None) -> None:
        """Hide it from all. Raises CannotStore."""
        self._put(Mark(need_id, iso_time(self._clock()), by))

    def restore(self, need_id: str, by: str | None) -> None:
        """Show it again. Raises CannotStore."""
        with self._lock:
            keys = [(need_id, None, True), (need_id, by, False)]
            self._store({key: mark for key, mark in self._marks.items() if key not in keys})

    def shown(self, need: Need, person: str | None) -> ShownNeed:
        """The need as this person gets it."""
        done = self._marks.get((need.id, None, True))
        snoozed = self._marks.get((need.id, person, False))
        is_snoozed = snoozed is not None and (snoozed.until or "") > iso_time(self._clock())
        return ShownNeed(
            need=need,
            snoozed_until=snoozed.until if snoozed is not None and is_snoozed else None,
            done_at=done.at if done is not None else None,
            done_by=done.by if done is not None else None,
        )

    def _put(self, mark: Mark) -> None:
        with self._lock:
            self._store(self._marks | {mark.key: mark})

    def _store(self, marks: dict[tuple[str, str | None, bool], Mark]) -> None:
        oldest = iso_time(self._clock() - _DAYS_S)
        found = sorted((mark for mark in marks.values() if mark.at >= oldest), key=lambda mark: mark.at)[-_MOST:]
        reason = self._remake()
        if reason is not None:
            raise CannotStore(f"What you decided cannot be stored: {reason}.")
        try:
            text = json.dumps({"marks": [asdict(mark) for mark in found]})
            write_atomic(Path(self._folder, NAME), text.encode(), durable=False)
        except OSError as problem:
            place = os.path.join(self._folder, NAME)
            raise CannotStore(f"{place} cannot be written: {problem.strerror or problem}.") from problem
        self._marks = {mark.key: mark for mark in found}

    def _load(self) -> list[Mark]:
        try:
            rows = json.loads(read_file(self._folder, NAME, _MAX_BYTES).data)["marks"]
            return [mark for row in rows[-_MOST:] if (mark := _mark(row)) is not None]
        except FileVanished:
            return []
        except (FileRefused, ValueError, KeyError, TypeError, RecursionError):
            return []  # then everything is shown, which is the safe side


def _mark(row: object) -> Mark | None:
    if not isinstance(row, dict):
        return None
    need, at, by, until = (row.get(key) for key in ("id", "at", "by", "until"))
    if not (isinstance(need, str) and isinstance(at, str)):
        return None
    if not (by is None or isinstance(by, str)) or not (until is None or isinstance(until, str)):
        return None
    return Mark(need, at, by, until)
