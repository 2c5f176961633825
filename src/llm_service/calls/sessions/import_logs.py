"""Logs as they lie there now, read once and to their end: to import them, and to say what is wrong in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ... import files
from ...errors import FileRefused
from ...files import printable
from ...watch.scan import walk
from ...watch.tail import Tail
from ..model import Call
from .kinds import Kind, order_of, readers_of, wanted_of

KINDS: tuple[Kind, ...] = ("lines", "claude", "codex")
_PART_LINES = 2_000
_LOOKED_AT = 20
_LEVELS = 3
"""A log of a sub-agent lies two folders below the session that names it."""
_CODEX = (b'"session_meta"', b'"turn_context"', b'"event_msg"', b'"response_item"')
_CLAUDE = (b'"sessionId"', b'"parentUuid"')


@dataclass(slots=True)
class Portion:
    """Part of one log: its calls, and the lines refused as (line number, reason)."""

    path: str
    calls: list[Call] = field(default_factory=list)
    refused: list[tuple[int | None, str]] = field(default_factory=list)
    last: bool = False


def read_logs(path: str, kind: Kind | None, lanes: Sequence[str], at_rest: bool = True) -> Iterator[Portion]:
    """The portions of a log, or of all logs in a folder, in the order in which they are best read.

    `at_rest`: nobody writes any more, so a last line without its end is read too. Without a kind each file's is
    seen from its first lines. A link that is named is followed, none inside a folder.
    """
    path = os.path.realpath(path)
    if not os.path.isdir(path):
        root = path
        for _ in range(_LEVELS):
            root = os.path.dirname(root)
        yield from _read(root, os.path.relpath(path, root).replace(os.sep, "/"), kind, lanes, at_rest)
        return
    for each in KINDS if kind is None else (kind,):
        found = walk(path, wanted_of(each)).files
        for relative in sorted(found, key=lambda one, each=each: order_of(each, one, found[one].mtime_ns)):  # type: ignore[misc]
            if kind is None and _kind_of(path, relative) != each:
                continue
            yield from _read(path, relative, each, lanes, at_rest)


def _read(root: str, path: str, kind: Kind | None, lanes: Sequence[str], at_rest: bool) -> Iterator[Portion]:
    where = os.path.join(root, path)
    try:
        reader = readers_of(kind or _kind_of(root, path), root, lanes)(path, None)
        tail = Tail(root, path)
        while True:
            part = tail.read(_PART_LINES)
            lines = part.lines if part.more or not at_rest else [*part.lines, *_unfinished(root, path, tail)]
            portion = Portion(where, reader.read(lines), [*part.refused, *reader.refused], last=not part.more)
            reader.refused.clear()
            yield portion
            if not part.more:
                return
    except FileRefused as problem:
        yield Portion(where, refused=[(None, problem.message)], last=True)
    except OSError as problem:
        yield Portion(where, refused=[(None, problem.strerror or str(problem))], last=True)


def _unfinished(root: str, path: str, tail: Tail) -> list[tuple[int, bytes]]:
    """The last line, if it has no end: a log that lies still has nothing to wait for."""
    handle = files.open_file(root, path)
    try:
        os.lseek(handle, tail.position.offset, os.SEEK_SET)
        data = os.read(handle, 1 << 20).strip()
    finally:
        os.close(handle)
    return [(tail.position.line + 1, data)] if data else []


def _kind_of(root: str, path: str) -> Kind:
    """What the first lines of a log are."""
    handle = files.open_file(root, path)
    try:
        start = os.read(handle, 1 << 18)
    finally:
        os.close(handle)
    lines = start.split(b"\n")[:_LOOKED_AT]
    if any(mark in line and b'"type"' in line for line in lines for mark in _CODEX):
        return "codex"
    if any(mark in line and b'"type"' in line for line in lines for mark in _CLAUDE):
        return "claude"
    return "lines"


def told(path: str, line: int | None, reason: str) -> str:
    """`file:line: reason`, to be printed."""
    return f"{printable(path)}{f':{line}' if line else ''}: {printable(reason)}"
