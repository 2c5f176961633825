"""`SessionBoard`: all sessions in memory, made of their lines in order; it gives the events about what changes."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable

from ..hub.event import Event
from .events import AgentResumed, AgentSession, AgentWaiting
from .model import HookLine, Session, Track
from .state import advance
from .view import Viewer, is_waiting

MOST_SESSIONS = 5_000
"""More files are not read: the sessions of a folder that someone filled."""


class SessionBoard:
    """`apply` and `remove` are called by the follower's thread, the others by any."""

    def __init__(
        self, viewer: Viewer, publish: Callable[[Event], object], clock: Callable[[], float] = time.time
    ) -> None:
        self._viewer, self._publish, self._clock = viewer, publish, clock
        self._lock = threading.Lock()
        self._tracks: dict[str, Track] = {}
        self._shown: dict[str, Session] = {}
        self._valid_until: dict[str, float] = {}
        self._places = viewer.places()
        self._listeners: list[Callable[[], object]] = []

    def subscribe(self, listener: Callable[[], object]) -> None:
        """Call `listener()` after each change, in the follower's thread: be quick."""
        self._listeners.append(listener)

    def apply(self, file: str, lines: Iterable[HookLine], is_new_file: bool, is_first: bool) -> None:
        """The next lines of a session's file. `is_new_file`: they are its first. `is_first`: it is read at the start,
        so that nothing of it happens now, and no event says so."""
        with self._lock:
            track = None if is_new_file else self._tracks.get(file)
            for line in lines:
                track = advance(track, line)
            if track is None:
                self._drop(file)
                return
            self._tracks[file] = track
            before, after = self._shown.get(file), self._show(file, track, self._clock())
            event = None if is_first else event_of(before, after)
        if event is not None:
            self._publish(event)
        self._changed()

    def remove(self, file: str) -> None:
        """The file of a session is gone: nothing is known of it any more."""
        with self._lock:
            before = self._shown.get(file)
            self._drop(file)
        if before is not None and is_waiting(before):
            self._publish(AgentResumed(session=before, previous_state=before.state, previous_since=before.since))
        self._changed()

    def sessions(self) -> list[Session]:
        """All sessions as they are now, those that reported last first."""
        now = self._clock()
        with self._lock:
            places = self._viewer.places()
            is_moved, self._places = places != self._places, places
            for file, track in self._tracks.items():
                if is_moved or now >= self._valid_until[file]:
                    self._show(file, track, now)
            found = list(self._shown.values())
        return sorted(found, key=lambda session: (session.last_at, session.id), reverse=True)

    def next_change(self) -> float | None:
        """When (Unix time) the next certainty changes by time alone."""
        with self._lock:
            at = min(self._valid_until.values(), default=math.inf)
        return None if at == math.inf else at

    def __len__(self) -> int:
        return len(self._tracks)

    def __contains__(self, file: str) -> bool:
        return file in self._tracks

    def _show(self, file: str, track: Track, now: float) -> Session:
        """Made once for each change: to redact the texts of 5,000 sessions takes a third of a second."""
        at = self._viewer.next_change(track, now)
        self._valid_until[file] = math.inf if at is None else at
        shown = self._shown[file] = self._viewer.session(track, file, now)
        return shown

    def _drop(self, file: str) -> None:
        self._valid_until.pop(file, None)
        self._tracks.pop(file, None)
        self._shown.pop(file, None)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()


def event_of(before: Session | None, after: Session) -> Event | None:
    """What happened between two looks at a session; None if nothing that concerns others."""
    waited = before is not None and is_waiting(before)
    if is_waiting(after):
        is_same = before is not None and _wait_of(before) == _wait_of(after)
        return None if is_same else AgentWaiting(session=after)
    if waited and before is not None:
        return AgentResumed(session=after, previous_state=before.state, previous_since=before.since)
    is_same = before is not None and (before.state, before.certainty) == (after.state, after.certainty)
    return None if is_same else AgentSession(session=after)


def _wait_of(session: Session) -> tuple[object, ...]:
    return session.state, session.since, session.certainty, session.text, session.tool, session.waits
