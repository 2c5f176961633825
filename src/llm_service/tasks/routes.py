"""REST routes about tasks: lists from memory, details from the text as last read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request

from ..errors import BadRequest, HistoryUnavailable, NotFound
from ..hub.progress import LoadProgress
from ..hub.ring import encode
from ..json_values import as_json, schema_of
from ..web.api import Api
from ..web.params import CURSOR, PAGE_SIZE, Choice, InPath, OptionalText, Text, Texts
from .board import TaskBoard
from .lane_history import LaneHistory
from .lane_times import lane_times
from .model import TaskFile, TaskSummary
from .queries import SORTS, TaskList, TaskQuery
from .reader import details

_FILTERS = (
    Texts("lane", "only these lanes (comma-separated or repeated, like all filters; `\\,` is a comma of a name)"),
    Texts("agent", "only these agents"),
    Texts("status", "only tasks whose file says one of these"),
    Texts("priority", "only these priorities"),
    Texts("tag", "only tasks with one of these tags"),
    Texts("flag", "only tasks with one of these flags, e.g. `invalid`"),
)
_SEARCH = Text("q", "words that must all occur in id, title, agent, path, tags or the short fields", max_length=500)
_SORT = Choice("sort", "order of the list", tuple(SORTS), "newest")
_PATH = OptionalText("path", "which file, if several have the id; else the one that leads")
_ID = Text("id", "the task's id")
_MOST_FILES = 200
_SUMMARY = schema_of(TaskSummary)


def task_routes(
    api: Api,
    board: TaskBoard,
    task_list: TaskList,
    progress: LoadProgress,
    extra_details: Callable[[TaskFile], dict[str, Any]],
    lane_history: LaneHistory | None,
    started_at: str,
) -> None:
    """Declare the routes; `extra_details(file)` returns further fields of a task's details."""

    @api.get(
        "/api/tasks",
        *_FILTERS,
        _SEARCH,
        _SORT,
        PAGE_SIZE,
        CURSOR,
        answer={"type": "object", "properties": {"tasks": {"type": "array", "items": _SUMMARY}}},
    )
    def list_tasks() -> dict[str, Any]:
        """Summaries of tasks, filtered, sorted and paged, with counts per lane."""
        page = task_list.select(
            TaskQuery(
                **{param.name: param.value() for param in _FILTERS},
                q=_SEARCH.value(),
                sort=_SORT.value(),
                limit=PAGE_SIZE.value(),
                cursor=CURSOR.value(),
            )
        )
        return {**as_json(page), "loading": progress.as_json()}

    @api.get(
        "/api/tasks/<any_text:task_id>",
        InPath("task_id", "the task's id"),
        _PATH,
    )
    def show_task(task_id: str) -> Response:
        """Everything about one task: document, raw text, problem, artefacts on the disk, the files that have its id,
        lane history, dependencies."""
        return answer_for(task_id)

    @api.get("/api/task", _ID, _PATH)
    def show_task_by_id() -> Response:
        """The same as `/api/tasks/<id>`, for any id: browsers change a path in which `.` or `..` is a part."""
        task_id = _ID.value()
        if not task_id:
            raise BadRequest("`id` is missing: the id of the task.")
        return answer_for(task_id)

    def answer_for(task_id: str) -> Response:
        path = _PATH.value()
        if board.get(task_id) is None:
            raise NotFound(f"There is no task “{task_id[:200]}”.")
        file = board.file_at_path(task_id, path)
        if file is None:
            raise NotFound(f"No file at “{str(path)[:200]}” has the id “{task_id[:200]}”.")
        summary = file.summary
        history = _history(lane_history, started_at, summary)
        body = encode(
            {
                "task": as_json(summary),
                **details(file),
                **extra_details(file),
                "files": [_named(card) for card in board.cards_of(summary.id, _MOST_FILES)],
                "history": history,
                "lane_times": as_json(lane_times(history)),
                "dependencies": _dependencies(board, summary),
                "dependents": _dependents(board, summary),
            }
        )
        response = Response(body, mimetype="application/json", headers={"Cache-Control": "no-cache"})
        response.add_etag()
        response.make_conditional(request)
        return response


def _named(card: TaskSummary) -> dict[str, Any]:
    return {
        "key": card.key, "title": card.title, "lane": card.lane, "agent": card.agent, "path": card.path,
        "modified_at": card.modified_at, "copied_by": card.copied_by,
    }  # fmt: skip


def _dependencies(board: TaskBoard, summary: TaskSummary) -> list[dict[str, Any]]:
    """Each dependency with its lane and title; `met` is None for an id that is not on the board."""
    found = []
    for name in summary.dependencies:
        task = board.get(name)
        found.append(
            {
                "id": name,
                "lane": task.lane if task else None,
                "title": task.title if task else None,
                "met": task.lane == "done" if task else None,
            }
        )
    return found


def _dependents(board: TaskBoard, summary: TaskSummary) -> list[dict[str, Any]]:
    tasks = [task for task in board.tasks() if summary.id in task.dependencies]
    return [{"id": task.id, "lane": task.lane, "title": task.title, "path": task.path} for task in tasks[:100]]


def _history(lane_history: LaneHistory | None, started_at: str, summary: TaskSummary) -> list[dict[str, Any]]:
    """The recorded lane changes of a file, oldest first. If it is now elsewhere than after the last of them, it moved
    while the service did not run: then the current location is added with the time of the start."""
    try:
        changes = lane_history.changes_of(summary.id, summary.path) if lane_history else []
        if lane_history and not changes and summary.key == summary.id:
            changes = lane_history.changes_of(summary.id, None)
    except HistoryUnavailable:
        changes = []
    entries = [as_json(change) | {"observed": "live"} for change in changes]
    for entry in entries:
        del entry["task_id"]
    last = changes[-1] if changes else None
    if last is None or (last.lane, last.path) != (summary.lane, summary.path):
        entries.append(
            {
                "time": started_at,
                "previous_lane": last.lane if last else None,
                "lane": summary.lane,
                "agent": summary.agent,
                "path": summary.path,
                "previous_path": last.path if last else None,
                "observed": "at_start",
            }
        )
    return entries
