"""What pygit2 says of a worktree: `read_states(repository)`. Runs in the git reader's process only.

libgit2 starts no program: it knows neither `core.fsmonitor` nor `filter.*.clean`, hooks, pagers or aliases; and its
status does not write the index. But it opens whatever a repository names, and holds Python meanwhile: a FIFO named
`.gitignore` would halt the dashboard. So it runs apart (`git_reader.py`), where it can be ended.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pygit2
from pygit2.enums import FileStatus, RepositoryOpenFlag

from .overlaps import Changes, overlaps_of
from .worktrees import Place

MAX_PATHS = 1_000
_MAIN_BRANCHES = ("main", "master", "trunk")
_IGNORED = FileStatus.IGNORED
_GONE = FileStatus.WT_DELETED | FileStatus.INDEX_DELETED


@dataclass
class Opened:
    """A worktree whose repository is open, with what is cached of it."""

    repository: Any
    place: Place
    dirty: dict[str, bool] = field(default_factory=dict)
    """Path -> True if the file is gone."""


class GitReader:
    """Keeps repositories open, and what follows from commits alone."""

    def __init__(self) -> None:
        self._opened: dict[str, Opened] = {}
        self._counts: dict[tuple[str, str], tuple[int, int]] = {}
        self._changed: dict[tuple[str, str], frozenset[str]] = {}
        self._hunks: dict[tuple[str, str, str], Any] = {}

    def read(self, places: Sequence[Place]) -> dict[str, dict[str, Any]]:
        """By path: `{dirty, dirtyCount, ahead, behind, mainBranch, lastCommit, overlaps, problem}`."""
        found: dict[str, dict[str, Any]] = {}
        changes: list[Changes] = []
        main = next((place.branch for place in places if place.is_main), None)
        for place in places:
            try:
                opened = self._open(place)
                opened.dirty = _dirty(opened.repository)
                found[place.path], changed = self._state(opened, main)
                changes.append(changed)
            except (pygit2.GitError, KeyError, ValueError, OSError, UnicodeError) as problem:
                found[place.path] = {"problem": f"git cannot read it: {str(problem)[:200]}"}
        for path, overlaps in overlaps_of(changes, self._hunks).items():
            found[path]["overlaps"] = overlaps
        for cache in (self._counts, self._changed, self._hunks):
            if len(cache) > 20_000:
                cache.clear()
        return found

    def _open(self, place: Place) -> Opened:
        known = self._opened.get(place.path)
        if known is None or known.place.git_dir != place.git_dir:
            repository = pygit2.Repository(place.path, RepositoryOpenFlag.NO_SEARCH)
            self._opened[place.path] = known = Opened(repository, place)
        repository = known.repository
        # `core.worktree` can name any folder; `core.bare` none.
        if repository.workdir is None or os.path.realpath(repository.workdir) != os.path.realpath(place.path):
            del self._opened[place.path]
            raise ValueError("its configuration names another folder as its worktree")
        if os.path.realpath(repository.path) != os.path.realpath(place.git_dir):
            del self._opened[place.path]
            raise ValueError("its folder belongs to another repository")
        return known

    def _state(self, opened: Opened, main: str | None) -> tuple[dict[str, Any], Changes]:
        repository = opened.repository
        dirty = opened.dirty
        state: dict[str, Any] = {
            "dirty": sorted(dirty)[:MAX_PATHS],
            "dirtyCount": len(dirty),
            "ahead": None,
            "behind": None,
            "mainBranch": None,
            "lastCommit": None,
            "overlaps": [],
            "problem": None,
        }
        if repository.head_is_unborn:
            return state, Changes(opened.place, repository, None, None, dirty, frozenset(dirty))
        head = repository.head.peel(pygit2.Commit)
        state["lastCommit"] = {
            "id": str(head.id),
            "at": head.commit_time,
            "summary": head.message.split("\n", 1)[0][:200],
        }
        name, target = _main_of(repository, main)
        committed: frozenset[str] = frozenset()
        if target is not None and name != opened.place.branch:
            key = (str(head.id), str(target))
            if key not in self._counts:
                self._counts[key] = repository.ahead_behind(head.id, target)
            state["ahead"], state["behind"] = self._counts[key]
            committed = self._committed(repository, head.id, target)
        state["mainBranch"] = name
        return state, Changes(opened.place, repository, head.id, head.tree, dirty, committed | frozenset(dirty))

    def _committed(self, repository: Any, head: Any, target: Any) -> frozenset[str]:
        """The paths that the branch changed since it left the main one."""
        key = (str(head), str(target))
        if key not in self._changed:
            base = repository.merge_base(head, target)
            paths: set[str] = set()
            if base is not None and base != head:
                diff = repository[base].tree.diff_to_tree(repository[head].tree)
                for delta in diff.deltas:
                    paths |= {delta.old_file.path, delta.new_file.path}
            self._changed[key] = frozenset(paths)
        return self._changed[key]


def _dirty(repository: Any) -> dict[str, bool]:
    status: Mapping[str, Any] = repository.status(untracked_files="all")
    return {path: bool(flags & _GONE) for path, flags in status.items() if flags and not flags & _IGNORED}


def _main_of(repository: Any, main: str | None) -> tuple[str | None, Any]:
    """(name, commit) of the branch that the others are compared with: `main`, `master`, else that of the main
    worktree."""
    for name in (*_MAIN_BRANCHES, main):
        if name is not None and (branch := repository.branches.local.get(name)) is not None:
            return name, branch.target
    return None, None
