"""Tasks: what a task file says, where it lies, and what its summary looks like. Values and pure functions.

Rules and field names: the tasks contract. **The folder decides the lane**; what the file says about its own
status is shown, and a contradiction is flagged, never hidden.
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

# What a task in a lane may say of itself without contradicting the lane.
_FITTING_STATUS = {
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
class Place:
    """Where a task file lies: lane, folder agent (None in a flat lane), path relative to the root."""

    lane: str
    agent: str | None
    path: str


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a file is not a readable task: the parser's words, and where (1-based; None if unknown)."""

    message: str
    line: int | None
    column: int | None
    code: str


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How many entries the task lists under each heading; `documents` counts YAML documents in its file. `artefacts`
    are those that the task or its result names, each once."""

    artefacts: int = 0
    acceptance_criteria: int = 0
    dependencies: int = 0
    documents: int = 1


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What reading the file told beside its content."""

    size_bytes: int
    mtime_ns: int
    documents: int = 1
    duplicate_keys: bool = False
    utf8: bool = True
    error: TaskError | None = None


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task as every list, snapshot and event shows it; details are fetched.

    Times are ISO-8601 with `Z` where the file's text could be read as a time, else the text as written.
    `duplicates` are the other files that carry the same id; each is shown as a marked card of its own.
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
    duplicates: tuple[Place, ...]
    error: TaskError | None


@dataclass(frozen=True, slots=True)
class TaskFile:
    """One task file as last read. `raw` is its text, compressed; None if it could not be read at all.

    `good` is the compressed text of the last version that did parse (the same object as `raw` if this one
    does), `good_seen_at` the Unix time at which that version was read. `claims` is what the task says it makes.
    """

    summary: TaskSummary
    digest: bytes
    raw: bytes | None
    good: bytes | None
    good_seen_at: float | None
    claims: Claims = Claims()

    @property
    def place(self) -> Place:
        """Where the file lies, with the folder's agent (not the one that the file names)."""
        parts = self.summary.path.split("/")
        return Place(self.summary.lane, parts[1] if len(parts) == 3 else None, self.summary.path)


def place_of(relative: str, lanes: Sequence[str] = LANES) -> Place | None:
    """The place a relative path stands for, or None if a file there is not on the board.

    `inbox/x.yaml`, `assigned/<agent>/x.yaml`, `done/<agent>/x.yaml`; a file directly in a lane is shown too.
    The inbox is flat; deeper files and other folders are not on the board.
    """
    parts = relative.split("/")
    name = parts[-1]
    if parts[0] not in lanes or not is_task_name(name):
        return None
    if len(parts) == 2:
        return Place(intern(parts[0]), None, relative)
    if len(parts) == 3 and parts[0] != "inbox":
        return Place(intern(parts[0]), intern(parts[1]), relative)
    return None


def is_task_name(name: str) -> bool:
    """True for `*.yaml` and `*.yml` that are not dot-files or editors' temporary files."""
    return name.lower().endswith((".yaml", ".yml")) and not name.startswith((".", "#", "~"))


def is_lane_folder(relative: str, lanes: Sequence[str] = LANES) -> bool:
    """True for the folders in which task files are looked for: the root, the lanes, their agent folders."""
    if not relative:
        return True
    parts = relative.split("/")
    if parts[0] not in lanes or len(parts) > 2:
        return False
    return len(parts) == 1 or (parts[0] != "inbox" and not parts[1].startswith("."))


def lane_rank(lane: str) -> int:
    """Progress order of a lane: inbox 0, assigned 1, done 2; other lanes stand before the inbox (-1)."""
    return LANES.index(lane) if lane in LANES else -1


def stem(path: str) -> str:
    """The file name without folder and ending."""
    return path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


def task_id(document: Mapping[str, Any], path: str) -> str:
    """The identity of a task: `id`, else `task_id`, else the file stem."""
    for key in ("id", "task_id"):
        text = _text(document.get(key), limit=500)
        if text:
            return text
    return stem(path)


def summarize(place: Place, document: Mapping[str, Any], facts: FileFacts, claims: Claims | None = None) -> TaskSummary:
    """The summary of one task file.

    `document` is the file's first mapping as plain JSON; of a file that does not parse, whatever single
    values could be salvaged from its text (then `facts.error` is set). `claims` are those of the document.
    """
    get = document.get
    identity = task_id(document, place.path)
    field_agent = _first(document, "agent", "assignee", "assigned_to", "to_agent")
    status = _text(get("status"))
    status = status.lower() if status else None
    dependencies = _identifiers(get("dependencies"), get("depends_on"), get("blocked_by"))
    claims = claims_of(document) if claims is None else claims
    return TaskSummary(
        id=identity,
        title=_text(get("title")) or identity[:_TEXT_LIMIT],
        agent=place.agent or field_agent,
        status=status,
        priority=(_text(get("priority")) or "normal").lower(),
        lane=place.lane,
        path=place.path,
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
        flags=tuple(_flags(place, identity, field_agent, status, document, facts)),
        duplicates=(),
        error=facts.error,
    )


def _flags(
    place: Place,
    identity: str,
    field_agent: str | None,
    status: str | None,
    document: Mapping[str, Any],
    facts: FileFacts,
) -> Iterable[str]:
    fitting = _FITTING_STATUS.get(place.lane)
    if facts.error:
        yield "invalid"
    if status and fitting and status not in fitting:
        yield "status_contradicts_lane"
    if place.agent and field_agent and place.agent.lower() != field_agent.lower():
        yield "agent_differs_from_folder"
    if identity != stem(place.path):
        yield "id_differs_from_file"
    if facts.documents > 1:
        yield "several_documents"
    if facts.duplicate_keys:
        yield "duplicate_keys"
    if not facts.utf8:
        yield "not_utf8"
    if document.get("error") and not facts.error:
        yield "has_error"


def passed_lanes(old: Place | None, new: Place, trail: Sequence[Place]) -> list[Place]:
    """The places a task went through on its way from `old` (None: it is new) to `new`, `new` last.

    `trail` is where its file was seen to arrive, in order. Only steps that lead strictly forward between the
    two ends are taken, so that doubled or reordered hints cannot invent a lane.
    """
    steps: list[Place] = []
    rank = lane_rank(old.lane) if old else -2
    for place in trail:
        if rank < lane_rank(place.lane) < lane_rank(new.lane):
            steps.append(place)
            rank = lane_rank(place.lane)
    return [*steps, new]


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """The top-level keys that were added, removed or have another value, sorted."""
    missing = object()
    keys = old.keys() | new.keys()
    return tuple(sorted(key for key in keys if old.get(key, missing) != new.get(key, missing)))


def _time(text: str | None) -> str | None:
    """A time as written in a file, as ISO-8601 UTC; a bare date and what cannot be read stay as they are."""
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
    """One line of text from a scalar; None for nothing and for lists and mappings."""
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
    """Task ids out of the ways in which dependencies are written: text, list of text, list of mappings."""
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
