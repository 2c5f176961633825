"""Tasks: the content of a task file, its location, and the summary made from both. Values and pure functions.

Rules and field names are those of the tasks contract. **The folder decides the lane**; the status that the file states
is shown, and flagged where it contradicts the lane.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from sys import intern
from typing import Any

from ..times import iso_time
from .claims import Claims, claims_of

LANES = ("inbox", "assigned", "done")
PRIORITIES = ("critical", "high", "medium", "normal", "low")

# The statuses that do not contradict a lane.
_STATUSES_OF_LANE = {
    "inbox": frozenset({"new", "inbox", "pending", "todo", "open", "ready", "backlog", "queued", "draft"}),
    "assigned": frozenset(
        {"assigned", "in_progress", "in-progress", "in progress", "started", "active", "wip", "blocked", "error",
         "pending", "ready", "review", "in_review", "todo", "open", "paused", "waiting", "failed"}
    ),
    "done": frozenset(
        {"done", "completed", "complete", "closed", "finished", "resolved", "cancelled", "canceled", "merged"}
    ),
}  # fmt: skip
_TEXT_LIMIT = 200
_LIST_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Location:
    """Where a task file is: lane, agent of its folder (None in a flat lane), path relative to the root."""

    lane: str
    agent: str | None
    path: str


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a file could not be read as a task: the parser's message, and where (1-based; None if unknown)."""

    message: str
    line: int | None
    column: int | None
    code: str


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """The numbers of entries that a task lists; `artefacts` are its claims, `documents` the YAML documents in its
    file."""

    artefacts: int = 0
    acceptance_criteria: int = 0
    dependencies: int = 0
    documents: int = 1


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known about a file besides its content."""

    size_bytes: int
    mtime_ns: int
    documents: int = 1
    duplicate_keys: bool = False
    utf8: bool = True
    error: TaskError | None = None


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """A task as lists, snapshots and events contain it; clients fetch the details.

    Times are ISO-8601 with `Z` if the text in the file is a time, else the text as written. `duplicates` are the other
    files with the same id, which the board shows as cards with a mark.
    """

    id: str
    title: str
    agent: str | None
    status: str | None
    priority: str
    lane: str
    path: str
    tags: tuple[str, ...]
    dependencies: tuple[str, ...]
    created_at: str | None
    assigned_at: str | None
    started_at: str | None
    completed_at: str | None
    modified_at: str
    size_bytes: int
    batch: str | None
    milestone: str | None
    initiative: str | None
    specification: str | None
    mode: str | None
    estimated_hours: str | None
    counts: TaskCounts
    flags: tuple[str, ...]
    duplicates: tuple[Location, ...]
    error: TaskError | None


@dataclass(frozen=True, slots=True)
class TaskFile:
    """A task file as last read. `raw` is its compressed content, None if it could not be read at all.

    `last_good` is the compressed content of the last version that parsed (the same object as `raw` if this one does),
    `last_good_read_at` the Unix time when it was read. `claims` are the files that the task says it makes.
    """

    summary: TaskSummary
    digest: bytes
    raw: bytes | None
    last_good: bytes | None
    last_good_read_at: float | None
    claims: Claims = Claims()

    @property
    def location(self) -> Location:
        """Where the file is, with the agent of its folder (not the one that the file names)."""
        parts = self.summary.path.split("/")
        return Location(self.summary.lane, parts[1] if len(parts) == 3 else None, self.summary.path)


def location_of(relative: str, lanes: Sequence[str] = LANES) -> Location | None:
    """The location of a relative path, None if a file there is not on the board.

    `inbox/x.yaml`, `assigned/<agent>/x.yaml`, `done/<agent>/x.yaml`; in all lanes also directly in the lane's folder.
    The inbox is flat. Deeper files and other folders are not on the board.
    """
    parts = relative.split("/")
    name = parts[-1]
    if parts[0] not in lanes or not is_task_name(name):
        return None
    if len(parts) == 2:
        return Location(intern(parts[0]), None, relative)
    if len(parts) == 3 and parts[0] != "inbox":
        return Location(intern(parts[0]), intern(parts[1]), relative)
    return None


def is_task_name(name: str) -> bool:
    """True for `*.yaml` and `*.yml` that are not dot-files or editors' temporary files."""
    return name.lower().endswith((".yaml", ".yml")) and not name.startswith((".", "#", "~"))


def is_lane_folder(relative: str, lanes: Sequence[str] = LANES) -> bool:
    """True for the folders that may contain task files: the root, the lanes, their agents' folders."""
    if not relative:
        return True
    parts = relative.split("/")
    if parts[0] not in lanes or len(parts) > 2:
        return False
    return len(parts) == 1 or (parts[0] != "inbox" and not parts[1].startswith("."))


def lane_rank(lane: str) -> int:
    """The order of a lane: inbox 0, assigned 1, done 2; other lanes come before the inbox (-1)."""
    return LANES.index(lane) if lane in LANES else -1


