"""What the product asks of a board of several hosts, whatever is behind it: `Board`.

Who has it writes what this host shares (`Source`), and reads what the others do (`Sink`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from .event_log import EventLog
from .outbox import Outbox, Position
from .run_token import Run

State = Mapping[str, Mapping[str, bytes]]
"""Topic -> `<collection>:<key>` -> JSON."""
Level = Literal["ok", "note", "problem"]
encode_entry = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Source:
    """What the journal of a board is given to write, beside the events: called by its thread.

    `state()` is everything now; `report()` how this host is, `card()` who it is, both JSON; `topic_of(collection)`.
    """

    state: Callable[[], State]
    report: Callable[[], bytes]
    card: Callable[[], bytes]
    topic_of: Callable[[str], str | None]
    is_ready: Callable[[], bool] = lambda: True


class Sink(Protocol):
    """What takes what other hosts share. All methods are called by the reader's thread."""

    def alive(self, observer: str, card: bytes | None, report: bytes | None) -> None:
        """An observer is a member; `report` is None if it has not reported for a while."""

    def event(self, observer: str, position: Position, data: bytes) -> bool:
        """The next event of an observer; False if its number does not follow: then comes a snapshot."""

    def snapshot(self, observer: str, position: Position, entries: Iterable[tuple[str, str, bytes]]) -> None:
        """All that an observer shares, at a position: `(collection, key, JSON)`, read while they are taken."""

    def refused(self, observer: str, reason: str) -> None:
        """Something that an observer shares cannot be read."""

    def behind(self, observer: str, at: Position | None) -> None:
        """Where the observer is, by its own account."""

    def forgotten(self, observer: str) -> None:
        """A person said that this member is none any more."""

    def lost(self, reason: str) -> None:
        """The board cannot be reached."""

    def found(self) -> None:
        """It can be again."""


class BoardJournal(EventLog, Protocol):
    """The events of this host, for the others."""

    @property
    def since(self) -> float | None:
        """Unix time since when it cannot be written; None if it can."""


class BoardReader(Protocol):
    """Reads what the others write, and gives it to a `Sink`."""

    def start(self) -> None:
        """Start its thread; returns at once."""

    def stop(self) -> None:
        """End it."""

    def retake(self, observer: str) -> None:
        """Take a snapshot of this observer, whose events were not taken; called by the sink."""


class Board(Protocol):
    """A board of several hosts."""

    kind: str
    """What is behind it, in a word for people."""

    def journal(
        self, outbox: Outbox, source: Source, on_trouble: Callable[[str | None], None], run: Run | None
    ) -> BoardJournal:
        """What writes this host's events; not started. `run`: see `begin_run`."""

    def reader(self, own: str, topics: Collection[str], sink: Sink) -> BoardReader:
        """What reads those of all but `own`; not started."""

    def examine(self, observer: str) -> Iterator[tuple[Level, str]]:
        """(level, text) for `llm-service doctor`; nothing has to be started."""

    def forget(self, observer: str) -> None:
        """Remove a host that will not come back. Raises ServiceError, also while it reports."""
