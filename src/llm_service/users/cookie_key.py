"""The key that proves the cookies of users: `CookieKey(folder, workspace)`, kept in the user's own folder.

Of a user's token only the hash is stored. Cookies proved by the hash would let in whoever read the configuration.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from ..errors import FileRefused
from ..files import read_file, write_atomic
from ..settings.user_folder import is_in_workspace

NAME = "cookie.key"
_KEY = re.compile(rb"[0-9a-f]{64}")


class CookieKey:
    """The key; if it cannot be kept, it is another one at each start, and users give their tokens again."""

    def __init__(self, folder: str | None, workspace: str) -> None:
        """`folder`: the user's own; None if there is none."""
        path = None if folder is None else os.path.join(folder, NAME)
        self._path = None if path is None or is_in_workspace(path, workspace) else path
        found = self._read()
        self._is_kept = found is not None
        self.key = found or secrets.token_hex(32).encode()

    def keep(self) -> None:
        """Write it, if it is new, for its owner alone."""
        if self._path is not None and not self._is_kept:
            with contextlib.suppress(OSError):
                os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
                write_atomic(Path(self._path), self.key)  # with the rights 0600 of a temporary file
                self._is_kept = True

    def _read(self) -> bytes | None:
        if self._path is None:
            return None
        try:
            data = read_file(os.path.dirname(self._path), NAME, max_bytes=64).data
        except FileRefused:
            return None
        return data if _KEY.fullmatch(data) else None
