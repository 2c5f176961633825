"""The folders of session logs that are read: followed as soon as the database is open."""

from __future__ import annotations

import os
import threading
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
from .sessions.kinds import Kind, readers_of, wanted_of
from .settings import CallSettings

_OPEN_CHECK_S = 0.2


class LogFollowers:
    """`followers` is empty until the database is open: where reading goes on stands in it."""

    def __init__(self, kernel: Kernel, core: CallCore, lanes: Sequence[str]) -> None:
        self._kernel = kernel
        self._lanes = lanes
        self._core = core
        self._stopping = False
        self._folders: list[LogFolder] = []
        self.followers: list[Follower] = []

    def start(self) -> None:
        """Begin to read: at once, or when a large database has been checked."""
        if self._core.database.wait_open(0):
            self._follow()
        else:
            threading.Thread(target=self._follow_when_open, name="call-logs-start", daemon=True).start()

    def stop(self) -> None:
        """End every thread."""
        self._stopping = True
        for follower in self.followers:
            follower.stop()

    def status(self) -> list[dict[str, Any]]:
        """One row for each folder."""
        return [folder.status() for folder in list(self._folders)]

    def _follow_when_open(self) -> None:
        while not self._stopping:
            if self._core.database.wait_open(_OPEN_CHECK_S):
                self._follow()
                return

    def _follow(self) -> None:
        """Read every folder from where the store says; the totals are first brought to the time zone in force."""
        try:
            checkpoints = self._core.store.checkpoints()
        except HistoryUnavailable:
            return  # the database's own status says why
        threading.Thread(target=self._adjust_zone, name="call-totals-zone", daemon=True).start()
        for kind, folder in session_folders(self._kernel.settings):
            followed, follower = self._followed(kind, folder, checkpoints)
            self._folders.append(followed)
            self.followers.append(follower)
            follower.start()

    def _adjust_zone(self) -> None:
        try:
            self._core.adjust_zone()
        except HistoryUnavailable:
            return  # the database's own status says why

    def _followed(self, kind: Kind, folder: str, checkpoints: Mapping[str, Checkpoint]) -> tuple[LogFolder, Follower]:
        settings, inbox = self._kernel.settings, HintInbox()
        root = self._kernel.watched_root(folder, wanted_of(kind).folder, inbox.put, optional=kind == LINES)
        everywhere = settings.of(CallSettings).session_scope == "all"
        readers = readers_of(kind, folder, self._lanes, None if everywhere else os.path.abspath(settings.workspace))
        followed = LogFolder(kind, root, readers, self._core.store.ingest, checkpoints)
        return followed, Follower(followed, root, inbox)
