"""The files of a project that a job's specification may name."""

from __future__ import annotations

import os
from collections import deque

from .. import files
from ..errors import FileRefused
from .parameters import is_path
from .reader import is_project

MAX_FILES = 200
_MAX_ENTRIES = 5_000
_MAX_DEPTH = 6
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})


def specifications(workspace: str, projects: str, project: str) -> list[str]:
    """Paths in the workspace, in order, of the files of a project that end in `.md`: what is near its top comes before
    what is deeper, if there are too many. Empty where the projects are not in the workspace, or it has no folder yet.
    """
    place = os.path.relpath(projects, workspace).replace(os.sep, "/")
    if not is_project(project) or place.split("/")[0] == "..":
        return []
    found: list[str] = []
    waiting = deque([project if place == "." else f"{place}/{project}"])
    left = _MAX_ENTRIES
    while waiting and left > 0 and len(found) < MAX_FILES:
        folder = waiting.popleft()
        names, folders, left = _entries(workspace, folder, left)
        found += [path for name in names if is_path(path := f"{folder}/{name}")]
        if folder.count("/") - place.count("/") < _MAX_DEPTH:
            waiting += [f"{folder}/{name}" for name in folders]
    return sorted(found[:MAX_FILES])


def _entries(workspace: str, folder: str, left: int) -> tuple[list[str], list[str], int]:
    """The files and the folders in a folder, in order, of at most `left` entries; and how many may still be read."""
    names: list[str] = []
    folders: list[str] = []
    try:
        with files.scan_folder(workspace, folder) as entries:
            for entry in entries:
                left -= 1
                if left < 0:
                    break
                if not entry.name.isprintable() or entry.name.startswith(".") or entry.name in _SKIPPED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif entry.is_file(follow_symlinks=False):
                    names.append(entry.name)
    except FileRefused:
        pass  # it is gone, or may not be read: nothing of it can be named
    return sorted(names), sorted(folders), left
