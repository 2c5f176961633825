"""`MatchBudget` bounds the work of trying names against the patterns of `.gitignore` files, which agents write."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .gitignore import Patterns

AT_ONCE, FOR_EACH_NAME = 20_000_000, 30_000
"""Steps (2 ns) that may be taken. The usual patterns of a large project take 5,000 to 10,000 for a name."""


class MatchBudget:
    """Steps for the names of one root: on average so many for each. Who takes more loses the costliest patterns."""

    def __init__(self, on_simplified: Callable[[Patterns], None]) -> None:
        self._left = AT_ONCE
        self._on_simplified = on_simplified

    def spend(self, files: Sequence[tuple[Patterns, bytes]], name: bytes, is_folder: bool) -> None:
        """Take what trying this name costs; if that is not left, simplify the costliest of the files."""
        steps = [patterns.steps(prefix, name, is_folder) for patterns, prefix in files]
        self._left = min(AT_ONCE, self._left + FOR_EACH_NAME - sum(steps))
        if self._left < 0:
            self._left = AT_ONCE
            costliest = files[steps.index(max(steps))][0]
            costliest.simplify()
            self._on_simplified(costliest)
