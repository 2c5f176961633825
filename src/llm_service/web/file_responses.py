"""Responses with a file that agents wrote, harmless in our origin: text, a picture, or a download.

The type is never HTML, XML or script, and SVG only inside of an `img`; browsers must not guess another one (`nosniff`),
and the response is in a sandbox without an origin. It is sent in chunks, whole or the one requested range (RFC 9110,
section 14).
"""

from __future__ import annotations

import errno
import os
import re
import time
import unicodedata
from collections.abc import Iterator
from enum import Enum
from urllib.parse import quote

from flask import Request, Response

from .. import files
from ..errors import ServiceError

SVG_TYPE = "image/svg+xml"
CHUNK_BYTES = 256 << 10
SANDBOX = "sandbox; default-src 'none'"
_SVG_SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""An SVG has its colours in styles, and may hold pictures; nothing in it runs or is fetched."""
_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?>(?:(?><!--.*?-->)\s*|<!DOCTYPE[^>]*>\s*)*)<(?:\w+:)?svg[\s>/]",
    re.S | re.I,
)
_PICTURE_TYPES = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF87a", 0, "image/gif"),
    (b"GIF89a", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)
_BROWSER_ENCODINGS = ("utf-8", "utf-16", "windows-1252")
_RECENT_NS = 2_000_000_000


class Show(Enum):
    """How the bytes of a file are sent: as text or a picture of pixels, as an SVG too, or to be saved."""

    TEXT = "text"
    PICTURE = "picture"
    DOWNLOAD = "download"


class RangeNotSatisfiable(ServiceError):
    """The requested range starts after the end of the file."""

    code = "RANGE_NOT_SATISFIABLE"
    http_status = 416


class FileBody:
    """The bytes `start` to `stop` of an open file in chunks, for one iteration; `close` closes the file.

    If the file is truncated meanwhile the connection is closed: a client must not take a part for the whole, nor the
    next response for the remaining bytes.
    """

    def __init__(self, handle: int, start: int, stop: int) -> None:
        self._handle = handle
        self._start, self._stop = start, stop

    def cut(self, start: int, stop: int) -> None:
        """Send only this part."""
        self._start, self._stop = start, stop

    def __iter__(self) -> Iterator[bytes]:
        os.lseek(self._handle, self._start, os.SEEK_SET)
        remaining = self._stop - self._start
        while remaining:
            chunk = os.read(self._handle, min(remaining, CHUNK_BYTES))
            if not chunk:
                raise ConnectionResetError(errno.ECONNRESET, "the file was truncated while it was sent")
            remaining -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def file_response(
    request: Request, handle: int, status: os.stat_result, head: bytes, name: str, show: Show
) -> Response:
    """The response to a GET or HEAD for an open file, which it closes in any case. Raises RangeNotSatisfiable.

    To be saved, or if the file is neither text nor a picture, it is an attachment called `name`. An SVG is sent as one
    only to an `img` of a page (the browser says so in Sec-Fetch-Dest): there it cannot run, and is no page of its own.
    """
    body = FileBody(handle, 0, status.st_size)
    try:
        content_type = None if show is Show.DOWNLOAD else display_type(head)
        if show is Show.PICTURE and _is_for_img(request) and _SVG.match(head):
            content_type = SVG_TYPE
        return _response(request, body, status, content_type, name)
    except BaseException:
        body.close()
        raise


def _is_for_img(request: Request) -> bool:
    """True if a browser loads it into an `img`. Where it does not say so (plain HTTP beyond loopback) it accepts
    pictures before anything else, and pages when it opens an address."""
    destination = request.headers.get("Sec-Fetch-Dest")
    return destination == "image" if destination else request.headers.get("Accept", "").startswith("image/")


def _response(
    request: Request, body: FileBody, status: os.stat_result, content_type: str | None, name: str
) -> Response:
    size = status.st_size
    response = Response(body, direct_passthrough=True, content_type=content_type or "application/octet-stream")
    response.headers["Content-Security-Policy"] = _SVG_SANDBOX if content_type == SVG_TYPE else SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    # What was sent for an `img` must not be taken from the cache when the same address is opened as a page.
    response.headers["Cache-Control"] = "no-store" if content_type == SVG_TYPE else "no-cache"
    response.headers["Accept-Ranges"] = "bytes"
    if content_type is None:
        response.headers["Content-Disposition"] = _attachment(name)
    # A recent file may be written again within the same clock tick, so an ETag would not identify its content.
    if content_type != SVG_TYPE and time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _RECENT_NS:
        response.set_etag(f"{status.st_ino:x}-{size:x}-{status.st_mtime_ns:x}-{status.st_ctime_ns:x}")
    response.content_length = size
    response.make_conditional(request)
    requested = _range(request, size, response.headers.get("ETag")) if response.status_code == 200 else None
    if requested is not None:
        body.cut(*requested)
        response.status_code = 206
        response.content_length = requested[1] - requested[0]
        response.headers["Content-Range"] = f"bytes {requested[0]}-{requested[1] - 1}/{size}"
    return response


def display_type(head: bytes) -> str | None:
    """The content type with which a browser may show a file that starts with `head`; None if it must not."""
    for signature, offset, kind in _PICTURE_TYPES:
        if head.startswith(signature, offset) and (offset == 0 or head.startswith(b"RIFF")):
            return kind
    encoding = files.kind_of(head).encoding
    return f"text/plain; charset={encoding}" if encoding in _BROWSER_ENCODINGS else None


def _range(request: Request, size: int, tag: str | None) -> tuple[int, int] | None:
    """(start, stop) of the range to send, None for the whole file. Raises RangeNotSatisfiable.

    werkzeug parses it, but would answer 416 for other units, for several ranges, and for a suffix longer than the file;
    the first two are ignored here, as the standard allows. Its `If-Range` takes a weak tag for a strong one.
    """
    requested = request.range
    if requested is None or requested.units != "bytes" or len(requested.ranges) != 1 or not size:
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    start, stop = requested.ranges[0]
    if start < 0:
        return max(0, size + start), size
    if start >= size:
        raise RangeNotSatisfiable(f"The file has {size:,} bytes, so none from byte {start:,} on.", size=size)
    return start, min(size, size if stop is None else stop)


def _attachment(name: str) -> str:
    """The header with which a browser saves a file under its name (RFC 6266)."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    ascii_name = "".join("_" if character in '"\\/%' else character for character in ascii_name) or "file"
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
