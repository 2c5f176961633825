"""`SearchDesk`: asks the sources of the features, each for a limited time, and a few searches at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ServiceError
from .model import Hit, Query

log = logging.getLogger(__name__)

SECONDS_PER_KIND = 0.5
SECONDS = 1.5
MOST_AT_ONCE = 4
_WAIT_S = 2.0


class TooManySearches(ServiceError):
    """So many searches run that another one has to wait."""

    code = "TOO_MANY_SEARCHES"
    http_status = 503


@dataclass(frozen=True, slots=True)
class Found:
    """What a source found, perhaps more than was asked for; `is_complete`: there is no more than that."""

    hits: Sequence[Hit]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """At most `count` hits, until `until` of the clock (`time.monotonic`)."""

    count: int
    until: float

    @property
    def is_over(self) -> bool:
        """True if the time is over."""
        return time.monotonic() >= self.until


Source = Callable[[Query, Limits], Found]
"""Searches one kind of things, and gives only what the sender of the current request may see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """All hits, kind by kind in the order of the sources. `incomplete` are the kinds of which there may be more: there
    are, the time was over, or they cannot be searched now."""

    hits: tuple[Hit, ...]
    incomplete: tuple[str, ...]
    ms: float


class SearchDesk:
    """Thread-safe."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = dict(sources)
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be searched."""
        return tuple(self._sources)

    def find(self, query: Query, kinds: frozenset[str], count: int) -> Answer:
        """At most `count` hits of each of these kinds (none: all) that the query wants. Raises TooManySearches."""
        since = time.monotonic()
        wanted = [kind for kind in self._sources if (not kinds or kind in kinds) and query.wants(kind)]
        if query.is_empty or not wanted:
            return Answer(hits=(), incomplete=(), ms=0.0)
        if not self._free.acquire(timeout=_WAIT_S):
            raise TooManySearches("Several searches are running; try again in a moment.")
        try:
            hits, incomplete = list[Hit](), list[str]()
            until = time.monotonic() + SECONDS
            for kind in wanted:
                limits = Limits(count, min(until, time.monotonic() + SECONDS_PER_KIND))
                found = self._ask(kind, query, limits)
                hits += found.hits[:count]
                if not found.is_complete or len(found.hits) > count:
                    incomplete.append(kind)
        finally:
            self._free.release()
        return Answer(hits=tuple(hits), incomplete=tuple(incomplete), ms=round((time.monotonic() - since) * 1000, 1))

    def _ask(self, kind: str, query: Query, limits: Limits) -> Found:
        try:
            return self._sources[kind](query, limits)
        except ServiceError:
            return Found((), False)  # its data cannot be read now; the others can
        except Exception:  # a defect of one source must not hide what the others found
            log.exception("%s could not be searched", kind)
            return Found((), False)
