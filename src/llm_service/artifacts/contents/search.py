"""`search(root, files, pattern)` yields the hits in files as they are found, in bounded memory and time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ... import files
from ...errors import FileRefused
from ...files.search_pattern import Pattern
from .sniff import Content

_BEFORE, _SHOWN = 80, 240
"""So many characters of a long line are shown: before the match, and at all."""
_OVERLAP_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class SearchFile:
    """A file to search: how its path is shown, and its real path below the root."""

    path: str
    raw_path: str


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """When a search ends early. A file is searched up to `file_bytes`."""

    hits: int = 200
    hits_per_file: int = 20
    file_bytes: int = 64 << 20
    total_bytes: int = 4 << 30
    seconds: float = 20.0
    progress_s: float = 0.25


@dataclass(frozen=True, slots=True)
class Hit:
    """The first match in a line. `column` (1-based) and `match` (in `text`) count UTF-16 code units, as JavaScript
    and editors do; of a long line `text` is the part around the match."""

    path: str
    line: int
    column: int
    text: str
    match: tuple[int, int]


@dataclass(slots=True)
class SearchProgress:
    """How far a search is. `skipped` counts files that are not text or were refused; `truncated`: it ended early."""

    files: int = 0
    bytes: int = 0
    hits: int = 0
    skipped: int = 0
    truncated: bool = False
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """The last thing that a search yields."""

    progress: SearchProgress


def search(
    root: str,
    paths: Iterable[SearchFile],
    pattern: Pattern,
    limits: SearchLimits = SearchLimits(),
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Hit | SearchProgress | Done]:
    """Hits in the files below `root`, in the order of `paths`; between them how far it is, at last `Done`.

    `pattern` comes from `search_pattern`. Files that cannot be opened or are not text are passed over.
    """
    began = reported_at = clock()
    progress = SearchProgress()
    with files.SafeRoot(root) as safe_root:
        for file in paths:
            if progress.hits >= limits.hits or progress.bytes >= limits.total_bytes:
                progress.truncated = True
                break
            now = clock()
            if now - began > limits.seconds:
                progress.truncated = True
                break
            if now - reported_at > limits.progress_s:
                reported_at, progress.ms = now, round((now - began) * 1000)
                yield progress
            progress.files += 1
            try:
                with Content(safe_root.open(file.raw_path)) as content:
                    if content.kind.codec is None:
                        progress.skipped += 1
                        continue
                    small = content.small_text()
                    if small is not None and pattern.search(pattern.normalized(small)) is None:
                        progress.bytes += len(small)
                        continue
                    yield from _in_file(file.path, content, pattern, progress, limits, began + limits.seconds, clock)
            except (FileRefused, OSError):
                progress.skipped += 1
    progress.ms = round((clock() - began) * 1000)
    yield Done(progress)


def _in_file(
    path: str,
    content: Content,
    pattern: Pattern,
    progress: SearchProgress,
    limits: SearchLimits,
    until: float,
    clock: Callable[[], float],
) -> Iterator[Hit]:
    """The hits of one file. Chunks are cut at line ends; of a line longer than a chunk a part is searched twice."""
    line, looked_bytes, found = 1, 0, 0
    tail, reported_line = b"", 0
    before = 0  # UTF-16 code units of the open line that have gone by
    chunks = pattern.chunks(content.chunks())
    chunk = next(chunks, None)
    while chunk is not None:
        following = next(chunks, None)
        progress.bytes += len(chunk)
        looked_bytes += len(chunk)
        data = tail + chunk
        end = len(data) if following is None else data.rfind(b"\n") + 1
        whole = bool(end)
        keep = end
        if not end:  # the line goes on
            end, keep = len(data), max(0, len(data) - _OVERLAP_BYTES)
            while keep and data[keep] & 0xC0 == 0x80:  # not inside a character
                keep -= 1
        start = counted = 0
        while start < end and (match := pattern.search(data, start, end)) is not None:
            first, last = match.span()
            if not whole and last == end and first >= keep:
                break  # it ends where the chunk was cut, and perhaps further on: the next chunk begins before it
            line += data.count(b"\n", counted, first)
            counted = first
            if first < last and line != reported_line:
                begin = data.rfind(b"\n", 0, first) + 1
                stop = data.find(b"\n", last, end)
                open_units = 0 if begin else before
                yield _hit(
                    path, line, data[begin : stop if stop >= 0 else end], first - begin, last - begin, open_units
                )
                reported_line = line
                found += 1
                progress.hits += 1
                if found >= limits.hits_per_file or progress.hits >= limits.hits:
                    progress.truncated = True
                    return
            following_line = data.find(b"\n", last, end)
            if following_line < 0:
                break
            start = following_line + 1
        if following is None:
            return
        line += data.count(b"\n", counted, keep)
        tail = data[keep:]
        before = 0 if b"\n" in data[:keep] else before + _units(data[:keep])
        if looked_bytes >= limits.file_bytes or clock() > until:
            progress.truncated = True
            return
        chunk = following


def _hit(path: str, line: int, data: bytes, first: int, last: int, units_before: int) -> Hit:
    """A hit in a line's bytes, cut to what is shown around it."""
    head, found = data[:first].decode("utf-8", "replace"), data[first:last].decode("utf-8", "replace")
    shown_head = head if len(head) <= _BEFORE else "… " + head[-_BEFORE:]
    found = found[: _SHOWN - _BEFORE]
    after = data[last : last + 4 * _SHOWN].decode("utf-8", "replace").rstrip("\r")
    room = max(0, _SHOWN - min(len(head), _BEFORE) - len(found))
    text = shown_head + found + (after if len(after) <= room else after[:room] + " …")
    start = _utf16(shown_head)
    return Hit(path, line, units_before + _utf16(head) + 1, text, (start, start + _utf16(found)))


def _units(data: bytes) -> int:
    return _utf16(data.decode("utf-8", "replace"))


def _utf16(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
