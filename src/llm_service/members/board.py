"""`MemberBoard`: the other hosts of the board: which are heard, since when not, and how old their state is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ..hub.event import Event
from ..times import iso_time
from .events import MemberUpdated
from .model import Card, Member, MemberState, Report, read_card, read_report


@dataclass(slots=True)
class _Host:
    card: Card
    card_data: bytes | None
    report: Report
    report_data: bytes | None
    state: MemberState
    since: float
    confirmed_at: float | None = None
    """Unix time when all that it shares was applied here."""
    behind: int = 0
    refused: int = 0
    error: str | None = None
    shown: tuple[object, ...] = ()


class MemberBoard:
    """Thread-safe; events are published by the caller's thread."""

    def __init__(self, publish: Callable[[Event], object], clock: Callable[[], float] = time.time) -> None:
        self._publish, self._clock = publish, clock
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self.problem: str | None = None
        """Why nothing is heard of the others; None if they are."""

    def members(self) -> list[Member]:
        """The other hosts, by label."""
        with self._lock:
            found = [self._member(observer, host) for observer, host in self._hosts.items()]
        return sorted(found, key=lambda member: (member.label, member.host, member.observer))

    def heard(self, observer: str, card: bytes | None, report: bytes | None) -> None:
        """What an observer says of itself; `report` is None if it has not reported for a while."""
        now = self._clock()
        state: MemberState = "live" if report is not None else "unreachable"
        with self._lock:
            host = self._hosts.get(observer)
            if host is None:
                host = self._hosts[observer] = _Host(read_card(card), card, Report(), None, state, now)
            if card is not None and card != host.card_data:
                host.card, host.card_data = read_card(card), card
            if report is not None and report != host.report_data:
                host.report, host.report_data = read_report(report), report
            if host.state != state:
                host.state, host.since = state, now
        self._announce(observer)

    def set_behind(self, observer: str, count: int | None) -> None:
        """So many of its events are not applied here; None if nothing can be said, as it has no position."""
        with self._lock:
            host = self._hosts.get(observer)
            if host is None:
                return
            host.behind = count or 0
            if count == 0 and host.state == "live":
                host.confirmed_at = self._clock()

    def refused(self, observer: str, reason: str, count: int = 1) -> None:
        """Something that it shares cannot be used."""
        with self._lock:
            host = self._hosts.get(observer)
            if host is None:
                return
            host.refused += count
            host.error = reason
        self._announce(observer)

    def lost(self, reason: str, heard: Collection[str] = ()) -> None:
        """Nothing is heard of anybody through Redis, and so of nobody but `heard`."""
        with self._lock:
            self.problem = reason
            others = [observer for observer in self._hosts if observer not in heard]
        self.silent(others)

    def silent(self, observers: Collection[str]) -> None:
        """The way to these is down."""
        now = self._clock()
        with self._lock:
            names = [observer for observer in observers if observer in self._hosts]
            for host in map(self._hosts.__getitem__, names):
                if host.state != "as_of":
                    host.state, host.since = "as_of", now
        for observer in names:
            self._announce(observer)

    def found(self) -> None:
        """They are heard again."""
        self.problem = None

    def remove(self, observer: str) -> None:
        """It is none of the board any more."""
        with self._lock:
            self._hosts.pop(observer, None)

    def _announce(self, observer: str) -> None:
        """Publish it if something that people look at is different."""
        with self._lock:
            host = self._hosts.get(observer)
            if host is None:
                return
            shown = (host.card, host.report, host.state, host.refused > 0, host.error)
            if shown == host.shown:
                return
            host.shown = shown
            member = self._member(observer, host)
        self._publish(MemberUpdated(member=member))

    def _member(self, observer: str, host: _Host) -> Member:
        card = host.card
        return Member(
            observer=observer,
            host=card.host,
            label=card.label or card.host or observer,
            url=card.url,
            version=card.version,
            workspace=card.workspace,
            state=host.state,
            as_of=None if host.confirmed_at is None else iso_time(host.confirmed_at),
            since=iso_time(host.since),
            behind=host.behind,
            degraded=host.report.degraded,
            refused=host.refused,
            error=host.error,
        )
