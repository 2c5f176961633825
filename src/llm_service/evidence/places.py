"""Where the files of a task may be: `Places` knows the folders that agents mean, and looks where a path is not found.

A path may be relative to the task's project, the workspace, the parents of the lanes' and of the projects' folder, or
the projects' folder. A project is recognised in other spellings, a task file in the lane that it moved to, and a path
of a task that names no project in the only project that has it.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from ..artifacts.tree.tree import ArtifactTree
from ..settings.load import Settings
from ..tasks.settings import collaboration_path
from .finder import Base, Finder
from .paths import is_pattern

_MAX_CACHED = 1_000
_NOT_IN_NAMES = re.compile(r"[\W_]+")

TaskFiles = Callable[[str], "str | None"]
"""The path, from the folder of the lanes, of the only task file that has this name."""


class Ambiguous(Exception):
    """A path is in several projects: `number` of them."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Places:
    """The folders of one dashboard. Not thread-safe for `refresh`; the rest may be called by any thread."""

    def __init__(
        self,
        settings: Settings,
        projects_root: Callable[[], str],
        tree: ArtifactTree | None,
        task_files: TaskFiles = lambda name: None,
    ) -> None:
        self.workspace = os.path.abspath(settings.workspace)
        self._lanes = collaboration_path(settings)
        self._lanes_parent = os.path.dirname(self._lanes)
        self._projects_root = projects_root
        self._tree = tree
        self._task_files = task_files
        self._bases: dict[tuple[str, tuple[str, ...]], tuple[Base, ...]] = {}

    @property
    def projects_root(self) -> str:
        """The current folder of the projects."""
        return self._projects_root()

    def bases(self, finder: Finder, names: Iterable[str]) -> tuple[Base, ...]:
        """The folders to which the claims of a task with these names of its project may be relative, the likeliest
        first."""
        names = tuple(names)
        return finder.cached(("bases", names), lambda: self._bases_of(finder, names))

    def _bases_of(self, finder: Finder, names: tuple[str, ...]) -> tuple[Base, ...]:
        root = self.projects_root
        projects = tuple(dict.fromkeys(self._projects_of(finder, names)))
        bases = self._bases.get((root, projects))
        if bases is None:
            roots = (self.workspace, self._lanes_parent, os.path.dirname(root), root)
            named = [Base(root, project) for project in projects]
            bases = tuple(dict.fromkeys([*named, *(Base(each) for each in roots)]))
            if len(self._bases) > _MAX_CACHED:
                self._bases.clear()
            self._bases[root, projects] = bases
        return bases

    def elsewhere(self, finder: Finder, path: str) -> Iterator[tuple[str, Base]]:
        """(path, folder) of where a path may be that is at none of the bases. Raises Ambiguous."""
        if path.endswith((".yaml", ".yml")) and (moved := self._task_files(path.rpartition("/")[2])) is not None:
            yield moved, Base(self._lanes)
        first, _, rest = path.partition("/")
        if not rest or is_pattern(path):
            return
        for project in self._projects_of(finder, [first]):
            yield rest, Base(self.projects_root, project)
        having = [project for project in self._having(finder, first) if self._has(project, path)]
        if len(having) > 1:
            raise Ambiguous(len(having))
        for project in having:
            yield path, Base(self.projects_root, project)

    def is_there(self, finder: Finder) -> bool:
        """False if the workspace cannot be found now: then nothing is known of its files."""
        return finder.is_there(self.workspace)

    def _projects_of(self, finder: Finder, names: Iterable[str]) -> Iterator[str]:
        names = list(names)
        if not names:
            return
        spelled = finder.cached("projects", lambda: _by_spelling(self._projects(finder)))
        for name in names:
            known = spelled.get(spelling(name), ())
            yield from known if name not in known else (name, *(other for other in known if other != name))

    def _projects(self, finder: Finder) -> Iterable[str]:
        if self._tree is not None and self._tree.loading is None:
            return list((self._tree.top.folders or {}).copy())
        return finder.folders(self.projects_root)

    def _having(self, finder: Finder, name: str) -> Iterable[str]:
        """The projects that have an entry of that name at their top."""
        return finder.cached("tops", self._tops).get(name, ())

    def _tops(self) -> dict[str, list[str]]:
        tops: defaultdict[str, list[str]] = defaultdict(list)
        for project, folder in ((self._tree.top.folders or {}).copy() if self._tree else {}).items():
            for name in (folder.folders or {}).copy():
                tops[name].append(project)
        return tops

    def _has(self, project: str, path: str) -> bool:
        if self._tree is None:
            return False
        full = f"{project}/{path}"
        return self._tree.record_at(full) is not None or self._tree.folder_at(full) is not None


@lru_cache(1_000)
def spelling(name: str) -> str:
    """What two spellings of a project's name have in common: `My Shop`, `my-shop`, `my_shop`."""
    return _NOT_IN_NAMES.sub("", name).casefold() or name


def _by_spelling(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        key = spelling(name)
        found[key] = (*found.get(key, ()), name)
    return found
