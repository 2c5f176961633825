"""The body of a request: `RequestBody` turns what can go wrong while it arrives into errors of the protocol.

Servers raise errors of their own for broken chunks, and for clients that stop sending; as such they would be reported
as internal errors. werkzeug's LimitedStream cuts a body at its limit, and reports the rest at the next read only.
"""

from __future__ import annotations

import io
from typing import Any

from werkzeug.exceptions import RequestTimeout

from ..errors import BadRequest, ServiceError, TooLarge

_READ_BYTES = 65_536


class RequestBody(io.RawIOBase):
    """A stream over `wsgi.input`; with `limit`, one that raises TooLarge when there are more bytes.

    Raises BadRequest for a body that breaks off or is not in chunks as announced, RequestTimeout (408) for one that
    does not arrive.
    """

    def __init__(self, stream: Any, limit: int | None = None) -> None:
        self._stream = stream
        self._limit = limit
        self._taken = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most so many bytes; all if not given."""
        if size is None or size < 0:
            return self.readall()
        return self._take(size)

    def readall(self) -> bytes:
        """All bytes."""
        parts = []
        while part := self._take(_READ_BYTES):
            parts.append(part)
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        """Into a buffer, for the methods of the base class."""
        data = self._take(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _take(self, size: int) -> bytes:
        if self._limit is not None:
            size = min(size, self._limit - self._taken + 1)  # one more than allowed shows that there is more
        try:
            data: bytes = self._stream.read(size)
        except ServiceError:
            raise
        except TimeoutError as problem:
            raise RequestTimeout("The body did not arrive in time.") from problem
        except Exception as problem:  # each server has errors of its own
            raise BadRequest("The body of the request is broken off, or not in chunks as announced.") from problem
        self._taken += len(data)
        if self._limit is not None and self._taken > self._limit:
            raise TooLarge(f"A body may have at most {self._limit:,} bytes.", max_body_bytes=self._limit)
        return data
