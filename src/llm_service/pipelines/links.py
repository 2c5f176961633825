"""What a pipeline names elsewhere in the workspace, found when it is read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..errors import FileRefused
from ..files import SafeRoot, printable
from .limits import MAX_NAME
from .model import Pipeline

_NOTHING: dict[str, Any] = {"task": None, "branch": None, "project": None, "sessions": [], "costs": None}
_BRANCH = "ref: refs/heads/"
_MOST_WORKTREES = 500
_CACHE_S = 2.0
_SMALL = 4_096


@dataclass(frozen=True, slots=True)
class Links:
    """Where links lead. `task_of(id)`: `{id, key, title, lane}` of a task on the board; `files_of(project)`: how many
    generated files it has; `worktree_of(branch)`: where it is checked out. Each None if there is no such thing.
    `costs_of(sessions)`: session -> `{calls, cost_usd, unpriced_calls}` of those with calls; None if calls are not
    counted."""

    task_of: Callable[[str], Mapping[str, Any] | None] = lambda task: None
    files_of: Callable[[str], int | None] = lambda project: None
    worktree_of: Callable[[str], str | None] = lambda branch: None
    costs_of: Callable[[Sequence[str]], Mapping[str, Any] | None] = lambda sessions: None

    def of(self, pipeline: Pipeline | None) -> dict[str, Any]:
        """`{task, branch, project, sessions, costs}` of a pipeline."""
        if pipeline is None:
            return dict(_NOTHING)
        task, branch, project = pipeline.ticket_id, pipeline.branch, pipeline.project
        files = self.files_of(project) if project else None
        sessions = sessions_of(pipeline)
        return {
            "task": self.task_of(task) if task else None,
            "branch": {"name": branch, "worktree": self.worktree_of(branch)} if branch else None,
            "project": {"name": project, "files": files} if files is not None else None,
            "sessions": sessions,
            "costs": self.costs_of(sessions),
        }


def sessions_of(pipeline: Pipeline) -> list[str]:
    """The sessions that the pipeline and its jobs name, each once."""
    named = [pipeline.meta.get("session_id")]
    for job in pipeline.jobs:
        meta = job.more.get("meta")
        named += [job.session_id, meta.get("session_id") if isinstance(meta, Mapping) else None]
    return list(dict.fromkeys(one for one in named if isinstance(one, str) and 0 < len(one) <= MAX_NAME))


class Worktrees:
    """The worktrees of the git repository at the workspace, as its own files say; no program is started."""

    def __init__(self, workspace: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._workspace = os.path.abspath(workspace)
        self._clock = clock
        self._found: tuple[float, dict[str, str]] | None = None

    def of(self, branch: str) -> str | None:
        """The folder that has a branch checked out: relative to the workspace, or absolute if it is elsewhere."""
        now = self._clock()
        if self._found is None or now - self._found[0] > _CACHE_S:
            self._found = now, self._read()
        return self._found[1].get(branch)

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        with suppress(FileRefused), SafeRoot(os.path.join(self._workspace, ".git")) as git:
            names: list[str] = []
            with suppress(FileRefused):
                names = [entry.name for entry in git.entries("worktrees") if entry.kind == "folder"][:_MOST_WORKTREES]
            for name in names:
                branch = _branch_in(_line(git, f"worktrees/{name}/HEAD"))
                place = _line(git, f"worktrees/{name}/gitdir")
                if branch is not None and place is not None:
                    found[branch] = self._shown(os.path.dirname(place))
            own = _branch_in(_line(git, "HEAD"))
            if own is not None:
                found[own] = "."
        return found

    def _shown(self, folder: str) -> str:
        relative = os.path.relpath(os.path.join(self._workspace, folder), self._workspace)
        return printable(folder if relative.startswith("..") else relative.replace(os.sep, "/"))


def _line(git: SafeRoot, path: str) -> str | None:
    """The first line of a small file, None if there is none."""
    try:
        handle = git.open(path)
    except FileRefused:
        return None
    try:
        return os.read(handle, _SMALL).decode("utf-8", "replace").partition("\n")[0].strip() or None
    except OSError:
        return None
    finally:
        os.close(handle)


def _branch_in(head: str | None) -> str | None:
    return head.removeprefix(_BRANCH) if head is not None and head.startswith(_BRANCH) else None
