"""`level` gives one folder of a tree page by page, `select` the artifacts that match a query.

Computed from the tree in one pass, no index: over
100,000 files that takes some 20 ms, and there is nothing to update.
"""

from __future__ import annotations

import base64
import binascii
import heapq
import os
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ...errors import BadRequest
from ..contents.languages import TYPES, workflow_of
from ..model import Artifact, ArtifactPage, ArtifactQuery, FolderShown, Level, shown_name, time_of
from .folder import Folder
from .records import mtime_ns, type_of

if TYPE_CHECKING:
    from .reader import TreeReader

_FOLDERS, _WORKFLOW, _FILES = "0", {"spec": "1", "plan": "2", "tasks": "3"}, "4"
"""The order of a level, as the first character of a cursor."""


def level(tree: TreeReader, folder: Folder, limit: int, cursor: str | None) -> Level:
    """One page of what is directly in a folder."""
    files, folders = folder.files.copy(), (folder.folders or {}).copy()
    counts = [0] * len(TYPES)
    for record in files.values():
        counts[type_of(record)] += 1
    after = _text_of(cursor)
    keys = (
        *(_FOLDERS + name for name in folders),
        *(_place_of(name) + name for name in files),
    )
    page = heapq.nsmallest(limit + 1, (key for key in keys if key > after))
    inside = tree.shown_path(folder).partition("/")[2]
    shown = [
        _folder_shown(folder, folders[key[1:]], inside) for key in page[:limit] if key[0] == _FOLDERS
    ]  # fmt: skip
    artifacts = [tree.artifact(folder, key[1:], files[key[1:]]) for key in page[:limit] if key[0] != _FOLDERS]
    return Level(
        folders=tuple(shown),
        files=tuple(artifact for artifact in artifacts if artifact is not None),
        counts=dict(zip(TYPES, counts, strict=True)),
        cursor=_cursor_of(page[limit - 1]) if len(page) > limit else None,
    )


def select(tree: TreeReader, query: ArtifactQuery) -> ArtifactPage:
    """One page of what matches the query. Raises NotFound."""
    if query.project is None:
        start, whole = tree.top, ""
    else:
        start = tree.find_folder(query.project, query.under)
        whole = _normal(start.path().partition("/")[2])
    wanted = TYPES.index(query.type) if query.type in TYPES else None
    words = _normal(query.q).split()
    after = _text_of(query.cursor).rpartition("/")
    place = (tuple(after[0].split("/")), after[2]) if query.cursor else None
    allowed = query.projects if start is tree.top else None
    written = query.written
    is_part = words or query.under or allowed is not None or written is not None
    totals = None if is_part else tree.by_type(start)
    counts = totals or [0] * len(TYPES)
    page: list[tuple[Folder, str]] = []
    for folder, text in _in_order(start, whole):
        if totals and len(page) > query.limit:
            break
        if allowed is not None and tree.shown_path(folder).partition("/")[0] not in allowed:
            continue
        matching = _matching(folder.files.copy(), text, words)
        if written is not None:
            matching = {name: record for name, record in matching.items() if written.has(mtime_ns(record))}
        if not totals:
            for record in matching.values():
                counts[type_of(record)] += 1
        if len(page) > query.limit or not matching:
            continue
        names = [name for name, record in matching.items() if wanted is None or type_of(record) == wanted]
        if place is not None:
            names = _after(folder, names, place)
        page += ((folder, name) for name in heapq.nsmallest(query.limit + 1 - len(page), names))
    shown = (tree.artifact(*found) for found in islice(page, query.limit))
    artifacts: tuple[Artifact, ...] = tuple(artifact for artifact in shown if artifact is not None)
    last = page[query.limit - 1] if len(page) > query.limit else None
    return ArtifactPage(
        artifacts=artifacts,
        counts=dict(zip(TYPES, counts, strict=True)),
        cursor=_cursor_of(f"{last[0].path()}/{last[1]}") if last else None,
    )


def _in_order(start: Folder, text: str) -> Iterator[tuple[Folder, str]]:
    """A folder and all in it in order of path, each with its path in small letters, beginning with `text`."""
    waiting = [(start, text)]
    while waiting:
        folder, path = waiting.pop()
        yield folder, path
        if folder.folders:
            prefix = f"{path}/" if path else ""
            inner = sorted(folder.folders.copy().items(), reverse=True)
            waiting += ((below, prefix + _normal(name)) for name, below in inner)


def _matching(files: dict[str, bytes], path: str, words: list[str]) -> dict[str, bytes]:
    """The files in a folder of that path in whose path every word occurs."""
    if len(words) > 1:  # in most folders one of them does not occur: one search in all names finds that out
        names = _normal("\n".join(files))
        if not all(word in names or word in path or "/" in word for word in words):
            return {}
    for word in words:
        if word in path:
            continue
        if "/" in word:
            files = {name: record for name, record in files.items() if word in f"{path}/{_normal(name)}"}
        else:
            files = {name: record for name, record in files.items() if word in _normal(name)}
    return files


def _normal(text: str) -> str:
    """In small letters, those with accents as one code point (NFC): as names are compared."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text.lower())


def _after(folder: Folder, names: list[str], place: tuple[tuple[str, ...], str]) -> list[str]:
    """Those of the names that come after a place in the order of folders and names."""
    parts = tuple(folder.path().split("/"))
    if parts < place[0]:
        return []
    return [name for name in names if name > place[1]] if parts == place[0] else names


def _place_of(name: str) -> str:
    kind = workflow_of(name) if name[-3:].lower() == ".md" else None
    return _WORKFLOW[kind] if kind else _FILES


def _folder_shown(parent: Folder, folder: Folder, inside: str) -> FolderShown:
    files = changed_ns = 0
    for below in folder.below():
        files += len(below.files)
        changed_ns = max(changed_ns, below.changed_ns)
    name = shown_name(folder.name, parent.has)
    path = f"{inside}/{name}" if inside else name
    return FolderShown(name, path, files, time_of(changed_ns) if changed_ns else None)


def _cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(os.fsencode(text)).decode("ascii").rstrip("=")


def _text_of(cursor: str | None) -> str:
    if not cursor:
        return ""
    try:
        return os.fsdecode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError) as problem:
        raise BadRequest("That is no cursor of a list of artifacts.") from problem
