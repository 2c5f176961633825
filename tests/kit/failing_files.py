"""Files that cannot be read for a while: the system's calls fail in the threads that follow, read and count files."""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ERRORS = (
    errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EIO, errno.EINTR, errno.ENOMEM, errno.EBUSY, errno.ESTALE,
    errno.EPERM, errno.ENOTCONN, errno.ETIMEDOUT,
)  # fmt: skip
CALLS = ("open", "scandir", "lstat", "stat", "read")
_THREADS = ("follower", "line counter", "version keeper")


class FailingFiles:
    """While `number` is set, these calls of `os` fail with it: only in our threads, only about files below a folder.

    Of calls relative to a descriptor the path is not known; all of them fail.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, below: str) -> None:
        self._below = below
        self._number: int | None = None
        self._calls: tuple[str, ...] = ()
        self._only: Callable[[str], bool] = lambda path: True
        self.failed = 0
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def begin(self, number: int, calls: tuple[str, ...], only: Callable[[str], bool] | None = None) -> None:
        """From now on these calls fail; `only`: about these paths."""
        self._only = only or (lambda path: True)
        self._calls, self._number = calls, number

    def end(self) -> None:
        """From now on everything can be read again."""
        self._number = None

    @contextlib.contextmanager
    def during(self, number: int, *calls: str, only: Callable[[str], bool] | None = None) -> Iterator[None]:
        """Calls fail while the block runs."""
        self.begin(number, calls or ("open", "scandir", "lstat"), only)
        try:
            yield
        finally:
            self.end()

    def _wrapped(self, name: str, call: Any) -> Any:
        def wrapper(*arguments: Any, **options: Any) -> Any:
            number = self._number
            if number is not None and name in self._calls and self._is_meant(arguments[0]):
                self.failed += 1
                raise OSError(number, os.strerror(number))
            return call(*arguments, **options)

        return wrapper

    def _is_meant(self, path: Any) -> bool:
        if not threading.current_thread().name.endswith(_THREADS):
            return False
        if isinstance(path, int):
            return True
        path = os.fsdecode(path)
        return (path.startswith(self._below) or not path.startswith("/")) and self._only(path)
