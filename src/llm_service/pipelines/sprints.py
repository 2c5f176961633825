"""`TicketSprints`: which sprint a ticket belongs to, as its task file says (`sprint`, `milestone` or `iteration`)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping

from ..errors import FileRefused
from ..files import SafeRoot, Signature, parse_mapping, read_file
from ..tasks.reader import TaskSource
from ..watch.scan import walk
from .tool_error import ToolError

_KEYS = ("sprint", "milestone", "iteration")
_TIMEOUT_S = 0.7


class TicketSprints:
    """Reads task files when it is asked, each once as long as it does not change. Thread-safe."""

    def __init__(self, source: TaskSource, max_file_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._max_file_bytes = max_file_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[Signature, str, str | None]] = {}

    def of(self, tickets: Collection[str]) -> dict[str, str | None]:
        """Ticket -> its sprint, None if its file names none; without those that have no file.

        Raises ToolError if there are so many files that it takes too long; the next call goes on from there.
        """
        if not tickets:
            return {}
        wanted, found = set(tickets), dict[str, str | None]()
        deadline = self._clock() + _TIMEOUT_S
        with self._lock, SafeRoot(self._source.root) as root:
            files = walk(self._source.root, self._source.filter).files
            self._read = {path: read for path, read in self._read.items() if files.get(path) == read[0]}
            for path in self._in_order(files, wanted):
                if not wanted - found.keys():
                    break
                if self._clock() > deadline:
                    raise ToolError("BUSY", "There are too many task files to read at once.", "Call again to go on.")
                ticket, sprint = self._task(root, path, files[path])
                if ticket in wanted and found.get(ticket) is None:
                    found[ticket] = sprint
        return found

    def _in_order(self, files: Mapping[str, Signature], wanted: Collection[str]) -> Iterator[str]:
        """First the files that have the name of a ticket, then the others, whose id may be in them."""
        named = [path for path in files if _stem(path) in wanted]
        yield from named
        yield from files.keys() - set(named)

    def _task(self, root: SafeRoot, path: str, signature: Signature) -> tuple[str, str | None]:
        """(id, sprint) of a task file; one that cannot be read has the name of the file, and no sprint."""
        known = self._read.get(path)
        if known is None:
            ticket, sprint = _stem(path), None
            try:
                document = parse_mapping(read_file(root, path, self._max_file_bytes).data, as_written=True).value
            except FileRefused:
                document = {}
            given = document.get("id")
            if isinstance(given, str) and given.strip():
                ticket = given.strip()
            texts = (document.get(key) for key in _KEYS)
            sprint = next((text.strip() for text in texts if isinstance(text, str) and text.strip()), None)
            known = self._read[path] = (signature, ticket, sprint)
        return known[1], known[2]


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
