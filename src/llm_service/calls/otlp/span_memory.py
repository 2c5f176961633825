"""`SpanMemory`: which spans are ancestors of calls that were counted, across requests."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

from .records import OtlpRecord

_MAX_ANCESTORS = 50_000


class SpanMemory:
    """The ancestors of calls that were counted, across requests. Bounded; thread-safe.

    A span ends after its children, and so is sent after them.
    """

    def __init__(self) -> None:
        self._ancestors: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = threading.Lock()

    def leaves(self, calls: Sequence[OtlpRecord], spans: Sequence[OtlpRecord]) -> set[tuple[str, str]]:
        """The keys of those `calls` that are no ancestor of another; `spans` are all spans of the request."""
        parents = {(span.trace, span.span): (span.trace, span.parent) for span in spans}
        with self._lock:
            ancestors = [span for span in spans if (span.trace, span.span) in self._ancestors]
            visited: set[tuple[str, str]] = set()
            for span in (*ancestors, *calls):
                key: tuple[str, str] | None = (span.trace, span.parent)
                while key is not None and key[1] and key not in visited:
                    visited.add(key)
                    self._ancestors[key] = None
                    key = parents.get(key)
            leaves = {key for call in calls if (key := (call.trace, call.span)) not in self._ancestors}
            while len(self._ancestors) > _MAX_ANCESTORS:
                self._ancestors.popitem(last=False)
        return leaves
