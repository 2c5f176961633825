"""`serve(load)`: the tools over standard input and output, for one agent, without a dashboard.

Standard output carries the protocol and nothing else: its descriptor is moved away, and what anything prints goes to
standard error. The SDK is loaded after `initialize` is answered (see `doorman`), the rest with the first tool.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .doorman import greeting
from .extra import require_sdk

if TYPE_CHECKING:
    from ..settings.load import Settings

_LONGEST_GREETING = 1 << 20


class _Input(io.RawIOBase):
    """Standard input, with what was read of it already at its start."""

    def __init__(self, start: bytes) -> None:
        self._start = start

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Bytes that are there; 0 at the end."""
        if self._start:
            data, self._start = self._start[: len(buffer)], self._start[len(buffer) :]
        else:
            data = os.read(0, len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Output(io.RawIOBase):
    """What was standard output. The first answer to `answered`, an id, is left out: the client has one already."""

    def __init__(self, handle: int, answered: Any = None) -> None:
        self._handle, self._answered = handle, answered

    def writable(self) -> bool:
        """True."""
        return True

    def write(self, data: Any) -> int:
        """Write all of it, which is whole lines."""
        text = bytes(data)
        if self._answered is not None:
            lines = text.splitlines(keepends=True)
            text = b"".join(line for line in lines if not self._is_answer(line))
        while text:
            text = text[os.write(self._handle, text) :]
        return len(data)

    def _is_answer(self, line: bytes) -> bool:
        if self._answered is None or json.loads(line).get("id") != self._answered:
            return False
        self._answered = None
        return True


class _Stream:
    """What the SDK takes for `sys.stdin` or `sys.stdout`."""

    def __init__(self, buffer: Any) -> None:
        self.buffer = buffer

    def write(self, text: str) -> int:
        """What anything prints in this process."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Nothing is held back here."""


def serve(load: Callable[[], Settings]) -> None:
    """Serve until standard input ends; `load()` reads the settings when the first tool is called.

    Raises SdkMissing before anything is read.
    """
    require_sdk()
    output = os.dup(1)
    os.dup2(2, 1)
    start = _first_line()
    found = greeting(start.partition(b"\n")[0])
    if found is not None:
        _Output(output).write(found[1])
    if not start:
        return
    sys.stdin = _Stream(io.BufferedReader(_Input(start)))
    sys.stdout = _Stream(io.BufferedWriter(_Output(output, found[0] if found else None)))
    # Only now: it takes most of a second, and this process has nothing else to do meanwhile.
    from .stdio_server import run

    run(load)


def _first_line() -> bytes:
    """What is there up to the end of the first line, and perhaps more."""
    start = b""
    while b"\n" not in start and len(start) < _LONGEST_GREETING:
        data = os.read(0, 65_536)
        if not data:
            break
        start += data
    return start
