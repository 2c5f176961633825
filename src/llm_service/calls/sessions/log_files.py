"""The logs of one folder and how far each has been read: opened from checkpoints, found again under other names."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import FileRefused
from ...files import Signature, printable
from ...watch.tail import Position, Tail
from .checkpoints import Checkpoint
from .kinds import MakeReader
from .line_reader import LineReader

_KEPT_PROBLEMS = 5
_KEPT_LEFT = 10_000

Refused = tuple[int, str, int]
"""(line, reason, time in ms)"""


@dataclass(slots=True)
class LogFile:
    """A log and how far it has been read; `problems` are the last lines refused, kept in the checkpoint."""

    tail: Tail
    reader: LineReader
    refused: int = 0
    problems: tuple[Refused, ...] = ()

    def refuse(self, refused: Sequence[tuple[int, str]]) -> list[Refused]:
        """Count lines that were refused now."""
        at_ms = time.time_ns() // 1_000_000
        told = [(line, reason, at_ms) for line, reason in refused]
        self.refused += len(refused)
        self.problems = (*self.problems, *told[-_KEPT_PROBLEMS:])[-_KEPT_PROBLEMS:]
        return told


class LogFiles:
    """Every log below a folder by its relative path. A log that is renamed keeps its place in it."""

    def __init__(self, folder: str, make_reader: MakeReader, checkpoints: Mapping[str, Checkpoint]) -> None:
        """`checkpoints`: by absolute path; those of other folders are not used."""
        self._folder = folder
        self._make_reader = make_reader
        below = self._name(" ")[:-1]
        self._saved = {path: saved for path, saved in checkpoints.items() if path.startswith(below)}
        self._left = {saved.inode: saved for saved in self._saved.values() if saved.offset}
        self._files: dict[str, LogFile] = {}
        self._paths: dict[int, str] = {}

    def get(self, path: str, signature: Signature | None) -> LogFile:
        """The log at a path, as far as it was counted when it is met for the first time, also under another name."""
        file = self._files.get(path)
        if file is None:
            file = self._open(path, self._saved.get(self._name(path)) or self._renamed(path, signature))
        if _is_other(file.tail.position.inode, signature) and (saved := self._renamed(path, signature)):
            self._leave(path, file, file.tail.position)
            return self._open(path, saved)
        return file

    def read_on(self, path: str, file: LogFile, before: Position, restarted: bool) -> LogFile:
        """A part of a log was read that stood at `before`. The log to go on with: a new one if another file lies
        there now, or its content was replaced."""
        if restarted:
            self._leave(path, file, before)
            file = self._files[path] = LogFile(file.tail, self._make_reader(path, None))
        self._paths[file.tail.position.inode] = path
        return file

    def gone(self, path: str) -> None:
        """Nothing lies at the path any more; it may be found again under another name."""
        file = self._files.pop(path, None)
        if file is not None:
            self._leave(path, file, file.tail.position)

    def drop(self, path: str) -> None:
        """Forget what was read of a log since it was counted last."""
        self._files.pop(path, None)

    def counted(self, checkpoints: Iterable[Checkpoint]) -> None:
        """The store has these."""
        self._saved.update((checkpoint.path, checkpoint) for checkpoint in checkpoints)

    def checkpoint(self, path: str, file: LogFile, position: Position | None = None) -> Checkpoint:
        """How far a log is read, for the store."""
        state = {"reader": file.reader.state(), "problems": file.problems}
        text = json.dumps({name: value for name, value in state.items() if value}, separators=(",", ":"))
        return Checkpoint(self._name(path), *(position or file.tail.position), text, file.refused)

    def refused(self) -> int:
        """How many lines were refused in the files that are there; from any thread."""
        return sum(file.refused for file in list(self._files.values()))

    def told(self) -> list[tuple[str, Refused]]:
        """The lines that checkpoints say were refused, with the paths of their files."""
        return [(path, problem) for path, file in self._files.items() for problem in file.problems]

    def _open(self, path: str, saved: Checkpoint | None) -> LogFile:
        file = self._files[path] = self._opened(path, saved)
        if saved is not None:
            self._paths[saved.inode] = path
        return file

    def _opened(self, path: str, saved: Checkpoint | None) -> LogFile:
        if saved is None:
            return LogFile(Tail(self._folder, path), self._make_reader(path, None))
        state = _state(saved)
        position = Position(saved.device, saved.inode, saved.offset, saved.line, saved.fingerprint)
        problems = tuple((line, reason, at_ms) for line, reason, at_ms in state.get("problems", ()))
        reader = self._make_reader(path, state.get("reader"))
        return LogFile(Tail(self._folder, path, position), reader, saved.refused, problems)

    def _renamed(self, path: str, signature: Signature | None) -> Checkpoint | None:
        """Where reading stopped in a file that had another name: rotated, archived, or in a folder renamed."""
        if signature is None:
            return None
        other = self._paths.get(signature.inode)
        if other is not None and other in self._files:
            saved = self.checkpoint(other, self._files[other])
        else:
            found = self._left.get(signature.inode)
            if found is None:
                return None
            saved = found
        position = Position(saved.device, saved.inode, saved.offset, saved.line, saved.fingerprint)
        try:
            return saved if Tail(self._folder, path, position).recognises() else None
        except (FileRefused, OSError):
            return None

    def _leave(self, path: str, file: LogFile, position: Position) -> None:
        if position.offset:
            self._left[position.inode] = self.checkpoint(path, file, position)
            if len(self._left) > _KEPT_LEFT:
                del self._left[next(iter(self._left))]

    def _name(self, path: str) -> str:
        """A path as it stands in a checkpoint."""
        return printable(os.path.join(self._folder, path))


def _is_other(inode: int, signature: Signature | None) -> bool:
    return signature is not None and inode not in (0, signature.inode)


def _state(saved: Checkpoint) -> dict[str, Any]:
    try:
        state = json.loads(saved.reader_state or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}
