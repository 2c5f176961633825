"""`OfflineArtifacts`: generated files, listed and read when a tool asks, as far as a call's second reaches."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator

from ..artifacts.contents.languages import TYPES, sort_of
from ..artifacts.contents.preview import PreviewLimits, preview
from ..artifacts.ignore import FILE_NAME, IgnoreRules
from ..artifacts.model import time_of
from ..artifacts.settings import SECOND_PLACE, ArtifactSettings
from ..errors import FileRefused, NotFound, PathRefused
from ..files import SafeRoot, printable
from ..settings.load import Settings
from .shapes import artifact_row, page_of
from .sources import Json

_LIST_S = 0.6


class OfflineArtifacts:
    """Files below the folder of the projects; what is ignored is neither listed nor read."""

    def __init__(self, settings: Settings) -> None:
        own = settings.of(ArtifactSettings)
        self._is_on, self._limits = own.artifacts, PreviewLimits(page_bytes=own.preview_bytes)
        self._ignore, self._unignore = own.ignore, own.unignore
        self._places = [
            settings.folder(own.artifacts_dir),
            settings.folder(os.path.join(SECOND_PLACE, own.artifacts_dir)),
        ]

    def list(self, project: str | None, words: str, under: str, limit: int) -> Json:
        """See `ArtifactTools`."""
        start = "/".join(part for part in (project, under) if part)
        sought = words.casefold().split()
        rows: list[Json] = []
        counts: Counter[str] = Counter()
        until, is_whole = time.monotonic() + _LIST_S, True
        with SafeRoot(self._root()) as root:
            for path in self._files(root, start):
                if time.monotonic() > until:
                    is_whole = False
                    break
                name, _, inner = path.partition("/")
                if not all(word in inner.casefold() for word in sought):
                    continue
                counts[TYPES[sort_of(inner.rpartition("/")[2])[0]]] += 1
                if len(rows) < limit:
                    try:
                        status = root.status(path)
                    except FileRefused:
                        continue
                    rows.append(artifact_row(name, inner, status.st_size, time_of(status.st_mtime_ns)))
        return {"artifacts": rows, "counts": dict(counts), "more": not is_whole or counts.total() > len(rows)}

    def read(self, project: str, path: str, from_line: int) -> Json:
        """See `ArtifactTools`."""
        parts = [project, *path.split("/")]
        if not {"", ".", ".."}.isdisjoint(parts):
            raise PathRefused(f"“{printable(path)[:200]}” is not a plain path inside a project.")
        root, whole = self._root(), "/".join(parts)
        with SafeRoot(root) as opened:
            rules = self._rules()
            for depth in range(1, len(parts)):
                self._learn(opened, rules, "/".join(parts[:depth]))
        if rules.ignores(whole, False):
            raise NotFound(f"There is no artifact “{printable(path)[:200]}” in “{printable(project)[:200]}”.")
        return page_of(project, path, preview(root, whole, from_line, self._limits))

    def _root(self) -> str:
        if not self._is_on:
            raise NotFound("Artifacts are not watched: the setting `artifacts` switches that on.")
        return next((place for place in self._places if os.path.isdir(place)), self._places[0])

    def _rules(self) -> IgnoreRules:
        return IgnoreRules(self._ignore, self._unignore)

    def _files(self, root: SafeRoot, start: str) -> Iterator[str]:
        """Paths of files, folder by folder; links are not followed."""
        rules = self._rules()
        for depth in range(1, start.count("/") + 1 if start else 0):
            self._learn(root, rules, "/".join(start.split("/")[:depth]))
        if start and rules.ignores(start, True):
            return
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            try:
                entries = sorted(root.entries(folder), key=lambda entry: entry.name)
            except FileRefused:
                continue
            if any(entry.name == FILE_NAME for entry in entries):
                self._learn(root, rules, folder)
            here, prefix = rules.rules(folder), f"{folder}/" if folder else ""
            inner = []
            for entry in entries:
                if entry.kind == "folder" and not here.ignores(entry.name, True):
                    inner.append(prefix + entry.name)
                elif entry.kind == "file" and folder and not here.ignores(entry.name, False):
                    yield prefix + entry.name
            waiting += reversed(inner)

    def _learn(self, root: SafeRoot, rules: IgnoreRules, folder: str) -> None:
        try:
            status = root.status(f"{folder}/{FILE_NAME}") if folder else None
            rules.learn(root.root, folder, status and (status.st_ino, status.st_size, status.st_mtime_ns))
        except FileRefused:
            return
