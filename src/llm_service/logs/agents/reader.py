"""`AgentReader.read(event)`: an object of a log as the line of whichever agent wrote it."""

from __future__ import annotations

from typing import Any

from .claude import ClaudeReader
from .codex import read_codex
from .values import AgentLine, object_of

_OTHERS = frozenset(("uuid", "session_id", "thread_id"))


class AgentReader:
    """Reads the events in one log; `state` is that of an earlier reader."""

    def __init__(self, state: Any = None) -> None:
        self._claude = ClaudeReader(object_of(state))

    def state(self) -> dict[str, Any]:
        """What a later reader needs to continue, {} if nothing."""
        return self._claude.state()

    def read(self, event: dict[str, Any]) -> AgentLine | None:
        """The line of an event, which has a type; None if no agent wrote it. An agent's event of an unknown type is
        kept as text."""
        line = self._claude.read(event) or read_codex(event)
        if line is None and event.keys() & _OTHERS:
            return AgentLine("", "info")
        return line
