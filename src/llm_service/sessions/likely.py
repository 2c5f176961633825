"""`Likely(pattern).places(lines)`: the lines of a log that may show a match, without parsing them.

What is shown are letters of the line: JSON can write a letter in another way only as `\\u0061`, and what readers and
redaction add themselves is known (`ADDED`, `LABELS`). So a word that a match has to have is in the line, or an escape
is, or it is a word that is added.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from ..files.search_pattern import Pattern
from ..logs.line_search import matching_lines
from ..logs.redaction import LABELS
from .formats.values import ADDED

_OWN = "\n".join((*ADDED, *LABELS)).lower()


class Likely:
    """For one search. Without a word that tells lines apart, every line is likely."""

    def __init__(self, pattern: Pattern) -> None:
        word = max((each for each in pattern.words if each.lower() not in _OWN), key=len, default=None)
        # Also U+212A and U+017F are letters for RE2, in any case; escaped they are `\u...` too.
        self._pattern = Pattern(re2.compile(f"(?i:{word})|\\\\u".encode()), False) if word else None

    def places(self, lines: Sequence[bytes | None]) -> Sequence[int]:
        """The places of those lines; of a line that is None something else is shown, so it is one of them."""
        if self._pattern is None:
            return range(len(lines))
        found = set(matching_lines(b"\n".join(line or b"" for line in lines), self._pattern))
        return sorted(found.union(place for place, line in enumerate(lines) if line is None))
