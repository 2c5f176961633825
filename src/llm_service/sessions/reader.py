"""`glance_at(log)`: what the beginning and the end of a log say about its session, without reading what is between."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .. import files
from ..errors import FileRefused
from ..watch.tail import read_at
from .formats.kinds import FORMATS, Format, parse
from .model import Glance
from .opencode.sources import source_of

_HEAD_BYTES, _TAIL_BYTES = 96 << 10, 64 << 10
_MAX_META_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class Log:
    """A session log: kind of its folder, the folder, and the path below it; `inner` is the session's id where the file
    is a database with many."""

    kind: str
    root: str
    path: str
    inner: str = ""

    @property
    def format(self) -> Format:
        """A new reader of its lines."""
        return FORMATS[self.kind][1]()

    @property
    def program(self) -> str:
        """Who wrote it, for people."""
        return FORMATS[self.kind][0]

    @property
    def stem(self) -> str:
        """The name of the file without its extension: for Claude Code and Qwen Code the id of the session. For Copilot
        that of its folder, if the file is not named by the session itself."""
        if self.kind == "copilot" and "/" in self.path:
            return self.path.split("/")[-2]
        return self.path.rpartition("/")[2].partition(".json")[0]

    @property
    def is_sub_agent(self) -> bool:
        """True for the log of a sub-agent of Claude Code."""
        return self.kind == "claude" and self.stem.startswith("agent-")

    @property
    def session(self) -> str:
        """The id of the session as far as the name of the file says it."""
        if self.inner:
            return self.inner
        if self.kind in ("codex", "pi"):
            name = self.stem
            tail = name[-36:]
            return tail if len(tail) == 36 and tail.count("-") == 4 else name
        return self.stem


def glance_at(log: Log) -> Glance:
    """The session by its beginning and end. Raises FileRefused, OSError."""
    if log.kind == "opencode":
        return _fold(log.format, source_of(log.root, log.path, log.inner).glance_lines())
    handle = files.open_file(log.root, log.path)
    try:
        size = os.fstat(handle).st_size
        head = read_at(handle, min(size, _HEAD_BYTES), 0)
        tail = read_at(handle, _TAIL_BYTES, max(len(head), size - _TAIL_BYTES)) if size > len(head) else b""
    finally:
        os.close(handle)
    is_cut = size > len(head) + len(tail)
    lines = head.split(b"\n")
    if tail and not is_cut:
        lines = (head + tail).split(b"\n")
    elif tail:
        lines = [*lines[:-1], *tail.split(b"\n")[1:]]
    return _fold(log.format, lines)


def _fold(reader: Format, lines: Iterable[bytes]) -> Glance:
    glance = Glance()
    for line in lines:
        value = parse(line) if line[:1] == b"{" else None
        if value is not None:
            glance = glance.with_line(reader.facts(value))
    return glance


def description(log: Log) -> dict[str, Any]:
    """What Claude Code wrote beside the log of a sub-agent, `{agentType, description}`; {} without it."""
    if not log.is_sub_agent:
        return {}
    try:
        content = files.read_file(log.root, log.path.removesuffix(".jsonl") + ".meta.json", _MAX_META_BYTES)
    except (FileRefused, OSError):
        return {}
    return parse(content.data) or {}
