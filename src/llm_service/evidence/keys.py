"""The folders on which the evidence of a task depends, as keys: `keys_of_claims` of a task, `keys_of_folder` of a
folder of projects in which something changed, `key_of_place` of another folder of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ..tasks.claims import Claims
from .finder import Base
from .paths import expanded, is_pattern, reading_of
from .places import Places, spelling

_SUBTREE = "/**"
_ANY_PROJECT = "*/"
_NAMED = "="
_PLACE = "/"
_MOST_PATHS = 8


def keys_of_claims(claims: Claims, bases: tuple[Base, ...], places: Places) -> set[str]:
    """The keys of a task: of the folders in which its claims may be, and of the projects that it names."""
    root, workspace = places.projects_root + "/", places.workspace + "/"
    found = {_NAMED + spelling(name) for name in claims.projects}
    for text in claims.texts:
        reading = reading_of(text, places.workspace)
        paths = islice((*reading.paths, *reading.files), _MOST_PATHS)
        for path in (each for one in (*reading.alternatives, *paths) for each in expanded(one)):
            if " " in path and path != text:
                continue
            if "/" in path:
                found.add(_ANY_PROJECT + _key(path))
            for base in bases:
                full = f"{base.root}/{base.subfolder}/{path}" if base.subfolder else f"{base.root}/{path}"
                if full.startswith(root):
                    found.add(_key(full[len(root) :]))
                elif full.startswith(workspace):
                    found.add(_PLACE + _key(full[len(workspace) :]))
    return found


def keys_of_folder(folder: str) -> Iterator[str]:
    """The keys under which those tasks are indexed that may claim a folder of a project or something directly in it."""
    project, _, inside = folder.partition("/")
    if not inside:
        yield _NAMED + spelling(project)
    for start, path in (("", folder), (_ANY_PROJECT, inside)):
        yield start + path
        yield start + path.rpartition("/")[0]
        while path:
            yield start + path + _SUBTREE
            path = path.rpartition("/")[0]
        yield start + _SUBTREE


def key_of_place(folder: str) -> Iterator[str]:
    """The keys of those that may claim a folder of the workspace, outside the projects, or something directly in it."""
    yield _PLACE + folder
    yield _PLACE + folder.rpartition("/")[0]
    while folder:
        yield _PLACE + folder + _SUBTREE
        folder = folder.rpartition("/")[0]
    yield _PLACE + _SUBTREE


def place_of_key(key: str) -> str | None:
    """The folder of the workspace that a key is of, None for one of a project."""
    return key[1:].removesuffix(_SUBTREE) if key.startswith(_PLACE) and key != _SUBTREE else None


def renews_index(key: str) -> bool:
    """True if the tasks with that key may depend on other folders once it changed."""
    return key.startswith(_NAMED)


def _key(path: str) -> str:
    """The key of a claimed path: its folder; for a pattern the subtree of the folder above its first wildcard."""
    folder = path.rpartition("/")[0]
    if not is_pattern(path):
        return folder
    while is_pattern(folder):
        folder = folder.rpartition("/")[0]
    return folder + _SUBTREE
