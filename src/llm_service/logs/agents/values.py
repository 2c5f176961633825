"""What the readers of agents' events give, and how they read values that may have any type."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ..model import Fact

MAX_TEXT = 20_000
MAX_DATA = 2_000


class AgentLine(Struct, frozen=True):
    """An event of an agent as a line: `text` may have several lines, and patterns are looked for in it only if the
    agent or a person wrote it (`is_prose`)."""

    text: str
    level: str = "info"
    source: str = "agent"
    facts: tuple[Fact, ...] = ()
    phase: str | None = None
    is_prose: bool = False


def text_of(value: Any, limit: int = MAX_DATA) -> str:
    """A text value, cut; "" for any other type."""
    if type(value) is not str:  # of JSON there are no others
        return ""
    return value if len(value) <= limit else value[:limit] + "…"


def object_of(value: Any) -> dict[str, Any]:
    """An object, {} for any other type."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, [] for any other type."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number_of(value: Any) -> int | float | None:
    """A finite number, None for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if -1e18 < value < 1e18 else None


def whole_of(value: Any) -> int | None:
    """A whole number, None for any other value."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53 else None


def todos_fact(items: list[dict[str, str]]) -> Fact:
    """ "todos" `{items: [{text, status}], done, total, current}`; status: pending, in_progress, completed; `current`
    is the text of the one in progress, None without one."""
    items = items[:200]
    return Fact(
        "todos",
        {
            "items": items,
            "done": sum(item["status"] == "completed" for item in items),
            "total": len(items),
            "current": next((item["text"] for item in items if item["status"] == "in_progress"), None),
        },
    )


def todos_text(todos: Fact) -> str:
    """How far a "todos" fact is, as a line."""
    current = todos.data["current"]
    return f"To-dos: {todos.data['done']} of {todos.data['total']}" + (f", now: {current}" if current else "")


def command_fact(command: str, exit_code: int | None, is_error: bool) -> Fact:
    """ "command" `{command, exit_code, is_error}`; the exit code is None where the agent does not say it."""
    return Fact("command", {"command": command[:MAX_DATA], "exit_code": exit_code, "is_error": is_error})
