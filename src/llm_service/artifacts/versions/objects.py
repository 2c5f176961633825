"""`Objects` has the contents of versions on the disk: compressed, each under its SHA-256 (`objects/ab/abcd...`)."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from ... import files
from ...errors import FileRefused

_OBJECTS = "objects"
_MOST_BYTES = 17 << 20
"""No content was ever larger than the largest value of the setting `preview_bytes`, 16 MiB, and a little."""


class Objects:
    """Contents in a folder. `on_trouble` is called with what the system says when one cannot be stored."""

    def __init__(self, folder: str, on_trouble: Callable[[OSError], None]) -> None:
        self._folder = folder
        self._on_trouble = on_trouble

    def make_folder(self, *names: str) -> None:
        """Create a folder in ours. Raises OSError, also if the folder around that of the service is gone."""
        state = os.path.dirname(self._folder)
        os.stat(os.path.dirname(state))  # a workspace that was moved away is not created again
        os.makedirs(os.path.join(self._folder, _OBJECTS, *names), mode=0o700, exist_ok=True)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """(SHA-256, size on disk) of each content there is."""
        with files.SafeRoot(self._folder) as safe_root:
            try:
                folders = [entry.name for entry in safe_root.entries(_OBJECTS) if entry.kind == "folder"]
            except FileRefused:
                return
            for folder in folders:
                with contextlib.suppress(FileRefused):
                    for entry in list(safe_root.entries(f"{_OBJECTS}/{folder}")):
                        where = f"{_OBJECTS}/{folder}/{entry.name}"
                        if entry.kind == "file" and where == _place(entry.name):
                            yield entry.name, safe_root.status(where).st_size
                        elif entry.kind == "file" and entry.name.startswith(".llm-service-"):
                            self._remove(where)  # a process was killed while it wrote

    def store(self, digest: str, packed: bytes) -> bool:
        """Store a compressed content; False if that cannot be done."""
        path = Path(self._folder, _place(digest))
        try:
            files.require_inside(str(path.parent))
            self.make_folder(digest[:2])
            files.write_atomic(path, packed, durable=False)
        except OSError as problem:
            self._on_trouble(problem)
            return False
        return True

    def load(self, digest: str) -> bytes | None:
        """A content, None if it is not there or damaged."""
        try:
            packed = files.read_file(self._folder, _place(digest), _MOST_BYTES).data
            data = zlib.decompressobj().decompress(packed, _MOST_BYTES)
        except (FileRefused, zlib.error):
            return None
        return data if hashlib.sha256(data).hexdigest() == digest else None

    def remove(self, digest: str) -> None:
        """Remove a content, if it is there."""
        self._remove(_place(digest))

    def _remove(self, relative: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(self._folder, relative))


def _place(digest: str) -> str:
    return f"{_OBJECTS}/{digest[:2]}/{digest}"
