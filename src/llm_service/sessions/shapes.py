"""The shapes of the answers about sessions, and the filter of the list. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .model import SessionRow
from .needs import CostPoint


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions. `text` is looked for in title, folder, branch, model and id; sub-agents are shown under their
    session unless `children` says otherwise."""

    text: str = ""
    programs: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    project: str | None = None
    children: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPage:
    """Sessions, the last written first. `unseen` logs have not been looked at yet: there may be more."""

    sessions: tuple[SessionRow, ...]
    total: int
    unseen: int
    programs: tuple[str, ...]
    next_offset: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTouched:
    """A file that tools wrote; `project` and `place` where it is a generated one."""

    path: str
    kind: str
    times: int
    project: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCount:
    """How often a tool was used."""

    name: str
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetail:
    """All that is known of a session. What `is_indexed` is False for is still being added up: `tools`, `files`, `todos`
    and the counts."""

    session: SessionRow
    log: str
    lines: int
    is_indexed: bool
    prompts: int
    tool_calls: int
    broken_lines: int
    tools: tuple[ToolCount, ...]
    files: tuple[FileTouched, ...]
    todos: dict[str, Any] | None
    children: tuple[SessionRow, ...]
    cost_points: tuple[CostPoint, ...]
    links: dict[str, list[dict[str, Any]]]
