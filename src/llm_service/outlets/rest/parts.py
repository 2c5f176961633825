"""What REST routes may use of the rest of the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...domain.tasks import TaskFile
from ...hub import Hub
from ...stores.history import History
from ...stores.state import State
from ...stores.task_list import TaskList


@dataclass(frozen=True, slots=True)
class Parts:
    """Handed in by the composition root. `sync(timeout_s)` returns a seq; `health()` the body of `/health`."""

    state: State
    hub: Hub
    task_list: TaskList
    history: History | None
    sync: Callable[[float], int]
    health: Callable[[], dict[str, Any]]
    read_details: Callable[[TaskFile], dict[str, Any]]
    started_at: str
    version: str
