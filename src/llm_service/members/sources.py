"""`Sources`: by which way each host is heard, where there are two: Redis, and addresses that this dashboard follows.

A host that reports to Redis is heard through it; one that does not, or while Redis is away, through the address at
which it is followed. Who takes over takes a snapshot, as each way has a position of its own. An observer belongs to the
first address that has it: a second one that claims it is refused, so that no followed host passes for another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..hub.outbox import Position
from ..settings.table import is_loopback
from ..times import iso_time
from .merge import Merge
from .model import read_card, write_card

NOTHING_YET = "it has not answered yet"


@dataclass(slots=True)
class _Address:
    observer: str | None = None
    reason: str | None = NOTHING_YET
    since: float = 0.0


Entries = Iterable[tuple[str, str, bytes]]
OnTrouble = Callable[[str, str | None], None]
"""Gets what is wrong with an address; None: nothing any more."""


class Sources:
    """The `Followed` of all addresses, and by `joined` the `Sink` of a board. Thread-safe: what is said of one
    observer is taken one after the other."""

    def __init__(self, merge: Merge, own: str, on_trouble: OnTrouble, clock: Callable[[], float] = time.time) -> None:
        self._merge, self._own, self._on_trouble, self._clock = merge, own, on_trouble, clock
        self._lock = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}
        self._addresses: dict[str, _Address] = {}
        self._heard: dict[str, str] = {}
        """Observer -> the address by which it is heard now."""
        self._taken: set[str] = set()
        """Observers of which what is known came by an address: Redis may know less of them."""
        self.joined = JoinedSource(self)

    def of(self, observer: str) -> threading.RLock:
        """The lock of an observer: by which way it is heard does not change while something of it is taken."""
        with self._lock:
            return self._locks.setdefault(observer, threading.RLock())

    def expect(self, url: str) -> None:
        """This address is followed."""
        with self._lock:
            self._addresses[url] = _Address(since=self._clock())

    def rows(self) -> list[dict[str, Any]]:
        """`{url, observer, reason, since}` of each address; `reason`: why it is not heard, None if it is."""
        with self._lock:
            return [
                {"url": url, "observer": one.observer, "reason": one.reason, "since": iso_time(one.since)}
                for url, one in self._addresses.items()
            ]

    # `Followed`.

    def claim(self, url: str, observer: str) -> str | None:
        """See `Followed`."""
        with self._lock:
            if observer == self._own:
                return "it is this dashboard itself"
            for other, one in self._addresses.items():
                if one.observer == observer and other != url:
                    return f"it says that it is the host at {other}"
            self._addresses[url].observer = observer
            return None

    def is_wanted(self, url: str, observer: str) -> bool:
        """See `Followed`."""
        return not self.joined.has(observer)

    def alive(self, url: str, observer: str, card: bytes, report: bytes) -> None:
        """See `Followed`."""
        with self.of(observer):
            if self._addresses[url].reason == NOTHING_YET:
                self._addresses[url].reason = None
            if self.is_wanted(url, observer):
                self._heard[observer] = url
                self.joined.let_go(observer)
                self._merge.alive(observer, _at_address(card, url), report)

    def snapshot(self, url: str, observer: str, position: Position, entries: Entries) -> None:
        """See `Followed`."""
        with self.of(observer):
            if self.is_wanted(url, observer):
                self._taken.add(observer)
                self._merge.snapshot(observer, position, entries)

    def event(self, url: str, observer: str, position: Position, data: bytes) -> bool:
        """See `Followed`."""
        with self.of(observer):
            return self.is_wanted(url, observer) and self._merge.event(observer, position, data)

    def behind(self, url: str, observer: str, at: Position) -> None:
        """See `Followed`."""
        with self.of(observer):
            if self.is_wanted(url, observer):
                self._merge.behind(observer, at)

    def silent(self, url: str, observer: str, reason: str, is_unreachable: bool) -> None:
        """See `Followed`."""
        with self.of(observer):
            self._heard.pop(observer, None)
            if self.is_wanted(url, observer):
                self._merge.silent(observer, is_unreachable)

    def trouble(self, url: str, reason: str | None) -> None:
        """See `Followed`."""
        with self._lock:
            address = self._addresses[url]
            was_bad, is_bad = address.reason not in (None, NOTHING_YET), reason is not None
            if (address.reason is None) == is_bad:
                address.since = self._clock()
            address.reason = reason
        if was_bad != is_bad:
            self._on_trouble(url, reason)


class JoinedSource:
    """The `Sink` of a board: what of it counts goes on to the merge."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._of, self._merge = sources.of, sources._merge
        self._heard, self._taken = sources._heard, sources._taken
        self._reports: dict[str, bool] = {}
        self._is_there = False
        self._mine: set[str] = set()
        """Observers that are heard through Redis."""
        self.retake: Callable[[str], None] = lambda observer: None
        """Has a snapshot of this observer taken; the reader's."""

    def has(self, observer: str) -> bool:
        """True if this observer is heard through Redis: Redis is there, and it reports to it."""
        return self._is_there and self._reports.get(observer, False)

    def let_go(self, observer: str) -> None:
        """It is heard another way."""
        self._mine.discard(observer)

    def alive(self, observer: str, card: bytes | None, report: bytes | None) -> None:
        """See `Sink`."""
        with self._of(observer):
            self._is_there = True
            self._reports[observer] = report is not None
            if report is None and observer in self._heard:
                return
            self._heard.pop(observer, None)
            # What was known by its address may be newer than what Redis has of a host that does not report to it.
            if observer not in self._mine and (report is not None or observer not in self._taken):
                self._mine.add(observer)
                self._taken.discard(observer)
                self.retake(observer)
            self._merge.alive(observer, card, report)

    def event(self, observer: str, position: Position, data: bytes) -> bool:
        """See `Sink`."""
        with self._of(observer):
            return observer not in self._mine or self._merge.event(observer, position, data)

    def snapshot(self, observer: str, position: Position, entries: Entries) -> None:
        """See `Sink`."""
        with self._of(observer):
            if observer in self._mine:
                self._merge.snapshot(observer, position, entries)

    def refused(self, observer: str, reason: str) -> None:
        """See `Sink`."""
        with self._of(observer):
            if observer in self._mine:
                self._merge.refused(observer, reason)

    def behind(self, observer: str, at: Position | None) -> None:
        """See `Sink`."""
        with self._of(observer):
            if observer in self._mine:
                self._merge.behind(observer, at)

    def forgotten(self, observer: str) -> None:
        """See `Sink`."""
        with self._of(observer):
            self._reports.pop(observer, None)
            if observer not in self._heard:
                self._mine.discard(observer)
                self._merge.forgotten(observer)

    def lost(self, reason: str) -> None:
        """See `Sink`."""
        self._is_there = False
        self._merge.lost(reason, set(self._heard))

    def found(self) -> None:
        """See `Sink`."""
        self._is_there = True
        self._merge.found()


def _at_address(card: bytes, url: str) -> bytes:
    """The card with an address that works from here: a host that names none but its own loopback is where we follow
    it."""
    found = read_card(card)
    return write_card(found, url) if found.url is None or is_loopback(urlsplit(found.url).hostname or "") else card
