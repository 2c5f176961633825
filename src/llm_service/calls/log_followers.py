"""`LogFollowers`: follows every configured log folder once the database is open."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import HistoryUnavailable
from ..feature import Kernel
from ..watch.follower import Follower
from ..watch.hints import HintInbox
from .core import CallCore
from .sessions.checkpoints import Checkpoint
from .sessions.folders import LINES, session_folders
from .sessions.follow import LogFolder
from .sessions.kinds import file_filter, reader_factory
from .sessions.log_kind import Kind
from .settings import CallSettings

_OPEN_CHECK_S = 0.2


class LogFollowers:
    """`followers` is empty until the database, which has the checkpoints, is open."""

    def __init__(self, kernel: Kernel, core: CallCore, lanes: Sequence[str]) -> None:
        self._kernel = kernel
        self._lanes = lanes
        self._core = core
        self._stopping = False
        self._shared: dict[str, Any] = {}
        self._folders: list[LogFolder] = []
        self.followers: list[Follower] = []

    def start(self) -> None:
        """Start reading: at once, or in the background while a large database is still being checked."""
        if not (self._core.database.wait_open(0) and self._start_followers()):
            threading.Thread(target=self._start_when_open, name="call-logs-start", daemon=True).start()

    def stop(self) -> None:
        """Stop every thread."""
        self._stopping = True
        for follower in self.followers:
            follower.stop()

    def status(self) -> list[dict[str, Any]]:
        """One row of `GET /api/telemetry/sources` for each folder."""
        return [folder.status() for folder in list(self._folders)]

    def _start_when_open(self) -> None:
        while not self._stopping:
            if self._core.database.wait_open(_OPEN_CHECK_S) and self._start_followers():
                return
            time.sleep(_OPEN_CHECK_S)

    def _start_followers(self) -> bool:
        """Start a follower for each folder, from its checkpoints; rebuild the totals beside it if the zone changed.

        False if the database cannot be read; its own status says why.
        """
        try:
            checkpoints = self._core.store.checkpoints()
        except HistoryUnavailable:
            return False
        threading.Thread(target=self._ensure_zone, name="call-totals-zone", daemon=True).start()
        for kind, folder in session_folders(self._kernel.settings):
            log_folder, follower = self._make_follower(kind, folder, checkpoints)
            self._folders.append(log_folder)
            self.followers.append(follower)
            follower.start()
        return True

    def _ensure_zone(self) -> None:
        while not self._stopping:
            try:
                self._core.ensure_zone()
                return
            except HistoryUnavailable:  # its own status says why
                time.sleep(_OPEN_CHECK_S)

    def _make_follower(
        self, kind: Kind, folder: str, checkpoints: Mapping[str, Checkpoint]
    ) -> tuple[LogFolder, Follower]:
        settings, inbox = self._kernel.settings, HintInbox()
        root = self._kernel.watched_root(folder, file_filter(kind).folder, inbox.put, optional=kind == LINES)
        everywhere = settings.of(CallSettings).session_scope == "all"
        workspace = None if everywhere else os.path.abspath(settings.workspace)
        readers = reader_factory(kind, folder, self._lanes, workspace, shared=self._shared)
        log_folder = LogFolder(kind, root, readers, self._core.store.ingest, checkpoints)
        return log_folder, Follower(log_folder, root, inbox)
