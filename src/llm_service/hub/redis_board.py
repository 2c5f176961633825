"""`RedisBoard`: a board of several hosts in a Redis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from ..errors import ServiceError
from .board import Level, Sink, Source
from .outbox import Outbox
from .redis_check import examine
from .redis_journal import RedisJournal
from .redis_link import FORGOTTEN, BoardKeys, Client, RedisLink, RedisUnusable
from .redis_reader import RedisReader
from .run_token import Run


class RedisBoard:
    """See `Board`."""

    kind = "redis"

    def __init__(self, url: str, board: str) -> None:
        self._link, self._keys = RedisLink(url), BoardKeys(board)

    def journal(
        self, outbox: Outbox, source: Source, on_trouble: Callable[[str | None], None], run: Run | None
    ) -> RedisJournal:
        """See `Board`."""
        return RedisJournal(self._link, self._keys, outbox, source, on_trouble, run=run)

    def reader(self, own: str, topics: Collection[str], sink: Sink) -> RedisReader:
        """See `Board`."""
        return RedisReader(self._link, self._keys, own, topics, sink)

    def examine(self, observer: str) -> Iterator[tuple[Level, str]]:
        """See `Board`."""
        return examine(self._link, self._keys, observer)

    def forget(self, observer: str) -> None:
        """See `Board`."""

        def forget(client: Client) -> bool:
            if client.exists(self._keys.of(observer, "alive")):
                return False
            names = list(client.scan_iter(f"{self._keys.of(observer, '')}*", count=1_000))
            client.hset(self._keys.members, observer, FORGOTTEN)
            if names:
                client.delete(*names)
            return True

        try:
            is_done = self._link.run(forget)
        except RedisUnusable as problem:
            raise ServiceError(f"Redis cannot be used: {problem}.") from problem
        if not is_done:
            raise ServiceError(f"{observer} reports: stop its dashboard first.")
