"""The watch on one root: a watchdog observer and its handler, the same on every system.

On Linux the observer runs our own emitter (`inotify_emitter` says why), elsewhere watchdog's for the platform. It is a
plain `BaseObserver`: events pass through its queue and its thread. Measured against an observer that calls the handler
from the emitter's thread (`_handlers` and `event_queue` overridden), for a file made, written and closed: 9.1 us of CPU
and 5.1; rename until the follower has it 99 us and 82 (median). 0.08 s for 20,000 files did not seem worth standing on
watchdog's insides.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import ClassVar

from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from .events import EVENT_FILTER, HintHandler, Sink, WantsFolder
from .hints import Hint
from .inotify_emitter import InotifyEmitter

log = logging.getLogger(__name__)

_STOP_TIMEOUT_S = 5.0


class RootObserver:
    """Watches `root` from its construction until `stop`; hints reach `sink` from the observer's thread.

    Raises OSError if the root cannot be watched, WatchesExhausted among them.
    """

    emitter_class: ClassVar[type[InotifyEmitter] | None] = InotifyEmitter if sys.platform.startswith("linux") else None
    """None: watchdog's own for the platform."""

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None = None) -> None:
        """`max_watches`: watch no more folders than this, where folders are watched one by one."""
        root = os.path.realpath(root)
        self._sink = sink
        self._stopped = False
        self._emitter: InotifyEmitter | None = None
        handler = HintHandler(root, wants_folder, self._give)
        if self.emitter_class is not None:
            try:
                self._observer = _scheduled(BaseObserver(self.emitter_class, max_watches=max_watches), handler, root)
                (self._emitter,) = (one for one in self._observer.emitters if isinstance(one, InotifyEmitter))
            except (NotImplementedError, TypeError, AttributeError):
                # A C library without inotify, or a watchdog whose emitters are made in another way.
                log.warning("our inotify emitter cannot be used; watchdog's own is used instead", exc_info=True)
        if self._emitter is None:
            self._observer = _scheduled(Observer(), handler, root)
        try:
            self._observer.start()
        except RuntimeError as problem:  # no more threads
            self._observer.unschedule_all()
            raise OSError(errno.EAGAIN, str(problem)) from problem

    @property
    def mode(self) -> str:
        """Its name in `/health`."""
        return "native" if self._emitter is None else "inotify"

    @property
    def watched_folders(self) -> int | None:
        """How many folders are watched now; None where watchdog watches them by itself."""
        return None if self._emitter is None else len(self._emitter.table)

    def watch(self, folder: str) -> bool:
        """Give hints about this folder (relative; its parent is watched already) from now on.

        To be called before the folder is listed, so that nothing is missed between the two. False if it is not there
        or cannot be read. Raises WatchesExhausted.
        """
        return True if self._emitter is None else self._emitter.table.add(folder)

    def forget(self, folders: Iterable[str]) -> None:
        """Give no more hints about these folders."""
        if self._emitter is not None:
            self._emitter.table.remove(folders)

    def is_alive(self) -> bool:
        """False if one of the observer's threads has ended: it would give no more hints and not say so."""
        return self._observer.is_alive() and all(emitter.is_alive() for emitter in self._observer.emitters)

    def is_behind(self) -> bool:
        """True while something that the system reported is not given as a hint yet."""
        return self._observer.event_queue.unfinished_tasks > 0 or (
            self._emitter is not None and self._emitter.is_behind()
        )

    def stop(self) -> None:
        """Give no more hints and free what was taken."""
        self._stopped = True
        self._observer.stop()
        self._observer.join(_STOP_TIMEOUT_S)

    def _give(self, hint: Hint) -> None:
        if not self._stopped:
            self._sink(hint)


MakeObserver = Callable[[str, WantsFolder, Sink, "int | None"], RootObserver]
"""Makes and starts the watch on a root: (root, wants_folder, sink, max_watches)."""


def _scheduled(observer: BaseObserver, handler: HintHandler, root: str) -> BaseObserver:
    observer.schedule(handler, root, recursive=True, event_filter=EVENT_FILTER)
    return observer
