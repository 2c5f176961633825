"""Compares the claims of a task with the disk and the tree of artifacts: `ClaimResolver.check(...)`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import islice

from ..artifacts.model import time_of
from ..artifacts.tree.tree import ArtifactTree
from ..errors import FileRefused, FileUnreadable
from ..files import printable
from ..tasks.claims import Claims
from .finder import Base, Finder, Found
from .model import ClaimEvidence, State, state_of, work_began
from .namesakes import Namesakes
from .paths import Reading, first_path, reading_of
from .places import Ambiguous, Places

_MOST_ELSEWHERE = 12
_ARTIFACT = tuple[str | None, str | None]


class ClaimResolver:
    """Finds claimed files. `lost()` says why the projects' folder cannot be read at the moment, None if it can;
    `opened(path)` gives project and path under which a file outside the projects can be opened."""

    def __init__(
        self,
        places: Places,
        tree: ArtifactTree | None,
        namesakes: Namesakes,
        lost: Callable[[], str | None] = lambda: None,
        opened: Callable[[str], _ARTIFACT] = lambda path: (None, None),
    ) -> None:
        self.places = places
        self._tree = tree
        self._namesakes = namesakes
        self._lost = lost
        self._opened = opened

    def check(
        self, finder: Finder, claims: Claims, with_artifact: bool = False
    ) -> list[tuple[ClaimEvidence, Found | None]]:
        """The state of each claim of a task on the disk now, each file once, and what was found; `with_artifact`: also
        its artifact."""
        bases = self.places.bases(finder, claims.projects)
        began_s = work_began(claims.began, time.time())
        results: dict[object, tuple[ClaimEvidence, Found | None]] = {}
        for number, text in enumerate(claims.texts):
            result = self._check(finder, text, bases, began_s, number < claims.declared, with_artifact)
            results.setdefault(result[0], result[1:])
        return list(results.values())

    def outside_path(self, found: Found | None) -> str | None:
        """The path from the workspace of a file that was found there, but not in a project."""
        if found is None or found.kind != "file" or found.full_path.startswith(self.places.projects_root + "/"):
            return None
        above = self.places.workspace.rstrip("/") + "/"
        return found.full_path[len(above) :] if found.full_path.startswith(above) else None

    def expect(self, claims: Iterable[Claims]) -> None:
        """These will be checked: look for the names in them together."""
        self._namesakes.expect(text.rpartition("/")[2] for each in claims for text in each.texts if " " not in text)

    def _check(
        self, finder: Finder, text: str, bases: tuple[Base, ...], began_s: float | None, declared: bool, full: bool
    ) -> tuple[object, ClaimEvidence, Found | None]:
        """(what tells the file from others, its state, the file)."""
        reason: str | None = None
        try:
            found = self._find_first(finder, text, bases)
            if found is None:
                reading = reading_of(text, self.places.workspace)
                found, reason = self._find(finder, reading, bases)
        except FileUnreadable as refusal:
            return text, ClaimEvidence(text, "unknown", declared, reason=refusal.message), None
        except FileRefused as refusal:
            return text, ClaimEvidence(text, "refused", declared, reason=refusal.message), None
        except Ambiguous as several:
            reason = f"{several.number} projects have such a file, and the task does not say which is its own"
            return text, ClaimEvidence(text, "unknown", declared, reason=reason), None
        if found is None:
            state, reason = self._not_found(finder, reading, bases)
            return (
                (reading.plain if state == "missing" else text),
                ClaimEvidence(text, state, declared, reason=reason),
                None,
            )
        name = found.path.rpartition("/")[2]
        state = state_of(name, found.size_bytes, found.changed_ns, began_s)
        identity = (found.full_path, text if found.matches is not None else None)
        if not full:
            return identity, ClaimEvidence(text, state, declared), found
        project, path = self._artifact_of(found)
        result = ClaimEvidence(
            path=text,
            state=state,
            declared=declared,
            kind=found.kind,
            size_bytes=found.size_bytes,
            modified_at=time_of(found.mtime_ns),
            found=self._shown(found.full_path),
            matches=found.matches,
            reason=reason,
            project=project,
            artifact_path=path,
        )
        return identity, result, found

    @staticmethod
    def _find_first(finder: Finder, text: str, bases: tuple[Base, ...]) -> Found | None:
        """The file with which a text begins, found without reading all of the text."""
        first = first_path(text)
        try:
            return None if first is None else finder.find([first], bases, only_files=True)
        except FileRefused:
            return None

    def _find(self, finder: Finder, reading: Reading, bases: tuple[Base, ...]) -> tuple[Found | None, str | None]:
        """(the file that a claim means, a remark about it). Raises FileRefused, Ambiguous."""
        if reading.alternatives and (all_of_it := self._find_all(finder, reading, bases))[0] is not None:
            return all_of_it
        refusal: FileRefused | None = None
        for paths, only_files in ((reading.paths, False), (reading.files, True)):
            try:
                found = finder.find(paths, bases, only_files)
            except FileRefused as problem:
                refusal = refusal or problem
            else:
                if found is not None:
                    return found, None
        for path in islice((path for path in (*reading.paths, *reading.files) if " " not in path), _MOST_ELSEWHERE):
            for other, base in self.places.elsewhere(finder, path):
                found = finder.find([other], [base])
                if found is not None:
                    return found, None
        if refusal is not None:
            raise refusal
        return None, None

    def _find_all(self, finder: Finder, reading: Reading, bases: tuple[Base, ...]) -> tuple[Found | None, str | None]:
        """What there is of the files of a text with braces, as one; the remark names the first that is not there."""
        there: list[Found] = []
        lacking: list[str] = []
        for path in reading.alternatives:
            found, _ = self._find(finder, replace(reading, paths=(path,), files=(), alternatives=()), bases)
            if found is None:
                lacking.append(path)
            else:
                there.append(found)
        if not there:
            return None, None
        best = max(there, key=lambda found: (found.size_bytes > 0, found.changed_ns))
        remark = f"{printable(lacking[0])[:200]} is not there" if lacking else None
        return replace(best, matches=sum(found.matches or 1 for found in there)), remark

    def _not_found(self, finder: Finder, reading: Reading, bases: tuple[Base, ...]) -> tuple[State, str | None]:
        lost = self._lost()
        if lost is not None or not self.places.is_there(finder):
            return "unknown", lost or "the workspace cannot be read at the moment"
        name = reading.name
        place = None if name is None else self._namesakes.of(name)
        hint = None if place is None else f"A file of that name lies at {self._shown(place)}"
        if reading.is_path and (reading.in_folder is None or self._is_known(finder, reading.in_folder, bases)):
            only_name = hint is not None and reading.plain == name
            return ("unknown" if only_name else "missing"), hint
        if reading.is_outside:
            return "outside", hint or reading.reason
        state: State = "refused" if reading.reason == "it is a URL" else "unknown"
        return state, hint or reading.reason or "it may be no path, and no file that it names was found"

    @staticmethod
    def _is_known(finder: Finder, folder: str, bases: tuple[Base, ...]) -> bool:
        try:
            found = finder.find([folder], bases)
        except FileRefused:
            return False
        return found is not None and found.kind == "folder"

    def _shown(self, path: str) -> str:
        return printable(os.path.relpath(path, self.places.workspace))

    def _artifact_of(self, found: Found) -> _ARTIFACT:
        """(project, path in it) of the artifact as it is shown; None if the tree has none, as for ignored files."""
        full, projects = found.full_path, self.places.projects_root + "/"
        if self._tree is None or not full.startswith(projects):
            return self._opened(full) if found.kind == "file" else (None, None)
        relative = full[len(projects) :]
        if found.kind == "folder":
            folder = self._tree.folder_at(relative)
            project, _, path = self._tree.shown_path(folder).partition("/") if folder is not None else ("", "", "")
            return (project or None), (path or None)
        parent, _, name = relative.rpartition("/")
        folder = self._tree.folder_at(parent)
        artifact = self._tree.artifact(folder, name) if folder is not None else None
        return (artifact.project, artifact.path) if artifact is not None else (None, None)
