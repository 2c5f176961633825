"""The worktrees of a repository: `list_worktrees(workspace)`, the same as `git worktree list`, read from its files.

No process is started, and nothing of git's is needed. What an agent wrote into these files leads nowhere else: a
worktree counts only if it names the repository that names it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from ..errors import FileRefused
from ..files import SafeRoot, printable, read_file

MAX_WORKTREES = 200
_MAX_BYTES = 4_096
_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = "ref: refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A worktree. `path` and `git_dir` are absolute; `branch` is None for a detached head, then `head` is its commit.

    `problem`: why it cannot be used, such as a folder that is gone; git would prune it.
    """

    name: str
    path: str
    git_dir: str
    branch: str | None
    head: str | None
    is_main: bool
    is_locked: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository of a workspace: `common` is its `.git` (absolute), `places` the main worktree and all others."""

    common: str
    places: tuple[Place, ...]


def list_worktrees(workspace: str) -> Repository | None:
    """The repository whose worktree is the workspace; None if there is none, or it leads elsewhere."""
    common = _common_of(workspace)
    if common is None:
        return None
    with SafeRoot(common) as root:
        branch, head = _head(common, "HEAD")
        main = Place(name="main", path=os.path.dirname(common), git_dir=common, branch=branch, head=head, is_main=True)
        try:
            names = sorted(entry.name for entry in root.entries("worktrees") if entry.kind == "folder")
        except FileRefused:
            names = []
    return Repository(common, (main, *(_linked(common, name) for name in names[:MAX_WORKTREES])))


def fingerprint(repository: Repository) -> tuple[object, ...]:
    """Changes whenever the repository does: heads, branches, index, and which worktrees there are."""
    found: list[object] = []
    for place in repository.places:
        found.append(place)
        found += [_signature(os.path.join(place.git_dir, name)) for name in ("HEAD", "index", "logs/HEAD")]
    found += [_signature(os.path.join(repository.common, name)) for name in ("packed-refs", "refs/heads", "config")]
    return tuple(found)


def last_activity(place: Place) -> float | None:
    """When something was committed or checked out there, in seconds since 1970."""
    times = [
        found[2] / 1e9
        for name in ("HEAD", "logs/HEAD")
        if (found := _signature(os.path.join(place.git_dir, name))) is not None
    ]
    return max(times, default=None)


def _common_of(workspace: str) -> str | None:
    """The `.git` of the repository: a folder in the workspace, or where the workspace is a linked worktree."""
    path = os.path.join(workspace, ".git")
    if os.path.isdir(path) and not os.path.islink(path):
        return path
    git_dir = _pointer(workspace, ".git", "gitdir: ")
    if git_dir is None or not _points_back(git_dir, workspace):
        return None
    common = os.path.normpath(os.path.join(git_dir, _text(git_dir, "commondir") or "."))
    is_ours = os.path.dirname(git_dir) == os.path.join(common, "worktrees")
    return common if is_ours and os.path.basename(common) == ".git" else None


def _linked(common: str, name: str) -> Place:
    git_dir = os.path.join(common, "worktrees", name)
    branch, head = _head(common, f"worktrees/{name}/HEAD")
    pointer = _text(common, f"worktrees/{name}/gitdir")
    path = None if pointer is None else os.path.dirname(os.path.normpath(os.path.join(git_dir, pointer)))
    problem = None
    if path is None:
        problem = "Its file gitdir cannot be read."
    elif not os.path.isdir(path):
        problem = "Its folder is gone."
    elif not _is_same(_pointer(path, ".git", "gitdir: "), git_dir):
        problem = "The folder that it names is not its worktree."
    return Place(
        name=printable(name),
        path=path or "",
        git_dir=git_dir,
        branch=branch,
        head=head,
        is_main=False,
        is_locked=os.path.lexists(os.path.join(git_dir, "locked")),
        problem=problem,
    )


def _points_back(git_dir: str, workspace: str) -> bool:
    pointer = _text(git_dir, "gitdir")
    back = None if pointer is None else os.path.normpath(os.path.join(git_dir, pointer))
    return _is_same(back, os.path.join(workspace, ".git"))


def _is_same(one: str | None, other: str) -> bool:
    return one is not None and os.path.realpath(one) == os.path.realpath(other)


def _pointer(folder: str, name: str, prefix: str) -> str | None:
    text = _text(folder, name)
    if text is None or not text.startswith(prefix):
        return None
    return os.path.normpath(os.path.join(folder, text.removeprefix(prefix)))


def _head(common: str, path: str) -> tuple[str | None, str | None]:
    text = _text(common, path) or ""
    if text.startswith(_BRANCH):
        return printable(text.removeprefix(_BRANCH))[:255], None
    return None, text if _SHA.fullmatch(text) else None


def _text(folder: str, name: str) -> str | None:
    try:
        data = read_file(folder, name, _MAX_BYTES).data
    except FileRefused:
        return None
    return os.fsdecode(data).strip("\n\r") or None


def _signature(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
