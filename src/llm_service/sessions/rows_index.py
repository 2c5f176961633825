"""`RowsIndex`: where the rows of a transcript are, for a log of lines and for the entries in a database alike."""

from __future__ import annotations

from typing import Protocol

from .index import Line
from .model import Figures


class RowsIndex(Protocol):
    """One session. May be used from any thread."""

    generation: int
    """Another one when the log was replaced: numbers mean something else then."""
    size: int
    figures: Figures

    @property
    def lines(self) -> int:
        """How many lines are known."""

    def rows(self, view: str) -> int:
        """How many rows of a view are known."""

    def settled(self, view: str) -> int:
        """How many rows, from the first on, do not change any more."""

    def update(self, budget_s: float) -> bool:
        """Read what is new, for so long at most; True if that was all. Raises FileRefused, OSError."""

    def add_up(self, budget_s: float) -> bool:
        """Add up what is new, for so long at most; True if that was all. Raises FileRefused, OSError."""

    def row_of(self, view: str, line: int) -> int:
        """The row of a line, or of the next one that the view has; the last row if there is none."""

    def read(self, view: str, first: int, count: int) -> list[Line]:
        """The lines of rows from `first` on, not many bytes at once. Raises FileRefused, OSError."""
