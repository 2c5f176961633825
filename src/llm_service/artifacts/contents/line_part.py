"""`line_part` gives the part of a line around a column: of lines that are longer than what a page shows of them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from ... import files
from ...errors import BadRequest, NotFound
from .preview import PreviewLimits, skip_lines
from .sniff import Content

_BEFORE = 200
"""So many UTF-16 code units before the column are shown."""


@dataclass(frozen=True, slots=True)
class LinePart:
    """`text` is a line from `from_column` (1-based, UTF-16 code units) on; `follows`: the line goes on after it."""

    line: int
    from_column: int
    text: str
    follows: bool


def line_part(
    root: str,
    path: str,
    line: int,
    column: int,
    limits: PreviewLimits,
    encoding: str | None = None,
) -> LinePart:
    """The part of a line with that column; the end of the line if it has fewer. Raises FileRefused, NotFound,
    BadRequest if it is further inside than is searched."""
    try:
        with Content(files.open_file(root, path), encoding) as content:
            chunks = content.chunks()
            passed, data = skip_lines(chunks, line - 1, limits.seek_bytes)
            pieces = _line_of(data, chunks)
            first = next(pieces, None)
            if passed < line - 1 or first is None:
                raise NotFound(f"“{files.printable(path)[:500]}” has no line {line:,}.")
            return _part(line, column, first, pieces, limits)
    except OSError as problem:
        raise files.file_error(problem, path) from problem


def _line_of(data: bytes, chunks: Iterator[bytes]) -> Iterator[str]:
    """The text of the line that begins with `data`, piece by piece; nothing if there is no such line."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held = b""  # a CR that may belong to the end of the line
    for chunk in _chained(data, chunks):
        end = chunk.find(b"\n")
        if end >= 0:
            yield decoder.decode((held + chunk[:end]).removesuffix(b"\r"), final=True)
            return
        chunk = held + chunk
        held = b"\r" if chunk.endswith(b"\r") else b""
        if text := decoder.decode(chunk.removesuffix(b"\r") if held else chunk):
            yield text
    if text := decoder.decode(b"", final=True):
        yield text


def _chained(data: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    if data:
        yield data
    yield from chunks


def _part(line: int, column: int, first: str, pieces: Iterator[str], limits: PreviewLimits) -> LinePart:
    wanted, width = max(0, column - 1 - _BEFORE), limits.line_characters
    shown, passed = first, 0  # `passed` code units are before what is in `shown`
    searched = 0
    while True:
        size = utf16(shown)
        if passed + size >= wanted + width + 1 or (piece := next(pieces, None)) is None:
            break
        searched += size
        if searched > limits.seek_bytes:
            raise BadRequest(f"Column {column:,} is further inside the line than is searched.")
        if passed + size <= wanted - width:
            passed, shown = passed + size, piece
        else:
            shown += piece
    skipped = min(max(0, wanted - passed), max(0, utf16(shown) - width))
    text = _from_unit(shown, skipped)
    follows = len(text) > width or next(pieces, None) is not None
    return LinePart(line, passed + utf16(shown) - utf16(text) + 1, text[:width], follows)


def _from_unit(text: str, units: int) -> str:
    """The text from that UTF-16 code unit on, and from the whole character that it is in."""
    if text.isascii():
        return text[units:]
    return text.encode("utf-16-le", "replace")[units * 2 :].decode("utf-16-le", "ignore")


def utf16(text: str) -> int:
    """How many UTF-16 code units a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2
