"""`SpanMemory`: which spans have calls below them that count, across requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from .records import OtlpRecord

SpanKey = tuple[str, str]
"""(trace, span)"""

_MAX_ANCESTORS = 50_000
_MAX_PARENTS = 20_000
_MAX_LOGGED = 20_000
_MAX_PROGRAMS = 1_000


class SpanMemory:
    """The spans above those that count, across requests, in whatever order they come. Bounded; thread-safe.

    A span ends after its children, and so is usually sent after them; but exporters of several processes and collectors
    change the order.
    """

    def __init__(self) -> None:
        self._ancestors: OrderedDict[SpanKey, bool] = OrderedDict()
        """Span above one that counts -> whether that one has tokens, and not only an error."""
        self._parents: OrderedDict[SpanKey, str] = OrderedDict()
        self._logged: OrderedDict[SpanKey, None] = OrderedDict()
        """Spans whose tokens were counted from log records."""
        self._programs: set[str] = set()
        self._lock = threading.Lock()

    def select(
        self, with_tokens: Sequence[OtlpRecord], without: Sequence[OtlpRecord], spans: Sequence[OtlpRecord]
    ) -> tuple[set[SpanKey], set[SpanKey]]:
        """The keys of those candidates that count, and of the spans above tokens that count, which must not.

        A span with tokens counts if none below it has tokens; one without if none below it counts. `spans` are all
        spans of the request.
        """
        with self._lock:
            for span in spans:
                if span.parent:
                    self._parents[span.trace, span.span] = span.parent
            above_tokens, above_calls = set[SpanKey](), set[SpanKey]()
            keys = [(span.trace, span.span) for span in spans]
            for key in (
                *map(_key, with_tokens),
                *(key for key in keys if self._ancestors.get(key) or key in self._logged),
            ):
                self._climb(key, True, above_tokens)
            for key in (*map(_key, without), *(key for key in keys if key in self._ancestors)):
                self._climb(key, False, above_calls)
            leaves = {key for key in map(_key, with_tokens) if not self._ancestors.get(key)}
            leaves |= {key for key in map(_key, without) if key not in self._ancestors}
            _drop_oldest(self._ancestors, _MAX_ANCESTORS)
            _drop_oldest(self._parents, _MAX_PARENTS)
        return leaves, above_tokens

    def add_logged(self, keys: Iterable[SpanKey]) -> set[SpanKey]:
        """The tokens of these spans were counted from log records; the keys of those above, which must not count."""
        above_tokens = set[SpanKey]()
        with self._lock:
            for key in keys:
                self._logged[key] = None
                self._climb(key, True, above_tokens)
            _drop_oldest(self._ancestors, _MAX_ANCESTORS)
            _drop_oldest(self._logged, _MAX_LOGGED)
        return above_tokens

    def is_new_program(self, name: str) -> bool:
        """True for each name the first time."""
        with self._lock:
            if name in self._programs or len(self._programs) >= _MAX_PROGRAMS:
                return False
            self._programs.add(name)
        return True

    def _climb(self, key: SpanKey, has_tokens: bool, visited: set[SpanKey]) -> None:
        """Remember all known spans above one. `visited`: those above spans that were climbed from before."""
        while (parent := self._parents.get(key)) and (key := (key[0], parent)) not in visited:
            visited.add(key)
            self._ancestors[key] = has_tokens or self._ancestors.get(key, False)


def _key(span: OtlpRecord) -> SpanKey:
    return span.trace, span.span


def _drop_oldest(entries: OrderedDict[SpanKey, Any], limit: int) -> None:
    while len(entries) > limit:
        entries.popitem(last=False)
