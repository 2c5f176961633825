"""Artifacts: files that agents generate, as lists, events and snapshots show them. Values and names.

A name is shown as it is if all of it can be shown. Else (bytes that are not UTF-8, control characters, characters
that are not seen) it is shown with escapes and a suffix made of its bytes, `caf\\xe9.txt~1f3b02c9`, so that two real
names are never shown alike and each can be requested by what is shown.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from ..files import printable
from ..times import iso_time


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file of a project. `path` is relative to the project; `lines` and `sha256` are None if not counted.

    `kind` is "file", "link" (shown, never followed) or "special" (FIFO, socket, device: listed, never opened).
    """

    project: str
    path: str
    name: str
    type: str
    language: str | None
    size_bytes: int
    modified_at: str
    lines: int | None
    sha256: str | None
    workflow: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Project:
    """A first-level folder, with sums over all its files.

    `lines` are those counted so far, `uncounted` files still wait for it. `lines_written` is what files grew by since
    the service started, new files counting whole; `lines_per_hour` is the part of it in the last 60 minutes.
    `ignored` names the folders that are ignored, the first 50; `workflow` the paths of spec.md, plan.md, tasks.md.
    """

    name: str
    files: int
    folders: int
    size_bytes: int
    lines: int
    uncounted: int
    lines_written: int
    lines_per_hour: int
    changed_at: str | None
    by_type: dict[str, int]
    workflow: tuple[str, ...]
    ignored: tuple[str, ...]
    root_mode: str


@dataclass(frozen=True, slots=True)
class FolderShown:
    """A folder in a level: `files` at any depth below it; `changed_at` when anything in it changed last."""

    name: str
    path: str
    files: int
    changed_at: str | None


@dataclass(frozen=True, slots=True)
class Level:
    """What is directly in one folder, a page of it: the folders, then the files, spec.md, plan.md and tasks.md first,
    else in order of name. `counts` are of all its files by type; `cursor` continues, None on the last page."""

    folders: tuple[FolderShown, ...]
    files: tuple[Artifact, ...]
    counts: dict[str, int]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From one time to another (seconds since 1970; None: until now), both included."""

    since: float
    until: float | None = None

    def has(self, ns: int) -> bool:
        """True for a time in it, in nanoseconds."""
        return ns >= self.since * 1e9 and (self.until is None or ns <= self.until * 1e9)


@dataclass(frozen=True, slots=True)
class ArtifactQuery:
    """What to list. `q` matches if each of its words occurs in the path, in capitals or not; None and "" match
    everything. `projects`: only files of these; `written`: only files that were changed last in this time."""

    project: str | None = None
    projects: frozenset[str] | None = None
    type: str | None = None
    q: str = ""
    under: str = ""
    limit: int = 100
    cursor: str | None = None
    written: TimeSpan | None = None


@dataclass(frozen=True, slots=True)
class ArtifactPage:
    """One page, folder by folder in order of path, in each in order of name. `counts` are by type, over all pages and
    whatever the type in the query; `cursor` continues, None on the last page."""

    artifacts: tuple[Artifact, ...]
    counts: dict[str, int]
    cursor: str | None


def time_of(time_ns: int) -> str:
    """A time as text; one that no calendar has comes out as the nearest it has."""
    return iso_time(max(0.0, min(time_ns / 1e9, 253402300799.0)))


def shown_name(name: str, taken: Callable[[str], bool]) -> str:
    """How the name of a file or folder is shown; `taken(name)` says whether its folder has a real entry so named."""
    shown = printable(name)
    if shown == name:
        return name
    digest = hashlib.blake2b(os.fsencode(name), digest_size=32).hexdigest()
    for length in (8, 16, 32, 64):
        candidate = f"{shown}~{digest[:length]}"
        if not taken(candidate):
            break
    return candidate


def is_plain(name: str) -> bool:
    """True if the name is shown as it is."""
    return printable(name) == name
