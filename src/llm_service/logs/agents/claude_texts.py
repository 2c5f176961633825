"""Texts and lists in Claude Code's events."""

from __future__ import annotations

import re
from typing import Any

from ..model import Fact
from ..phases import phase_of_command
from .values import AgentLine, objects_of, text_of, todos_fact

_COMMAND_NAME = re.compile(r"<command-name>\s*/?([^<\s]{1,100})")
STATUSES = ("pending", "in_progress", "completed")


def todos_of(todos: list[dict[str, Any]]) -> Fact:
    """ "todos" of the input of `TodoWrite`."""
    items = []
    for each in todos:
        status = text_of(each.get("status"))
        items.append({"text": text_of(each.get("content"), 200), "status": status if status in STATUSES else "pending"})
    return todos_fact(items)


def prompt(text: str) -> AgentLine:
    """The line of what a person or a command asks."""
    command = _COMMAND_NAME.search(text[:1_000])
    phase = phase_of_command(command[1]) if command else None
    facts = (Fact("phase", {"phase": phase, "text": command[1]}),) if phase and command else ()
    return AgentLine(text, source="user", facts=facts, phase=phase, is_prose=True)


def result_text(content: Any) -> str:
    """The text of a tool's result."""
    if isinstance(content, str):
        return content[: 1 << 16]
    texts = [text_of(each.get("text"), 1 << 16) or f"({text_of(each.get('type'))})" for each in objects_of(content)]
    return "\n".join(texts)[: 1 << 16]
