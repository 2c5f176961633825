"""What people decide about facts: `FactDesk` writes it to their files, where the watcher sees it like any change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadRequest, FileVanished, NotFound, NotText, Unparseable
from ..files import printable, read_file, write_atomic
from ..times import iso_time
from .board import FactBoard
from .clean import Cleaner
from .fact_reader import MAX_FILE_BYTES, MAX_SOURCES, read_fact
from .fact_writer import fact_text, with_fields
from .folder import CannotWrite, make
from .model import MAX_TEXT, Fact, FactChanged, FactFile, FactSource, digest_of


class FactDesk:
    """Accepts, declines, supersedes and adds facts. Thread-safe; publishes nothing."""

    def __init__(
        self,
        root: str,
        board: FactBoard,
        cleaner: Cleaner,
        record: Callable[[str, str, str], object],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`root` is the folder of the facts; `record(digest, status, time)` remembers decisions persistently."""
        self._root, self._board, self._cleaner = root, board, cleaner
        self._record, self._clock = record, clock
        self._lock = threading.Lock()

    def decide(
        self, fact_id: str, status: str, digest: str | None = None, superseded_by: str | None = None
    ) -> dict[str, Any]:
        """Write the status to all files of the fact; `{id, status, files}`.

        `digest` is that of the text that the person saw. Raises NotFound, FactChanged, CannotWrite, FileRefused.
        """
        with self._lock:
            fact = self._board.get(fact_id)
            if fact is None:
                raise NotFound(f"There is no fact “{printable(fact_id)[:200]}”.")
            if digest is not None and digest != fact.digest:
                raise FactChanged("The fact says something else by now; look at it again.", digest=fact.digest)
            decided_at = iso_time(self._clock())
            changes = {"status": status, "decided_at": decided_at}
            changes |= {"superseded_by": superseded_by} if superseded_by else {}
            contents = [(path, data) for path in fact.files if (data := self._content(path, fact)) is not None]
            self._board.decide(fact.digest, status, decided_at)
            self._record(fact.digest, status, decided_at)
            for path, data in contents:
                self.write(path, with_fields(path, data, changes))
        return {"id": fact.id, "status": status, "files": list(fact.files)}

    def supersede(self, fact_id: str, by: str, digest: str | None = None) -> dict[str, Any]:
        """Another fact, `by`, holds in its place. Raises like `decide`, BadRequest if it is the same one."""
        other = self._board.get(by)
        if other is None:
            raise NotFound(f"There is no fact “{printable(by)[:200]}”.")
        if by == fact_id:
            raise BadRequest("A fact cannot supersede itself.")
        return self.decide(fact_id, "superseded", digest, other.id)

    def add(self, text: str, source: str, tags: Sequence[str] = ()) -> dict[str, Any]:
        """Write an accepted fact of a person; `{id, status, files}`. Raises BadRequest, CannotWrite."""
        text = self._cleaner.text(text.strip(), limit=MAX_TEXT + 1)
        if not text or len(text) > MAX_TEXT:
            raise BadRequest(f"`text` has to have 1 to {MAX_TEXT:,} characters.")
        digest, now = digest_of(text), iso_time(self._clock())
        with self._lock:
            known = self._board.of_digest(digest)
            if known is None:
                fact_id = f"fact-{digest[:12]}"
                self._board.decide(digest, "accepted", now)
                self._record(digest, "accepted", now)
                content = fact_text(fact_id, text, [FactSource(source=source)], "accepted", now, tags, now)
                self.write(f"{fact_id}.yaml", content)
                return {"id": fact_id, "status": "accepted", "files": [f"{fact_id}.yaml"]}
        return self.decide(known.id, "accepted", digest)

    def propose(self, text: str, source: FactSource, created_at: str) -> bool:
        """Write a proposed fact, or add a source to its file; False if that says so already, is decided, or says
        something else. Raises CannotWrite, FileRefused."""
        text = self._cleaner.text(text)
        digest = digest_of(text)
        fact_id = f"fact-{digest[:12]}"
        name, sources = f"{fact_id}.yaml", [source]
        tags: tuple[str, ...] = ()
        with self._lock:
            file = self._file(name)
            if file is not None:
                is_open = file.status == "proposed" and digest_of(file.text) == digest
                if not is_open or source in file.sources or len(file.sources) >= MAX_SOURCES:
                    return False
                sources, tags = [*file.sources, source], file.tags
                text, created_at = file.text, file.created_at
            self.write(name, fact_text(fact_id, text, sources, "proposed", created_at, tags))
        return True

    def write(self, name: str, content: bytes) -> None:
        """Replace a file of the folder. Raises CannotWrite."""
        make(self._root)
        try:
            write_atomic(Path(self._root, name), content, durable=False)
        except OSError as problem:
            raise CannotWrite(f"{name} cannot be written: {problem.strerror}.") from problem

    def _file(self, name: str) -> FactFile | None:
        """What a file says now, None if there is none. Raises FileRefused, also if it is no fact."""
        try:
            data = read_file(self._root, name, MAX_FILE_BYTES).data
        except FileVanished:
            return None
        try:
            return read_fact(name, data, "", self._cleaner)
        except ValueError as problem:
            raise NotText(f"{name}: {problem}.") from problem

    def _content(self, path: str, fact: Fact) -> bytes | None:
        """The content of a file of the fact, None if it was removed. Raises FactChanged if it says something else."""
        try:
            data = read_file(self._root, path, MAX_FILE_BYTES).data
        except FileVanished:
            return None
        try:
            says = digest_of(read_fact(path, data, "", self._cleaner).text)
        except (Unparseable, ValueError):
            says = ""
        if says != fact.digest:
            raise FactChanged(f"{printable(path)} says something else by now; look at it again.")
        return data
