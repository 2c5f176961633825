"""What the user approved of what workspaces ask for: `Approvals(folder)`, kept in the user's own folder.

One file for each workspace, named by the hash of its real path, holds the hash of what was approved. If the workspace
asks for anything else, the hash is another one, and nothing is approved.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..errors import FileRefused, FileVanished, StartFailed
from ..files import read_file, write_atomic
from ..times import iso_time


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that a workspace asks for and only its user can allow. `value` is plain JSON, `harm` what it would do.

    `kind` is "setting" or "link"; later "profile", "server".
    """

    kind: str
    name: str
    value: Any
    where: str
    harm: str


def digest_of(asks: Sequence[Ask]) -> str:
    """The hash of all that is asked for: of kinds, names and values, not of the lines they are on."""
    content = sorted(json.dumps([one.kind, one.name, one.value], sort_keys=True) for one in asks)
    return sha256(json.dumps(content).encode()).hexdigest()


class Approvals:
    """The approvals of a user; none without a folder."""

    def __init__(self, folder: str | None) -> None:
        self._folder = os.path.join(folder, "approvals") if folder else None

    def hold(self, workspace: str, asks: Sequence[Ask]) -> bool:
        """True if exactly this was approved for the workspace."""
        return bool(asks) and self._stored(workspace).get("sha256") == digest_of(asks)

    def exist(self, workspace: str) -> bool:
        """True if anything was approved for the workspace, be it what it asks for now or not."""
        return "sha256" in self._stored(workspace)

    def store(self, workspace: str, asks: Sequence[Ask]) -> str:
        """Approve exactly this, in place of what was approved before; the file. Raises StartFailed."""
        if self._folder is None:
            raise StartFailed("There is no home folder to keep the approval in; set XDG_CONFIG_HOME.")
        facts = {
            "workspace": os.path.realpath(workspace),
            "sha256": digest_of(asks),
            "approved_at": iso_time(time.time()),
            "approved": [{"kind": one.kind, "name": one.name} for one in asks],
        }
        path = os.path.join(self._folder, _name(workspace))
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            write_atomic(Path(path), json.dumps(facts, indent=2).encode())
        except OSError as problem:
            raise StartFailed(f"Cannot write {path}: {problem.strerror}.") from problem
        return path

    def revoke(self, workspace: str) -> None:
        """Approve nothing any more. Raises StartFailed."""
        if self._folder is None:
            return
        path = os.path.join(self._folder, _name(workspace))
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        except OSError as problem:
            raise StartFailed(f"Cannot remove {path}: {problem.strerror}.") from problem

    def _stored(self, workspace: str) -> dict[str, Any]:
        if self._folder is None:
            return {}
        try:
            facts = json.loads(read_file(self._folder, _name(workspace)).data)
        except (FileVanished, FileRefused, ValueError, RecursionError):
            return {}
        is_ours = isinstance(facts, dict) and facts.get("workspace") == os.path.realpath(workspace)
        return facts if is_ours else {}


def _name(workspace: str) -> str:
    return sha256(os.fsencode(os.path.realpath(workspace))).hexdigest()[:32] + ".json"
