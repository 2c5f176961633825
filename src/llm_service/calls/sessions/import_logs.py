"""`read_logs(path)`: logs read once to their end, to import them and to report refused lines."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ... import files
from ...errors import FileRefused
from ...files import Signature, printable
from ...watch.scan import walk
from ...watch.tail import Position, Tail
from ..export_files import export_format, read_export
from ..model import Call
from .compressed import CompressedLog, is_compressed
from .folders import LINES
from .kinds import KINDS, file_filter, reader_factory
from .line_reader import system_now_ms
from .log_kind import Kind, ReaderFactory

_PART_LINES = 2_000
_SNIFF_LINES = 20
_LEVELS = 3
"""The log of a sub-agent is two folders below the log of the session that describes it."""


@dataclass(slots=True)
class Portion:
    """Part of one log: its calls, and refused lines as (line number or None, reason). `last`: the end of the log.

    `left_out`: why (the rest of) this file, or everything in this folder, cannot be read.
    """

    path: str
    calls: list[Call] = field(default_factory=list)
    refused: list[tuple[int | None, str]] = field(default_factory=list)
    last: bool = False
    left_out: str | None = None


def read_logs(path: str, kind: Kind | None, lanes: Sequence[str], finished: bool = True) -> Iterator[Portion]:
    """The portions of a log, or of all logs in a folder in the order of `sort_key`. Raises nothing: see `left_out`.

    `finished`: nobody is writing, so a last line without a newline is read too. `kind` None: detected from the first
    lines of each file. `path` may be a link; links inside a folder are not followed.
    """
    outside = files.way_out(path)
    if outside is not None:
        yield Portion(path, left_out=f"a link leads out of the workspace, to {outside}; to read that, name it")
        return
    path = os.path.realpath(path)
    if not os.path.isdir(path):
        root = path
        for _ in range(_LEVELS):
            root = os.path.dirname(root)
        yield from _read(root, os.path.relpath(path, root).replace(os.sep, "/"), kind, _Readers(root, lanes), finished)
        return
    yield from _read_folder(path, kind, lanes, finished)


def _read_folder(folder: str, kind: Kind | None, lanes: Sequence[str], finished: bool) -> Iterator[Portion]:
    scans = {each: walk(folder, file_filter(each)) for each in (KINDS if kind is None else (kind,))}
    reasons = {path: reason for scan in scans.values() for path, reason in (scan.refused | scan.skipped).items()}
    for path, reason in sorted(reasons.items()):
        yield Portion(os.path.join(folder, path) if path else folder, left_out=reason)
    readers = _Readers(folder, lanes)
    detected: dict[str, Kind | None] = {}
    for each, scan in scans.items():
        for path in _in_order(each, scan.files):
            if kind is None and path not in detected:
                try:
                    detected[path] = _detect_kind(folder, path)
                except (FileRefused, OSError) as problem:
                    detected[path] = None
                    yield Portion(os.path.join(folder, path), left_out=_reason(problem))
            if detected.get(path, each) == each:
                yield from _read(folder, path, each, readers, finished)


def _in_order(kind: Kind, found: Mapping[str, Signature]) -> list[str]:
    """The logs of a kind in the order in which they are read."""
    facts = KINDS[kind]
    logs = (path for path in found if facts.log_of(path) == path)
    return sorted(logs, key=lambda path: facts.sort_key(path, found[path].mtime_ns))


class _Readers(dict[Kind, ReaderFactory]):
    """Makes the readers of one folder, which share what they know of each other's logs."""

    def __init__(self, root: str, lanes: Sequence[str]) -> None:
        super().__init__()
        self._root, self._lanes = root, lanes

    def __missing__(self, kind: Kind) -> ReaderFactory:
        return self.setdefault(kind, reader_factory(kind, self._root, self._lanes))


def _read(root: str, path: str, kind: Kind | None, readers: _Readers, finished: bool) -> Iterator[Portion]:
    full_path = os.path.join(root, path)
    try:
        export = _detect_export(root, path) if kind in (None, LINES) else None
        if export is not None:
            yield from _read_export(root, path, export)
            return
        kind = kind or _detect_kind(root, path)
        reader = readers[kind](path, None)
        source = KINDS[kind].open(root, path, Position())
        while True:
            part = source.read(_PART_LINES)
            lines = part.lines
            if finished and not part.more and isinstance(source, Tail):
                lines = [*lines, *_read_unfinished_line(root, path, source)]
            portion = Portion(full_path, reader.read(lines), [*part.refused, *reader.refused], last=not part.more)
            reader.refused.clear()
            yield portion
            if not part.more:
                return
    except (FileRefused, OSError) as problem:
        yield Portion(full_path, left_out=_reason(problem))


def _read_export(root: str, path: str, export: str) -> Iterator[Portion]:
    full_path = os.path.join(root, path)
    with os.fdopen(files.open_file(root, path), encoding="utf-8-sig", newline="") as file:
        for calls, refused in read_export(file, export, system_now_ms()):
            yield Portion(full_path, calls, refused)
    yield Portion(full_path, last=True)


def _read_unfinished_line(root: str, path: str, tail: Tail) -> list[tuple[int, bytes]]:
    """The last line, if it has no newline."""
    handle = files.open_file(root, path)
    try:
        os.lseek(handle, tail.position.offset, os.SEEK_SET)
        data = os.read(handle, 1 << 20).strip()
    finally:
        os.close(handle)
    return [(tail.position.line + 1, data)] if data else []


def _reason(problem: FileRefused | OSError) -> str:
    return problem.message if isinstance(problem, FileRefused) else (problem.strerror or str(problem))


def _detect_export(root: str, path: str) -> str | None:
    """The format of an export in CSV or JSON; None for lines. Raises FileRefused, OSError."""
    return export_format(_read_start(root, path))


def _read_start(root: str, path: str) -> bytes:
    handle = files.open_file(root, path)
    try:
        return os.read(handle, 1 << 18)
    finally:
        os.close(handle)


def _detect_kind(root: str, path: str) -> Kind:
    """The kind of a log, from its first lines. Raises FileRefused, OSError."""
    full_path, lines = os.path.join(root, path), _first_lines(root, path)
    return next((kind for kind, facts in reversed(KINDS.items()) if facts.recognises(full_path, lines)), LINES)


def _first_lines(root: str, path: str) -> list[bytes]:
    if is_compressed(path):
        return [line for _, line in CompressedLog(root, path).read(_SNIFF_LINES).lines[:_SNIFF_LINES]]
    return _read_start(root, path).split(b"\n")[:_SNIFF_LINES]


def refusal_text(path: str, line: int | None, reason: str) -> str:
    """`file:line: reason`, printable."""
    return f"{printable(path)}{f':{line}' if line else ''}: {printable(reason)}"
