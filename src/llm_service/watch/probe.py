"""Does the system report changes at all? `Probe` makes one, in the state folder, and waits for the hint about it.

It writes nowhere else, so it answers only for roots on the same mount as the state folder. What it cannot find out is
whether changes made elsewhere are reported: see `file_systems`.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time

from .file_systems import mount_of, mounts
from .hints import Hint
from .observer import MakeObserver

log = logging.getLogger(__name__)

_TIMEOUT_S = 1.0
_WRITE_EVERY_S = 0.1
_BELIEVED_S = 20.0
"""That changes are not reported is asked again after this time; that they are is believed."""


class Probe:
    """Asks for one state folder. Thread-safe."""

    def __init__(self, folder: str, make_observer: MakeObserver, timeout_s: float | None = None) -> None:
        self._folder = folder
        self._make_observer = make_observer
        self._timeout_s = _TIMEOUT_S if timeout_s is None else timeout_s
        self._lock = threading.Lock()
        self._answer: bool | None = None
        self._asked_at = -math.inf

    def reports(self, root: str) -> bool | None:
        """False if a change on the mount of `root` was not reported within a second; None if that is not known."""
        if not _same_mount(root, self._folder):
            return None
        with self._lock:
            if self._answer is not True and time.monotonic() - self._asked_at > _BELIEVED_S:
                self._answer = self._ask()
                self._asked_at = time.monotonic()
            return self._answer

    def _ask(self) -> bool | None:
        name = f".watch-probe-{os.getpid()}"
        path = os.path.join(self._folder, name)
        seen = threading.Event()

        def sink(hint: Hint) -> None:
            if hint.path == name:
                seen.set()

        try:
            observer = self._make_observer(self._folder, lambda folder: not folder, sink, None)
        except OSError:
            return None  # the root's own observer meets the same problem, and says so
        try:
            # Counted in waits, as a clock goes on while the machine holds this process up.
            for _ in range(math.ceil(self._timeout_s / _WRITE_EVERY_S)):
                with open(path, "wb"):
                    pass
                if seen.wait(_WRITE_EVERY_S):
                    break
        except OSError:
            return None  # it cannot be written to
        finally:
            with contextlib.suppress(OSError):
                os.unlink(path)
            observer.stop()
        if not seen.is_set():
            log.warning("a change in %s was not reported within %g s", self._folder, self._timeout_s)
        return seen.is_set()


def _same_mount(path: str, other: str) -> bool:
    try:
        if os.stat(path).st_dev != os.stat(other).st_dev:
            return False
    except OSError:
        return False
    table = mounts()
    return mount_of(os.path.realpath(path), table) == mount_of(os.path.realpath(other), table)
