"""A file's content as a stream of UTF-8: what kind it is, and its bytes one chunk after the other, never all of it.

Not through a memory map: cutting a mapped file short ends the process that reads it (SIGBUS).
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator

from ... import files
from .encodings import kind_as

CHUNK_BYTES = 1 << 20


class Content:
    """An open file. `kind` is what its beginning shows, `status` what the file system said when it was opened."""

    def __init__(self, handle: int, encoding: str | None = None) -> None:
        """Takes the descriptor over; `encoding`, one of `ENCODINGS`, is used instead of a guess. Raises OSError."""
        self._handle = handle
        try:
            self.status = os.fstat(handle)
            self._left = self.status.st_size
            self._head = self._read()
        except OSError:
            self.close()
            raise
        self.kind = kind_as(encoding, self._head) if encoding else files.kind_of(self._head)

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; may be called twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def whole(self, max_bytes: int) -> bytes | None:
        """All bytes as they are on the disk; None if they are more than `max_bytes`. Only before `chunks`."""
        if self.status.st_size > max_bytes:
            return None
        while more := self._read():
            self._head += more
        return self._head

    def small_text(self) -> bytes | None:
        """All of a small text that is UTF-8 without a mark; None for any other. `chunks` gives it again."""
        return self._head if not self._left and self.kind.codec == "utf-8" and not self.kind.mark else None

    def chunks(self) -> Iterator[bytes]:
        """The text as UTF-8 without its byte order mark, in chunks that end anywhere; once only. Raises OSError.

        A file in UTF-8 comes as it is, damaged or not; what cannot be decoded elsewhere is replaced by U+FFFD.
        """
        kind, chunk = self.kind, self._head[self.kind.mark :]
        if kind.codec is None:
            return
        decoder = None if kind.codec == "utf-8" else codecs.getincrementaldecoder(kind.codec)("replace")
        self._head = b""
        while chunk:
            recoded = chunk if decoder is None else decoder.decode(chunk).encode("utf-8", "replace")
            if recoded:
                yield recoded
            chunk = self._read()
        if decoder is not None and (ending := decoder.decode(b"", final=True)):
            yield ending.encode("utf-8", "replace")

    def _read(self) -> bytes:
        """The next bytes. What is appended after the file was opened does not count: it could go on for ever."""
        chunk = os.read(self._handle, min(self._left, CHUNK_BYTES)) if self._left else b""
        self._left -= len(chunk)
        return chunk
