"""Evidence: what is said of a file that a task claims, compared with the disk. Values and pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import unquote

from ..tasks.claims import ADDRESS, PLAIN_PATH, candidates, looks_like_path

State = Literal["present", "empty", "missing", "unchanged", "outside", "refused"]

_DRIVE = re.compile(r"^[a-zA-Z]:[\\/]")
_PATTERN = re.compile(r"[*?]|\[[^\]/]{1,50}\]")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an artefact may lie: relative paths, the likeliest first. With `refused` it is not looked for: `outside`
    the workspace, or "refused" because `reason`."""

    paths: tuple[str, ...]
    refused: State | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Artefact:
    """One artefact of a task, compared with the disk.

    `path` is what the task says, `found` where it lies relative to `root` (None if nowhere), `matches` how many files a
    pattern stands for, `kind` "file" or "folder". `project` and `artifact_path` name it among the artifacts.
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
    """How many artefacts of a task are there. `present` counts all that are, the `empty` and the `unchanged` among
    them; `refused` those that are not looked at: outside the workspace, behind a link, an address, no path."""

    total: int
    present: int
    empty: int
    missing: int
    unchanged: int
    refused: int


def target_of(text: str, workspace: str) -> Target:
    """Where to look for what a text names; `workspace` is an absolute path."""
    if PLAIN_PATH.fullmatch(text):
        return Target((text,))
    paths: dict[str, None] = {}
    refusal: Target | None = None
    for candidate in candidates(text):
        one = _normal(candidate, workspace)
        if isinstance(one, str):
            paths[one] = None
        else:
            refusal = refusal or one
    if paths:
        return Target(tuple(paths))
    return refusal or Target((), "refused", "it is no path")


def is_pattern(path: str) -> bool:
    """True if a path has wildcards."""
    return ("*" in path or "?" in path or "[" in path) and _PATTERN.search(path) is not None


def state_of(size_bytes: int, mtime_ns: int, began: datetime | None) -> State:
    """What is said of something that is there; `size_bytes` of a folder is the number of its entries."""
    if size_bytes == 0:
        return "empty"
    if began is not None and mtime_ns < began.timestamp() * 1e9:
        return "unchanged"
    return "present"


def began_at(*times: str | None) -> datetime | None:
    """The first of some texts that is a time: when work on a task began. A bare date begins at midnight UTC."""
    for text in times:
        if text:
            try:
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


def count(artefacts: list[Artefact]) -> EvidenceCounts:
    """The counts of a task."""
    states = [artefact.state for artefact in artefacts]
    empty, unchanged, missing = (states.count(state) for state in ("empty", "unchanged", "missing"))
    return EvidenceCounts(
        total=len(states),
        present=states.count("present") + empty + unchanged,
        empty=empty,
        missing=missing,
        unchanged=unchanged,
        refused=states.count("outside") + states.count("refused"),
    )


def _normal(text: str, workspace: str) -> str | Target:
    """A path below the workspace without `.` and `..`, or why there is none."""
    if text.startswith("file://"):
        text = unquote(text[7:])
    if ADDRESS.match(text):
        return Target((), "refused", "it is an address")
    if _DRIVE.match(text) or text.startswith("~"):
        return _OUTSIDE
    if "\\" in text and "/" not in text:
        text = text.replace("\\", "/")
    if text.startswith("/"):
        if text != workspace and not text.startswith(workspace.rstrip("/") + "/"):
            return _OUTSIDE
        text = text[len(workspace) :]
    elif not looks_like_path(text):
        return Target((), "refused", "it is no path")
    parts: list[str] = []
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return _OUTSIDE
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or Target((), "refused", "it is the workspace itself")


_OUTSIDE = Target((), "outside", "it lies outside the workspace")
