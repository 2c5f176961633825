"""The row of a session in OpenCode's database as a line: `session_line(reading, columns, session)`."""

from __future__ import annotations

from typing import Any

from ...calls.sessions.foreign_database import Columns, Reading
from ..formats.values import parse
from .entries import entry_line

_FACTS = {"title": "title", "parent_id": "parentID", "directory": "directory", "agent": "agent", "model": "model"}


def session_line(reading: Reading, columns: Columns, session: str) -> bytes | None:
    """The session as a line; None if there is none."""
    known = columns.get("session", frozenset())
    wanted = [name for name in (*_FACTS, "workspace_id", "time_created") if name in known]
    row = reading.row(f"SELECT {', '.join(['id', *wanted])} FROM session WHERE id = ?", session)  # noqa: S608
    if row is None:
        return None
    values = dict(zip(wanted, row[1:], strict=True))
    facts: dict[str, Any] = {"id": session}
    for name, fact in _FACTS.items():
        if isinstance(value := values.get(name), str):
            facts[fact] = parse(value.encode("utf-8", "replace")) if name == "model" else value
    facts["branch"] = _branch(reading, columns, values.get("workspace_id"))
    created = values.get("time_created")
    return entry_line("session", created if isinstance(created, int) else None, facts, b"{}")


def _branch(reading: Reading, columns: Columns, workspace: Any) -> str | None:
    """The branch of the workspace in which it runs: OpenCode notes it of those that it made itself."""
    if not isinstance(workspace, str) or not {"id", "branch"} <= columns.get("workspace", frozenset()):
        return None
    row = reading.row("SELECT branch FROM workspace WHERE id = ?", workspace)
    return row[0] if row is not None and isinstance(row[0], str) else None
