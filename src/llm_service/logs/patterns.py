"""`compiled(...)`: expressions of RE2 over bytes, for whole blocks or single lines, that need not be UTF-8."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2


def compiled(*expressions: str, max_mb: int = 8, capture: bool = False) -> Any:
    """One expression of RE2 that finds what one of these finds, each in its own line; `^` and `$` are those of lines.

    Non-ASCII characters in an expression are found as their bytes in UTF-8. `max_mb` bounds what its automata take.
    """
    options = re2.Options()
    options.log_errors = False
    options.never_nl = True
    options.never_capture = not capture
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = max_mb << 20
    every = expressions[0] if len(expressions) == 1 else "|".join(f"(?:{each})" for each in expressions)
    return re2.compile(f"(?m:{every})".encode(), options)


def flat(groups: Iterable[Iterable[str]]) -> list[str]:
    """The expressions of several groups."""
    return [each for group in groups for each in group]
