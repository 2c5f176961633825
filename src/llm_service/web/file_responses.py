"""A file made by agents as an answer that is harmless in our origin: as text, as a picture, or to be saved.

Never HTML, SVG, XML or script by its type, nothing that a browser could take for it (`nosniff`), and in a sandbox
without an origin. Sent chunk by chunk, whatever its size, whole or the one range that was asked for (RFC 9110, 14).
"""

from __future__ import annotations

import errno
import os
import time
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

from flask import Request, Response

from .. import files
from ..errors import ServiceError

CHUNK_BYTES = 256 << 10
SANDBOX = "sandbox; default-src 'none'"
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)
_BROWSERS_READ = ("utf-8", "utf-16", "windows-1252")
_YOUNG_NS = 2_000_000_000


class RangeNotSatisfiable(ServiceError):
    """The range asked for lies behind the end of the file."""

    code = "RANGE_NOT_SATISFIABLE"
    http_status = 416


class FileBody:
    """The bytes of an open file in chunks, from `start` up to `stop`; closes it. For one iteration.

    A file that is cut short meanwhile breaks the connection off: a client must not take a part for the whole, nor
    the next answer for the rest.
    """

    def __init__(self, handle: int, start: int, stop: int) -> None:
        self._handle = handle
        self._start, self._stop = start, stop

    def cut(self, start: int, stop: int) -> None:
        """Send only this part."""
        self._start, self._stop = start, stop

    def __iter__(self) -> Iterator[bytes]:
        os.lseek(self._handle, self._start, os.SEEK_SET)
        left = self._stop - self._start
        while left:
            chunk = os.read(self._handle, min(left, CHUNK_BYTES))
            if not chunk:
                raise ConnectionResetError(errno.ECONNRESET, "the file was cut short while it was sent")
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def file_answer(
    request: Request, handle: int, status: os.stat_result, head: bytes, name: str, download: bool
) -> Response:
    """The answer to a GET or HEAD for an open file, which is closed in any case. Raises RangeNotSatisfiable.

    `download` makes it an attachment called `name`; what is neither text nor a picture is one in any case.
    """
    body = FileBody(handle, 0, status.st_size)
    try:
        return _answer(request, body, status, None if download else shown_as(head), name)
    except BaseException:
        body.close()
        raise


def _answer(request: Request, body: FileBody, status: os.stat_result, content_type: str | None, name: str) -> Response:
    size = status.st_size
    answer = Response(body, direct_passthrough=True, content_type=content_type or "application/octet-stream")
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Accept-Ranges"] = "bytes"
    if content_type is None:
        answer.headers["Content-Disposition"] = _attachment(name)
    # A file so young may be written again within the same tick of the clock: no tag would prove anything.
    if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _YOUNG_NS:
        answer.set_etag(f"{status.st_ino:x}-{size:x}-{status.st_mtime_ns:x}-{status.st_ctime_ns:x}")
    answer.content_length = size
    answer.make_conditional(request)
    wanted = _range(request, size, answer.headers.get("ETag")) if answer.status_code == 200 else None
    if wanted is not None:
        body.cut(*wanted)
        answer.status_code = 206
        answer.content_length = wanted[1] - wanted[0]
        answer.headers["Content-Range"] = f"bytes {wanted[0]}-{wanted[1] - 1}/{size}"
    return answer


def shown_as(head: bytes) -> str | None:
    """The type as which a browser may show a file that begins so: text, or a picture; None for anything else."""
    for mark, at, kind in _PICTURES:
        if head.startswith(mark, at) and (at == 0 or head.startswith(b"RIFF")):
            return kind
    encoding = files.kind_of(head).encoding
    return f"text/plain; charset={encoding}" if encoding in _BROWSERS_READ else None


def _range(request: Request, size: int, tag: str | None) -> tuple[int, int] | None:
    """(start, stop) of the range to send, None for the whole. Raises RangeNotSatisfiable.

    werkzeug parses it, but would refuse with 416 what is no range of bytes, several of them, and one from the end
    that is longer than the file; the first two are left unheeded here, as the standard allows. Its `If-Range` takes
    a weak tag for a strong one.
    """
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or not size:
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    start, stop = wanted.ranges[0]
    if start < 0:
        return max(0, size + start), size
    if start >= size:
        raise RangeNotSatisfiable(f"The file has {size:,} bytes; there is nothing from byte {start:,} on.", size=size)
    return start, min(size, size if stop is None else stop)


def _attachment(name: str) -> str:
    """The header that has a browser save a file under its name (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if character in '"\\/%' else character for character in plain) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
