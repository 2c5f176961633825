"""`OpenCodeFolder`: which sessions a folder of OpenCode has: those of its databases, and the others in the older tree.

The databases were filled from the tree, which stays: a session that is in both is shown from the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ...calls.sessions.opencode import KIND
from ...files import Signature
from ...watch.scan import Filter
from ..reader import Log
from .database_watch import DatabaseWatch

_SESSION = re.compile(r"storage/session/[^/]+/([^/]+)\.json")
_MESSAGE = re.compile(r"storage/message/([^/]+)/[^/]+\.json")
_FOLDERS = re.compile(r"(storage(/(session|message)(/[^/]+)?)?)?")

FILTER = Filter(
    folder=lambda path: _FOLDERS.fullmatch(path) is not None,
    file=lambda path: KIND.includes(path) or _SESSION.fullmatch(path) is not None,
)


class OpenCodeFolder:
    """One folder. Each call says what it changes: `(log, its signature)`, or None in place of that if it is gone. Used
    by one thread."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._databases: dict[str, DatabaseWatch] = {}
        self._documents: dict[str, tuple[str, int]] = {}
        """Session -> path of its own file, time of its last change in ns"""
        self._revision = 0

    def changed(self, path: str, signature: Signature) -> Iterator[tuple[Log, Signature | None]]:
        """A file is there or was written to. Raises FileRefused, OSError."""
        own, message = _SESSION.fullmatch(path), _MESSAGE.fullmatch(path)
        if own is not None:
            self._documents[own[1]] = path, max(signature.mtime_ns, self._documents.get(own[1], ("", 0))[1])
            yield from self._document(own[1])
        elif message is not None:
            place = self._documents.get(message[1])
            if place is not None:
                self._documents[message[1]] = place[0], max(signature.mtime_ns, place[1])
                yield from self._document(message[1])
        else:
            yield from self._look(KIND.log_of(path), signature)

    def removed(self, path: str) -> Iterator[tuple[Log, Signature | None]]:
        """A file is gone. Raises FileRefused, OSError."""
        own = _SESSION.fullmatch(path)
        if own is not None:
            place = self._documents.pop(own[1], None)
            if place is not None and not self._is_in_database(own[1]):
                yield self._document_log(place[0]), None
        elif path in self._databases:
            for session in self._databases.pop(path).sessions:
                yield self._log(path, session), None
                yield from self._document(session)

    def _look(self, database: str, signature: Signature) -> Iterator[tuple[Log, Signature | None]]:
        watch = self._databases.get(database) or DatabaseWatch(self._root, database)
        changes = watch.look()
        self._databases[database] = watch
        for session in changes.gone:
            yield self._log(database, session), None
            yield from self._document(session)
        for session, time_ms in changes.present.items():
            place = self._documents.get(session)
            if place is not None:
                yield self._document_log(place[0]), None
            yield self._log(database, session), self._signature(signature.size_bytes, time_ms * 1_000_000)

    def _document(self, session: str) -> Iterator[tuple[Log, Signature | None]]:
        place = self._documents.get(session)
        if place is not None and not self._is_in_database(session):
            yield self._document_log(place[0]), self._signature(0, place[1])

    def _is_in_database(self, session: str) -> bool:
        return any(session in watch.sessions for watch in self._databases.values())

    def _log(self, database: str, session: str) -> Log:
        return Log("opencode", self._root, database, session)

    def _document_log(self, path: str) -> Log:
        return Log("opencode", self._root, path)

    def _signature(self, size: int, time_ns: int) -> Signature:
        """Another one each time: what a session says is in other files than its own."""
        self._revision += 1
        return Signature(self._revision, size, time_ns)


def in_order(paths: Iterable[str]) -> list[str]:
    """Paths in the order in which they are to be looked at: databases, sessions, messages."""
    return sorted(paths, key=lambda path: (_MESSAGE.fullmatch(path) is not None, _SESSION.fullmatch(path) is not None))


def logs_in(root: str, found: Mapping[str, Signature]) -> dict[Log, Signature]:
    """The sessions of a folder with these files. Raises FileRefused, OSError."""
    folder, logs = OpenCodeFolder(root), dict[Log, Signature]()
    for path in in_order(found):
        for log, signature in folder.changed(path, found[path]):
            if signature is None:
                logs.pop(log, None)
            else:
                logs[log] = signature
    return logs