def stem(path: str) -> str:
    """The file name without folder and extension."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def task_id(document: Mapping[str, Any], path: str) -> str:
    """The id of a task: `id`, else `task_id`, else the stem of the file name."""
    for key in ("id", "task_id"):
        text = _text(document.get(key), limit=500)
        if text:
            return text
    return stem(path)


def summarize(
    location: Location, document: Mapping[str, Any], facts: FileFacts, claims: Claims | None = None
) -> TaskSummary:
    """The summary of a task file.

    `document` is the first mapping in the file as plain JSON; if it does not parse, the values that could be salvaged
    from its text (then `facts.error` is set). `claims` are those of the document, computed if None.
    """
    get = document.get
    identity = task_id(document, location.path)
    field_agent = _first(document, "agent", "assignee", "assigned_to", "to_agent")
    status = _text(get("status"))
    status = status.lower() if status else None
    dependencies = _identifiers(get("dependencies"), get("depends_on"), get("blocked_by"))
    claims = claims_of(document) if claims is None else claims
    return TaskSummary(
        id=identity,
        title=_text(get("title")) or identity[:_TEXT_LIMIT],
        agent=location.agent or field_agent,
        status=status,
        priority=(_text(get("priority")) or "normal").lower(),
        lane=location.lane,
        path=location.path,
        tags=tuple(intern(text) for text in _texts(get("tags"), get("labels"))),
        dependencies=dependencies,
        created_at=_time(_first(document, "created_at", "created", "created_date")),
        assigned_at=_time(_text(get("assigned_at"))),
        started_at=_time(_text(get("started_at"))),
        completed_at=_time(_completed_at(document)),
        modified_at=iso_time(facts.mtime_ns / 1e9),
        size_bytes=facts.size_bytes,
        batch=_text(get("batch")),
        milestone=_text(get("milestone")),
        initiative=_text(get("initiative")),
        specification=_text(get("specification")),
        mode=_text(get("mode")),
        estimated_hours=_first(document, "estimated_hours", "estimated_effort_hours", "effort_hours"),
        counts=TaskCounts(
            artefacts=len(claims.texts),
            acceptance_criteria=_size(get("acceptance_criteria")),
            dependencies=len(dependencies),
            documents=facts.documents,
        ),
        flags=tuple(_flags(location, identity, field_agent, status, document, facts)),
        duplicates=(),
        error=facts.error,
    )


def _flags(
    location: Location,
    identity: str,
    field_agent: str | None,
    status: str | None,
    document: Mapping[str, Any],
    facts: FileFacts,
) -> Iterable[str]:
    statuses = _STATUSES_OF_LANE.get(location.lane)
    if facts.error:
        yield "invalid"
    if status and statuses and status not in statuses:
        yield "status_contradicts_lane"
    if location.agent and field_agent and location.agent.lower() != field_agent.lower():
        yield "agent_differs_from_folder"
    if identity != stem(location.path):
        yield "id_differs_from_file"
    if facts.documents > 1:
        yield "several_documents"
    if facts.duplicate_keys:
        yield "duplicate_keys"
    if not facts.utf8:
        yield "not_utf8"
    if document.get("error") and not facts.error:
        yield "has_error"


def move_steps(old: Location | None, new: Location, trail: Sequence[Location]) -> list[Location]:
    """The locations through which a task moved from `old` (None: it is new) to `new`, ending with `new`.

    `trail` has the locations where hints reported its file, in order. Only those strictly between both lanes and in
    forward order count, so that duplicate or reordered hints cannot invent a lane.
    """
    steps: list[Location] = []
    rank = lane_rank(old.lane) if old else -2
    for location in trail:
        if rank < lane_rank(location.lane) < lane_rank(new.lane):
            steps.append(location)
            rank = lane_rank(location.lane)
    return [*steps, new]


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The top-level keys that were added, removed or changed, sorted."""
    missing = object()
    keys = old.keys() | new.keys()
    return tuple(sorted(key for key in keys if old.get(key, missing) != new.get(key, missing)))


def _time(text: str | None) -> str | None:
    """A time in a file as ISO-8601 UTC; a date without a time and text that is not a time are returned as they are."""
    if not text or len(text) < 11:
        return text
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return text
    return moment.isoformat(timespec="auto").replace("+00:00", "Z")


def _completed_at(document: Mapping[str, Any]) -> str | None:
    result = document.get("result")
    nested = result.get("completed_at") if isinstance(result, Mapping) else None
    return _first(document, "completed_at", "completed") or _text(nested)


def _text(value: Any, limit: int = _TEXT_LIMIT) -> str | None:
    """A scalar as one line of text; None if it is empty, a list or a mapping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        return None
    line = " ".join(value[: limit * 4].split())
    if not line:
        return None
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _first(document: Mapping[str, Any], *keys: str) -> str | None:
    for key in keys:
        text = _text(document.get(key))
        if text:
            return text
    return None


def _texts(*values: Any) -> list[str]:
    found: dict[str, None] = {}
    for value in values:
        items = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) else []
        for item in items[:_LIST_LIMIT]:
            text = _text(item, limit=60)
            if text:
                found[text] = None
    return list(found)


def _identifiers(*values: Any) -> tuple[str, ...]:
    """Task ids from the forms in which dependencies are written: text, list of texts, list of mappings."""
    found: dict[str, None] = {}
    for value in values:
        items = value if isinstance(value, list) else [value]
        for item in items[:_LIST_LIMIT]:
            if isinstance(item, Mapping):
                item = item.get("id") or item.get("task_id") or item.get("task")
            text = _text(item, limit=_TEXT_LIMIT)
            if text and text.lower() not in ("none", "null", "n/a", "-"):
                found[text] = None
    return tuple(found)[:_LIST_LIMIT]


def _size(value: Any) -> int:
    if isinstance(value, list | Mapping):
        return len(value)
    return 1 if value else 0
