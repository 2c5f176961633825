"""`Expression`: an expression of RE2 over bytes, asked for places and nothing else.

`re2` makes a generator and a match object for each search: 4 µs, of which RE2 takes 0.2. A line has 3.3 µs altogether,
so this asks the binding below it (`_regexp.Match`, 1 µs), which is no public interface: where a release of `re2` does
not have it as it is used here, `search` is asked instead. `tests/files/test_expression.py` fails then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

Spans = Sequence[tuple[int, int]]
"""(begin, end) of a match and of each of its groups; (-1, -1) for what is not there."""
Find = Callable[[bytes, int, int], Spans]
_NOTHING = ((-1, -1),)


class Expression:
    """Looks for a compiled expression of `re2`."""

    __slots__ = ("spans",)

    def __init__(self, compiled: Any, is_public: bool = False, at_begin: bool = False) -> None:
        """`is_public`: only by what `re2` says to have. `at_begin`: a match begins where the search does."""
        public = partial(_by_search, compiled.match if at_begin else compiled.search)
        self.spans: Find = (not is_public and _binding(compiled, at_begin)) or public
        """`spans(data, begin, end)`: of the first match between these places; `[(-1, -1), …]` if there is none."""

    def is_in(self, data: bytes) -> bool:
        """True if it matches anywhere."""
        return self.spans(data, 0, len(data))[0][0] >= 0

    def find(self, data: bytes, begin: int = 0) -> int:
        """Where the first match from `begin` on begins, -1 if there is none."""
        return self.spans(data, begin, len(data))[0][0]

    def every(self, data: bytes) -> Iterator[Spans]:
        """All matches, which do not overlap; an expression that matches nothing at all is not for this."""
        at, size = 0, len(data)
        while at <= size and (found := self.spans(data, at, size))[0][0] >= 0:
            yield found
            at = max(found[0][1], at + 1)


def _binding(compiled: Any, at_begin: bool) -> Find | None:
    """The method below `re2`, None if it is not what we know."""
    try:
        anchors = type(compiled._regexp).Anchor
        find: Find = partial(compiled._regexp.Match, anchors.ANCHOR_START if at_begin else anchors.UNANCHORED)
        sample = find(b"", 0, 0)
    except (AttributeError, TypeError):
        return None
    is_known = isinstance(sample, list) and sample and sample[0] in ((-1, -1), (0, 0))
    return find if is_known else None


def _by_search(search: Any, data: bytes, begin: int, end: int) -> Spans:
    match = search(data, begin, end)
    return _NOTHING if match is None else [match.span(group) for group in range(match.re.groups + 1)]
