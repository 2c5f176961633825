"""The messages of streams: the last of each topic in memory, all of them in the database where there is one.

SQLite holds what files do not hold, so that insights and what was said on a stream survive a restart. Without a
database there is the memory only.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..database.database import Database
from ..errors import HistoryUnavailable
from ..times import iso_time
from ..watch.tail import Position
from .message_rows import insert, row_of, select
from .model import TOPICS, Message

RECENT = 500
"""Messages of each topic in memory."""
_PRUNE_EVERY_S = 600.0
_OPEN_S = 1.0
_WRITTEN_S = 60.0
"""As long as any work on the database may take: without what is being written a page would miss messages."""


class MessageStore:
    """Thread-safe. Nothing blocks but what reads: `load`, `newest_first` and `decisions`."""

    def __init__(
        self,
        database: Database | None,
        max_messages: int = 100_000,
        max_age_days: int = 90,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._max_messages, self._max_age_s = max_messages, max_age_days * 86_400.0
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: dict[str, deque[Message]] = {topic: deque(maxlen=RECENT) for topic in TOPICS}
        self._last_id = 0
        self._pruned_at = float("-inf")

    def next_id(self) -> int:
        """The id of a new message: the time in microseconds, above all earlier ones."""
        with self._lock:
            self._last_id = max(self._last_id + 1, int(self._clock() * 1_000_000))
            return self._last_id

    def add(self, messages: Sequence[Message], path: str | None = None, position: Position | None = None) -> None:
        """Store messages; `position` is how far the stream's file at `path` has been read with them, so that neither a
        crash nor a restart makes a line count twice."""
        with self._lock:
            for message in messages:
                self._recent[message.topic].append(message)
        if self._database is None or (not messages and position is None):
            return
        rows = [row_of(message) for message in messages]
        place = None if path is None or position is None else (path, *position)
        self._database.write_later(lambda connection: insert(connection, rows, place), loss=max(1, len(rows)))
        self.prune()

    def load(self) -> dict[str, Position] | None:
        """Read the last messages into memory; how far each stream's file was read. None while the database is not
        open, {} without one or when it cannot be used."""
        database = self._database
        if database is None:
            return {}
        if not database.wait_open(_OPEN_S):
            return {} if database.problem else None
        with suppress(HistoryUnavailable):
            with database.read_transaction() as connection:
                stored = {topic: select(connection, topic, None, RECENT) for topic in TOPICS}
                positions = connection.execute(
                    "SELECT path, device, inode, offset, line, fingerprint FROM stream_positions"
                ).fetchall()
            self._merge(stored)
            return {path: Position(*place) for path, *place in positions}
        return {}

    def recent(self, topic: str) -> list[Message]:
        """The last messages of a topic, oldest first."""
        with self._lock:
            return list(self._recent[topic])

    def newest_first(self, topic: str, before: int | None = None) -> Iterable[Message]:
        """The messages of a topic whose id is below `before`, the newest first, read as they are taken."""
        last = before
        for message in sorted(self.recent(topic), key=lambda message: -message.id):
            if before is None or message.id < before:
                last = message.id
                yield message
        if self._database is not None:
            self._database.flush(_WRITTEN_S)  # what has left the memory may not be in the database yet
        while page := self._page(topic, last):
            last = page[-1].id
            yield from page

    def decisions(self) -> dict[str, tuple[str, str]] | None:
        """Digest of a fact -> (status, time), as people decided through this dashboard. None while the database is not
        open, {} without one or when it cannot be used."""
        database = self._database
        if database is None:
            return {}
        if not database.wait_open(_OPEN_S):
            return {} if database.problem else None
        with suppress(HistoryUnavailable), database.read_transaction() as connection:
            rows = connection.execute("SELECT digest, status, decided_at FROM fact_decisions").fetchall()
            return {digest: (status, decided_at) for digest, status, decided_at in rows}
        return {}

    def record_decision(self, digest: str, status: str, decided_at: str) -> None:
        """Remember what a person decided about the fact with this text."""

        def remember(connection: Any) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO fact_decisions (digest, status, decided_at) VALUES (?, ?, ?)",
                (digest, status, decided_at),
            )

        if self._database is not None:
            self._database.write_later(remember)

    def prune(self) -> None:
        """Remove what is too old or too many, now and then."""
        now = self._clock()
        if self._database is None or now - self._pruned_at < _PRUNE_EVERY_S:
            return
        self._pruned_at = now
        oldest, most = iso_time(now - self._max_age_s), self._max_messages

        def remove(connection: Any) -> None:
            connection.execute("DELETE FROM stream_messages WHERE created_at < ?", (oldest,))
            connection.execute(
                "DELETE FROM stream_messages WHERE id <="
                " (SELECT id FROM stream_messages ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (most,),
            )

        self._database.write_later(remove)

    def _page(self, topic: str, before: int | None) -> list[Message]:
        if self._database is None:
            return []
        with suppress(HistoryUnavailable), self._database.read_transaction() as connection:
            return select(connection, topic, before, RECENT)
        return []

    def _merge(self, stored: Mapping[str, Sequence[Message]]) -> None:
        with self._lock:
            for topic, messages in stored.items():
                known = {message.id: message for message in [*messages, *self._recent[topic]]}
                self._recent[topic] = deque((known[one] for one in sorted(known)), maxlen=RECENT)
                self._last_id = max(self._last_id, *known, 0)
