"""`CompressedLog`: a log compressed with Zstandard, which is complete as soon as it exists.

What is in the file may be made to hurt: output is read in small steps, a window, a line and a file may only be so
large. `Position.offset` counts decompressed bytes; `Position.fingerprint` is that of the compressed file, followed by a
mark if all of it was read. Format: RFC 8878.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import TYPE_CHECKING

from ... import files
from ...watch.tail import MAX_LINE_BYTES, Part, Position

if TYPE_CHECKING:
    import zstandard

MAX_DECOMPRESSED_BYTES = 4 << 30
"""Of one log; logs of two gigabytes were seen (github.com/openai/codex, issue 24948)."""
_MAX_WINDOW_BYTES = 32 << 20
"""So much memory may decompressing take; the levels below “ultra” need 8 MiB at most."""
_PART_BYTES = 4 << 20
_STEP_BYTES = 256 << 10
_HEAD_BYTES, _END_BYTES = 1024, 256
_IDENTITY_BYTES = 16
_ALL_READ = b"\x01"


def is_compressed(path: str) -> bool:
    """True for the name of a compressed log."""
    return path.endswith(".zst")


class CompressedLog:
    """A `LineSource`. Keeps no descriptor open between reads, but what decompressing needs to go on."""

    def __init__(
        self, root: str, path: str, position: Position | None = None, max_bytes: int = MAX_DECOMPRESSED_BYTES
    ) -> None:
        """`max_bytes`: what follows so many decompressed bytes is refused."""
        self._root, self._path, self._max_bytes = root, path, max_bytes
        self.position = position or Position()
        self._stream: _Stream | None = None

    def read(self, max_lines: int) -> Part:
        """See `LineSource`; bounded by bytes."""
        handle = files.open_file(self._root, self._path)
        try:
            return self._read(handle)
        finally:
            os.close(handle)

    def recognises(self) -> bool:
        """See `LineSource`."""
        handle = files.open_file(self._root, self._path)
        try:
            return _identify(handle) == self._identity()
        finally:
            os.close(handle)

    def _identity(self) -> bytes:
        return self.position.fingerprint[:_IDENTITY_BYTES]

    def _read(self, handle: int) -> Part:
        import zstandard  # here, as most have no compressed logs

        part = Part()
        status, identity = os.fstat(handle), _identify(handle)
        known = self._identity()
        if known != identity:
            part.restarted = bool(known)
            self.position, self._stream = Position(), None
        elif self.position.fingerprint != known:
            return part
        if self._stream is None:
            self._stream = _Stream(self.position.offset)
        stream, line = self._stream, self.position.line
        stream.handle = handle
        finished, problem = False, None
        try:
            stream.skip_read_part()
            until = stream.offset + _PART_BYTES
            while stream.offset < until and not finished:
                finished = stream.step()
                if stream.offset > self._max_bytes:
                    finished, problem = True, f"This log has more than {self._max_bytes:,} bytes when decompressed."
        except zstandard.ZstdError as error:
            finished, problem = True, f"This log is not Zstandard data as it should be: {error}."
        lines = stream.take_lines(finished and problem is None)
        for data in lines:
            line += 1
            if data is None:
                part.refused.append((line, f"This line has more than {MAX_LINE_BYTES:,} bytes."))
            elif data.strip():
                part.lines.append((line, data.strip()))
        if problem is not None:
            part.refused.append((line + 1, problem))
        part.more = not finished
        offset = stream.offset if finished else stream.offset - stream.unfinished_bytes
        if finished:
            self._stream = None
        mark = _ALL_READ if finished else b""
        # Above 0, as a position at 0 says that nothing was read.
        self.position = Position(status.st_dev, status.st_ino, max(offset, 1 if finished else 0), line, identity + mark)
        return part


class _Stream:
    """Decompressed bytes from `offset` on; `handle` is set before each use."""

    def __init__(self, start: int) -> None:
        import zstandard

        self.handle = -1
        self.offset = 0
        self.unfinished_bytes = 0
        self._start = start
        self._compressed_offset = 0
        self._complete: list[bytes | None] = []
        self._unfinished: list[bytes] = []
        decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
        self._reader: zstandard.ZstdDecompressionReader = decompressor.stream_reader(
            self,  # type: ignore[arg-type]  # all that it needs is `read`
            read_size=_STEP_BYTES,
            read_across_frames=True,
        )

    def read(self, size: int) -> bytes:
        """Compressed bytes, for the decompressor."""
        data = os.pread(self.handle, size, self._compressed_offset)
        self._compressed_offset += len(data)
        return data

    def skip_read_part(self) -> None:
        """Decompress what was read before a restart. Raises ZstdError."""
        while self.offset < self._start:
            data = self._reader.read(min(_STEP_BYTES, self._start - self.offset))
            if not data:
                return
            self.offset += len(data)

    def step(self) -> bool:
        """Decompress a little; True at the end. Raises ZstdError."""
        data = self._reader.read(_STEP_BYTES)
        if not data:
            return True
        self.offset += len(data)
        *ended, rest = data.split(b"\n")
        for end in ended:
            self._add(end)
            self._end_line()
        self._add(rest)
        return False

    def take_lines(self, all_read: bool) -> list[bytes | None]:
        """The complete lines so far, None for one that is too long; `all_read`: what follows them is a line too."""
        if all_read and self.unfinished_bytes:
            self._end_line()
        lines, self._complete = self._complete, []
        return lines

    def _add(self, data: bytes) -> None:
        self.unfinished_bytes += len(data)
        if self.unfinished_bytes <= MAX_LINE_BYTES:
            self._unfinished.append(data)
        else:
            self._unfinished.clear()

    def _end_line(self) -> None:
        self._complete.append(b"".join(self._unfinished) if self.unfinished_bytes <= MAX_LINE_BYTES else None)
        self._unfinished.clear()
        self.unfinished_bytes = 0


def _identify(handle: int) -> bytes:
    size = os.fstat(handle).st_size
    ends = os.pread(handle, _HEAD_BYTES, 0) + os.pread(handle, _END_BYTES, max(0, size - _END_BYTES))
    return blake2b(ends + str(size).encode(), digest_size=_IDENTITY_BYTES).digest()
