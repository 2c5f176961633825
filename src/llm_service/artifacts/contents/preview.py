"""A page of a file's text: the first 200 lines or those from a given line on, whatever the file is, in bounded memory.

`preview(root, path)` opens through `files`, so a link or a device is refused, and shows no byte of what is not text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ... import files
from ...errors import BadRequest
from ...files.hidden_characters import HIDDEN_IN_TEXT
from .sniff import Content

CLIP = " …"
"""The end of a line that is not shown whole."""
_COLOURS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_c=>78])")
"""Control sequences of terminals (ECMA-48, section 5.4, and commands): the page shows their colours."""


@dataclass(frozen=True, slots=True)
class PreviewLimits:
    """How much of a file one page shows, and how far into it a page may begin."""

    lines: int = 200
    page_bytes: int = 262_144
    line_characters: int = 2_000
    seek_bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Preview:
    """One page. `lines` of them are in `text`, joined by LF, from number `from_line` (1-based) on.

    `total_lines` and `next_line` are None when unknown and when nothing follows. `clipped` are the numbers of
    lines that are cut, `hidden` of those with characters that are not seen or turn the direction of writing.
    `damaged`: something could not be decoded and is shown as U+FFFD. `guessed`: nothing proves the encoding.
    `sha256` is of the whole content, None if that is more than a page. What is not text has no lines.
    """

    text: str
    from_line: int
    lines: int
    total_lines: int | None
    next_line: int | None
    clipped: tuple[int, ...]
    hidden: tuple[int, ...]
    encoding: str | None
    guessed: bool
    damaged: bool
    size_bytes: int
    sha256: str | None

    @property
    def binary(self) -> bool:
        """True for what is not text."""
        return self.encoding is None

    @property
    def truncated(self) -> bool:
        """True if there is more behind this page, or a line in it is cut."""
        return self.next_line is not None or bool(self.clipped)


def preview(
    root: str,
    path: str,
    from_line: int = 1,
    limits: PreviewLimits = PreviewLimits(),
    encoding: str | None = None,
    at_end: bool = False,
) -> Preview:
    """The page from line `from_line` on, or with `at_end` the last one, of the file at `path` below `root`; `encoding`
    is used instead of a guess. Raises FileRefused, BadRequest."""
    try:
        with Content(files.open_file(root, path), encoding) as content:
            whole = content.whole(limits.page_bytes)
            digest = None if whole is None else hashlib.sha256(whole).hexdigest()
            if content.kind.codec is None:
                return Preview("", from_line, 0, None, None, (), (), None, False, False, content.status.st_size, digest)
            return _last_page(content, limits, digest) if at_end else _page(content, from_line, limits, digest)
    except OSError as problem:
        raise files.file_error(problem, path) from problem


def _page(content: Content, from_line: int, limits: PreviewLimits, digest: str | None) -> Preview:
    chunks = content.chunks()
    skipped, data = skip_lines(chunks, from_line - 1, limits.seek_bytes)
    ended = False
    while len(data) <= limits.page_bytes and not ended:
        chunk = next(chunks, None)
        ended = chunk is None
        data += chunk or b""
    lines = data[: limits.page_bytes].split(b"\n", limits.lines)
    has_more = len(lines) > limits.lines and bool(lines[-1])  # the line that begins the next page
    cut = len(data) > limits.page_bytes
    half = cut and len(lines) == 1
    if len(lines) > limits.lines:
        lines.pop()
    elif cut and len(lines) > 1:
        lines.pop()  # not whole: it begins the next page
    elif not cut and lines[-1] == b"":
        lines.pop()
    follows = cut or has_more
    shown = [_shown(line, limits.line_characters, half) for line in lines]
    total = None if follows else skipped + len(shown)
    found = _preview(content, shown, skipped + 1, total, from_line + len(shown) if follows else None, digest)
    return replace(found, from_line=from_line)


def _last_page(content: Content, limits: PreviewLimits, digest: str | None) -> Preview:
    """The last lines, as many as fit into a page. Raises BadRequest if the file is longer than is searched."""
    seen, ended, read_bytes = b"", 0, 0
    for chunk in content.chunks():
        ended += chunk.count(b"\n")
        seen = (seen + chunk)[-limits.page_bytes - 1 :]
        read_bytes += len(chunk)
        if read_bytes > limits.seek_bytes:
            raise BadRequest(f"The end is behind the first {limits.seek_bytes:,} bytes, which are searched for lines.")
    lines = seen.split(b"\n")
    total = ended + bool(lines[-1])
    if not lines[-1]:
        lines.pop()
    half = len(seen) > limits.page_bytes and len(lines) == 1
    if len(seen) > limits.page_bytes and len(lines) > 1:
        del lines[0]  # only its end was read
    lines = lines[-limits.lines :]
    shown = [_shown(line, limits.line_characters, half) for line in lines]
    return _preview(content, shown, total - len(shown) + 1, total, None, digest)


def _preview(
    content: Content,
    shown: list[tuple[str, bool]],
    first: int,
    total_lines: int | None,
    next_line: int | None,
    digest: str | None,
) -> Preview:
    """The page with these (text, is cut), numbered from `first` on."""
    kind = content.kind
    numbered = list(enumerate(shown, start=first))
    return Preview(
        text="\n".join(text for text, _ in shown),
        from_line=first,
        lines=len(shown),
        total_lines=total_lines,
        next_line=next_line,
        clipped=tuple(number for number, (_, clipped) in numbered if clipped),
        hidden=tuple(number for number, (text, _) in numbered if HIDDEN_IN_TEXT.search(_COLOURS.sub("", text))),
        encoding=kind.encoding,
        guessed=kind.guessed,
        damaged=any("\ufffd" in text for text, _ in shown),
        size_bytes=content.status.st_size,
        sha256=digest,
    )


def skip_lines(chunks: Iterator[bytes], lines: int, seek_bytes: int) -> tuple[int, bytes]:
    """(lines passed, what is read already of the next one): fewer lines than requested if the file has no more.

    Raises BadRequest if they are further inside than is searched.
    """
    passed, looked_bytes, open_line = 0, 0, False
    if not lines:
        return 0, b""
    for chunk in chunks:
        here = chunk.count(b"\n")
        if passed + here >= lines:
            at = -1
            for _ in range(lines - passed):
                at = chunk.index(b"\n", at + 1)
            return lines, chunk[at + 1 :]
        passed += here
        open_line = not chunk.endswith(b"\n")
        looked_bytes += len(chunk)
        if looked_bytes >= seek_bytes:
            raise BadRequest(
                f"Line {lines + 1:,} is behind the first {seek_bytes:,} bytes, which are searched for a line; "
                "download the file instead.",
                lines=passed,
            )
    return passed + open_line, b""


def _shown(line: bytes, characters: int, half: bool) -> tuple[str, bool]:
    """A line's text without its CR, and whether it is cut: it is too long, or only its first `half` was read."""
    if not half:
        line = line.removesuffix(b"\r")
    text = line[: characters * 4 + 1].decode("utf-8", "replace")
    if half or len(line) > characters * 4 or len(text) > characters:
        return text[:characters] + CLIP, True
    return text, False
