"""`parameters_of(order)`: how a start is asked for, as the switches of the orchestrator profile."""

from __future__ import annotations

import re

from ..errors import BadRequest
from ..files import printable
from .model import MODES, StartOrder

_TASK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_TASKS = 1_000
_MOST_CHARACTERS = 4_096


def parameters_of(order: StartOrder) -> dict[str, str]:
    """The switches of the profile. Raises BadRequest."""
    if order.mode not in MODES:
        raise BadRequest(f"`mode` has to be one of {', '.join(MODES)}.")
    tasks = ",".join(order.tasks)
    if len(order.tasks) > _MOST_TASKS or len(tasks) > _MOST_CHARACTERS:
        raise BadRequest(f"`tasks` may name {_MOST_TASKS:,} tasks at most, of {_MOST_CHARACTERS:,} characters in all.")
    for task in order.tasks:
        if not _TASK_ID.fullmatch(task):
            raise BadRequest(f"“{printable(task)[:50]}” cannot be the id of a task.")
    found = {"continuous": order.mode == "continuous", "autonomous": order.autonomous}
    return {name: "yes" for name, is_set in found.items() if is_set} | ({"tasks": tasks} if tasks else {})
