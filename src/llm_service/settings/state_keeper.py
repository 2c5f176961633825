"""`StateKeeper`, what the kernel asks of the one that keeps the state folder of a running dashboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class StateKeeper(Protocol):
    """What keeps the state folder of a running dashboard; see `server/keeper.py`."""

    folder: str

    @property
    def trouble(self) -> str | None:
        """What is wrong with the folder; None if nothing is."""

    def start(self, on_trouble: Callable[[str | None], None]) -> None:
        """Start checking the folder."""

    def stop(self) -> None:
        """Stop it."""

    def reclaim(self) -> str | None:
        """Make everything again that is missing; the reason if that cannot be."""

    def prove(self, nonce: str) -> str:
        """The proof that this process has the folder."""
