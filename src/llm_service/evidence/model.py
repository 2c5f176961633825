"""Evidence: the state of a claimed file on the disk. Values and pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["present", "empty", "missing", "unchanged", "unknown", "outside", "refused"]

_EMPTY_ON_PURPOSE = frozenset((
    "__init__.py", "__init__.pyi", "conftest.py", "py.typed", ".nojekyll", ".nomedia", ".npmignore", ".gitignore",
    ".dockerignore", ".gitmodules", ".projectile", ".watchmanconfig", ".flowconfig", ".placeholder", "placeholder",
    ".empty", ".hushlogin", ".metadata_never_index", "BUILD", "BUILD.bazel", "WORKSPACE", "WORKSPACE.bazel",
    "MODULE.bazel",
))  # fmt: skip
_EMPTY_ENDINGS = ("keep", ".stamp", ".marker", ".touch", ".sentinel", ".ok", ".done")
"""`.gitkeep`, `.keep`, `cache.stamp`."""


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """A claim of a task, compared with the disk. "unknown": from the claim, or at the moment, it cannot be told.

    `path` is the claim as written, `found` the path of the file relative to the workspace (None if there is none),
    `matches` the number of files that a pattern matches, `kind` "file" or "folder". `declared` is False if only the
    task's result names it. `project` and `artifact_path` are those of the artifact.
    """

    path: str
    state: State
    declared: bool
    kind: str | None = None
    size_bytes: int | None = None
    modified_at: str | None = None
    found: str | None = None
    matches: int | None = None
    reason: str | None = None
    project: str | None = None
    artifact_path: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceCounts:
    """The numbers of a task's claims in each state. `present` includes `empty` and `unchanged`; `refused` are those
    of which it cannot be told whether they are there: outside the workspace, behind a link, a URL, not only a path."""

    total: int
    present: int
    empty: int
    missing: int
    unchanged: int
    refused: int


def state_of(name: str, size_bytes: int, changed_ns: int, began_s: float | None) -> State:
    """The state of a file or folder that exists; `size_bytes` of a folder is the number of its entries."""
    if size_bytes == 0 and not is_empty_on_purpose(name):
        return "empty"
    if began_s is not None and changed_ns < began_s * 1e9:
        return "unchanged"
    return "present"


def is_empty_on_purpose(name: str) -> bool:
    """True for files that only have to be there."""
    return name in _EMPTY_ON_PURPOSE or name.endswith(_EMPTY_ENDINGS)


def work_began(moments: Iterable[float], now_s: float) -> float | None:
    """When work on a task may have begun at the earliest: the first of the moments that is not to come; agents invent
    times."""
    return next((moment for moment in moments if moment <= now_s), None)


def count_states(results: list[ClaimEvidence]) -> EvidenceCounts:
    """The counts for a task."""
    states = [result.state for result in results]
    empty, unchanged, missing = (states.count(state) for state in ("empty", "unchanged", "missing"))
    present = states.count("present") + empty + unchanged
    return EvidenceCounts(len(states), present, empty, missing, unchanged, len(states) - present - missing)
