"""`UserFile`: lists in the user's own configuration that count without a restart, read again when that file changed."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import BadSettings
from .load import Settings
from .section import all_settings
from .settings_file import Given
from .user_folder import CONFIG_NAME
from .user_settings import user_settings

log = logging.getLogger(__name__)

CHECK_S = 0.3
LOOKS = 2
"""A program that writes the file in place cuts it off first: what is read counts when two looks saw the same."""
LOOKS_WITHOUT_TEXT = 8
"""Without a file, or with an empty one, nobody is let in: more likely it is about to be written."""
_Signature = tuple[int, int, int, int]


@dataclass(slots=True)
class _Followed:
    """A setting, the value that is in use, and who wants to know of another one."""

    name: str
    value: Sequence[Any]
    changed: Callable[[Sequence[Any]], None]


class UserFile:
    """Looks at the file every `CHECK_S` seconds. `problem`: why what is in it is not used; all stays as it was.

    A file that is in the workspace, where agents write, is none of the user's: it gives nothing.
    """

    def __init__(self, settings: Settings, folder: str | None) -> None:
        """`folder`: the user's own."""
        self._settings = settings
        self._folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="own configuration", daemon=True)
        self.problem: str | None = None
        self._followed: list[_Followed] = []
        self._used = self._seen = self._signature()
        self._looks = 0
        try:
            self._at_start = self._read() if folder is not None else None
        except BadSettings:
            self._at_start = None

    @property
    def path(self) -> str:
        """The file."""
        return os.path.join(self._folder or "", CONFIG_NAME)

    def follow(self, name: str, in_use: Sequence[Any], changed: Callable[[Sequence[Any]], None]) -> None:
        """Call `changed(value)`, in our thread, when a setting that is a list has another value than the one in use.

        Where that comes from elsewhere (`--config`, the environment, the command line), it is not read again.
        """
        if self._at_start is not None and _value(self._at_start, name) == in_use:
            self._followed.append(_Followed(name, in_use, changed))

    def start(self) -> None:
        """Begin to look, if a setting is followed; returns at once."""
        if self._followed:
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def check(self) -> None:
        """Look at the file now."""
        signature = self._signature()
        self._looks = self._looks + 1 if signature == self._seen else 1
        self._seen = signature
        is_empty = signature is None or signature[1] == 0
        if signature == self._used or self._looks < (LOOKS_WITHOUT_TEXT if is_empty else LOOKS):
            return
        self._used = signature
        try:
            given = self._read()
        except BadSettings as problem:
            names = " and ".join(sorted(one.name for one in self._followed))
            self.problem = f"{problem.message} The {names} stay as they were."
            return
        self.problem = None
        for one in self._followed:
            value = _value(given, one.name)
            if value != one.value:
                one.value = value
                self._pass_on(one)

    def _run(self) -> None:
        while not self._stopping.wait(CHECK_S):
            self.check()

    def _pass_on(self, one: _Followed) -> None:
        try:
            one.changed(one.value)
        except Exception:
            log.exception("the %s in %s were not taken over", one.name, self.path)

    def _read(self) -> Mapping[str, Given]:
        sections = (type(self._settings), *(type(section) for section in self._settings.sections))
        return user_settings(all_settings(sections), self._folder, self._settings.workspace)

    def _signature(self) -> _Signature | None:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _value(given: Mapping[str, Given], name: str) -> Sequence[Any]:
    found: Sequence[Any] = given[name].value if name in given else []
    return found
