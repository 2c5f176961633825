"""`BoardTasks`: tasks for the tools, from a board in memory."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import NotFound
from ..tasks.board import TaskBoard
from ..tasks.queries import TaskList, TaskQuery
from ..tasks.reader import details
from .shapes import task_row
from .sources import Json


@dataclass(frozen=True, slots=True)
class BoardTasks:
    """Tasks from the board."""

    board: TaskBoard
    tasks: TaskList

    def list(self, lane: str | None, agent: str | None, status: str | None, words: str, limit: int) -> Json:
        """See `TaskTools`."""
        page = self.tasks.select(
            TaskQuery(lane=_one(lane), agent=_one(agent), status=_one(status), q=words, limit=limit)
        )
        return {"tasks": [task_row(task) for task in page.tasks], "total": page.total, "counts": page.counts}

    def get(self, task_id: str) -> Json:
        """See `TaskTools`."""
        file = self.board.file_at_path(task_id, None) if self.board.get(task_id) is not None else None
        if file is None:
            raise NotFound(f"There is no task “{task_id[:200]}”.")
        found = details(file)
        return {"task": task_row(file.summary), "document": found["document"], "problem": found["problem"]}


def _one(value: str | None) -> frozenset[str]:
    return frozenset() if value is None else frozenset({value})
