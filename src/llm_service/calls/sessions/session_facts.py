"""The project and the task of a session: `TaskPaths`, `TaskSwitches`, `project_folder(cwd)`. Pure.

A session works on a task only if it names the path of the task's file, `.../(inbox|assigned|done)/.../<id>.yaml`, in
text that a person typed or in a tool input. Nothing is guessed from titles, branches or times.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

_NOT_SLUG = re.compile(r"[^a-zA-Z0-9]")
_MAX_SWITCHES = 256
_MAX_SESSIONS = 4096


class TaskPaths:
    """Finds the paths of task files in text."""

    def __init__(self, lanes: Sequence[str]) -> None:
        names = "|".join(re.escape(lane) for lane in lanes)
        before, folder = r"(?<![\w.-])", r"[^/\\\s\"'`*?<>|]{1,255}"
        self._path = re.compile(
            rf"{before}(?:{names})[/\\]+(?:{folder}[/\\]+){{0,8}}(\w[\w.+-]{{0,199}}?)\.ya?ml(?![\w-])"
        )
        self._lane_bytes = re.compile(rf"(?:{names})[/\\]".encode())

    def may_match(self, line: bytes) -> bool:
        """False if a line cannot contain such a path; a fast check before parsing."""
        return (b".yaml" in line or b".yml" in line) and self._lane_bytes.search(line) is not None

    def last_task(self, texts: Iterable[str]) -> str | None:
        """The id of the last task in the texts; None without one."""
        found = None
        for text in texts:
            if ".y" in text:
                for match in self._path.finditer(text):
                    found = match.group(1)
        return found


class TaskSwitches:
    """When each session switched to which task, for its sub-agents. Bounded in size."""

    def __init__(self) -> None:
        self._by_session: OrderedDict[str, list[tuple[int, str]]] = OrderedDict()

    def add(self, session: str, time_ms: int, task: str) -> None:
        """The session switched to this task at this time."""
        switches = self._by_session.setdefault(session, [])
        if (time_ms, task) not in switches[-8:]:
            switches.insert(bisect_right(switches, (time_ms, "\U0010ffff")), (time_ms, task))
        del switches[:-_MAX_SWITCHES]
        self._by_session.move_to_end(session)
        if len(self._by_session) > _MAX_SESSIONS:
            self._by_session.popitem(last=False)

    def task_at(self, session: str | None, time_ms: int) -> str | None:
        """The task that the session worked on at that time; None if unknown."""
        switches = self._by_session.get(session or "")
        if not switches:
            return None
        place = bisect_right(switches, (time_ms, "\U0010ffff"))
        return switches[place - 1][1] if place else None


def iter_strings(value: Any, depth: int = 6) -> Iterable[str]:
    """Every string within a JSON value, `depth` levels deep."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for inner in value.values():
            yield from iter_strings(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value:
            yield from iter_strings(inner, depth - 1)


@lru_cache(maxsize=4096)
def project_folder(cwd: str, names: tuple[str, ...] = ()) -> str:
    """The project folder of a working folder, with `/` as separator.

    A worktree made by Claude Code (`<project>/.claude/worktrees/<name>`) belongs to its project. `names` are the
    parent folders of the log: Claude Code names one after the folder in which the session started, with every
    character but letters and digits replaced by `-`; the parent of `cwd` that matches one of them is the project.
    """
    parts = cwd.replace("\\", "/").rstrip("/").split("/")
    for index in range(len(parts) - 1):
        if parts[index : index + 2] == [".claude", "worktrees"] and index:
            return "/".join(parts[:index])
    for length in range(len(parts), 1, -1):
        folder = "/".join(parts[:length])
        if _NOT_SLUG.sub("-", folder) in names:
            return folder
    return "/".join(parts)


def project_name(folder: str) -> str | None:
    """The name of a project: the last part of its folder's path; None if that is empty."""
    return folder.rsplit("/", 1)[-1] or None


def is_within(folder: str, workspaces: Sequence[str]) -> bool:
    """True if a folder is one of the workspaces or below one."""
    return any(folder == workspace or folder.startswith(f"{workspace}/") for workspace in workspaces)
