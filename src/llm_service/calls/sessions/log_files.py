"""`LogFiles`: the logs of one folder and how far each has been read, also after they were renamed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import FileRefused, FileUnreadable
from ...files import Signature, printable
from ...watch.tail import Position, Tail
from .checkpoints import Checkpoint
from .line_reader import LineReader
from .log_kind import LineSource, OpenSource, ReaderFactory

_MAX_PROBLEMS = 5
_MAX_MOVED = 10_000

RefusedLine = tuple[int, str, int]
"""(line, reason, time in ms)"""


@dataclass(slots=True)
class LogFile:
    """A log and how far it has been read; `problems` are the last refused lines, stored in the checkpoint."""

    source: LineSource
    reader: LineReader
    refused: int = 0
    problems: tuple[RefusedLine, ...] = ()

    def add_refused(self, refused: Sequence[tuple[int, str]]) -> list[RefusedLine]:
        """Count refused lines, given as (line, reason); the same with the current time."""
        at_ms = time.time_ns() // 1_000_000
        lines = [(line, reason, at_ms) for line, reason in refused]
        self.refused += len(refused)
        self.problems = (*self.problems, *lines[-_MAX_PROBLEMS:])[-_MAX_PROBLEMS:]
        return lines


class LogFiles:
    """The logs below a folder by relative path. A log that is renamed is not read again."""

    def __init__(
        self,
        folder: str,
        make_reader: ReaderFactory,
        checkpoints: Mapping[str, Checkpoint],
        open_source: OpenSource = Tail,
    ) -> None:
        """`checkpoints`: by absolute path; those of other folders are ignored."""
        self._folder = folder
        self._open = open_source
        self._make_reader = make_reader
        below = self._stored_path(" ")[:-1]
        self._saved = {path: saved for path, saved in checkpoints.items() if path.startswith(below)}
        self._moved = {saved.inode: saved for saved in self._saved.values() if saved.offset}
        self._files: dict[str, LogFile] = {}
        self._paths: dict[int, str] = {}

    def get(self, path: str, signature: Signature | None) -> LogFile:
        """The log at a path; if it is new, from its checkpoint, also one under an earlier name."""
        file = self._files.get(path)
        if file is None:
            file = self._add(path, self._saved.get(self._stored_path(path)) or self._find_renamed(path, signature))
        if _is_different_file(file.source.position.inode, signature) and (saved := self._find_renamed(path, signature)):
            self._remember_moved(path, file, file.source.position)
            return self._add(path, saved)
        return file

    def after_read(self, path: str, file: LogFile, before: Position, restarted: bool) -> LogFile:
        """Update after a part was read from position `before`; the log to continue with.

        It is a new one if the path has another file now, or its content was replaced.
        """
        if restarted:
            self._remember_moved(path, file, before)
            file = self._files[path] = LogFile(file.source, self._make_reader(path, None))
        self._paths[file.source.position.inode] = path
        return file

    def remove(self, path: str) -> None:
        """The file is gone from this path; it may appear under another name."""
        file = self._files.pop(path, None)
        if file is not None:
            self._remember_moved(path, file, file.source.position)

    def discard(self, path: str) -> None:
        """Forget what was read of a log since its last stored checkpoint."""
        self._files.pop(path, None)

    def mark_stored(self, checkpoints: Iterable[Checkpoint]) -> None:
        """These checkpoints were stored."""
        self._saved.update((checkpoint.path, checkpoint) for checkpoint in checkpoints)

    def checkpoint(self, path: str, file: LogFile, position: Position | None = None) -> Checkpoint:
        """The checkpoint of a log, at `position` or where reading stopped."""
        state = {"reader": file.reader.state(), "problems": file.problems}
        text = json.dumps({name: value for name, value in state.items() if value}, separators=(",", ":"))
        return Checkpoint(self._stored_path(path), *(position or file.source.position), text, file.refused)

    def refused_count(self) -> int:
        """How many lines were refused in the existing files. Called from any thread."""
        return sum(file.refused for file in list(self._files.values()))

    def refused_lines(self) -> list[tuple[str, RefusedLine]]:
        """(path, refused line) for the last refused lines of each file."""
        return [(path, problem) for path, file in self._files.items() for problem in file.problems]

    def _add(self, path: str, saved: Checkpoint | None) -> LogFile:
        file = self._files[path] = self._make_file(path, saved)
        if saved is not None:
            self._paths[saved.inode] = path
        return file

    def _make_file(self, path: str, saved: Checkpoint | None) -> LogFile:
        if saved is None:
            return LogFile(self._open(self._folder, path, Position()), self._make_reader(path, None))
        state = _state(saved)
        position = Position(saved.device, saved.inode, saved.offset, saved.line, saved.fingerprint)
        problems = tuple((line, reason, at_ms) for line, reason, at_ms in state.get("problems", ()))
        reader = self._make_reader(path, state.get("reader"))
        return LogFile(self._open(self._folder, path, position), reader, saved.refused, problems)

    def _find_renamed(self, path: str, signature: Signature | None) -> Checkpoint | None:
        """The checkpoint of a file that had another name: rotated, archived, or in a renamed folder."""
        if signature is None:
            return None
        other = self._paths.get(signature.inode)
        if other is not None and other in self._files:
            saved = self.checkpoint(other, self._files[other])
        else:
            found = self._moved.get(signature.inode)
            if found is None:
                return None
            saved = found
        position = Position(saved.device, saved.inode, saved.offset, saved.line, saved.fingerprint)
        try:
            return saved if self._open(self._folder, path, position).recognises() else None
        except FileUnreadable:
            raise  # it may well be that file: as a new one its calls would be read twice
        except FileRefused:
            return None

    def _remember_moved(self, path: str, file: LogFile, position: Position) -> None:
        if position.offset:
            self._moved[position.inode] = self.checkpoint(path, file, position)
            if len(self._moved) > _MAX_MOVED:
                del self._moved[next(iter(self._moved))]

    def _stored_path(self, path: str) -> str:
        """The path as it is stored in a checkpoint."""
        return printable(os.path.join(self._folder, path))


def _is_different_file(inode: int, signature: Signature | None) -> bool:
    return signature is not None and inode not in (0, signature.inode)


def _state(saved: Checkpoint) -> dict[str, Any]:
    try:
        state = json.loads(saved.reader_state or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}
