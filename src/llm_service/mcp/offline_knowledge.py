"""`OfflineKnowledge`: facts from their files, with what people decided; messages are added to the streams' files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..database.database import Database
from ..errors import FileRefused
from ..files import SafeRoot, read_file
from ..knowledge.board import FactBoard
from ..knowledge.clean import Cleaner
from ..knowledge.fact_follow import FILTER, MAX_FILES
from ..knowledge.fact_reader import MAX_FILE_BYTES, read_fact
from ..knowledge.model import FactFile
from ..knowledge.settings import KnowledgeSettings
from ..knowledge.store import MessageStore
from ..logs.redaction import Redactor
from ..settings.load import Settings
from ..times import iso_time
from ..watch.scan import walk
from .reports import facts_found, say
from .sources import Json


class OfflineKnowledge:
    """Facts and streams of a workspace."""

    def __init__(self, settings: Settings) -> None:
        own = settings.of(KnowledgeSettings)
        self._folder, self._streams = settings.folder(own.knowledge_dir), settings.folder(own.streams_dir)
        self._history = os.path.join(settings.state_path, "history.db") if settings.history else None

    def facts(self, words: str, limit: int) -> Json:
        """See `KnowledgeTools`."""
        board, cleaner = FactBoard(), Cleaner(Redactor().redact)
        files: dict[str, FactFile | None] = {}
        found = sorted(walk(self._folder, FILTER).files.items())[:MAX_FILES]
        with SafeRoot(self._folder) as root:
            for path, signature in found:
                try:
                    data = read_file(root, path, MAX_FILE_BYTES).data
                    files[path] = read_fact(path, data, iso_time(signature.mtime_ns / 1e9), cleaner)
                except (FileRefused, ValueError):
                    continue
        board.load_decisions(self._decisions())
        board.apply(files)
        return facts_found([fact for fact in board.facts() if fact.is_confirmed], words, limit)

    def say(self, topic: str, message: Mapping[str, Any]) -> Json:
        """See `KnowledgeTools`."""
        return say(self._streams, topic, message)

    def _decisions(self) -> Mapping[str, tuple[str, str]]:
        """What people decided. Without a history nobody did: what a file says of itself may be an agent's."""
        if self._history is None or not os.path.exists(self._history):
            return {}
        database = Database(self._history)
        try:
            database.start()
            return MessageStore(database).decisions() or {}
        finally:
            database.stop()
