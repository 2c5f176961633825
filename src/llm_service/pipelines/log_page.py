"""The log page of a job, `logs/<job>.md`: what is added to it, and how it is read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ..errors import FileVanished
from ..files import file_error, open_file
from ..times import iso_time
from .folder import Folder, write_all
from .limits import MAX_CALL_BYTES, MAX_LOG_BYTES
from .tool_error import ToolError

FOLDER = "logs"
PARENT_NAME = "pipeline-logi.md"
HEADER = b"---\nexclude_from_embeddings: true\nparent: pipeline-logi\n---\n\n"
PARENT = (
    b"---\nexclude_from_embeddings: true\n---\n\n# Pipeline logs\n\n"
    b"What agents logged about the jobs of their pipelines: a page for each job, in `logs` of its pipeline.\n"
)
_FRONT = re.compile(rb"\A---[ \t]*\r?\n.*?^---[ \t]*(?:\r?\n|\Z)(?:[ \t]*\r?\n)?", re.DOTALL | re.MULTILINE)
_MAX_FRONT = 4_096
_BETWEEN = re.compile(rb"\n\n---\n\n(?=\*\*\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\]\*\*\n\n)")
"""What is between two entries; the second begins with its time."""
_LONGEST_RULE = 64


def page_name(job_id: str) -> str:
    """The name of the page."""
    return f"{job_id}.md"


def stamp_of(now: float) -> str:
    """A time as entries have it: `2026-11-20 09:52 UTC`."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC"


def content_bytes(content: object) -> bytes:
    """The content of a call. Raises ToolError if it is no text, empty, or too large."""
    if not isinstance(content, str) or not content.strip():
        raise ToolError("INVALID", "content has to be a text that is not empty.", "Give the Markdown of the entry.")
    data = content.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
    if len(data) > MAX_CALL_BYTES:
        raise ToolError(
            "TOO_LARGE",
            f"content has {len(data):,} bytes, more than the {MAX_CALL_BYTES:,} of one call.",
            "Shorten it, or append it in parts.",
        )
    return data


class LogWriter:
    """A page that is open for appending, by the holder of the pipeline's lock."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.size = os.fstat(handle).st_size
        if 0 < self.size < len(HEADER) and HEADER.startswith(os.pread(handle, self.size, 0)):
            os.ftruncate(handle, 0)  # its first writer was killed before the page was whole
            self.size = 0

    def entry(self, content: bytes, stamp: str, offset: int) -> bytes:
        """What is added at an offset: a new page, or an entry with its time."""
        return HEADER + content if offset == 0 else f"\n\n---\n\n**[{stamp}]**\n\n".encode() + content

    def require_room(self, entry: bytes) -> None:
        """Raises ToolError if the page would become too large."""
        if self.size + len(entry) > MAX_LOG_BYTES:
            raise ToolError(
                "TOO_LARGE",
                f"The log has {self.size:,} bytes; with this entry it would have more than {MAX_LOG_BYTES:,}.",
                "Create another job for further logs.",
            )

    def missing(self, entry: bytes, offset: int) -> bytes | None:
        """What is missing of an entry that was begun at `offset` before: b"" if it is whole, a part if its writer was
        killed; None if something else is there."""
        there = os.pread(self._handle, len(entry), offset)
        if there == entry:
            return b""
        return entry[len(there) :] if entry.startswith(there) and offset + len(there) == self.size else None

    def append(self, data: bytes, now: float) -> None:
        """Add it, all of it or nothing; a power failure may lose it, a killed process does not. Raises OSError."""
        try:
            write_all(self._handle, data)
        except OSError:
            os.ftruncate(self._handle, self.size)
            raise
        self.size += len(data)
        os.utime(self._handle, ns=(int(now * 1e9), int(now * 1e9)))


@dataclass(frozen=True, slots=True)
class LogPart:
    """A part of a page: bytes `start` to `end` of its `size_bytes`, as text, without the front matter."""

    content: str
    start: int
    end: int
    size_bytes: int
    changed_at: str
    is_cut: bool
    """True if there is more before it."""
    last_entry: int | None = None
    """Where its last entry begins, the `after` with which a reader goes on; None if that is not in this part."""


def read_part(
    root: str,
    pipeline_id: str,
    job_id: str,
    most: int,
    before: int | None = None,
    redact: Callable[[bytes], bytes] = lambda data: data,
    after: int | None = None,
) -> LogPart | None:
    """The last `most` bytes of a page, or of what is before an offset; None if there is no page.

    With `after`, the `last_entry` of an earlier part, only that entry as it is now and what came since; but if no entry
    begins there any more, or that is more than `most` bytes, the same as without it.
    Raises FileRefused. It begins with a whole line, if it has one, and the front matter counts as not there.
    `redact` replaces secrets.
    """
    path = f"{pipeline_id}/{FOLDER}/{page_name(job_id)}"
    try:
        handle = open_file(root, path)
    except FileVanished:
        return None
    try:
        status = os.fstat(handle)
        first = len(match[0]) if (match := _FRONT.match(os.pread(handle, _MAX_FRONT, 0))) else 0
        end = max(first, status.st_size if before is None else min(before, status.st_size))
        is_resumed = (
            after is not None and max(first, end - most) <= after <= end and _begins_entry(handle, after, first)
        )
        start = after if after is not None and is_resumed else max(first, end - most)
        data = os.pread(handle, end - start, start)
    except OSError as problem:
        raise file_error(problem, path) from problem
    finally:
        os.close(handle)
    if start > first and not is_resumed:
        boundary = next((at for at, byte in enumerate(data[:4]) if byte & 0xC0 != 0x80), 0)
        cut = data.find(b"\n", 0, len(data) - 1) + 1 or boundary
        start, data = start + cut, data[cut:]
    clean = redact(data)
    return LogPart(
        content=clean.decode("utf-8", "replace"),
        start=start,
        end=end,
        size_bytes=status.st_size,
        changed_at=iso_time(status.st_mtime_ns / 1e9),
        is_cut=start > first,
        last_entry=_last_entry(data, clean, start, first, redact),
    )


def _begins_entry(handle: int, offset: int, first: int) -> bool:
    """True if an entry begins there, with the rule before it, or the whole text does."""
    return offset == first or _BETWEEN.match(os.pread(handle, _LONGEST_RULE, offset)) is not None


def _last_entry(data: bytes, clean: bytes, start: int, first: int, redact: Callable[[bytes], bytes]) -> int | None:
    """Where the last entry begins, if it is redacted in the same way when it is read by itself."""
    at = _last_rule(data)
    if at is None:
        return first if start == first else None
    there = _last_rule(clean)
    return start + at if there is not None and redact(data[at:]) == clean[there:] else None


def _last_rule(data: bytes) -> int | None:
    at = len(data)
    while (at := data.rfind(b"\n\n---\n\n**[", 0, at + 1)) >= 0:
        if _BETWEEN.match(data, at):
            return at
    return None


def make_parent(around: Folder) -> None:
    """Make the page that all logs name as their parent, once. Raises OSError."""
    around.create(PARENT_NAME, PARENT)
