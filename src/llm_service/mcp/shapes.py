"""Rows of the tools' answers, the same from a running dashboard and from files: few fields, as each costs an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .sources import Json

if TYPE_CHECKING:
    from ..artifacts.contents.preview import Preview
    from ..knowledge.model import Fact
    from ..logs.model import LogLine
    from ..tasks.model import TaskSummary


def task_row(task: TaskSummary) -> Json:
    """A task in a list."""
    row = {
        "task_id": task.id, "title": task.title, "lane": task.lane, "agent": task.agent, "status": task.status,
        "priority": task.priority, "path": task.path, "modified_at": task.modified_at,
        "error": task.error.message if task.error else None,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value is not None}


def log_row(line: LogLine) -> Json:
    """A line of a log."""
    return {
        "job": line.job, "run": line.run, "line": line.seq, "time": line.time, "level": line.level,
        "text": line.message,
    }  # fmt: skip


def artifact_row(project: str, path: str, size_bytes: int, modified_at: str) -> Json:
    """A generated file."""
    return {"project": project, "path": path, "size_bytes": size_bytes, "modified_at": modified_at}


def fact_row(fact: Fact) -> Json:
    """A fact."""
    return {
        "fact_id": fact.id, "text": fact.text, "tags": list(fact.tags), "decided_at": fact.decided_at,
        "sources": [one.source for one in fact.sources],
    }  # fmt: skip


def page_of(project: str, path: str, page: Preview) -> Json:
    """A page of a file."""
    return {
        "project": project, "path": path, "text": page.text, "from_line": page.from_line, "next_line": page.next_line,
        "total_lines": page.total_lines, "binary": page.binary, "size_bytes": page.size_bytes,
    }  # fmt: skip
