"""Counts the files of a project, and those that changed since a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import FileRefused
from ...files import SafeRoot, printable

_MAX_FILES = 50_000
_LEFT_OUT = frozenset({"node_modules", "__pycache__", ".git", ".venv", "venv"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFiles:
    """The files of a project: how many, how many of them changed since a time, and the newest."""

    folder: str | None
    count: int = 0
    since: int = 0
    newest: str | None = None
    newest_at: float | None = None


def files_of(folders: Sequence[str], project: str, since: float) -> ProjectFiles:
    """The files of a project, which is in the first of these folders that has it."""
    name = project.strip()
    folder = next((one for one in folders if name and "/" not in name and os.path.isdir(os.path.join(one, name))), None)
    if folder is None:
        return ProjectFiles(folder=None)
    root = os.path.join(folder, name)
    count, newer, newest, newest_at = 0, 0, None, None
    with SafeRoot(root) as safe:
        for path in _walk(safe):
            try:
                at = safe.status(path).st_mtime
            except FileRefused:
                continue
            count, newer = count + 1, newer + (at >= since)
            if newest_at is None or at > newest_at:
                newest, newest_at = printable(path), at
            if count >= _MAX_FILES:
                break
    return ProjectFiles(folder=root, count=count, since=newer, newest=newest, newest_at=newest_at)


def _walk(root: SafeRoot) -> Iterator[str]:
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = list(root.entries(folder))
        except FileRefused:
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "folder" and entry.name not in _LEFT_OUT:
                pending.append(path)
            elif entry.kind == "file":
                yield path
