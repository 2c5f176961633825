"""`OfflineSessions`: the session logs without a dashboard, for the command line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator

from ..errors import SessionsOff
from ..settings.load import Settings
from ..watch.scan import walk
from .board import SessionBoard
from .clean import Cleaner
from .model import TranscriptRow
from .needs import Nobody
from .opencode.folder import logs_in
from .queries import SessionQueries
from .reader import Log
from .scope import log_filter, scope_of, transcript_folders
from .settings import SessionSettings
from .view import SessionViewer

_POLL_S = 0.5
_ALL_S = 3_600.0
_PAGE = 200


class OfflineSessions:
    """The logs in the folders of the settings, listed once. Raises SessionsOff."""

    def __init__(self, settings: Settings, redact: Callable[[bytes], bytes]) -> None:
        if not settings.of(SessionSettings).sessions:
            raise SessionsOff("Session logs are not shown: the setting `sessions` is off.")
        viewer = SessionViewer(os.path.abspath(settings.workspace), os.path.expanduser("~"), Cleaner(redact), Nobody())
        self.board = SessionBoard(scope_of(settings))
        self.queries = SessionQueries(self.board, viewer, Nobody(), lambda project: True)
        for kind, folder in transcript_folders(settings):
            found = walk(folder, log_filter(kind)).files
            logs = {Log(kind, folder, path): each for path, each in found.items()}
            for log, signature in (logs_in(folder, found) if kind == "opencode" else logs).items():
                self.board.put(log, signature)

    def look(self) -> None:
        """Look at all logs."""
        for known in self.board.newest():
            self.board.look(known)

    def tail(self, session: str, count: int, view: str, follow: bool) -> Iterator[TranscriptRow]:
        """The last `count` rows of a session; with `follow` those that come, for ever. Raises NotFound, FileRefused."""
        self.queries.indexes.of(self.queries.known(session).log).update(_ALL_S)
        page = self.queries.rows(session, view, None, None, 0)
        row, generation = max(0, page.rows - count), page.generation
        while True:
            page = self.queries.rows(session, view, row, None, _PAGE)
            if page.generation != generation:
                row, generation = 0, page.generation
                continue
            # What is still being written is waited for: it would be printed as it is now.
            data = page.data[: max(0, page.settled_rows - row)] if follow else page.data
            yield from data
            row += len(data)
            if data:
                continue
            if not follow:
                return
            time.sleep(_POLL_S)
