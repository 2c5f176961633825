"""The logs of orchestrators as files: `PlanLogs.find(plan)` where one is, `PlanLogs.last(...)` its last lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from stat import S_ISREG

from ..errors import FileRefused
from ..files import SafeRoot, decode, open_file
from ..logs.redaction import Redactor
from ..watch.tail import read_at
from .log_times import times_of_lines

MAX_LINES = 10_000
_MAX_BYTES = 16 << 20
_MARGIN_BYTES = 256 << 10
"""Redacted before what is shown: a private key may begin so far above."""


@dataclass(frozen=True, slots=True)
class LogTail:
    """Lines, without secrets, of the end of a log; `offset` is where the next line of the file begins, in bytes."""

    lines: list[str]
    offset: int
    times: list[float | None]
    """Of each line in seconds since 1970, None if nothing says it."""
    redaction: tuple[int, int] = (0, 0)
    """What a `Redactor` needs to go on behind them."""


class PlanLogs:
    """Finds and reads the logs; may be used from any thread."""

    def __init__(
        self, workspace: str, templates: Sequence[str], more: Callable[[str], str | None] = lambda plan: None
    ) -> None:
        """`templates` are paths below the workspace with {plan}; `more(plan)` is a further path, which counts where
        none of these is there, if there is one."""
        self.workspace = workspace
        self._templates = tuple(templates)
        self._more = more

    def candidates(self, plan: str) -> list[str]:
        """Where the log of a plan may be, relative to the workspace."""
        further = self._more(plan)
        return self._by_template(plan) if further is None else [*self._by_template(plan), further]

    def _by_template(self, plan: str) -> list[str]:
        return [template.replace("{plan}", plan) for template in self._templates]

    def find(self, plan: str) -> str | None:
        """The log of a plan that was written last, relative to the workspace; None if there is none."""
        found = self._newest(self._by_template(plan))
        further = self._more(plan) if found is None else None
        return found if further is None else self._newest([further])

    def _newest(self, paths: Sequence[str]) -> str | None:
        newest: tuple[int, str] | None = None
        with SafeRoot(self.workspace) as root:
            for path in paths:
                try:
                    status = root.status(path)
                except FileRefused:
                    continue
                if S_ISREG(status.st_mode) and (newest is None or status.st_mtime_ns > newest[0]):
                    newest = status.st_mtime_ns, path
        return newest[1] if newest is not None else None

    def last(self, path: str, count: int, since: float | None = None) -> LogTail:
        """The last `count` whole lines, of those from `since` on (seconds since 1970). Raises FileRefused."""
        handle = open_file(self.workspace, path)
        try:
            return last_lines(handle, count, since)
        finally:
            os.close(handle)

    def still_counts(self, plan: str, path: str) -> bool:
        """True if there is a file at the path, and it is not the further one of a plan that has a log of its own."""
        if path not in self._by_template(plan) and self._newest(self._by_template(plan)) is not None:
            return False
        try:
            os.close(open_file(self.workspace, path))
        except FileRefused:
            return False
        return True


def last_lines(handle: int, count: int, since: float | None = None) -> LogTail:
    """The last whole lines of an open file. What waits for its end is not one yet."""
    status = os.fstat(handle)
    begin, data = _end_of(handle, status.st_size, count)
    end = data.rfind(b"\n") + 1
    offset = begin + end
    redactor = Redactor()
    redacted = redactor.redact(data[:end])
    lines = redacted.split(b"\n")[:-1] if redacted else []
    if begin > 0 and lines:
        lines = lines[1:]  # it may have begun before
    texts = [decode_line(line) for line in lines]
    times = times_of_lines(texts, status.st_mtime)
    chosen = [
        (text, at) for text, at in zip(texts, times, strict=True) if since is None or (at is not None and at >= since)
    ]
    chosen = chosen[-count:] if count else []
    return LogTail([text for text, _ in chosen], offset, [at for _, at in chosen], redactor.state())


def _end_of(handle: int, size: int, count: int) -> tuple[int, bytes]:
    """(offset, bytes from there to the end) with `count` lines and a margin, but not more than 16 MB."""
    wanted = 64 << 10
    while True:
        begin = max(0, size - wanted)
        data = read_at(handle, size - begin, begin)
        if begin == 0 or wanted >= _MAX_BYTES:
            return begin, data
        if data.count(b"\n") > count + 1:
            break
        wanted *= 4
    begin = max(0, begin - _MARGIN_BYTES)
    return begin, read_at(handle, size - begin, begin)


def decode_line(line: bytes) -> str:
    """A line as text."""
    line = line.rstrip(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return decode(line).text
