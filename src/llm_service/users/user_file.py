"""`UserFile`: the users in the user's own configuration, read again when that file has changed."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence

from ..errors import BadSettings
from ..settings.load import Settings
from ..settings.section import all_settings
from ..settings.user_folder import CONFIG_NAME
from ..settings.user_settings import user_settings
from .model import User
from .settings import UserSettings

CHECK_S = 0.3
LOOKS = 2
"""A program that writes the file in place cuts it off first: what is read counts when two looks saw the same."""
LOOKS_WITHOUT_TEXT = 8
"""Without a file, or with an empty one, nobody is let in: more likely it is about to be written."""
_Signature = tuple[int, int, int, int]


class UserFile:
    """Looks at the file every `CHECK_S` seconds. `problem`: why what is in it is not used; the users stay as they were.

    Where the users come from elsewhere (`--config`, the environment, the command line), nothing is read again.
    """

    def __init__(self, settings: Settings, folder: str | None, changed: Callable[[Sequence[User]], None]) -> None:
        """`folder`: the user's own. `changed(users)` is called by our thread."""
        self._settings = settings
        self._folder = folder
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="users", daemon=True)
        self.problem: str | None = None
        self._users: Sequence[User] = settings.of(UserSettings).users
        self._used = self._seen = self._signature()
        self._looks = 0
        try:
            self._is_source = folder is not None and self._read() == self._users
        except BadSettings:
            self._is_source = False

    @property
    def path(self) -> str:
        """The file."""
        return os.path.join(self._folder or "", CONFIG_NAME)

    def start(self) -> None:
        """Begin to look; returns at once."""
        if self._is_source:
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
            users = self._read()
        except BadSettings as problem:
            self.problem = f"{problem.message} The users stay as they were."
            return
        self.problem = None
        if users != self._users:
            self._users = users
            self._changed(users)

    def _run(self) -> None:
        while not self._stopping.wait(CHECK_S):
            self.check()

    def _read(self) -> Sequence[User]:
        sections = (type(self._settings), *(type(section) for section in self._settings.sections))
        given = user_settings(all_settings(sections), self._folder, self._settings.workspace).get("users")
        found: Sequence[User] = given.value if given is not None else []
        return found

    def _signature(self) -> _Signature | None:
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
