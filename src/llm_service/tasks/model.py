"""Tasks: the location of a task file and what is known of it. Values and pure functions; `summary` makes them.

Rules and field names are those of the tasks contract. **The folder decides the lane**; the status that the file states
is shown, and flagged where it contradicts the lane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any
from urllib.parse import quote

from .claims import Claims

LANES = ("inbox", "assigned", "done")
PRIORITIES = ("critical", "high", "medium", "normal", "low")


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
class Checklist:
    """How many of the entries that can be checked off are."""

    done: int
    total: int


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

    Times are ISO-8601 with `Z` if the text in the file is a time, else the text as written.

    `key` is unique on the board: the id, or, if another file with the same id leads, one made of id and path. The file
    that leads names the first others in `duplicates` and their number in `duplicate_count`. `copied_by` is what made a
    conflict copy or backup, as far as its name says so. `lane_since` is when the file was seen to come to its lane,
    None if nobody saw that: it was there when the service started, and no record says since when. `checklist` is None
    for a task that has nothing to check off.
    """

    id: str
    key: str
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
    lane_since: str | None
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
    duplicate_count: int
    copied_by: str | None
    error: TaskError | None
    checklist: Checklist | None = None


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


def key_of_other(task_id: str, path: str) -> str:
    """The key of a file that does not lead those with its id. An id is a single line, so this is none."""
    return f"{task_id}\n{path}"


def task_address(task: TaskSummary, is_file: bool = False) -> str:
    """Where the page shows a task; one whose id another file has too, or `is_file`, by the path of its file."""
    path = f"?path={quote(task.path, safe='')}" if is_file or task.key != task.id else ""
    return f"#/tasks/{quote(task.id, safe='')}{path}"


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
