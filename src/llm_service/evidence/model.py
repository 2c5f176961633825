"""Evidence: where a claimed file may be, and its state on the disk. Values and pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import unquote

from ..tasks.claims import PLAIN_PATH, URL, looks_like_path, path_candidates

State = Literal["present", "empty", "missing", "unchanged", "outside", "refused"]

_DRIVE = re.compile(r"^[a-zA-Z]:[\\/]")
_PATTERN = re.compile(r"[*?]|\[[^\]/]{1,50}\]")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a claimed file may be: relative paths, the likeliest first. If `refused` is set it is not searched for:
    "outside" the workspace, or "refused" because of `reason`."""

    paths: tuple[str, ...]
    refused: State | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """A claim of a task, compared with the disk.

    `path` is the claim as written, `found` the path of the file relative to the workspace (None if there is none),
    `matches` the number of files that a pattern matches, `kind` "file" or "folder". `declared` is False if only the
    task's result names it. `project` and `artifact_path` are those of the artifact.
    """

    path: str
    state: State
    declared: bool
    kind: str | None = None
    size_bytes: int | None = None
    modified_at: str | None = None
    found: str | None = None
    matches: int | None = None
    reason: str | None = None
    project: str | None = None
    artifact_path: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceCounts:
    """The numbers of a task's claims in each state. `present` includes `empty` and `unchanged`; `refused` are those
    that are not checked: outside the workspace, behind a link, a URL, not a path."""

    total: int
    present: int
    empty: int
    missing: int
    unchanged: int
    refused: int


def target_of(text: str, workspace: str) -> Target:
    """Where the file that a claim names may be; `workspace` is an absolute path."""
    if PLAIN_PATH.fullmatch(text):
        return Target((text,))
    paths: dict[str, None] = {}
    refusal: Target | None = None
    for candidate in path_candidates(text):
        target = _normalized(candidate, workspace)
        if isinstance(target, str):
            paths[target] = None
        else:
            refusal = refusal or target
    if paths:
        return Target(tuple(paths))
    return refusal or Target((), "refused", "it is not a path")


def is_pattern(path: str) -> bool:
    """True if a path has wildcards."""
    return ("*" in path or "?" in path or "[" in path) and _PATTERN.search(path) is not None


def state_of(size_bytes: int, mtime_ns: int, started_at: datetime | None) -> State:
    """The state of a file or folder that exists; `size_bytes` of a folder is the number of its entries."""
    if size_bytes == 0:
        return "empty"
    if started_at is not None and mtime_ns < started_at.timestamp() * 1e9:
        return "unchanged"
    return "present"


def work_started_at(*times: str | None) -> datetime | None:
    """When work on a task started: the first of the texts that is a time. A date without a time means midnight UTC."""
    for text in times:
        if text:
            try:
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def count_states(results: list[ClaimEvidence]) -> EvidenceCounts:
    """The counts for a task."""
    states = [result.state for result in results]
    empty, unchanged, missing = (states.count(state) for state in ("empty", "unchanged", "missing"))
    return EvidenceCounts(
        total=len(states),
        present=states.count("present") + empty + unchanged,
        empty=empty,
        missing=missing,
        unchanged=unchanged,
        refused=states.count("outside") + states.count("refused"),
    )


def _normalized(text: str, workspace: str) -> str | Target:
    """The path relative to the workspace, without `.` and `..`; if there is none, a refused target."""
    if text.startswith("file://"):
        text = unquote(text[7:])
    if URL.match(text):
        return Target((), "refused", "it is a URL")
    if _DRIVE.match(text) or text.startswith("~"):
        return _OUTSIDE
    if "\\" in text and "/" not in text:
        text = text.replace("\\", "/")
    if text.startswith("/"):
        if text != workspace and not text.startswith(workspace.rstrip("/") + "/"):
            return _OUTSIDE
        text = text[len(workspace) :]
    elif not looks_like_path(text):
        return Target((), "refused", "it is not a path")
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return _OUTSIDE
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or Target((), "refused", "it is the workspace itself")


_OUTSIDE = Target((), "outside", "it is outside the workspace")
