"""What session logs say besides tokens: which project and which task a session works at. Pure functions.

A task is only what the session itself named: the path of a task's file, `.../(inbox|assigned|done)/.../<id>.yaml`, in
what a person typed or in what the agent gave a tool. Nothing is guessed from titles, branches or times.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

_NOT_SLUG = re.compile(r"[^a-zA-Z0-9]")
_KEPT_SWITCHES = 256
_KEPT_SESSIONS = 4096


class TaskPaths:
    """Finds the tasks that a text names."""

    def __init__(self, lanes: Sequence[str]) -> None:
        names = "|".join(re.escape(lane) for lane in lanes)
        before, folder = r"(?<![\w.-])", r"[^/\\\s\"'`*?<>|]{1,255}"
        self._path = re.compile(
            rf"{before}(?:{names})[/\\]+(?:{folder}[/\\]+){{0,8}}(\w[\w.+-]{{0,199}}?)\.ya?ml(?![\w-])"
        )
        self._trace = re.compile(rf"(?:{names})[/\\]".encode())

    def may_name(self, line: bytes) -> bool:
        """False if a line certainly names no task: quick, so that lines without one cost next to nothing."""
        return (b".yaml" in line or b".yml" in line) and self._trace.search(line) is not None

    def last(self, texts: Iterable[str]) -> str | None:
        """The id of the last task that is named."""
        found = None
        for text in texts:
            if ".y" in text:
                for match in self._path.finditer(text):
                    found = match.group(1)
        return found


class TaskSwitches:
    """When sessions turned to which task, for those who work on behalf of a session: its sub-agents. Bounded."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, list[tuple[int, str]]] = OrderedDict()

    def note(self, session: str, time_ms: int, task: str) -> None:
        """At this time the session named this task."""
        switches = self._of.setdefault(session, [])
        if (time_ms, task) not in switches[-8:]:
            switches.insert(bisect_right(switches, (time_ms, "\U0010ffff")), (time_ms, task))
        del switches[:-_KEPT_SWITCHES]
        self._of.move_to_end(session)
        if len(self._of) > _KEPT_SESSIONS:
            self._of.popitem(last=False)

    def at(self, session: str | None, time_ms: int) -> str | None:
        """The task that the session had named last at that time."""
        switches = self._of.get(session or "")
        if not switches:
            return None
        place = bisect_right(switches, (time_ms, "\U0010ffff"))
        return switches[place - 1][1] if place else None


def strings(value: Any, depth: int = 6) -> Iterable[str]:
    """Every text within a JSON value."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value:
            yield from strings(inner, depth - 1)


@lru_cache(maxsize=4096)
def project_folder(cwd: str, names: tuple[str, ...] = ()) -> str:
    """The folder of the project that a working folder belongs to, with `/` only.

    A worktree that Claude Code made (`<project>/.claude/worktrees/<name>`) counts to its project. `names` are the
    folders in which the log lies: Claude Code calls one after the folder that the session began in, every
    character but letters and digits written as `-`; if one of them fits a parent of `cwd`, that is the project.
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


def project_of(folder: str) -> str | None:
    """The name of a project: the last part of its folder's path."""
    return folder.rsplit("/", 1)[-1] or None


def lies_in(folder: str, workspaces: Sequence[str]) -> bool:
    """True if a folder is one of these, or below one of them."""
    return any(folder == workspace or folder.startswith(f"{workspace}/") for workspace in workspaces)
