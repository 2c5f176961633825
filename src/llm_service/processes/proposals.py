"""The profiles that a workspace proposes: `Proposals(workspace).read()`, from `work/profiles/*.yaml`, one in each.

A workspace that has an orchestrator of plans where all have it proposes that too, without a file that says so.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import FileRefused, FileVanished
from ..files import SafeRoot, Signature, parse_mapping, printable
from ..files.reading import read_file
from ..settings.fields import BadValue
from .model import Profile
from .profile_entries import read_profile

FOLDER = "work/profiles"
ORCHESTRATOR = Profile(
    name="orchestrator",
    argv=(
        "python3", "scripts/plan_orchestrator.py", "--plan", "{plan}", "--daemon",
        "{continuous}", "{autonomous}", "{tasks}",
    ),
    origin="workspace",
    env_allow=("ANTHROPIC_*", "CLAUDE_*"),
    grace_s=30.0,
)  # fmt: skip
"""What starts the orchestrator of a plan, unless a profile of that name says otherwise."""
_ORCHESTRATOR_FILE = "scripts/plan_orchestrator.py"
_ENDINGS = (".yaml", ".yml")
_MAX_FILES = 200
_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file: its path below the workspace, and the profile in it or why there is none."""

    path: str
    profile: Profile | None = None
    problem: str | None = None
    is_implied: bool = False
    """True if no file says so: it gives way to another profile of its name."""


class Proposals:
    """Reads them; a file that did not change is read once. Thread-safe: at worst, one is read twice."""

    def __init__(self, workspace: str) -> None:
        self._workspace = os.path.abspath(workspace)
        self._root = os.path.join(self._workspace, *FOLDER.split("/"))
        self._cache: dict[str, tuple[Signature, Proposal]] = {}

    def read(self) -> list[Proposal]:
        """All of them now, by path; at most 200, and the orchestrator of plans."""
        found = self._read_files()
        if all(one.profile is None or one.profile.name != ORCHESTRATOR.name for one in found):
            found += self._orchestrator()
        return found

    def _orchestrator(self) -> list[Proposal]:
        with SafeRoot(self._workspace) as root:
            try:
                os.close(root.open(_ORCHESTRATOR_FILE))
            except FileRefused:
                return []
        return [Proposal(_ORCHESTRATOR_FILE, ORCHESTRATOR, is_implied=True)]

    def _read_files(self) -> list[Proposal]:
        with SafeRoot(self._root) as root:
            try:
                names = sorted(
                    entry.name for entry in root.entries("") if entry.name.endswith(_ENDINGS) and entry.name[0] != "."
                )
            except FileVanished:
                return []
            except FileRefused as problem:
                return [Proposal(FOLDER, None, problem.message)]
            found = _without_twins([self._read(root, name) for name in names[:_MAX_FILES]])
        self._cache = {name: self._cache[name] for name in names[:_MAX_FILES] if name in self._cache}
        if len(names) > _MAX_FILES:
            found.append(Proposal(FOLDER, None, f"There are {len(names):,} files; only {_MAX_FILES} are read."))
        return found

    def _read(self, root: SafeRoot, name: str) -> Proposal:
        path = f"{FOLDER}/{name}"
        try:
            status = root.status(name)
            known = self._cache.get(name)
            if known is not None and known[0] == Signature(status.st_ino, status.st_size, status.st_mtime_ns):
                return known[1]
            content = read_file(root, name, _MAX_BYTES)
            mapping = dict(parse_mapping(content.data).value)
        except FileRefused as problem:
            return Proposal(path, None, problem.message)
        mapping.setdefault("name", os.path.splitext(name)[0])
        try:
            proposal = Proposal(path, read_profile(mapping, "workspace"))
        except BadValue as problem:
            proposal = Proposal(path, None, printable(problem.sentence("the profile").replace("the profile.", "", 1)))
        self._cache[name] = (content.signature, proposal)
        return proposal


def _without_twins(proposals: list[Proposal]) -> list[Proposal]:
    """Of several profiles with one name only the first counts."""
    first: dict[str, str] = {}
    found = []
    for one in proposals:
        if one.profile is not None and first.setdefault(one.profile.name, one.path) != one.path:
            one = Proposal(one.path, None, f"It has the name of that in {first[one.profile.name]}.")
        found.append(one)
    return found
