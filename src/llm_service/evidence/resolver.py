"""Compares the claims of a task with the disk and the tree of artifacts: `ClaimResolver.check(...)`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from ..artifacts.model import time_of
from ..artifacts.tree.tree import ArtifactTree
from ..errors import FileRefused
from ..files import printable
from ..settings.load import Settings
from ..tasks.claims import Claims
from ..tasks.model import TaskSummary
from ..tasks.settings import collaboration_path
from .finder import Base, Finder, Found
from .model import ClaimEvidence, State, is_pattern, state_of, target_of, work_started_at

_SUBTREE = "/**"


class ClaimResolver:
    """Finds claimed files relative to the folders that agents use: the task's project, the workspace, the parents of
    the lanes' and of the projects' folder, the projects' folder."""

    def __init__(self, settings: Settings, projects_root: Callable[[], str], tree: ArtifactTree | None) -> None:
        self._workspace = os.path.abspath(settings.workspace)
        self._lanes_parent = os.path.dirname(collaboration_path(settings))
        self._projects_root = projects_root
        self._tree = tree
        self._bases: dict[tuple[str, str | None], tuple[Base, ...]] = {}

    @property
    def projects_root(self) -> str:
        """The current folder of the projects."""
        return self._projects_root()

    def bases(self, project: str | None) -> tuple[Base, ...]:
        """The folders to which the claims of a task of that project may be relative, the likeliest first."""
        root = self.projects_root
        bases = self._bases.get((root, project))
        if bases is None:
            named = [Base(root, project)] if project else []
            roots = (self._workspace, self._lanes_parent, os.path.dirname(root), root)
            bases = tuple(dict.fromkeys([*named, *(Base(each) for each in roots)]))
            if len(self._bases) > 1_000:
                self._bases.clear()
            self._bases[root, project] = bases
        return bases

    def index_keys(self, claims: Claims) -> set[str]:
        """The keys under which a task is indexed: the folders of projects in which its claims may be (see
        `keys_of_folder`)."""
        root = self.projects_root + "/"
        bases = [base for base in self.bases(claims.project) if root.startswith(base.root + "/")]
        prefixes = [(root[len(base.root) + 1 :], base.subfolder) for base in bases]
        found = set()
        for text in claims.texts:
            for path in target_of(text, self._workspace).paths:
                for prefix, subfolder in prefixes:
                    if path.startswith(prefix):
                        found.add(_index_key(f"{subfolder}/{path}" if subfolder else path[len(prefix) :]))
        return found

    def check(
        self, finder: Finder, task: TaskSummary, claims: Claims, with_artifact: bool = False
    ) -> list[ClaimEvidence]:
        """The state of each claim of a task on the disk now; `with_artifact`: also its file and artifact."""
        bases = self.bases(claims.project)
        started_at = work_started_at(task.started_at, task.assigned_at, task.created_at)
        results = []
        for number, text in enumerate(claims.texts):
            target = target_of(text, self._workspace)
            found, state, reason = None, target.refused, target.reason
            if state is None:
                try:
                    found = finder.find(target.paths, bases)
                except FileRefused as refusal:
                    state, reason = "refused", refusal.message
                else:
                    state = "missing" if found is None else state_of(found.size_bytes, found.mtime_ns, started_at)
            results.append(self._evidence(text, state, number < claims.declared, found, reason, with_artifact))
        return results

    def _evidence(
        self, text: str, state: State, declared: bool, found: Found | None, reason: str | None, with_artifact: bool
    ) -> ClaimEvidence:
        if found is None or not with_artifact:
            return ClaimEvidence(text, state, declared, reason=reason)
        project, path = self._artifact_of(found)
        return ClaimEvidence(
            path=text,
            state=state,
            declared=declared,
            kind=found.kind,
            size_bytes=found.size_bytes,
            modified_at=time_of(found.mtime_ns),
            found=printable(os.path.relpath(f"{found.root}/{found.path}", self._workspace)),
            matches=found.matches,
            project=project,
            artifact_path=path,
        )

    def _artifact_of(self, found: Found) -> tuple[str | None, str | None]:
        """(project, path in it) of the artifact as it is shown; None if the tree has none, as for ignored files."""
        full, projects = f"{found.root}/{found.path}", self.projects_root + "/"
        if self._tree is None or not full.startswith(projects):
            return None, None
        relative = full[len(projects) :]
        if found.kind == "folder":
            folder = self._tree.folder_at(relative)
            project, _, path = self._tree.shown_path(folder).partition("/") if folder is not None else ("", "", "")
            return (project or None), (path or None)
        parent, _, name = relative.rpartition("/")
        folder = self._tree.folder_at(parent)
        artifact = self._tree.artifact(folder, name) if folder is not None else None
        return (artifact.project, artifact.path) if artifact is not None else (None, None)


def keys_of_folder(folder: str) -> Iterator[str]:
    """The keys under which those tasks are indexed that may claim a folder or something directly in it."""
    yield folder
    yield folder.rpartition("/")[0]
    while folder:
        yield folder + _SUBTREE
        folder = folder.rpartition("/")[0]
    yield _SUBTREE


def _index_key(path: str) -> str:
    """The key of a claimed path: its folder; for a pattern the subtree of the folder above its first wildcard."""
    folder = path.rpartition("/")[0]
    if not is_pattern(path):
        return folder
    while is_pattern(folder):
        folder = folder.rpartition("/")[0]
    return folder + _SUBTREE
