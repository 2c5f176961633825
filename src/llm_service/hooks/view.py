"""How a session is shown now: `session_of(track, now)`, pure. Only here time passes."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .model import WAITING, Certainty, Session, State, Track

WAIT_UNSURE_S = 86_400.0
"""After a day without a line it cannot be told whether what asked is still there: who is killed says nothing."""
_ORDER = {State.FAILED: 0, State.QUESTION: 1, State.PERMISSION: 2}


@dataclass(frozen=True, slots=True)
class Viewer:
    """`silent_after_s`: a session that works and reports nothing for so long may be gone. `place_of(cwd)` is (project,
    folder below the workspace), which holds as long as `places()` gives the same; `clean(text)` is the text without
    secrets."""

    silent_after_s: float
    place_of: Callable[[str | None], tuple[str, str | None]]
    clean: Callable[[str | None], str | None]
    folder: str
    places: Callable[[], object] = lambda: None

    def session(self, track: Track, file: str, now_s: float) -> Session:
        """The session as clients get it."""
        waits = sorted(track.waits, key=lambda wait: (wait.since, _ORDER[wait.state]))
        first = waits[0] if waits else None
        state, since = (first.state, first.since) if first else (track.base, track.base_since)
        certainty = first.certainty if first else track.base_certainty
        rests_on = first.rests_on if first else track.base_rests_on
        silent_s = now_s - datetime.fromisoformat(track.last_at).timestamp()
        limit_s = WAIT_UNSURE_S if first else self.silent_after_s
        if state not in (State.IDLE, State.ENDED) and limit_s and silent_s >= limit_s:
            certainty = Certainty.UNKNOWN
            rests_on = f"{rests_on}; it has reported nothing for {_duration(silent_s)} since, and may be gone"
        project, folder = self.place_of(track.cwd)
        return Session(
            id=track.session,
            client=self.clean(track.client) or "unknown",
            agent=self.clean(track.agent),
            model=self.clean(track.model),
            project=project,
            folder=self.clean(folder) if folder else folder,
            state=str(state),
            since=since,
            certainty=str(certainty),
            rests_on=self.clean(rests_on) or "",
            tool=self.clean(first.tool) if first else None,
            text=self.clean(first.text) if first else None,
            waits=len(waits),
            started_at=track.started_at,
            last_at=track.last_at,
            lines=track.lines,
            file=f"{self.folder}/{file}",
        )

    def next_change(self, track: Track, now_s: float) -> float | None:
        """When (Unix time) its certainty changes by time alone; None if it does not."""
        if not track.waits and track.base in (State.IDLE, State.ENDED):
            return None
        limit_s = WAIT_UNSURE_S if track.waits else self.silent_after_s
        at = datetime.fromisoformat(track.last_at).timestamp() + limit_s
        return at if limit_s and at > now_s else None


def is_waiting(session: Session) -> bool:
    """True if it goes on only if a person does something."""
    return session.state in WAITING


def place_in(workspace: str, folder: str) -> str | None:
    """An absolute folder as a path below the workspace, "" for itself; None if it is not in it."""
    relative = os.path.relpath(folder, workspace)
    return "" if relative == "." else None if relative.startswith("..") else relative.replace(os.sep, "/")


def _duration(seconds: float) -> str:
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.0f} hours" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
