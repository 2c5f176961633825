"""Which profiles of a workspace the user approved: `ProfileApprovals(user's folder, workspace)`, by digest.

In the user's own folder, beside the approvals of settings. Read anew each time, so that what `llm-service approve`
stores counts at once.
"""

from __future__ import annotations

import json
import os
import threading
import time
from hashlib import sha256
from pathlib import Path

from ..errors import FileRefused, StartFailed
from ..files import read_file, write_atomic
from ..times import iso_time


class ProfileApprovals:
    """The approved profiles of one workspace; none without a folder."""

    def __init__(self, folder: str | None, workspace: str) -> None:
        self._folder = os.path.join(folder, "approvals") if folder else None
        self._workspace = os.path.realpath(workspace)
        self._name = f"profiles-{sha256(os.fsencode(self._workspace)).hexdigest()[:32]}.json"
        self._lock = threading.Lock()

    def digests(self) -> dict[str, str]:
        """Name -> digest of what was approved."""
        if self._folder is None:
            return {}
        try:
            facts = json.loads(read_file(self._folder, self._name).data)
        except (FileRefused, ValueError, RecursionError):
            return {}
        if not isinstance(facts, dict) or facts.get("workspace") != self._workspace:
            return {}
        found = facts.get("profiles")
        if not isinstance(found, dict):
            return {}
        return {name: digest for name, digest in found.items() if isinstance(digest, str)}

    def approve(self, digests: dict[str, str]) -> str:
        """Approve these, name -> digest, in place of what was approved under the same names; the file.

        Raises StartFailed.
        """
        with self._lock:
            return self._store(self.digests() | digests)

    def revoke(self, *names: str) -> None:
        """Approve these no longer. Raises StartFailed."""
        with self._lock:
            before = self.digests()
            remaining = {name: digest for name, digest in before.items() if name not in names}
            if remaining != before:
                self._store(remaining)

    def _store(self, digests: dict[str, str]) -> str:
        if self._folder is None:
            raise StartFailed("There is no home folder to keep the approval in; set XDG_CONFIG_HOME.")
        facts = {"workspace": self._workspace, "changed_at": iso_time(time.time()), "profiles": digests}
        path = os.path.join(self._folder, self._name)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            write_atomic(Path(path), json.dumps(facts, indent=2).encode())
        except OSError as problem:
            raise StartFailed(f"Cannot write {path}: {problem.strerror}.") from problem
        return path
