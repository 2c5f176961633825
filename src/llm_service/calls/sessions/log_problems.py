"""`LogProblems`: the refused lines and unreadable files that `GET /api/telemetry/sources` lists for a folder."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from ...files import printable
from .log_files import RefusedLine

_MAX_PROBLEMS = 100


class LogProblems:
    """The last hundred refused lines, and the first hundred files that cannot be read now."""

    def __init__(self) -> None:
        self._lines: tuple[dict[str, Any], ...] = ()
        self._files: dict[str, dict[str, Any]] = {}

    def add_lines(self, problems: Iterable[tuple[str, RefusedLine]]) -> None:
        """These lines, given with the path of their file, were refused."""
        rows = [_row(path, *problem) for path, problem in problems]
        self._lines = (*self._lines, *rows[-_MAX_PROBLEMS:])[-_MAX_PROBLEMS:]

    def add_file(self, path: str, reason: str) -> None:
        """A file cannot be read, until `clear_file`."""
        if path not in self._files and len(self._files) < _MAX_PROBLEMS:
            self._files[path] = _row(path, None, reason, time.time_ns() // 1_000_000)

    def clear_file(self, path: str) -> None:
        """The file can be read, or is gone."""
        self._files.pop(path, None)

    def rows(self) -> list[dict[str, Any]]:
        """`{path, line, error, time}`, the last hundred. Called from any thread."""
        return [*self._files.copy().values(), *self._lines][-_MAX_PROBLEMS:]


def _row(path: str, line: int | None, error: str, at_ms: int) -> dict[str, Any]:
    return {"path": printable(path), "line": line, "error": printable(error), "time": at_ms}
