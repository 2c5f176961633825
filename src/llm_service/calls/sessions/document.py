"""`DocumentLog`: a log that is one JSON document, written anew as a whole each time; its parts are the lines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

from ... import files
from ...errors import FileChanging, FileTooLarge
from ...files import printable
from ...watch.tail import Part, Position
from .line_reader import JSON_ERRORS

MAX_DOCUMENT_BYTES = 64 << 20
_WRITING_S = 2.0
"""A document that is not whole and not older than this is taken to be still being written."""

SplitDocument = Callable[[bytes], Sequence[bytes]]
"""Document -> JSON objects in it, in order. Raises one of JSON_ERRORS."""


class DocumentLog:
    """A `LineSource`: all parts at first, then those that are new or differ.

    After a restart all parts of a document that has changed are lines again; their calls are known by their ids.
    """

    def __init__(self, root: str, path: str, position: Position, split: SplitDocument) -> None:
        self._root, self._path, self._split = root, path, split
        self._seen: set[int] = set()
        self.position = position

    def read(self, max_lines: int) -> Part:
        """See `LineSource`; all lines at once. Raises FileTooLarge, FileChanging."""
        handle = files.open_file(self._root, self._path)
        try:
            status = os.fstat(handle)
            data = self._load(handle, status.st_size)
        finally:
            os.close(handle)
        identity = _identify(data)
        part = Part()
        if not data.strip() or identity == self.position.fingerprint:
            return part
        try:
            pieces = self._split(data)
        except JSON_ERRORS as problem:
            if abs(time.time() - status.st_mtime) < _WRITING_S:
                raise FileChanging(f"{printable(self._path)} is still being written.") from problem
            pieces = ()
            part.refused.append((1, f"This file is not a JSON document as it should be: {problem}."))
        seen = set()
        for number, piece in enumerate(pieces, 1):
            digest = hash(piece)
            seen.add(digest)
            # The first part says whose document it is; the same text may follow in another one.
            if number == 1 or digest not in self._seen:
                part.lines.append((number, piece))
        self._seen = seen
        self.position = Position(status.st_dev, status.st_ino, len(data), len(pieces), identity)
        return part

    def recognises(self) -> bool:
        """See `LineSource`."""
        handle = files.open_file(self._root, self._path)
        try:
            return _identify(self._load(handle, os.fstat(handle).st_size)) == self.position.fingerprint
        finally:
            os.close(handle)

    def _load(self, handle: int, size: int) -> bytes:
        if size > MAX_DOCUMENT_BYTES:
            raise FileTooLarge(
                f"{printable(self._path)} has {size:,} bytes, more than the limit of {MAX_DOCUMENT_BYTES:,}.",
                size_bytes=size,
                max_bytes=MAX_DOCUMENT_BYTES,
            )
        data = b""
        while len(data) < size:
            more = os.read(handle, size - len(data))
            if not more:
                break
            data = data + more if data else more
        return data


def _identify(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
