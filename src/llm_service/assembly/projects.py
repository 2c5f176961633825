"""`ArtifactProjects`: the generated files, as jobs need them."""

from __future__ import annotations

import os
import time

from ..artifacts.feature import Artifacts
from ..errors import NotInSync
from ..watch.follower import wait_until_synced

_POLL_S = 0.02


class ArtifactProjects:
    """The `Projects` of the jobs."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    @property
    def root(self) -> str:
        """The folder of all projects, absolute."""
        return self._artifacts.projects_root

    def of_folder(self, folder: str) -> str | None:
        """The project in which an absolute folder is, which need not be there; None if it is in none."""
        root = os.path.abspath(self.root)
        return folder[len(root) + 1 :].split(os.sep)[0] or None if folder.startswith(root + os.sep) else None

    def lines(self, project: str) -> int | None:
        """How many lines the files of a project have; None while some are not counted, or nothing is watched."""
        tree = self._artifacts.tree
        if tree is None or tree.loading:
            return None
        found = tree.project(project)
        if found is None:
            return 0
        return None if found.uncounted else found.lines

    def is_counting(self, project: str) -> bool:
        """True while `lines` is not known, but will be."""
        return self._artifacts.tree is not None and self.lines(project) is None

    def files(self, project: str) -> int | None:
        """How many files of a project are known; None if it is not."""
        tree = self._artifacts.tree
        found = None if tree is None else tree.project(project)
        return None if found is None else found.files

    def settle(self, project: str, timeout_s: float) -> bool:
        """Wait until all that was written to a project before is counted; False if that took too long."""
        deadline = time.monotonic() + timeout_s
        try:
            wait_until_synced(self._artifacts.followers, timeout_s)
        except NotInSync:
            return False
        while self._artifacts.tree is not None and self.lines(project) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True
