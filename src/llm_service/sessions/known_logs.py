"""`KnownLogs`: which sessions that are asked for have a log that can be shown, and whether that is still so."""

from __future__ import annotations

from collections.abc import Callable, Collection


class KnownLogs:
    """`transcript_of(session, projects)` finds the id of a log. Thread-safe."""

    def __init__(self, transcript_of: Callable[[str, Collection[str] | None], str | None]) -> None:
        self._transcript_of = transcript_of
        self._asked: dict[str, str | None] = {}

    def find(self, session: str, projects: Collection[str] | None) -> str | None:
        """The log of a session for who may see these projects; None: all."""
        found = self._transcript_of(session, projects)
        if projects is None:
            self._asked[session] = found
        return found

    def forget(self) -> None:
        """Another look begins: what is not asked for in it is not at hand any more."""
        self._asked = {}

    def are_others(self) -> bool:
        """True if a session that was asked for has a log now that it did not have then, or has none any more."""
        return any(self._transcript_of(session, None) != found for session, found in tuple(self._asked.items()))
