"""The REST routes that read plans. Starting and stopping them is the orchestrators' part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from ..errors import BadRequest, NotFound
from ..files import decode, printable, read_file
from ..hub.journal import Journal
from ..times import iso_time
from ..web.api import Api
from ..web.client_presence import ClientPresence
from ..web.held_threads import hold_thread
from ..web.json_text import json_text
from ..web.params import Choice, InPath, Integer, OptionalText, Text, Texts
from ..web.people import person_of
from .board import PlanBoard
from .graph import graph_of
from .history import history_of
from .log_file import MAX_LINES, PlanLogs
from .log_stream import log_events
from .log_watch import LogBell
from .model import PLAN_STATUSES
from .queries import PlanQueries, Projects
from .reader import FINDINGS_FOLDER, MAX_FINDING_BYTES
from .shapes import status_json, tasks_json
from .status_values import seconds_of

_NAME = InPath("name", "the plan's name: that of its file without `.md`")
_TASK = InPath("task", "the task's id")
_STATUS = Texts(
    "status", "only plans with these statuses; `running`: its orchestrator runs", (*PLAN_STATUSES, "running")
)
_WORKTREE = Text(
    "worktree", "`true`: only plans with a worktree, `false`: without; or the path of one", max_length=4_096
)
_ACTIVITIES = Integer("limit", "how many entries", 20, 1, 500)
_LINES = Integer("lines", "how many lines, the last ones", 100, 0, MAX_LINES)
_SINCE = OptionalText("since", "only lines from this time on: ISO 8601")
_FOLLOW = Choice(
    "follow", "`true`: Server-Sent Events, also of the lines to come", ("true", "false", "1", "0"), "false"
)
_DATA = {"type": "object", "properties": {"data": {}}}


@dataclass(frozen=True, slots=True)
class PlanRoutes:
    """What the routes need. `outputs_root` is the folder of the outputs, `shown_outputs` relative to the workspace."""

    board: PlanBoard
    queries: PlanQueries
    logs: PlanLogs
    bell: LogBell
    journal: Journal | None
    outputs_root: str
    shown_outputs: str


def plan_routes(api: Api, parts: PlanRoutes) -> None:
    """Declare the routes."""
    queries = parts.queries

    @api.get("/api/plans", _STATUS, _WORKTREE, answer=_DATA)
    def list_plans() -> Response:
        """The plans with status, progress and current task, by name, and how many there are in each state."""
        body = queries.listing(_STATUS.value(), _WORKTREE.value(), _projects())
        return _response(body)

    @api.get("/api/plans/<name>", _NAME, answer=_DATA)
    def show_plan(name: str) -> Response:
        """One plan: phases, tasks, runs, what happened lately, and where its files disagree."""
        return _json({"data": queries.whole(name, _projects())})

    @api.get("/api/plans/<name>/status", _NAME, answer=_DATA)
    def show_plan_status(name: str) -> dict[str, Any]:
        """How far a plan is, and its current task."""
        return {"data": status_json(queries.plan(name, _projects())[1])}

    @api.get("/api/plans/<name>/tasks", _NAME, answer=_DATA)
    def list_plan_tasks(name: str) -> Response:
        """The tasks of a plan."""
        return _json({"data": tasks_json(queries.plan(name, _projects())[0].tasks)})

    @api.get("/api/plans/<name>/graph", _NAME, answer=_DATA)
    def show_plan_graph(name: str) -> Response:
        """What waits for what: nodes in layers, edges, the critical path, and cycles by name."""
        return _json({"data": graph_of(queries.plan(name, _projects())[0])})

    @api.get("/api/plans/<name>/history", _NAME, answer=_DATA)
    def show_plan_history(name: str) -> dict[str, Any]:
        """When each task changed its status, the oldest first: to replay the plan."""
        found = history_of(queries.plan(name, _projects())[0], parts.journal)
        return {"data": found["changes"], "isComplete": found["isComplete"]}

    @api.get("/api/plans/<name>/findings", _NAME, answer=_DATA)
    def list_plan_findings(name: str) -> dict[str, Any]:
        """The files of findings, each with the task that it belongs to."""
        files = parts.board.view.findings.get(name, {})
        return {
            "data": [
                {
                    "taskId": task,
                    "path": _shown(name, file),
                    "size": files[file].size_bytes,
                    "modifiedAt": iso_time(files[file].modified_s),
                }
                for file, task in queries.findings(name, _projects()).items()
                if file in files
            ]
        }

    @api.get("/api/plans/<name>/findings/<task>", _NAME, _TASK)
    def show_plan_findings(name: str, task: str) -> dict[str, Any]:
        """The findings of a task, Markdown; of several files the first, and the names of all."""
        files = sorted(file for file, found in queries.findings(name, _projects()).items() if found == task)
        if not files:
            raise NotFound(f"There are no findings of task “{printable(task)[:200]}”.")
        path = f"{name}/{FINDINGS_FOLDER}/{files[0]}"
        content = read_file(parts.outputs_root, path, MAX_FINDING_BYTES)
        return {
            "taskId": task,
            "path": _shown(name, files[0]),
            "content": decode(content.data).text,
            "files": [_shown(name, file) for file in files],
        }

    @api.get("/api/plans/<name>/logs", _NAME, _LINES, _SINCE, _FOLLOW)
    def show_plan_log(name: str) -> Any:
        """The last lines of the orchestrator's log, without secrets; with `follow=true` as Server-Sent Events."""
        queries.plan(name, _projects())
        if _FOLLOW.value() in ("true", "1"):
            return _stream(parts, name)
        since, count, path = _since(), _LINES.value(), parts.logs.find(name)
        if path is None:
            return {"plan": name, "logFile": None, "lineCount": 0, "logs": []}
        tail = parts.logs.last(path, count, since)
        return {"plan": name, "logFile": printable(path), "lineCount": len(tail.lines), "logs": tail.lines}

    @api.get("/api/activity", _ACTIVITIES, answer=_DATA)
    def list_activity() -> dict[str, Any]:
        """What happened lately in all plans, the newest first."""
        return {"data": queries.activity(_ACTIVITIES.value(), _projects())}

    @api.get("/api/summary", answer=_DATA)
    def show_summary() -> dict[str, Any]:
        """How many plans and tasks there are in each state, and what is being worked on."""
        return {"data": queries.summary(_projects())}

    def _shown(name: str, file: str) -> str:
        return printable(f"{parts.shown_outputs}/{name}/{FINDINGS_FOLDER}/{file}")


def _stream(parts: PlanRoutes, name: str) -> Response:
    since = _since()
    hold_thread(request.environ)
    events = log_events(parts.logs, parts.bell, name, _LINES.value(), ClientPresence(request.environ), since)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(events, mimetype="text/event-stream", headers=headers)


def _json(body: Any) -> Response:
    """As `reply`, in a tenth of the time: a plan may have thousands of tasks."""
    return _response(json_text(body).encode())


def _response(body: bytes) -> Response:
    return Response(body, mimetype="application/json", headers={"Cache-Control": "no-store"})


def _since() -> float | None:
    text = _SINCE.value()
    if text is None:
        return None
    found = seconds_of(text)
    if found is None:
        raise BadRequest(f"`since` has to be a time such as 2026-11-30T12:00:00Z, not “{text[:50]}”.")
    return found


def _projects() -> Projects:
    return person_of(request.environ).projects
